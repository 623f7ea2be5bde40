package simulation

import "strings"

// An amount has at most this many digits before and after the point.
const (
	maxWholeDigits    = 15
	maxFractionDigits = 4
)

// Amount is an exact decimal number above zero with at most 15 digits before
// the point and 4 after it. Amounts of one value are equal, with ==, however
// they were written (2439.02, 02439.0200). The zero value is no amount.
type Amount struct{ decimal string }

// ParseAmount reads ^[0-9]{1,15}(\.[0-9]{1,4})?$, above zero. The reason is ""
// exactly when s is such a number; otherwise it is Format or OutOfRange.
func ParseAmount(s string) (Amount, Reason) {
	whole, fraction, point := strings.Cut(s, ".")
	if !isDigits(whole, maxWholeDigits) || point && !isDigits(fraction, maxFractionDigits) {
		return Amount{}, Format
	}
	whole = strings.TrimLeft(whole, "0")
	fraction = strings.TrimRight(fraction, "0")
	switch {
	case whole == "" && fraction == "":
		return Amount{}, OutOfRange
	case whole == "":
		whole = "0"
	}
	if fraction == "" {
		return Amount{decimal: whole}, ""
	}
	return Amount{decimal: whole + "." + fraction}, ""
}

// String gives the number in its one shortest form: no leading zeros, no zeros
// at the end of a fraction, a point before it (2439.02). A DynamoDB number of
// this text has the same value. It is "" for the zero value.
func (a Amount) String() string { return a.decimal }

// isDigits reports whether s has 1 to most bytes, all of them ASCII digits.
func isDigits(s string, most int) bool {
	if len(s) == 0 || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
