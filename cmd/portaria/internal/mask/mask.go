// Package mask hides personal data that is shown on a screen, so that whoever
// knows the person recognises it and nobody else learns it.
package mask

import (
	"strings"
	"unicode/utf8"
)

// Hidden stands where a whole value is hidden.
const Hidden = "***"

// Email gives m***@example.com: the first letter, and the domain. What is no
// e-mail is hidden whole.
func Email(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 {
		return Hidden
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size] + Hidden + s[at:]
}

// Phone gives +5551*********: country and area code of a Brazilian number in
// E.164, and nothing of any other.
func Phone(s string) string {
	const shown = len("+5551")
	if !strings.HasPrefix(s, "+55") || len(s) < shown+8 {
		return Hidden
	}
	return s[:shown] + strings.Repeat("*", len(s)-shown)
}

// UserName gives the user name as it is, for it is an identifier, unless it is an
// e-mail or a phone number or could be a CPF.
func UserName(s string) string {
	switch {
	case strings.Contains(s, "@"):
		return Email(s)
	case strings.HasPrefix(s, "+"):
		return Phone(s)
	case s != "" && strings.Trim(s, "0123456789.-") == "":
		return Hidden
	}
	return s
}
