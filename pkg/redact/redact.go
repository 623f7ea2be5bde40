// Package redact makes the texts of other people's errors fit to be logged.
//
// AWS's client and Go's runtime are not known to put personal data into their
// errors, but that is no promise of theirs.
package redact

import (
	"regexp"
	"strings"
)

const (
	// Hidden stands where something was hidden.
	Hidden = "[hidden]"

	longest      = 600 // bytes of a text that is logged
	fewestDigits = 8   // of a number that may be a person's
	shortest     = 4   // bytes of a secret that is looked for
)

// Text gives s without any of the secrets (those of fewer than four bytes apart,
// which would hide words), anything like an e-mail, or any number of eight
// digits or more, however grouped; and cut off at 600 bytes.
func Text(s string, secrets ...string) string {
	for _, secret := range secrets {
		if len(secret) >= shortest {
			s = strings.ReplaceAll(s, secret, Hidden)
		}
	}
	s = regexp.MustCompile(`[^\s@"'<>]+@[^\s@"'<>]+`).ReplaceAllLiteralString(s, Hidden)
	s = regexp.MustCompile(`\d[\d .()/-]*\d`).ReplaceAllStringFunc(s, func(number string) string {
		if digits := len(number) - len(strings.Map(notDigit, number)); digits >= fewestDigits {
			return Hidden
		}
		return number
	})
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + " …"
	}
	return s
}

func notDigit(r rune) rune {
	if '0' <= r && r <= '9' {
		return -1
	}
	return r
}
