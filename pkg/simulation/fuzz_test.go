package simulation_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/pkg/simulation"
)

// names are the values in the order in which an error names them.
var names = [...]string{
	simulation.TrackCode, simulation.ID, simulation.LoanValue, simulation.Term, simulation.Installment,
	simulation.LoanValueSelected, simulation.Phone,
}

// FuzzParse holds, for any seven values of which any may be missing (a bit of
// sent each), that Parse names exactly those that are no value of their kind, in
// their order, and otherwise gives exactly the values that were sent.
func FuzzParse(f *testing.F) {
	const all = uint8(1<<len(names) - 1)
	o := original()
	f.Add(o["trackCode"], o["simulationId"], o["loanValue"], o["term"], o["installment"], o["loanValueSelected"], o["phone"], all)
	f.Add(strings.Repeat("x", 256), strings.Repeat("é", 129), "0000000000000000", "0600", "999999999999999.9999", "0.0001", "+55 11 2222-3333", all)
	f.Add("\u00a0", "\u200b", "\u0085", "\v", "\xff", "\x00", " ", all)
	for _, values := range eventValues(f) {
		sent := uint8(0)
		for i, name := range names {
			if _, ok := values[name]; ok {
				sent |= 1 << i
			}
		}
		f.Add(values[names[0]], values[names[1]], values[names[2]], values[names[3]], values[names[4]], values[names[5]], values[names[6]], sent)
	}
	f.Fuzz(func(t *testing.T, trackCode, id, loanValue, term, installment, selected, phone string, sent uint8) {
		values := map[string]string{}
		var wrong []string
		for i, value := range []string{trackCode, id, loanValue, term, installment, selected, phone} {
			if sent&(1<<i) != 0 {
				values[names[i]] = value
			}
			if sent&(1<<i) == 0 || !isOfItsKind(names[i], value) {
				wrong = append(wrong, names[i])
			}
		}
		s, err := simulation.Parse(values)
		if len(wrong) > 0 {
			wantWrong(t, s, err, wrong)
			return
		}
		if err != nil {
			t.Fatalf("Parse(%q) = %v, want no error", values, err)
		}
		want := []string{trackCode, id, exact(loanValue), exact(installment), exact(selected), strings.TrimLeft(term, "0"), onlyDigits(phone)}
		got := []string{
			s.TrackCode, s.ID, exact(s.LoanValue.String()), exact(s.Installment.String()), exact(s.LoanValueSelected.String()),
			strconv.Itoa(s.Term), onlyDigits(s.Phone.E164()),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Parse(%q) (-sent +got):\n%s", values, diff)
		}
	})
}

func wantWrong(t *testing.T, s simulation.Simulation, err error, want []string) {
	t.Helper()
	invalid, ok := errors.AsType[*simulation.InvalidError](err)
	if !ok || s != (simulation.Simulation{}) {
		t.Fatalf("Parse = %v, %#v, want nothing and an *InvalidError", s, err)
	}
	var got []string
	for _, field := range invalid.Fields {
		got = append(got, field.Name)
		if known := regexp.MustCompile(`^(missing|blank|too_long|format|out_of_range|area_code)$`); !known.MatchString(string(field.Reason)) {
			t.Errorf("%s is wrong for the reason %q, which is not one of those that there are", field.Name, field.Reason)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("wrong fields (-want +got):\n%s", diff)
	}
}

// The kinds, as the specification words them.
var (
	blank        = regexp.MustCompile(`^[\p{Z}\t-\r\x{85}]*$`)
	wordedAmount = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,4})?$`)
	wordedTerm   = regexp.MustCompile(`^[0-9]{1,3}$`)
	wordedPhone  = regexp.MustCompile(`^\+55 ?(\([0-9]{2}\)|[0-9]{2}) ?(9[0-9]{4}|[2-5][0-9]{3})-?[0-9]{4}$`)
	// Anatel's plan leaves these out, and every code that holds a zero.
	unusedAreaCode = regexp.MustCompile(`^55(.0|0.|2[35-69]|36|39|52|5[6-9]|72|76|78)`)
)

// isOfItsKind says it apart from the implementation under test.
func isOfItsKind(name, value string) bool {
	if blank.MatchString(value) {
		return false
	}
	switch name {
	case simulation.TrackCode, simulation.ID:
		return len(value) <= 256 && utf8.ValidString(value)
	case simulation.Term:
		months, _ := strconv.Atoi(value)
		return wordedTerm.MatchString(value) && months >= 1 && months <= 600
	case simulation.Phone:
		return wordedPhone.MatchString(value) && !unusedAreaCode.MatchString(onlyDigits(value))
	}
	return wordedAmount.MatchString(value) && strings.ContainsAny(value, "123456789")
}

// exact is a decimal as a fraction in lowest terms.
func exact(decimal string) string {
	r, ok := new(big.Rat).SetString(decimal)
	if !ok {
		return "no number: " + decimal
	}
	return r.String()
}

func onlyDigits(s string) string {
	return regexp.MustCompile(`[^0-9]`).ReplaceAllString(s, "")
}

// eventValues are the validation data of the events, texts only.
func eventValues(f *testing.F) (all []map[string]string) {
	cases, err := events.Cases()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		var event struct {
			Request struct {
				ValidationData map[string]any `json:"validationData"`
			} `json:"request"`
		}
		if json.Unmarshal(c.Event, &event) != nil { // some events are broken on purpose
			continue
		}
		values := map[string]string{}
		for name, value := range event.Request.ValidationData {
			if s, ok := value.(string); ok {
				values[name] = s
			}
		}
		all = append(all, values)
	}
	return all
}
