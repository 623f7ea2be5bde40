package model_test

import (
	"os"
	"testing"

	"github.com/pontte/portaria/local/model"
)

// bounds is how much the explorations try.
type bounds string

const (
	small bounds = "small" // no faults but giving up, a lease of ticks, no new e-mails, no Bind
	usual bounds = "usual" // at most one fault, a lease of ticks
	full  bounds = "full"  // as the scenarios say
)

// chosenBounds are full with PORTARIA_MODEL=full, small in short tests and under
// the race detector, usual otherwise.
func chosenBounds() bounds {
	switch {
	case os.Getenv("PORTARIA_MODEL") == string(full):
		return full
	case testing.Short() || withRace:
		return small
	}
	return usual
}

// within brings a scenario into bounds.
func (b bounds) within(s model.Scenario) model.Scenario {
	switch b {
	case small:
		s.Faults, s.Ticks = 0, min(s.Ticks, s.Lease)
		s.Changes, s.Bind = 0, false
	case usual:
		s.Faults, s.Ticks = min(s.Faults, 1), min(s.Ticks, s.Lease)
	}
	return s
}

var (
	maria = model.Call{Person: "maria"}
	joao  = model.Call{Person: "joao", Content: 1}        // a stranger with maria's CPF
	rita  = model.Call{Person: "rita", Content: 2}        // another
	ana   = model.Call{Person: "ana", CPF: 1, Content: 3} // has a CPF of her own
)

// again is the same call made once more, perhaps while the first goes on.
func again(c model.Call) model.Call { c.Again = true; return c }

func tries(n int, c model.Call) model.Call { c.Tries = n; return c }

func named(name string, c model.Call) model.Call { c.UserName = name; return c }

// otherwise is the call with another simulation.
func otherwise(c model.Call) model.Call { c.Content += 4; return c }

func kind(k model.Kind, c model.Call) model.Call { c.Kind = k; return c }

// asBuilt is what the protocol rests on: a lease of 30 s, nobody created more than
// 15 s after the try that let them in began, clocks that agree.
var asBuilt = model.Scenario{Tries: 1, Lease: 2, Creation: 1, Ticks: 3, Bind: true}

func scenario(name string, change func(*model.Scenario)) model.Scenario {
	s := asBuilt
	s.Name = name
	change(&s)
	return s
}

// scenarios are what is explored, each in itself exhaustively. Some are too big
// for any bounds but full.
func scenarios(b bounds) []model.Scenario {
	all := []model.Scenario{
		scenario("e-mail names, trigger first: a retry and a stranger", func(s *model.Scenario) {
			s.Calls = []model.Call{maria, again(maria), joao}
			s.Faults, s.Deletes, s.Changes = model.Unlimited, 1, 1
		}),
		scenario("e-mail names, check first: a retry and a stranger", func(s *model.Scenario) {
			s.Order = model.CheckFirst
			s.Calls = []model.Call{maria, again(maria), joao}
			s.Faults, s.Deletes, s.Changes = model.Unlimited, 1, 1
		}),
		scenario("e-mail names: a retry, a stranger and another CPF", func(s *model.Scenario) {
			s.Calls = []model.Call{maria, again(maria), joao, ana}
			s.Ticks, s.Bind = 2, false
		}),
		scenario("e-mail names, trigger first: three overlapping tries", func(s *model.Scenario) {
			s.Calls = []model.Call{tries(3, maria), joao}
			s.Faults, s.Late = 1, 1
		}),
		scenario("e-mail names, check first: three overlapping tries each", func(s *model.Scenario) {
			s.Order = model.CheckFirst
			s.Calls = []model.Call{tries(3, maria), tries(3, joao)}
			s.Ticks = 2
		}),
		scenario("plain names, trigger first: two tries, a retry and a stranger", func(s *model.Scenario) {
			s.Pools = model.PlainNames
			s.Calls = []model.Call{tries(2, maria), again(maria), joao}
			s.Ticks, s.Deletes = 2, 1
		}),
		scenario("plain names, check first: another simulation and a stranger", func(s *model.Scenario) {
			s.Pools, s.Order = model.PlainNames, model.CheckFirst
			s.Calls = []model.Call{maria, otherwise(maria), joao}
			s.Faults, s.Late, s.Deletes = model.Unlimited, 1, 1
		}),
		scenario("plain names: one name for two CPFs", func(s *model.Scenario) {
			s.Pools = model.PlainNames
			s.Calls = []model.Call{maria, named("maria", ana), joao}
			s.Faults, s.Deletes = model.Unlimited, 2
		}),
		scenario("e-mail aliases: one e-mail under two names, and a stranger", func(s *model.Scenario) {
			s.Pools = model.EmailAliases
			s.Calls = []model.Call{maria, named("maria-2", maria), joao}
			s.Faults, s.Deletes, s.Changes = 1, 1, 1
		}),
		scenario("hidden final names: a retry and a stranger", func(s *model.Scenario) {
			s.Pools, s.SafeEmails = model.HiddenNames, true
			s.Calls = []model.Call{maria, again(maria), joao}
			s.Faults, s.Late, s.Deletes = model.Unlimited, 1, 2
		}),
		scenario("two pools with one table", func(s *model.Scenario) {
			s.Pools = model.PlainNames
			inOther := maria
			inOther.Pool = 1
			s.Calls = []model.Call{maria, inOther, joao}
			s.Faults, s.Late, s.Deletes = model.Unlimited, 1, 1
		}),
		scenario("RESEND runs the trigger", func(s *model.Scenario) {
			s.Pools = model.PlainNames
			s.Calls = []model.Call{maria, kind(model.Resend, maria), kind(model.Bare, maria), joao}
			s.Ticks, s.Deletes = 2, 2
		}),
		scenario("sign-ups without CPF or trackCode", func(s *model.Scenario) {
			s.Pools = model.PlainNames
			s.Calls = []model.Call{maria, kind(model.BareNoID, maria), kind(model.Wrong, joao), joao}
			s.Ticks, s.Deletes = 2, 2
		}),
		scenario("clocks that differ", func(s *model.Scenario) {
			s.Calls = []model.Call{maria, joao}
			s.Lease, s.Skew, s.Ticks = 3, 1, 5
			s.Faults, s.Deletes = model.Unlimited, 1
		}),
		scenario("two leases long: three strangers", func(s *model.Scenario) {
			s.Calls = []model.Call{maria, joao, rita}
			s.Ticks, s.Deletes = 4, 1
		}),
	}
	if b != full {
		return all
	}
	return append(all,
		scenario("e-mail names, trigger first: three overlapping tries each, a fault", func(s *model.Scenario) {
			s.Calls = []model.Call{tries(3, maria), tries(3, joao)}
			s.Ticks, s.Faults, s.Bind = 2, 1, false
		}),
		scenario("plain names, trigger first: two tries, a retry of two tries and a stranger", func(s *model.Scenario) {
			s.Pools = model.PlainNames
			s.Calls = []model.Call{tries(2, maria), again(tries(2, maria)), joao}
			s.Ticks, s.Deletes = 2, 1
		}),
	)
}
