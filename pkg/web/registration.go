package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/simulation"
	"github.com/pontte/portaria/pkg/userpool"
)

// registration is a valid body of POST /users.
type registration struct {
	email       string // lower case
	phoneNumber string // E.164
	cpf         cpf.CPF
	simulation  map[string]string // trackCode too, as they were written
	suppress    bool
	mediums     []userpool.Medium
}

// parseRegistration reads the body of POST /users. Its problem names every wrong
// field at once.
func parseRegistration(r *http.Request) (registration, *Problem) {
	o, problem := readObject(r)
	if problem != nil {
		return registration{}, problem
	}
	o.only("email", "phoneNumber", "cpf", "trackCode", "simulation", "invitation", "mediums")
	reg := registration{
		email:       o.email("email"),
		phoneNumber: o.phoneNumber("phoneNumber"),
		cpf:         o.cpf("cpf"),
		simulation:  o.simulation(),
		suppress:    o.choice("invitation", "send", "suppress") == "suppress",
		mediums:     o.mediums("mediums"),
	}
	return reg, o.problem()
}

// email is the e-mail called name, in lower case.
func (o object) email(name string) string {
	s, ok := o.text(name)
	if !ok {
		return ""
	}
	email, ok := parseEmail(s)
	if !ok {
		o.fail(name, reasonEmail)
	}
	return email
}

func (o object) phoneNumber(name string) string {
	s, ok := o.text(name)
	if ok && !isE164(s) {
		o.fail(name, reasonPhone)
	}
	return s
}

func (o object) cpf(name string) cpf.CPF {
	s, ok := o.text(name)
	if !ok {
		return cpf.CPF{}
	}
	c, err := cpf.Parse(s)
	if invalid, ok := errors.AsType[*cpf.InvalidError](err); ok {
		o.fail(name, string(invalid.Reason))
	}
	return c
}

// simulation reads trackCode and the object simulation, which must hold by the
// rules of the trigger, and gives them under the trigger's names.
func (o object) simulation() map[string]string {
	values := map[string]string{}
	take := func(from object, field, name string, read func(object, string) (string, bool)) {
		if s, ok := read(from, field); ok {
			values[name] = s
		}
	}
	take(o, "trackCode", simulation.TrackCode, object.text)
	inner, ok := o.object("simulation")
	if ok {
		inner.only("id", simulation.LoanValue, simulation.Term, simulation.Installment, simulation.LoanValueSelected, simulation.Phone)
		take(inner, "id", simulation.ID, object.text)
		take(inner, simulation.LoanValue, simulation.LoanValue, object.figure)
		take(inner, simulation.Term, simulation.Term, object.figure)
		take(inner, simulation.Installment, simulation.Installment, object.figure)
		take(inner, simulation.LoanValueSelected, simulation.LoanValueSelected, object.figure)
		take(inner, simulation.Phone, simulation.Phone, object.text)
	}
	_, err := simulation.Parse(values)
	if invalid, wrong := errors.AsType[*simulation.InvalidError](err); wrong {
		for _, f := range invalid.Fields {
			switch {
			case f.Reason == simulation.Missing: // taken down when it was read
			case f.Name == simulation.TrackCode:
				o.fail(f.Name, string(f.Reason))
			case f.Name == simulation.ID:
				inner.fail("id", string(f.Reason))
			default:
				inner.fail(f.Name, string(f.Reason))
			}
		}
	}
	return values
}

const reasonMediums = "mediums"

// mediums are those called name; EMAIL when that is absent.
func (o object) mediums(name string) []userpool.Medium {
	if _, sent := o.fields[name]; !sent {
		return []userpool.Medium{userpool.Email}
	}
	var mediums []userpool.Medium
	for _, s := range o.texts(name) {
		mediums = append(mediums, userpool.Medium(s))
	}
	unknown := func(m userpool.Medium) bool { return m != userpool.Email && m != userpool.SMS }
	twice := len(mediums) == 2 && mediums[0] == mediums[1]
	if len(mediums) == 0 || len(mediums) > 2 || twice || slices.ContainsFunc(mediums, unknown) {
		o.fail(name, reasonMediums)
	}
	return mediums
}
