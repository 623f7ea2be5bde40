package demo

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"strings"
)

// Person is who the story is about.
type Person struct {
	UserName    string
	Email       string
	PhoneNumber string
	CPF         string // 11 digits
}

// Original is the person of the original call, who belongs to nobody.
func Original() Person {
	return Person{UserName: "email.test@gmail.com", Email: "email.test@gmail.com", PhoneNumber: "+5551981980387", CPF: "04212286017"}
}

// Invented is somebody new, for a pool that has the original person already.
func Invented(r *rand.Rand) Person {
	name := fmt.Sprintf("pessoa.%06d@example.com", r.IntN(1_000_000))
	return Person{UserName: name, Email: name, PhoneNumber: "+5551981980387", CPF: withCheckDigits(fmt.Sprintf("%09d", 1+r.IntN(999_999_998)))}
}

// validationData is that of the original call.
func validationData() map[string]string {
	return map[string]string{
		"trackCode":         "21a81129400fbf441ae138e52eae8778",
		"simulationId":      "mHPkDoN3TNqw7G3nxA4GAw",
		"loanValue":         "123123",
		"term":              "180",
		"installment":       "2439.02",
		"loanValueSelected": "123123",
		"phone":             "+55 (51) 99999-9999",
	}
}

func without(name string) func(map[string]string) map[string]string {
	return func(data map[string]string) map[string]string {
		maps.DeleteFunc(data, func(k, _ string) bool { return k == name })
		return data
	}
}

func with(name, value string) func(map[string]string) map[string]string {
	return func(data map[string]string) map[string]string {
		data[name] = value
		return data
	}
}

// withCheckDigits completes nine digits to a CPF.
func withCheckDigits(base string) string {
	for range 2 {
		sum := 0
		for i, d := range base {
			sum += int(d-'0') * (len(base) + 1 - i)
		}
		base += fmt.Sprint(sum * 10 % 11 % 10)
	}
	return base
}

// spelled writes a CPF with some of its marks.
func spelled(cpf string) string { return cpf[:3] + "." + cpf[3:9] + "-" + cpf[9:] }

// shape shows where the marks of a spelling are, without the number.
func shape(cpf string) string { return regexp.MustCompile(`\d`).ReplaceAllString(cpf, "0") }

// another is a CPF that is not cpf.
func another(cpf string) string {
	first := strings.Map(func(r rune) rune { return '0' + (r-'0'+1)%10 }, cpf[:1])
	return withCheckDigits(first + cpf[1:9])
}

func lastDigitWrong(cpf string) string {
	return cpf[:10] + string('0'+(cpf[10]-'0'+1)%10)
}

// passwordIn finds the temporary password of an invitation; "" when there is
// none. It stands alone on the line after the one that announces it, and may
// have any character in it, those of HTML too: Cognito escapes nothing.
func passwordIn(body string) string {
	_, after, _ := strings.Cut(body, "Senha provisória:<br>\n<code>")
	line, _, _ := strings.Cut(after, "\n")
	return strings.TrimSuffix(line, "</code></p>")
}
