// Package canary makes false personal data that stands nowhere else, and finds
// it in what a program prints, in any form in which a leak may show it: another
// case, other marks between the digits, cut off, escaped for JSON or a URL,
// base64, hexadecimal, or several of these at once.
//
// It is a tool for tests.
package canary

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/pontte/portaria/pkg/cpf"
)

// Canary is a value that no output may hold.
type Canary struct {
	Name  string // says what it is and not its value, such as "e-mail of the owner"
	Value string
}

// String is the name, so that a canary printed by mistake does not show itself.
func (c Canary) String() string { return c.Name }

// GoString is the name too, for %#v.
func (c Canary) GoString() string { return "canary " + c.Name }

// Person is somebody who does not exist, with all that a sign-up, a sign-in or
// the backend around them may tell. Every value is random and long, so that no
// part of it that a Scanner looks for can stand anywhere by chance.
type Person struct {
	of string

	CPF          string // 11 digits, valid
	UserName     string // with letters that JSON, URLs and HTML escape
	Email        string
	PhoneNumber  string // E.164
	Phone        string // another number, as people write it
	TrackCode    string
	SimulationID string
	LoanValue    string // 12 digits and 4 decimals
	Password     string
	Session      string
	Token        string
}

// NewPerson makes the same person of the same seed. of says who that is in the
// names of the canaries, such as "the owner".
func NewPerson(of string, seed uint64) Person {
	r := source{rand.New(rand.NewPCG(seed, 0))}
	return Person{
		of:           of,
		CPF:          r.cpf(),
		UserName:     r.text(8, letters) + `é/+&"<` + r.text(8, letters),
		Email:        r.text(12, letters) + "@" + r.text(10, letters) + ".example",
		PhoneNumber:  "+55519" + r.text(8, digits),
		Phone:        "+55 (11) 9" + r.text(4, digits) + "-" + r.text(4, digits),
		TrackCode:    r.text(32, hexDigits),
		SimulationID: r.text(22, base64Digits),
		LoanValue:    r.text(12, digits[1:]) + "." + r.text(4, digits),
		Password:     r.text(8, letters) + `ç/+?"` + r.text(8, letters),
		Session:      r.text(200, base64Digits),
		Token:        r.text(60, base64Digits) + "." + r.text(60, base64Digits) + "." + r.text(60, base64Digits),
	}
}

// Canaries are all values of p.
func (p Person) Canaries() []Canary {
	return []Canary{
		{"CPF of " + p.of, p.CPF},
		{"user name of " + p.of, p.UserName},
		{"e-mail of " + p.of, p.Email},
		{"phone number of " + p.of, p.PhoneNumber},
		{"contact phone of " + p.of, p.Phone},
		{"trackCode of " + p.of, p.TrackCode},
		{"simulationId of " + p.of, p.SimulationID},
		{"loanValue of " + p.of, p.LoanValue},
		{"password of " + p.of, p.Password},
		{"session of " + p.of, p.Session},
		{"token of " + p.of, p.Token},
	}
}

// Spellings are the eight ways to write an 11-digit CPF with or without each of
// its three marks.
func Spellings(cpf string) []string {
	var all []string
	for marks := range 8 {
		mark := func(bit int, s string) string {
			if marks&bit == 0 {
				return ""
			}
			return s
		}
		all = append(all, cpf[:3]+mark(1, ".")+cpf[3:6]+mark(2, ".")+cpf[6:9]+mark(4, "-")+cpf[9:])
	}
	return all
}

const (
	digits       = "0123456789"
	hexDigits    = digits + "abcdef"
	letters      = "abcdefghijklmnopqrstuvwxyz"
	base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + letters + digits + "-_"
)

type source struct{ *rand.Rand }

func (r source) text(n int, of string) string {
	var b strings.Builder
	for range n {
		b.WriteByte(of[r.IntN(len(of))])
	}
	return b.String()
}

// cpf draws until the check digits hold, as those of one number in a hundred do.
func (r source) cpf() string {
	for {
		s := fmt.Sprintf("%011d", r.Int64N(1e11))
		if _, err := cpf.Parse(s); err == nil {
			return s
		}
	}
}
