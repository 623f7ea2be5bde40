package reconcile

import (
	"fmt"

	"github.com/pontte/portaria/pkg/cpf"
)

// Number gives CPFs that nobody need have, another for each i.
func Number(i int) cpf.CPF {
	digits := fmt.Sprintf("%09d", 100_000_000+7*i)
	for range 2 {
		sum := 0
		for at, d := range digits {
			sum += int(d-'0') * (len(digits) + 1 - at)
		}
		digits += fmt.Sprint(sum * 10 % 11 % 10)
	}
	c, err := cpf.Parse(digits)
	if err != nil {
		panic(err)
	}
	return c
}
