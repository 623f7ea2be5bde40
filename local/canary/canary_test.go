package canary_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pontte/portaria/local/canary"
	"github.com/pontte/portaria/pkg/cpf"
)

const seed = 20261123

func scanner(t *testing.T, canaries ...canary.Canary) *canary.Scanner {
	t.Helper()
	s, err := canary.NewScanner(canaries...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func scan(t *testing.T, s *canary.Scanner, text string) []canary.Find {
	t.Helper()
	found, err := s.Scan(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// innocent is what a function that leaks nothing prints.
const innocent = `{"level":"info","service":"pre-signup","timestamp":"2026-11-23T17:54:05.123Z","cold_start":true,` +
	`"function_request_id":"8f7c8d24-6d7e-4a31-9c3a-0c4e5f6a7b8c","xray_trace_id":"Root=1-6923c1b5-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0",` +
	`"trigger_source":"PreSignUp_AdminCreateUser","outcome":"allowed","claim":"new","cpf":"***.122.860-**","duration_ms":12,"message":"sign-up allowed"}` + "\n"

// TestEveryPlantedCanaryIsFound plants each canary of a person in each form, in
// every spelling for a CPF, beside an innocent line: as it is and in a line of JSON.
func TestEveryPlantedCanaryIsFound(t *testing.T) {
	person := canary.NewPerson("Ana", seed)
	s := scanner(t, person.Canaries()...)
	planted := 0
	for _, c := range person.Canaries() {
		spellings := []string{c.Value}
		if c.Value == person.CPF {
			spellings = canary.Spellings(person.CPF)
		}
		for i, spelling := range spellings {
			for _, form := range canary.Forms(spelling) {
				planted++
				said := "update claim: " + form.Text + ": denied"
				line, err := json.Marshal(map[string]any{"level": "error", "error": said, "n": 1})
				if err != nil {
					t.Fatal(err)
				}
				found := scan(t, s, said+"\n"+innocent+string(line)+"\n")
				if len(found) != 2 || found[0].Line != 1 || found[1].Line != 3 || found[0].Canary != c.Name || found[1].Canary != c.Name {
					t.Errorf("%s, spelling %d, %s: found %v, want it in lines 1 and 3", c.Name, i, form.Name, found)
				}
			}
		}
	}
	if planted < 1000 {
		t.Errorf("%d planted, want every canary in every form", planted)
	}
}

func TestFormsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, form := range canary.Forms(canary.NewPerson("Ana", seed).UserName) {
		if seen[form.Name] {
			t.Errorf("two forms are called %q", form.Name)
		}
		seen[form.Name] = true
		if strings.Contains(form.Text, "\n") {
			t.Errorf("%s: more than one line", form.Name)
		}
	}
}

func TestPartOfACanaryIsFound(t *testing.T) {
	person := canary.NewPerson("Ana", seed)
	s := scanner(t, person.Canaries()...)
	for _, c := range person.Canaries() {
		digits := strings.Map(func(r rune) rune {
			if strings.ContainsRune("0123456789", r) {
				return r
			}
			return -1
		}, c.Value)
		part := c.Value[:10]
		if len(digits) > len(c.Value)/2 && !strings.ContainsFunc(c.Value, func(r rune) bool { return r >= 'a' }) {
			part = digits[:9]
		}
		for _, text := range []string{part + "…", "…" + part} {
			if found := scan(t, s, text); len(found) != 1 || found[0].Canary != c.Name {
				t.Errorf("part of %s: found %v, want it", c.Name, found)
			}
		}
	}
}

func TestWhatMayBePrintedIsNotFound(t *testing.T) {
	person := canary.NewPerson("Ana", seed)
	other := canary.NewPerson("João", seed+1)
	s := scanner(t, person.Canaries()...)
	masked, err := cpf.Parse(person.CPF)
	if err != nil {
		t.Fatal(err)
	}
	var others []string
	for _, c := range other.Canaries() {
		others = append(others, c.Value)
	}
	for name, text := range map[string]string{
		"an innocent log":      innocent,
		"the masked CPF":       fmt.Sprintf(`{"cpf":%q,"duration_ms":4}`, masked.Masked()),
		"another person":       strings.Join(others, " "),
		"the end of an e-mail": ".example",
		"nothing":              "",
	} {
		if found := scan(t, s, text); len(found) != 0 {
			t.Errorf("%s: found %v, want nothing", name, found)
		}
	}
}

func TestEachCanaryIsFoundOnceALine(t *testing.T) {
	person := canary.NewPerson("Ana", seed)
	s := scanner(t, person.Canaries()...)
	found := scan(t, s, person.Email+" "+person.Email+"\n\n"+person.CPF+" "+person.Email+"\n")
	var got []string
	for _, f := range found {
		got = append(got, f.String())
	}
	slices.Sort(got)
	want := []string{"line 1: e-mail of Ana, as it is", "line 3: CPF of Ana, as it is", "line 3: e-mail of Ana, as it is"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestNoFindNorCanaryPrintsItsValue(t *testing.T) {
	person := canary.NewPerson("Ana", seed)
	s := scanner(t, person.Canaries()...)
	for _, c := range person.Canaries() {
		printed := fmt.Sprintf("%v %+v %#v %v", c, c, c, scan(t, s, c.Value))
		if found := scan(t, s, printed); len(found) != 0 {
			t.Errorf("%s: printing it shows %v", c.Name, found)
		}
	}
}

func TestLongLinesAreReadWhole(t *testing.T) {
	person := canary.NewPerson("Ana", seed)
	s := scanner(t, person.Canaries()...)
	text := strings.Repeat("a b ", 1<<18) + person.CPF
	if found := scan(t, s, text); len(found) != 1 || found[0].Line != 1 {
		t.Errorf("found %v, want the CPF in line 1", found)
	}
}

func TestReaderThatFailsIsAnError(t *testing.T) {
	broken := errors.New("broken")
	s := scanner(t, canary.NewPerson("Ana", seed).Canaries()...)
	if _, err := s.Scan(io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("Scan = %v, want %v", err, broken)
	}
}

func TestShortCanaryIsRefused(t *testing.T) {
	for _, value := range []string{"", "ana", "12345678", "123123", "180"} {
		if s, err := canary.NewScanner(canary.Canary{Name: "loanValue", Value: value}); err == nil || s != nil {
			t.Errorf("NewScanner = %v, %v, want an error for a value of %d characters", s, err, len(value))
		}
	}
}

func TestSameSeedSamePerson(t *testing.T) {
	if a, b := canary.NewPerson("Ana", 1), canary.NewPerson("Ana", 1); a != b {
		t.Error("two people of one seed")
	}
	if a, b := canary.NewPerson("Ana", 1), canary.NewPerson("Ana", 2); a.CPF == b.CPF || a.Email == b.Email {
		t.Error("one person of two seeds")
	}
	all := canary.Spellings("04212286017")
	if want := []string{"04212286017", "042.12286017", "042122.86017", "042.122.86017", "042122860-17", "042.122860-17", "042122.860-17", "042.122.860-17"}; !slices.Equal(all, want) {
		t.Errorf("Spellings = %q, want %q", all, want)
	}
}
