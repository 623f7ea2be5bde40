package fake

import (
	"bytes"
	"fmt"
)

// Region is where everything pretends to be.
const Region = "us-east-1"

// SignUp is a good sign-up.
type SignUp struct {
	Event  []byte
	CPF    string   // the digits
	Values []string // more of what must be written
}

// originalCPF is the one in the event that sign-ups are made of.
const originalCPF = "04212286017"

// SignUps makes n sign-ups of the event original, which is
// events/admin-create-user.json, each with a CPF of its own.
func SignUps(original []byte, n int) ([]SignUp, error) {
	values := []string{"email.test@gmail.com", "21a81129400fbf441ae138e52eae8778", "mHPkDoN3TNqw7G3nxA4GAw", "2439.02", "1eafd00e-cad6-4b3e-abd3-5f1266df1a70"}
	for _, value := range append(values, originalCPF) {
		if bytes.Count(original, []byte(value)) != 1 {
			return nil, fmt.Errorf("the event must have %q once", value)
		}
	}
	signUps := make([]SignUp, n)
	for i := range signUps {
		cpf := nthCPF(i)
		signUps[i] = SignUp{bytes.Replace(original, []byte(originalCPF), []byte(cpf), 1), cpf, values}
	}
	return signUps, nil
}

// nthCPF is a valid CPF, another one for each i up to a million.
func nthCPF(i int) string {
	s := fmt.Sprintf("%09d", 100_000_001+i)
	for range 2 {
		sum := 0
		for j := range len(s) {
			sum += int(s[j]-'0') * (len(s) + 1 - j)
		}
		s += string(rune('0' + sum*10%11%10))
	}
	return s
}
