package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pontte/portaria/events"
)

// decode reads an event the way the test needs it: keys exact, the last of doubled
// keys whole, numbers as written. It returns nil for what is not an object.
func decode(b []byte) map[string]any {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var ev map[string]any
	if err := d.Decode(&ev); err != nil {
		return nil
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil
	}
	return ev
}

func object(m map[string]any, key string) map[string]any {
	o, _ := m[key].(map[string]any)
	return o
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

var spelling = regexp.MustCompile(`^[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}$`)

// validCPF is the check-digit rule, written independently of the product.
func validCPF(s string) bool {
	if !spelling.MatchString(s) {
		return false
	}
	s = digits(s)
	if strings.Count(s, s[:1]) == len(s) {
		return false
	}
	for n := 9; n <= 10; n++ {
		sum := 0
		for i := range n {
			sum += int(s[i]-'0') * (n + 1 - i)
		}
		if sum*10%11%10 != int(s[n]-'0') {
			return false
		}
	}
	return true
}

func digits(s string) string {
	return strings.NewReplacer(".", "", "-", "").Replace(s)
}

func missingTrackCode(data map[string]any) bool {
	s := text(data, "trackCode")
	return strings.TrimSpace(s) == "" || len(s) > 256
}

var (
	decimal   = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,4})?$`)
	whole     = regexp.MustCompile(`^[0-9]{1,3}$`)
	phone     = regexp.MustCompile(`^\+55 ?(\([0-9]{2}\)|[0-9]{2}) ?(9[0-9]{4}|[2-5][0-9]{3})-?[0-9]{4}$`)
	areaCodes = "11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 " +
		"61 62 63 64 65 66 67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99"
)

func wrongSimulation(data map[string]any) bool {
	if id := text(data, "simulationId"); strings.TrimSpace(id) == "" || len(id) > 256 {
		return true
	}
	for _, key := range []string{"loanValue", "loanValueSelected", "installment"} {
		s := text(data, key)
		if !decimal.MatchString(s) || !strings.ContainsAny(s, "123456789") {
			return true
		}
	}
	term := text(data, "term")
	n, err := strconv.Atoi(term)
	if err != nil || !whole.MatchString(term) || n < 1 || n > 600 {
		return true
	}
	m := phone.FindStringSubmatch(text(data, "phone"))
	return m == nil || !slices.Contains(strings.Fields(areaCodes), strings.Trim(m[1], "()"))
}

// taken says that a claim past its lease has this CPF and an owner who lives.
func taken(c events.Case, cpf string) bool {
	for _, claim := range c.Given.Claims {
		owned := slices.ContainsFunc(c.Given.Users, func(u events.User) bool {
			return u.UserName == claim.UserName && digits(u.CPF) == claim.CPF
		})
		if claim.CPF == digits(cpf) && claim.Age > events.Lease && owned {
			return true
		}
	}
	return false
}

// resendShape says that the event is one that the rules for RESEND speak of.
func resendShape(c events.Case, ev map[string]any) bool {
	return text(ev, "triggerSource") == "PreSignUp_AdminCreateUser" &&
		len(object(object(ev, "request"), "validationData")) == 0 &&
		slices.ContainsFunc(c.Given.Users, func(u events.User) bool { return u.UserName == text(ev, "userName") })
}
