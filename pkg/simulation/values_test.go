package simulation_test

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/pontte/portaria/pkg/simulation"
	"pgregory.net/rapid"
)

func TestParseAmount(t *testing.T) {
	for s, want := range map[string]string{
		"123123":                   "123123",
		"2439.02":                  "2439.02",
		"2439.0200":                "2439.02",
		"02439.02":                 "2439.02",
		"0.0001":                   "0.0001",
		"0000.5":                   "0.5",
		"1":                        "1",
		"1.0000":                   "1",
		"100":                      "100",
		"999999999999999.9999":     "999999999999999.9999",
		"123456789012345.6789":     "123456789012345.6789",
		"":                         "format",
		".":                        "format",
		".5":                       "format",
		"5.":                       "format",
		"1.2.3":                    "format",
		"1.00001":                  "format",
		"1000000000000000":         "format",
		"0000000000000001":         "format",
		"+1":                       "format",
		"-1":                       "format",
		"1e3":                      "format",
		"0x10":                     "format",
		"1_000":                    "format",
		"1,5":                      "format",
		"1.234,56":                 "format",
		" 1":                       "format",
		"1\n":                      "format",
		"NaN":                      "format",
		"Inf":                      "format",
		"R$ 10":                    "format",
		"１２３":                      "format",
		"0":                        "out_of_range",
		"000":                      "out_of_range",
		"0.0000":                   "out_of_range",
		strings.Repeat("9", 1<<20): "format",
	} {
		got, reason := simulation.ParseAmount(s)
		if text := got.String() + string(reason); text != want {
			t.Errorf("ParseAmount(%.40q) = %q, %q, want %q", s, got, reason, want)
		}
	}
}

// TestAmountIsExact holds that no value is changed and that one value has one form.
func TestAmountIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9]{1,15}(\.[0-9]{1,4})?`).Draw(t, "s")
		want, _ := new(big.Rat).SetString(s)
		got, reason := simulation.ParseAmount(s)
		if want.Sign() == 0 {
			if reason != simulation.OutOfRange {
				t.Fatalf("ParseAmount(%q) reason = %q, want %q", s, reason, simulation.OutOfRange)
			}
			return
		}
		back, ok := new(big.Rat).SetString(got.String())
		if reason != "" || !ok || back.Cmp(want) != 0 {
			t.Fatalf("ParseAmount(%q) = %q, %q: not the same value", s, got, reason)
		}
		if again, _ := simulation.ParseAmount(got.String()); again != got {
			t.Fatalf("ParseAmount(%q) = %v, then %v: two forms of one value", s, got, again)
		}
	})
}

func TestParseTerm(t *testing.T) {
	for s, want := range map[string]string{
		"1": "1", "180": "180", "600": "600", "012": "12",
		"0": "out_of_range", "601": "out_of_range", "999": "out_of_range", "0180": "out_of_range", "99999999999999999999": "out_of_range",
		"": "format", "1.5": "format", "-1": "format", "+1": "format", "1e2": "format", " 12": "format", "12 ": "format", "doze": "format", "１２": "format",
	} {
		months, reason := simulation.ParseTerm(s)
		got := string(reason)
		if reason == "" {
			got = fmt.Sprint(months)
		}
		if got != want {
			t.Errorf("ParseTerm(%q) = %d, %q, want %s", s, months, reason, want)
		}
	}
}

func TestParsePhoneNumber(t *testing.T) {
	for s, want := range map[string]string{
		"+55 (51) 99999-9999":   "+5551999999999",
		"+5551999999999":        "+5551999999999",
		"+55 51 99999-9999":     "+5551999999999",
		"+55(51)999999999":      "+5551999999999",
		"+55 (51)99999-9999":    "+5551999999999",
		"+55 51 3333-4444":      "+555133334444",
		"+555133334444":         "+555133334444",
		"+55 (11) 2222-3333":    "+551122223333",
		"+55 (11) 5999-0000":    "+551159990000",
		"":                      "format",
		"+55":                   "format",
		"+55 51":                "format",
		"5551999999999":         "format",
		"0055 51 99999-9999":    "format",
		"+1 51 99999-9999":      "format",
		"+55  51 99999-9999":    "format",
		"+55 (51)  99999-9999":  "format",
		"+55 51 99999 9999":     "format",
		"+55 51 99999--9999":    "format",
		"+55 51 9999-99999":     "format",
		"+55 51 999999-999":     "format",
		"+55 51 89999-9999":     "format",
		"+55 51 9999-9999":      "format",
		"+55 51 6333-4444":      "format",
		"+55 51 1333-4444":      "format",
		"+55 51 99999-99999":    "format",
		"+55 (51 99999-9999":    "format",
		"+55 51) 99999-9999":    "format",
		"+55 (051) 99999-9999":  "format",
		"+55 () 99999-9999":     "format",
		"+55 [51] 99999-9999":   "format",
		" +55 51 99999-9999":    "format",
		"+55 51 99999-9999 ":    "format",
		"+55\t51 99999-9999":    "format",
		"+55 ５１ 99999-9999":     "format",
		"+55 51 99999-999９":     "format",
		"+55 51 99999-9999;ext": "format",
		"+55 (20) 99999-9999":   "area_code",
		"+55 00 99999-9999":     "area_code",
		"+55 23 3333-4444":      "area_code",
	} {
		got, reason := simulation.ParsePhoneNumber(s)
		if text := got.E164() + string(reason); text != want {
			t.Errorf("ParsePhoneNumber(%q) = %q, %q, want %q", s, got.E164(), reason, want)
		}
	}
}

func TestSixtySevenAreaCodesAreInUse(t *testing.T) {
	inUse := 0
	for area := range 100 {
		if _, reason := simulation.ParsePhoneNumber(fmt.Sprintf("+55%02d999999999", area)); reason == "" {
			inUse++
		}
	}
	if inUse != 67 {
		t.Errorf("%d area codes are accepted, want 67", inUse)
	}
}

// TestPhoneNumberHasOneForm writes any number in all its spellings.
func TestPhoneNumberHasOneForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		area := rapid.SampledFrom([]string{"11", "21", "51", "99"}).Draw(t, "area")
		number := rapid.StringMatching(`9[0-9]{8}|[2-5][0-9]{7}`).Draw(t, "number")
		want := "+55" + area + number
		last4 := len(number) - 4
		for _, gap := range []string{"", " "} {
			for _, a := range []string{area, "(" + area + ")"} {
				for _, n := range []string{number, number[:last4] + "-" + number[last4:]} {
					s := "+55" + gap + a + gap + n
					if got, reason := simulation.ParsePhoneNumber(s); got.E164() != want || reason != "" {
						t.Fatalf("ParsePhoneNumber(%q) = %q, %q, want %q", s, got.E164(), reason, want)
					}
				}
			}
		}
	})
}

func TestPhonePrintedByMistakeIsHidden(t *testing.T) {
	p, _ := simulation.ParsePhoneNumber("+55 (51) 98765-4321")
	s := simulation.Simulation{Phone: p}
	if got := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", p, p, p, p, s, s, s); strings.Contains(got, "98765") {
		t.Errorf("%q shows the number", got)
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"123123", "2439.02", "0", "1e3", "1.00001", "１", ".5", "-0", "1,5"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,4})?$`)
	f.Fuzz(func(t *testing.T, s string) {
		a, reason := simulation.ParseAmount(s)
		want := form.MatchString(s) && strings.ContainsAny(s, "123456789")
		if (reason == "") != want {
			t.Fatalf("ParseAmount(%q) = %v, %q, want accepted: %v", s, a, reason, want)
		}
	})
}

func FuzzParsePhoneNumber(f *testing.F) {
	for _, s := range []string{"+55 (51) 99999-9999", "+5551999999999", "+55 51 3333-4444", "+55 20 3333-4444", "+55 (51 99999-9999"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^\+55 ?(\([1-9][0-9]\)|[1-9][0-9]) ?(9[0-9]{4}|[2-5][0-9]{3})-?[0-9]{4}$`)
	f.Fuzz(func(t *testing.T, s string) {
		p, reason := simulation.ParsePhoneNumber(s)
		if reason == "" && !form.MatchString(s) {
			t.Fatalf("ParsePhoneNumber(%q) accepted %q", s, p.E164())
		}
		if reason == simulation.Format && form.MatchString(s) {
			t.Fatalf("ParsePhoneNumber(%q) = %q", s, reason)
		}
	})
}

func FuzzParseTerm(f *testing.F) {
	for _, s := range []string{"180", "0", "601", "-1", "1.5", "012"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^[0-9]{1,3}$`)
	f.Fuzz(func(t *testing.T, s string) {
		months, reason := simulation.ParseTerm(s)
		if reason == "" && (!form.MatchString(s) || months < 1 || months > 600) {
			t.Fatalf("ParseTerm(%q) = %d", s, months)
		}
	})
}
