package simulation

import "strings"

const countryCode = "+55"

// areaCodes are the 67 in use: the códigos nacionais of Anatel's Plano Geral de
// Códigos Nacionais.
const areaCodes = "11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 " +
	"41 42 43 44 45 46 47 48 49 51 53 54 55 61 62 63 64 65 66 67 68 69 " +
	"71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99"

// PhoneNumber is a Brazilian phone number. Two are equal, with ==, exactly when
// they are the same number, however written. The zero value is no number.
type PhoneNumber struct{ e164 string }

// ParsePhoneNumber reads a Brazilian number as people write it: +55, an area
// code in use with or without brackets, then a mobile number (a 9 and eight
// digits) or a landline (eight digits, the first 2 to 5), the last four set off
// by a hyphen or not, with one space or none between these parts. The reason is
// "" exactly when s is one; otherwise it is Format or AreaCode. It does not know
// whether the number was ever given out.
func ParsePhoneNumber(s string) (PhoneNumber, Reason) {
	rest, ok := strings.CutPrefix(s, countryCode)
	if !ok {
		return PhoneNumber{}, Format
	}
	area, rest, ok := cutAreaCode(strings.TrimPrefix(rest, " "))
	if !ok {
		return PhoneNumber{}, Format
	}
	subscriber, ok := joinSubscriber(strings.TrimPrefix(rest, " "))
	if !ok {
		return PhoneNumber{}, Format
	}
	if !strings.Contains(areaCodes, area) {
		return PhoneNumber{}, AreaCode
	}
	return PhoneNumber{e164: countryCode + area + subscriber}, ""
}

// cutAreaCode takes two digits, or two digits in brackets, off the front of s.
func cutAreaCode(s string) (area, rest string, ok bool) {
	if after, found := strings.CutPrefix(s, "("); found {
		area, rest, ok = strings.Cut(after, ")")
	} else if ok = len(s) > 2; ok {
		area, rest = s[:2], s[2:]
	}
	return area, rest, ok && len(area) == 2 && isDigits(area, 2)
}

// joinSubscriber gives the digits of a mobile or landline number whose last
// four may be set off by a hyphen.
func joinSubscriber(s string) (digits string, ok bool) {
	if before, after, found := strings.Cut(s, "-"); found {
		if len(after) != 4 {
			return "", false
		}
		s = before + after
	}
	if !isDigits(s, 9) {
		return "", false
	}
	mobile := len(s) == 9 && s[0] == '9'
	landline := len(s) == 8 && '2' <= s[0] && s[0] <= '5'
	return s, mobile || landline
}

// E164 gives the number in E.164 form, +5551999999999; "" for the zero value. It
// is personal data: never log it.
func (p PhoneNumber) E164() string { return p.e164 }

// String hides the number, so that one printed by mistake is not shown.
func (p PhoneNumber) String() string {
	if p.e164 == "" {
		return ""
	}
	return countryCode + "*****"
}

// GoString hides the number too, for %#v.
func (p PhoneNumber) GoString() string { return "simulation.PhoneNumber(" + p.String() + ")" }
