package simulation_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pontte/portaria/pkg/simulation"
)

// original gives the values of the call that must always work.
func original() map[string]string {
	return map[string]string{
		simulation.TrackCode:         "21a81129400fbf441ae138e52eae8778",
		simulation.ID:                "mHPkDoN3TNqw7G3nxA4GAw",
		simulation.LoanValue:         "123123",
		simulation.Term:              "180",
		simulation.Installment:       "2439.02",
		simulation.LoanValueSelected: "123123",
		simulation.Phone:             "+55 (51) 99999-9999",
	}
}

func TestParseReadsTheOriginalCall(t *testing.T) {
	s, err := simulation.Parse(original())
	if err != nil {
		t.Fatal(err)
	}
	got := []string{
		s.TrackCode, s.ID, s.LoanValue.String(), fmt.Sprint(s.Term), s.Installment.String(), s.LoanValueSelected.String(), s.Phone.E164(),
	}
	want := []string{
		"21a81129400fbf441ae138e52eae8778", "mHPkDoN3TNqw7G3nxA4GAw", "123123", "180", "2439.02", "123123", "+5551999999999",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
}

func TestParseIgnoresValuesOfOtherNames(t *testing.T) {
	values := original()
	want, err := simulation.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	values["utm_source"] = "x"
	values["Term"] = "0"
	if got, err := simulation.Parse(values); err != nil || got != want {
		t.Errorf("Parse = %v, %v, want it as without them", got, err)
	}
}

func TestParseRefusesOneWrongValue(t *testing.T) {
	long := strings.Repeat("x", 257)
	for name, tt := range map[string]struct {
		field, value string
		want         simulation.Reason
	}{
		"trackCode of spaces":           {simulation.TrackCode, "   ", simulation.Blank},
		"trackCode of a no-break space": {simulation.TrackCode, "\u00a0", simulation.Blank},
		"trackCode too long":            {simulation.TrackCode, long, simulation.TooLong},
		"trackCode not UTF-8":           {simulation.TrackCode, "a\xff", simulation.Format},
		"simulationId of a tab":         {simulation.ID, "\t", simulation.Blank},
		"simulationId too long":         {simulation.ID, long, simulation.TooLong},
		"loanValue of zero":             {simulation.LoanValue, "0.00", simulation.OutOfRange},
		"loanValue with a comma":        {simulation.LoanValue, "123,12", simulation.Format},
		"loanValueSelected negative":    {simulation.LoanValueSelected, "-1", simulation.Format},
		"installment not a number":      {simulation.Installment, "NaN", simulation.Format},
		"term of zero":                  {simulation.Term, "0", simulation.OutOfRange},
		"phone with area code 20":       {simulation.Phone, "+55 (20) 99999-9999", simulation.AreaCode},
		"phone without country code":    {simulation.Phone, "(51) 99999-9999", simulation.Format},
	} {
		t.Run(name, func(t *testing.T) {
			values := original()
			values[tt.field] = tt.value
			_, err := simulation.Parse(values)
			wantFields(t, err, simulation.FieldError{Name: tt.field, Reason: tt.want})
		})
	}
	for field := range original() {
		t.Run(field+" missing", func(t *testing.T) {
			values := original()
			delete(values, field)
			_, err := simulation.Parse(values)
			wantFields(t, err, simulation.FieldError{Name: field, Reason: simulation.Missing})
		})
	}
}

func TestParseNamesEveryWrongValueAtOnce(t *testing.T) {
	_, err := simulation.Parse(nil)
	var want []simulation.FieldError
	for _, name := range []string{"trackCode", "simulationId", "loanValue", "term", "installment", "loanValueSelected", "phone"} {
		want = append(want, simulation.FieldError{Name: name, Reason: simulation.Missing})
	}
	wantFields(t, err, want...)

	values := original()
	maps.Copy(values, map[string]string{simulation.Term: "x", simulation.Phone: " ", simulation.LoanValue: "0"})
	_, err = simulation.Parse(values)
	wantFields(t, err,
		simulation.FieldError{Name: simulation.LoanValue, Reason: simulation.OutOfRange},
		simulation.FieldError{Name: simulation.Term, Reason: simulation.Format},
		simulation.FieldError{Name: simulation.Phone, Reason: simulation.Blank})
	const text = "invalid simulation: loanValue out_of_range, term format, phone blank"
	if err.Error() != text {
		t.Errorf("Error() = %q, want %q", err, text)
	}
	invalid, _ := errors.AsType[*simulation.InvalidError](err)
	if !invalid.Has(simulation.Term) || invalid.Has(simulation.TrackCode) {
		t.Errorf("Has(term), Has(trackCode) = %v, %v, want true, false", invalid.Has(simulation.Term), invalid.Has(simulation.TrackCode))
	}
}

func wantFields(t *testing.T, err error, want ...simulation.FieldError) {
	t.Helper()
	invalid, ok := errors.AsType[*simulation.InvalidError](err)
	if !ok {
		t.Fatalf("error = %#v, want *InvalidError", err)
	}
	if diff := cmp.Diff(want, invalid.Fields); diff != "" {
		t.Errorf("wrong fields (-want +got):\n%s", diff)
	}
}
