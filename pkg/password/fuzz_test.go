package password_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pontte/portaria/pkg/password"
)

// FuzzCheck says the rules again in other words, for any password and policy.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{good, "", "cavalo bateria ", "Cavalo\nbateria7", "qwerty123456", "🐎🔋📎🚗🌵🎈🍎🐟🎲🧵🪁🥁", "maria.silva1990", "\xff", "a\u0085"} {
		f.Add(s, "kf7Rw-tqXz9_mPaB3sHe", "maria.silva@example.com", 12, uint8(0))
		f.Add(s, s, s, 99, uint8(15))
	}
	f.Fuzz(func(t *testing.T, s, temporary, typed string, length int, kinds uint8) {
		p := password.Policy{MinLength: length, RequireLowercase: kinds&1 > 0, RequireUppercase: kinds&2 > 0, RequireNumbers: kinds&4 > 0, RequireSymbols: kinds&8 > 0}
		given := password.Given{Temporary: temporary, Words: []string{typed}}
		got := p.Check(s, given)
		known := p.Rules()
		for i, r := range got {
			if r == password.NotAccepted || p.Text(r) == "" {
				t.Errorf("%s is not a rule of this policy", r)
			}
			if index := func(r password.Rule) int {
				return slices.IndexFunc(known, func(e password.Entry) bool { return e.Rule == r })
			}; i > 0 && index(got[i-1]) >= index(r) {
				t.Errorf("%q is not in order", got)
			}
		}
		runes := []rune(s)
		tooLong := len(runes) > 256 || len(runes) > 128 && utf16Units(s) > 256
		if tooLong != slices.Contains(got, password.TooLong) || tooLong && len(got) > 1 {
			t.Errorf("too long is %v, but Check = %q", tooLong, got)
		}
		if tooLong {
			return
		}
		if short := len(runes) < 12 || len(runes) < length; short != slices.Contains(got, password.TooShort) {
			t.Errorf("too short is %v, but Check = %q", short, got)
		}
		if same := s == temporary && s != ""; same && !slices.Contains(got, password.SameAsTemporary) {
			t.Errorf("Check of the temporary password = %q", got)
		}
		if bad := !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n"); bad && !slices.Contains(got, password.BadCharacter) {
			t.Errorf("Check = %q, without bad_character", got)
		}
		if again := p.Check(s, given); !slices.Equal(again, got) {
			t.Errorf("Check = %q, then %q", got, again)
		}
		if slices.Contains(got, password.Personal) && !slices.Equal(p.CheckPersonal(s, given, password.Customer{}), []password.Rule{password.Personal}) {
			t.Error("Check says personal, CheckPersonal does not")
		}
	})
}

// utf16Units counts as a browser does: four bytes of UTF-8 are two units.
func utf16Units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if utf8.RuneLen(r) == 4 {
			n++
		}
	}
	return n
}
