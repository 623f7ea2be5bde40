// Package cpf reads and writes the CPF, the eleven-digit number by which
// Brazil's revenue service knows a person.
//
// Two of the eleven digits are check digits. They prove that a number was not
// mistyped; they do not prove that it was ever issued, nor to whom.
package cpf

import (
	"strings"

	"github.com/paemuri/brdoc"
)

// maxLen is the length of the longest spelling, 000.000.000-00.
const maxLen = len("000.000.000-00")

// CPF is one valid CPF, whichever way it was spelled: two CPFs are equal, with
// ==, exactly when they are the same person's. The zero value is no CPF.
type CPF struct{ digits string }

// Parse reads a CPF written as eleven ASCII digits, bare, as 000.000.000-00, or
// with any of those three marks left out. Its check digits must hold and its
// digits must not all be the same. Nothing is stripped: spaces, letters and
// digits of other scripts are refused. The error is always an *InvalidError.
func Parse(s string) (CPF, error) {
	if len(s) > maxLen || !brdoc.IsCPF(s) {
		return CPF{}, &InvalidError{Reason: diagnose(s)}
	}
	return CPF{digits: strip(s)}, nil
}

// strip takes out everything but the digits.
func strip(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// IsZero reports whether c is the zero value, which is no CPF.
func (c CPF) IsZero() bool { return c.digits == "" }

// Digits gives the eleven digits, the form in which a CPF is stored and
// compared; "" for the zero value. It is personal data: see Masked for logs.
func (c CPF) Digits() string { return c.digits }

// Formatted gives the number as it stands on documents, 000.000.000-00; "" for
// the zero value.
func (c CPF) Formatted() string {
	if c.IsZero() {
		return ""
	}
	d := c.digits
	return d[0:3] + "." + d[3:6] + "." + d[6:9] + "-" + d[9:]
}

// Masked gives ***.456.789-**, the form that may be logged and shown; "" for
// the zero value. First three and last two digits are hidden, as Brazil's
// public administration does it under the data protection law (LGPD).
func (c CPF) Masked() string {
	if c.IsZero() {
		return ""
	}
	return "***." + c.digits[3:6] + "." + c.digits[6:9] + "-**"
}

// String is Masked, so that a CPF printed by mistake is printed masked.
func (c CPF) String() string { return c.Masked() }

// GoString is Masked too, for %#v.
func (c CPF) GoString() string { return "cpf.CPF(" + c.Masked() + ")" }

// Reason says what is wrong with a text that is not a CPF. Its values are
// stable: programs may depend on them.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	Empty       Reason = "empty"        // nothing there
	Character   Reason = "character"    // something other than ASCII digits, '.' and '-'
	Length      Reason = "length"       // not eleven digits
	Punctuation Reason = "punctuation"  // a mark in the wrong place
	Repeated    Reason = "repeated"     // one digit eleven times
	CheckDigits Reason = "check_digits" // the last two do not follow from the first nine
)

// InvalidError says that a text is not a CPF, and why. It never holds the text.
type InvalidError struct{ Reason Reason }

// Error names the reason and not the text.
func (e *InvalidError) Error() string { return "invalid CPF: " + string(e.Reason) }

// diagnose finds the reason for which brdoc, which alone decides, refused s.
func diagnose(s string) Reason {
	if s == "" {
		return Empty
	}
	if strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '-' }) {
		return Character
	}
	digits := strip(s)
	switch {
	case len(digits) != 11:
		return Length
	case !brdoc.ValidateCPFFormat(s):
		return Punctuation
	case strings.Count(digits, digits[:1]) == 11:
		return Repeated
	default:
		return CheckDigits
	}
}
