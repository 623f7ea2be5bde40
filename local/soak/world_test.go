package soak_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
)

// What the protocol rests on, as docs/decisions.md says it: between the first
// call of the trigger and the user's creation lie three tries of 5 s, and the
// functions' clocks are within 5 s of each other.
const (
	creationWithin = 15 * time.Second
	maxSkew        = 2500 * time.Millisecond // either way
)

// world is one CPF: the pool's users who have it, the time, and what happened.
type world struct {
	cpf   cpf.CPF
	table *registry.Table

	mu   sync.Mutex // of time and live, so that no user is created too late
	now  time.Time
	live map[registry.User]bool

	history history
}

func newWorld(c cpf.CPF, newTable func(registry.Owners) *registry.Table) *world {
	w := &world{cpf: c, now: time.Date(2026, time.March, 10, 9, 30, 0, 0, time.UTC), live: map[registry.User]bool{}}
	w.table = newTable(w)
	return w
}

// time is the true one; every client's clock is off by something else.
func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// create is what Cognito does once it is allowed to, unless that was too long
// ago: then the call of the trigger has failed, and it reports false.
func (w *world) create(u registry.User, began time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now.Sub(began) >= creationWithin {
		return false
	}
	w.history.record(input{kind: creating, claim: claim{user: u}}, func() output {
		w.live[u] = true
		return output{answer: done}
	})
	return true
}

func (w *world) delete(u registry.User) {
	w.history.record(input{kind: deleting, claim: claim{user: u}}, func() output {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.live, u)
		return output{answer: done}
	})
}

// Exists looks an owner up for the client whose call ctx is, and now and then
// gives no answer.
func (w *world) Exists(ctx context.Context, o registry.Owner) (bool, error) {
	client := ctx.Value(clientKey{}).(*client)
	if client.choose(25) == 0 {
		client.asked = append(client.asked, look{o.User, unknown})
		return false, errors.New("too many requests")
	}
	out := w.history.record(input{kind: finding, claim: claim{user: o.User}}, func() output {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.live[o.User] {
			return output{answer: exists}
		}
		return output{answer: absent}
	})
	client.asked = append(client.asked, look{o.User, out.answer})
	return out.answer == exists, nil
}

var _ registry.Owners = (*world)(nil)

// history is what happened, in an order of its own: the time of the world may
// stand still while much happens.
type history struct {
	moments    atomic.Int64
	mu         sync.Mutex
	operations []porcupine.Operation
}

// record does something and takes down when it was called for and when it came
// back.
func (h *history) record(in input, do func() output) output {
	called := h.moments.Add(1)
	out := do()
	returned := h.moments.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.operations = append(h.operations, porcupine.Operation{Input: in, Call: called, Output: out, Return: returned})
	return out
}

// count adds up the answers in seen, and gives how many operations were calls of
// the registry or of the table.
func (h *history) count(seen map[answer]int) (calls int) {
	for _, o := range h.operations {
		seen[o.Output.(output).answer]++
		switch o.Input.(input).kind {
		case creating, deleting, finding:
		default:
			calls++
		}
	}
	return calls
}

// String lists the operations in the order in which they came back, each with
// its first and last moment.
func (h *history) String() string {
	var b strings.Builder
	for _, o := range h.operations {
		in, out := o.Input.(input), o.Output.(output)
		fmt.Fprintf(&b, "%5d-%-5d %s %+v: %s %+v %+v\n", o.Call, o.Return, in.kind, in.claim, out.answer, out.asked, out.found)
	}
	return b.String()
}
