package password

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// minOwn is how many letters and digits of its own a password needs beside
	// what one knows of the customer: maria.silva1990 has four.
	minOwn = 6

	// minWord is how long a word must be to be looked for.
	minWord = 3

	// A CPF is known by its first nine digits, the last two follow from them.
	// A phone number is known by its last eight, without country, area and the
	// nine that mobile numbers begin with.
	cpfDigits   = 9
	phoneDigits = 8
)

// Customer is what the pool knows of whoever chooses a password.
type Customer struct {
	CPF         string   // in any spelling; "" when unknown
	PhoneNumber string   // in any spelling; "" when unknown
	Words       []string // user name, e-mail address, names; in any spelling
}

// CheckPersonal gives Personal when newPassword has the customer's CPF or phone
// number anywhere in it, with or without punctuation, or is made of their words
// and the given ones; else nil. It may be asked only once the temporary password
// has been proved (NEW_PASSWORD_REQUIRED): its answer tells whose CPF is whose.
// Like Check it does not look into a password that is too long.
func (Policy) CheckPersonal(newPassword string, given Given, c Customer) []Rule {
	if utf16Length(newPassword) > MaxLength {
		return nil
	}
	digits := fold(newPassword)
	cpf, phone := onlyDigits(c.CPF), onlyDigits(c.PhoneNumber)
	if len(cpf) >= cpfDigits && strings.Contains(digits, cpf[:cpfDigits]) ||
		len(phone) >= phoneDigits && strings.Contains(digits, phone[len(phone)-phoneDigits:]) ||
		isMadeOf(newPassword, words(slices.Concat(given.Words, c.Words))) {
		return []Rule{Personal}
	}
	return nil
}

// words gives, folded, each text whole, what is before and after the @ of an
// e-mail address, and each run of letters and digits; none shorter than minWord.
func words(texts []string) []string {
	var all []string
	for _, text := range texts {
		pieces := append(strings.Split(text, "@"), text)
		pieces = append(pieces, strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })...)
		for _, piece := range pieces {
			if piece = fold(piece); utf8.RuneCountInString(piece) >= minWord {
				all = append(all, piece)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// isMadeOf reports whether folded words stand in s and leave fewer than minOwn
// of its characters, spaces and ASCII punctuation aside, however they are laid
// over it.
func isMadeOf(s string, words []string) bool {
	s = fold(s)
	// covered[i] is how many of the first i bytes' characters words can cover.
	covered := make([]int, len(s)+1)
	for i := 1; i <= len(s); i++ {
		covered[i] = covered[i-1]
		for _, w := range words {
			if strings.HasSuffix(s[:i], w) {
				covered[i] = max(covered[i], covered[i-len(w)]+utf8.RuneCountInString(w))
			}
		}
	}
	most := covered[len(s)]
	return most > 0 && utf8.RuneCountInString(s)-most < minOwn
}

// fold gives s in lower case without spaces and ASCII punctuation.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}
