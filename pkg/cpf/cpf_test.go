package cpf_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pontte/portaria/pkg/cpf"
	"pgregory.net/rapid"
)

func TestParseAccepts(t *testing.T) {
	for name, s := range map[string]string{
		"bare":                 "52998224725",
		"as on documents":      "529.982.247-25",
		"first dot only":       "529.98224725",
		"second dot only":      "529982.24725",
		"hyphen only":          "529982247-25",
		"dots only":            "529.982.24725",
		"first dot and hyphen": "529.982247-25",
		"second dot, hyphen":   "529982.247-25",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cpf.Parse(s)
			if err != nil {
				t.Fatalf("Parse(%q) = %v, want no error", s, err)
			}
			if got.Digits() != "52998224725" {
				t.Errorf("Parse(%q).Digits() = %q, want 52998224725", s, got.Digits())
			}
		})
	}
}

func TestParseKeepsLeadingZeros(t *testing.T) {
	got, err := cpf.Parse("000.000.001-91")
	if err != nil {
		t.Fatal(err)
	}
	if got.Digits() != "00000000191" {
		t.Errorf("Digits() = %q, want 00000000191", got.Digits())
	}
}

func TestParseRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		s    string
		want cpf.Reason
	}{
		"nothing":                  {"", cpf.Empty},
		"last digit wrong":         {"52998224726", cpf.CheckDigits},
		"tenth digit wrong":        {"52998224735", cpf.CheckDigits},
		"two digits swapped":       {"25998224725", cpf.CheckDigits},
		"nine digits and two dots": {"529.982.247", cpf.Length},
		"ten digits":               {"5299822472", cpf.Length},
		"twelve digits":            {"529982247250", cpf.Length},
		"marks only":               {"..-", cpf.Length},
		"a company's number":       {"11222333000181", cpf.Length},
		"a formatted company's":    {"11.222.333/0001-81", cpf.Character},
		"space before":             {" 52998224725", cpf.Character},
		"space after":              {"52998224725 ", cpf.Character},
		"newline after":            {"52998224725\n", cpf.Character},
		"letter inside":            {"5299822472A", cpf.Character},
		"full-width digits":        {"529982247２5", cpf.Character},
		"Arabic digits":            {"٥٢٩٩٨٢٢٤٧٢٥", cpf.Character},
		"invalid UTF-8":            {"5299822472\xff", cpf.Character},
		"zero byte":                {"52998224725\x00", cpf.Character},
		"underscore for a hyphen":  {"529.982.247_25", cpf.Character},
		"dot for the hyphen":       {"529.982.247.25", cpf.Punctuation},
		"hyphen for a dot":         {"529-982.247-25", cpf.Punctuation},
		"dot in the wrong place":   {"52.9982.247-25", cpf.Punctuation},
		"two dots in one place":    {"529..982247-25", cpf.Punctuation},
		"hyphen at the end":        {"52998224725-", cpf.Punctuation},
		"hyphen at the start":      {"-52998224725", cpf.Punctuation},
		"longer than any spelling": {"529.982.247-255555", cpf.Length},
		"a megabyte of digits":     {strings.Repeat("5", 1<<20), cpf.Length},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cpf.Parse(tt.s)
			wantReason(t, err, tt.want)
			if !got.IsZero() {
				t.Errorf("Parse gave %v beside its error, want the zero value", got)
			}
		})
	}
	for d := '0'; d <= '9'; d++ {
		t.Run("eleven times "+string(d), func(t *testing.T) {
			_, err := cpf.Parse(strings.Repeat(string(d), 11))
			wantReason(t, err, cpf.Repeated)
		})
	}
}

func wantReason(t *testing.T, err error, want cpf.Reason) {
	t.Helper()
	invalid, ok := errors.AsType[*cpf.InvalidError](err)
	if !ok {
		t.Fatalf("error = %#v, want *InvalidError", err)
	}
	if invalid.Reason != want {
		t.Errorf("reason = %q, want %q", invalid.Reason, want)
	}
}

func TestPrintedByMistakeItIsMasked(t *testing.T) {
	c, err := cpf.Parse("52998224725")
	if err != nil {
		t.Fatal(err)
	}
	const masked = "***.982.247-**"
	if c.Masked() != masked {
		t.Errorf("Masked() = %q, want %q", c.Masked(), masked)
	}
	if got := c.Formatted(); got != "529.982.247-25" {
		t.Errorf("Formatted() = %q, want 529.982.247-25", got)
	}
	holder := struct{ Person cpf.CPF }{c}
	asJSON, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{
		fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c, c), fmt.Sprintf("%v %+v %#v", holder, holder, holder), string(asJSON),
	} {
		if strings.Contains(got, "52998224725") || strings.Contains(got, "529.982.247-25") {
			t.Errorf("%q shows the whole number", got)
		}
	}
	_, err = cpf.Parse("52998224726")
	if strings.ContainsAny(err.Error(), "0123456789") {
		t.Errorf("error %q shows digits of the text", err)
	}
}

func TestZeroValueIsNoCPF(t *testing.T) {
	var c cpf.CPF
	if !c.IsZero() || c.Digits() != "" || c.Formatted() != "" || c.Masked() != "" {
		t.Errorf("zero value = %q %q %q, want nothing", c.Digits(), c.Formatted(), c.Masked())
	}
}

// TestOneCPFHasEightSpellings holds, for any nine digits, that exactly one pair
// of check digits is right and that all eight spellings give the same value.
func TestOneCPFHasEightSpellings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringMatching(`[0-9]{9}`).Draw(t, "base")
		right := base + checkDigits(base)
		if strings.Count(base, base[:1]) == 9 {
			t.Skip("all digits the same")
		}
		for pair := range 100 {
			s := fmt.Sprintf("%s%02d", base, pair)
			_, err := cpf.Parse(s)
			if (err == nil) != (s == right) {
				t.Fatalf("Parse(%q) error = %v; the right number is %s", s, err, right)
			}
		}
		want, err := cpf.Parse(right)
		if err != nil {
			t.Fatal(err)
		}
		for marks := range 8 {
			s := spell(right, marks)
			if got, err := cpf.Parse(s); err != nil || got != want {
				t.Fatalf("Parse(%q) = %v, %v, want the CPF of %s", s, got, err, right)
			}
		}
	})
}

// spell writes eleven digits with those of the three marks whose bit is set.
func spell(digits string, marks int) string {
	var b strings.Builder
	for i, d := range digits {
		switch {
		case i == 3 && marks&1 != 0, i == 6 && marks&2 != 0:
			b.WriteByte('.')
		case i == 9 && marks&4 != 0:
			b.WriteByte('-')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// checkDigits is written from the rule itself, weights 10..2 and 11..2 modulo
// 11, apart from the implementation under test.
func checkDigits(base string) string {
	for range 2 {
		sum := 0
		for i, d := range base {
			sum += int(d-'0') * (len(base) + 1 - i)
		}
		digit := 0
		if r := sum % 11; r >= 2 {
			digit = 11 - r
		}
		base += string(rune('0' + digit))
	}
	return base[9:]
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"52998224725", "529.982.247-25", "11111111111", "", "..-", "5299822472\xff", "٥٢٩٩٨٢٢٤٧٢٥", " 52998224725", "529-982.247-25",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := cpf.Parse(s)
		if err != nil {
			if _, ok := errors.AsType[*cpf.InvalidError](err); !ok {
				t.Fatalf("Parse(%q) error = %#v, want *InvalidError", s, err)
			}
			return
		}
		if len(c.Digits()) != 11 || checkDigits(c.Digits()[:9]) != c.Digits()[9:] {
			t.Fatalf("Parse(%q) accepted %q", s, c.Digits())
		}
		if again, err := cpf.Parse(c.Formatted()); err != nil || again != c {
			t.Fatalf("Parse(Formatted()) = %v, %v, want %v", again, err, c)
		}
	})
}

func ExampleParse() {
	c, err := cpf.Parse("529.982.247-25")
	fmt.Println(c, err)
	_, err = cpf.Parse("529.982.247-26")
	fmt.Println(err)
	// Output:
	// ***.982.247-** <nil>
	// invalid CPF: check_digits
}
