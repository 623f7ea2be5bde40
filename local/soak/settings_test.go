package soak_test

import (
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/pkg/cpf"
)

// setting is the whole number above zero of an environment variable, usual where
// it is not set.
func setting(t *testing.T, name string, usual int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q, want a whole number above zero", name, s)
	}
	return n
}

var tables atomic.Int64

// newTable creates an empty claims table at endpoint.
func newTable(t *testing.T, endpoint string) (client *sdk.Client, name string) {
	t.Helper()
	client, name = dynamodb.Client(endpoint), fmt.Sprintf("claims-soak-%d-%d", os.Getpid(), tables.Add(1))
	if err := dynamodb.CreateTable(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	return client, name
}

// nthCPF gives the i-th of a row of valid CPFs.
func nthCPF(t interface{ Fatal(...any) }, i int) cpf.CPF {
	digits := fmt.Sprintf("%09d", 246_800_000+i)
	for range 2 {
		sum := 0
		for j, d := range digits {
			sum += int(d-'0') * (len(digits) + 1 - j)
		}
		digits += strconv.Itoa(sum * 10 % 11 % 10)
	}
	c, err := cpf.Parse(digits)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
