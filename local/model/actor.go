package model

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
)

// An hour of the model: when its clock begins, and what a tick of it is.
const tick = 15 * time.Second

var beginning = time.Date(2026, time.March, 10, 9, 30, 0, 0, time.UTC)

func at(ticks int) time.Time { return beginning.Add(time.Duration(ticks) * tick) }

// ticksOf is the inverse of at.
func ticksOf(ms int64) int { return int(ms-beginning.UnixMilli()) / int(tick/time.Millisecond) }

// The CPFs of the model belong to nobody.
var cpfs = [...]cpf.CPF{mustCPF("52998224725"), mustCPF("11144477735")}

func mustCPF(s string) cpf.CPF {
	c, err := cpf.Parse(s)
	if err != nil {
		panic(err)
	}
	return c
}

// actor is a call, or a sign-up that only asks whether somebody would get in,
// with everything that follows from it.
type actor struct {
	Call
	title   string // how schedules call it
	seen    registry.User
	final   registry.User
	sub     string
	email   string
	moved   string // the e-mail after a change
	event   []byte
	content string // the registry's hash; "" where the event has no simulation

	sameName calls // whose final user name is this one's
	sameMail calls // whose e-mail is
	movedTo  calls // whose e-mail is after a change
}

// calls is a set of calls by their places.
type calls uint8

func (c calls) has(i int) bool { return c&(1<<i) != 0 }

func (a *actor) creates() bool { return a.Kind == Create || a.Kind == Bare || a.Kind == BareNoID }

// hasCPF reports whether the user that a creates has a CPF.
func (a *actor) hasCPF() bool { return a.Kind != BareNoID }

// newActor makes the actor of a call; id is one of its own.
func (w *world) newActor(c Call, id string) *actor {
	if c.UserName == "" {
		c.UserName = c.Person
	}
	if c.Tries == 0 {
		c.Tries = w.Tries
	}
	a := &actor{Call: c, title: c.Person, sub: "sub-" + id, email: c.Person + "@example.com", moved: c.Person + "@new.example.com"}
	pool := fmt.Sprintf("us-east-1_pool%d", c.Pool)
	a.seen = registry.User{PoolID: pool, Name: c.UserName}
	a.final = a.seen
	if w.Pools == EmailNames || w.Pools == HiddenNames {
		a.final.Name = "uuid-" + id
		a.seen = a.final
	}
	if w.Pools == HiddenNames {
		a.seen.Name = a.email
	}
	if c.Kind == Resend {
		a.seen, a.final = w.actors[c.Of].seen, w.actors[c.Of].final
	}
	a.event = a.newEvent()
	return a
}

// relate finds out which calls' users have a's names.
func (a *actor) relate(others []*actor) {
	for i, other := range others {
		switch {
		case !other.creates() || other.Pool != a.Pool:
			continue
		case other.final == a.final:
			a.sameName |= 1 << i
		}
		if other.email == a.email {
			a.sameMail |= 1 << i
		}
		if other.moved == a.email {
			a.movedTo |= 1 << i
		}
	}
}

// newEvent is the PreSignUp event of a's call.
func (a *actor) newEvent() []byte {
	attributes := map[string]string{"email": a.email, "phone_number": "+5551999999999"}
	if a.hasCPF() {
		attributes["custom:cpf"] = cpfs[a.CPF].Digits()
	}
	request := map[string]any{"userAttributes": attributes}
	simulation := map[string]string{
		"trackCode": fmt.Sprint("visit ", a.Content), "simulationId": "s", "loanValue": "1000", "term": "12",
		"installment": "99.5", "loanValueSelected": "1000", "phone": "+55 (51) 99999-9999",
	}
	switch a.Kind {
	case Wrong:
		delete(simulation, "trackCode")
		request["validationData"] = simulation
	case Create:
		request["validationData"] = simulation
	}
	event, err := json.Marshal(map[string]any{
		"version": "1", "triggerSource": "PreSignUp_AdminCreateUser", "userPoolId": a.seen.PoolID, "userName": a.seen.Name,
		"request": request, "response": map[string]any{},
	})
	if err != nil {
		panic(err) // it is made of maps and texts
	}
	return event
}
