package password_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pontte/portaria/pkg/password"
)

func TestCheckPersonal(t *testing.T) {
	c := password.Customer{CPF: "529.982.247-25", PhoneNumber: "+55 (51) 98198-0387", Words: []string{"maria.silva@example.com", "Maria da Silva"}}
	for name, tt := range map[string]struct {
		password string
		want     bool
	}{
		"none of it":                        {good, false},
		"CPF":                               {"52998224725!", true},
		"CPF as on documents":               {"529.982.247-25", true},
		"CPF with spaces":                   {"52 99 82 24 72 5", true},
		"CPF without check digits":          {"cavalo 529982247", true},
		"CPF in a sentence":                 {"meu cavalo nasceu 52998224725", true},
		"the first eight digits of the CPF": {"cavalo 52998224", false},
		"phone number":                      {"+5551981980387", true},
		"phone number without country":      {"(51) 98198-0387", true},
		"phone number without area":         {"tel 981980387 cavalo", true},
		"phone number without the nine":     {"8198-0387 cavalo", true},
		"the last seven digits of it":       {"198-0387 cavalo", false},
		"name and year":                     {"MariaDaSilva1990", true},
		"name and what was typed":           {"maria-silva-cavalo55", true},
		"name and six letters more":         {"maria da silva grampo", false},
		"too long, with the CPF":            {strings.Repeat("52998224725", 30), false},
	} {
		t.Run(name, func(t *testing.T) {
			var want []password.Rule
			if tt.want {
				want = []password.Rule{"personal"}
			}
			if got := password.Default().CheckPersonal(tt.password, password.Given{Words: []string{"cavalo55"}}, c); !slices.Equal(got, want) {
				t.Errorf("CheckPersonal(%q) = %q, want %q", tt.password, got, want)
			}
		})
	}
	if got := password.Default().CheckPersonal("00000000000 529982247", password.Given{}, password.Customer{CPF: "", PhoneNumber: "+1"}); got != nil {
		t.Errorf("CheckPersonal of a customer without data = %q, want nil", got)
	}
}

// TestMoreWordsNeverHelp holds that what is refused as personal stays refused
// when more is known of the customer.
func TestMoreWordsNeverHelp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ab0@. ]{0,12}`)
		few := rapid.SliceOfN(text, 0, 3).Draw(t, "few")
		more := append(few, rapid.SliceOfN(text, 0, 3).Draw(t, "more")...)
		s := rapid.StringMatching(`[abc0. ]{0,20}`).Draw(t, "s")
		broken := func(words []string) bool {
			return slices.Contains(password.Default().Check(s, password.Given{Words: words}), password.Personal)
		}
		if broken(few) && !broken(more) {
			t.Fatalf("Check(%q) is personal with %q, but not with %q", s, few, more)
		}
	})
}

// TestWordsAndTooLittleOfOnesOwnArePersonal writes passwords out of typed words,
// punctuation and up to five other characters.
func TestWordsAndTooLittleOfOnesOwnArePersonal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := []string{"maria", "silva", "example"}
		s := rapid.SampledFrom(words).Draw(t, "word")
		for range rapid.IntRange(2, 6).Draw(t, "pieces") {
			s += rapid.StringMatching(`[-._! ]{0,2}`).Draw(t, "mark") + strings.ToUpper(rapid.SampledFrom(words).Draw(t, "word"))
		}
		own := rapid.StringMatching(`[0-9]{0,5}`).Draw(t, "own")
		at := rapid.IntRange(0, len(own)).Draw(t, "at")
		s = own[:at] + s + own[at:]
		got := password.Default().Check(s, password.Given{Words: []string{"maria.silva@example.com"}})
		if !slices.Contains(got, password.Personal) {
			t.Fatalf("Check(%q) = %q, want personal", s, got)
		}
	})
}
