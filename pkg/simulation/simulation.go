// Package simulation reads the loan simulation that a sign-up brings along, and
// the code of the tracked visit it came from. The values are texts, as
// Cognito's ValidationData carries them, and are kept exact: no figure ever
// becomes a float.
package simulation

import (
	"strings"
	"unicode/utf8"
)

// Names of the values, as they stand in ValidationData.
const (
	TrackCode         = "trackCode"
	ID                = "simulationId"
	LoanValue         = "loanValue"
	Term              = "term"
	Installment       = "installment"
	LoanValueSelected = "loanValueSelected"
	Phone             = "phone"
)

// maxIdentifier is the most bytes a trackCode or a simulationId may have.
const maxIdentifier = 256

// Simulation is a complete loan simulation and the visit it came from.
type Simulation struct {
	TrackCode         string      // the tracked visit; opaque, made by another system
	ID                string      // opaque, made by another system
	LoanValue         Amount      // in reais
	Term              int         // months, 1 to 600
	Installment       Amount      // reais a month
	LoanValueSelected Amount      // in reais
	Phone             PhoneNumber // the number given with the simulation
}

// Parse reads a Simulation from the values named by this package's constants;
// other values are not looked at. It reads every value even when one is wrong,
// so that its error, always an *InvalidError, names all of the wrong ones.
func Parse(values map[string]string) (Simulation, error) {
	var p parser
	s := Simulation{
		TrackCode:         read(&p, values, TrackCode, parseIdentifier),
		ID:                read(&p, values, ID, parseIdentifier),
		LoanValue:         read(&p, values, LoanValue, ParseAmount),
		Term:              read(&p, values, Term, ParseTerm),
		Installment:       read(&p, values, Installment, ParseAmount),
		LoanValueSelected: read(&p, values, LoanValueSelected, ParseAmount),
		Phone:             read(&p, values, Phone, ParsePhoneNumber),
	}
	if len(p.wrong) > 0 {
		return Simulation{}, &InvalidError{Fields: p.wrong}
	}
	return s, nil
}

// Reason says what is wrong with a value. Its values are stable: programs may
// depend on them.
type Reason string

// The reasons.
const (
	Missing    Reason = "missing"      // not sent
	Blank      Reason = "blank"        // nothing but white space
	TooLong    Reason = "too_long"     // more than 256 bytes
	Format     Reason = "format"       // not written as a value of its kind
	OutOfRange Reason = "out_of_range" // an amount of zero, a term outside 1 to 600
	AreaCode   Reason = "area_code"    // a phone whose area code is not in use
)

// FieldError names one wrong value, and why it is wrong.
type FieldError struct {
	Name   string // one of the names above
	Reason Reason
}

// InvalidError names every wrong value of a simulation, in the order of the
// fields of Simulation. It never holds a value.
type InvalidError struct{ Fields []FieldError }

// Error names the wrong values and the reasons.
func (e *InvalidError) Error() string {
	var b strings.Builder
	b.WriteString("invalid simulation: ")
	for i, f := range e.Fields {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(f.Name + " " + string(f.Reason))
	}
	return b.String()
}

// Has reports whether the value called name is among the wrong ones.
func (e *InvalidError) Has(name string) bool {
	for _, f := range e.Fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

// parser collects the wrong values.
type parser struct{ wrong []FieldError }

// read gives values[name] as parse reads it, or takes down what is wrong.
func read[T any](p *parser, values map[string]string, name string, parse func(string) (T, Reason)) T {
	s, sent := values[name]
	var value T
	var reason Reason
	switch {
	case !sent:
		reason = Missing
	case strings.TrimSpace(s) == "":
		reason = Blank
	default:
		value, reason = parse(s)
	}
	if reason != "" {
		p.wrong = append(p.wrong, FieldError{Name: name, Reason: reason})
	}
	return value
}

// parseIdentifier reads an identifier that another system made: any UTF-8 text,
// kept as it is.
func parseIdentifier(s string) (string, Reason) {
	switch {
	case len(s) > maxIdentifier:
		return "", TooLong
	case !utf8.ValidString(s):
		return "", Format
	}
	return s, ""
}
