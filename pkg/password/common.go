package password

import (
	_ "embed"
	"strings"
)

// common is the list of the commonest passwords: lower case, sorted by bytes,
// each with a line break behind it. NOTICE says where they are from. It is
// searched as it lies in the binary: nothing is built at start.
//
//go:embed common.txt
var common string

// maxPeriod is the longest piece whose repetition counts as common.
const maxPeriod = 4

// isCommon reports whether s is in the list, in any case.
func isCommon(s string) bool {
	s = strings.ToLower(s)
	rest := common
	for rest != "" {
		half := len(rest) / 2
		start := strings.LastIndexByte(rest[:half], '\n') + 1
		end := half + strings.IndexByte(rest[half:], '\n')
		switch line := rest[start:end]; {
		case line == s:
			return true
		case line < s:
			rest = rest[end+1:]
		default:
			rest = rest[:start]
		}
	}
	return false
}

// isMonotonous reports whether s is one piece of at most maxPeriod characters
// over and over, or characters in a row, up or down: no list has all of these.
func isMonotonous(s string) bool {
	runes := []rune(s)
	repeats := func(period int) bool {
		for i := period; i < len(runes); i++ {
			if runes[i] != runes[i-period] {
				return false
			}
		}
		return len(runes) >= 3*period
	}
	inRow := func(step rune) bool {
		for i := 1; i < len(runes); i++ {
			afterNine := runes[i-1] == '9' && runes[i] == '0' && step > 0 || runes[i-1] == '0' && runes[i] == '9' && step < 0
			if runes[i] != runes[i-1]+step && !afterNine {
				return false
			}
		}
		return len(runes) >= 3
	}
	for period := 1; period <= maxPeriod; period++ {
		if repeats(period) {
			return true
		}
	}
	return inRow(1) || inRow(-1)
}
