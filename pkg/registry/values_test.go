package registry_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/pontte/portaria/pkg/simulation"
)

func amount(s string) simulation.Amount {
	a, reason := simulation.ParseAmount(s)
	if reason != "" {
		panic(fmt.Sprintf("%s: %s", s, reason))
	}
	return a
}

func phone(s string) simulation.PhoneNumber {
	p, reason := simulation.ParsePhoneNumber(s)
	if reason != "" {
		panic(fmt.Sprintf("%s: %s", s, reason))
	}
	return p
}

// generated gives the i-th of a row of valid CPFs.
func generated(i int) string {
	base := fmt.Sprintf("%09d", 123456700+i)
	for range 2 {
		sum := 0
		for j, d := range base {
			sum += int(d-'0') * (len(base) + 1 - j)
		}
		base += fmt.Sprint(sum * 10 % 11 % 10)
	}
	return base
}

func endpointOf(s *store) string { return aws.ToString(s.client.Options().BaseEndpoint) }
