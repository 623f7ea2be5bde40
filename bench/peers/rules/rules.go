// Package rules is the honest minimum that the peers written in Go share: which
// sign-ups are refused, and in which words. It is written apart from pkg/, so
// that the bench compares two programs and not one with itself.
package rules

import "strings"

// Refusal is an answer to a sign-up that may not be.
type Refusal struct{ Code, Text string }

// Error is the text that the customer reads.
func (r *Refusal) Error() string { return r.Text }

// The refusals.
var (
	InvalidCPF        = &Refusal{"invalid_cpf", "O cpf informado não é válido"}
	CPFTaken          = &Refusal{"cpf_taken", "Uma conta com esse CPF já existe"}
	MissingTrackCode  = &Refusal{"missing_track_code", "o parâmetro trackCode não foi enviado"}
	InvalidSimulation = &Refusal{"invalid_simulation", "informações da simulação estão erradas"}
	Internal          = &Refusal{"internal", "Não foi possível concluir o cadastro agora; tente novamente em instantes"}
)

// areaCodes are those in use.
const areaCodes = " 11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 " +
	"61 62 63 64 65 66 67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99 "

// Check gives the digits of the sign-up's CPF, or why it is refused.
func Check(attributes, values map[string]string) (cpf string, refusal *Refusal) {
	cpf = digits(attributes["custom:cpf"])
	switch {
	case !validCPF(cpf):
		return "", InvalidCPF
	case !identifier(values["trackCode"]):
		return "", MissingTrackCode
	case !identifier(values["simulationId"]) || !amount(values["loanValue"]) || !amount(values["installment"]) ||
		!amount(values["loanValueSelected"]) || !term(values["term"]) || !phone(values["phone"]):
		return "", InvalidSimulation
	}
	return cpf, nil
}

// Masked is a CPF as it may be logged.
func Masked(cpf string) string { return "***." + cpf[3:6] + "." + cpf[6:9] + "-**" }

// digits takes the marks out of a CPF, wherever they stand.
func digits(s string) string { return strings.NewReplacer(".", "", "-", "").Replace(s) }

func validCPF(s string) bool {
	if len(s) != 11 || !number(s) || strings.Count(s, s[:1]) == 11 {
		return false
	}
	return checkDigit(s[:9]) == s[9] && checkDigit(s[:10]) == s[10]
}

func checkDigit(s string) byte {
	sum := 0
	for i := range len(s) {
		sum += int(s[i]-'0') * (len(s) + 1 - i)
	}
	return byte('0' + sum*10%11%10)
}

func identifier(s string) bool { return strings.TrimSpace(s) != "" && len(s) <= 256 }

func number(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func amount(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	if !number(whole) || len(whole) > 15 || point && (!number(fraction) || len(fraction) > 4) {
		return false
	}
	return strings.Trim(s, "0.") != ""
}

func term(s string) bool {
	if !number(s) || len(s) > 3 {
		return false
	}
	months := 0
	for i := range len(s) {
		months = months*10 + int(s[i]-'0')
	}
	return 1 <= months && months <= 600
}

func phone(s string) bool {
	rest, ok := strings.CutPrefix(s, "+55")
	rest = strings.TrimPrefix(rest, " ")
	if strings.HasPrefix(rest, "(") && len(rest) > 3 && rest[3] == ')' {
		rest = rest[1:3] + rest[4:]
	}
	if !ok || len(rest) < 3 || !strings.Contains(areaCodes, " "+rest[:2]+" ") {
		return false
	}
	rest = strings.TrimPrefix(rest[2:], " ")
	if i := len(rest) - 5; i > 0 && rest[i] == '-' {
		rest = rest[:i] + rest[i+1:]
	}
	return number(rest) && (len(rest) == 9 && rest[0] == '9' || len(rest) == 8 && '2' <= rest[0] && rest[0] <= '5')
}
