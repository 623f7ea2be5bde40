package simulation

import "strconv"

const (
	maxTerm       = 600 // months
	maxTermDigits = 3
)

// ParseTerm reads a term: one to three ASCII digits, a whole number of months
// from 1 to 600. The reason is "" exactly when s is one; otherwise it is Format
// or OutOfRange.
func ParseTerm(s string) (months int, reason Reason) {
	if !isDigits(s, len(s)) {
		return 0, Format
	}
	months, err := strconv.Atoi(s)
	if err != nil || len(s) > maxTermDigits || months < 1 || months > maxTerm {
		return 0, OutOfRange
	}
	return months, ""
}
