package model

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

// program is what a run executes.
type program uint8

// The programs.
const (
	invocation program = iota // the trigger, by its handler
	binding                   // Table.Bind
	releasing                 // Mutation.Release
)

// nodeID names a node; 0 is none.
type nodeID uint32

// node is a piece of code that was started at a certain time and has had certain
// answers: it waits for another, or has come to its end. Code depends on nothing
// else, so it is executed once for each node, however many states it is part of.
type node struct {
	program program
	actor   int
	at      int // when it began by its own clock, in ticks

	parent nodeID
	last   answer // to the request of parent
	next   map[answer]nodeID

	request requestID // 0: it has ended
	allowed bool
	code    signup.Code // why not
}

// root is where a program begins.
type root struct {
	program program
	actor   int
	at      int
}

// start gives the node of a program that has had no answer yet.
func (w *world) start(r root) nodeID {
	id, ok := w.roots[r]
	if !ok {
		id = w.execute(node{program: r.program, actor: r.actor, at: r.at})
		w.roots[r] = id
	}
	return id
}

// advance gives the node that follows upon an answer.
func (w *world) advance(from nodeID, a answer) nodeID {
	n := w.nodes[from]
	id, ok := n.next[a]
	if !ok {
		id = w.execute(node{program: n.program, actor: n.actor, at: n.at, parent: from, last: a})
		if n.next == nil {
			n.next = make(map[answer]nodeID)
		}
		n.next[a] = id
	}
	return id
}

// execute runs the code of a node from its beginning, with the answers that it
// has had, up to the first request without one or up to its end. That the code
// sends the same requests each time is checked, not taken for granted.
func (w *world) execute(n node) nodeID {
	r := &replay{world: w}
	for id, last := n.parent, n.last; id != 0; id, last = w.nodes[id].parent, w.nodes[id].last {
		r.history = append(r.history, exchange{w.nodes[id].request, last})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.allowed, n.code = w.run(&n, r)
	}()
	<-done
	if r.failed != nil {
		panic(r.failed)
	}
	if n.request = r.pending; n.request == 0 && len(r.history) != 0 {
		panic(fmt.Errorf("the code left %d answers unread: it is not deterministic", len(r.history)))
	}
	w.nodes = append(w.nodes, &n)
	return nodeID(len(w.nodes) - 1)
}

// run is the real code. It does not return when a request has no answer yet.
func (w *world) run(n *node, client *replay) (allowed bool, code signup.Code) {
	ctx, a := context.Background(), w.actors[n.actor]
	now := func() time.Time { return at(n.at) }
	parts, handler := w.wire(client, now)
	switch n.program {
	case binding:
		return parts.Table.Bind(ctx, cpfs[a.CPF], a.final, a.sub) == nil, ""
	case releasing:
		attempt := registry.Attempt{CPF: cpfs[a.CPF], User: a.seen, Email: a.email}
		return w.Mutation.Release(ctx, parts, attempt) == nil, ""
	}
	answer, err := handler.Invoke(ctx, a.event)
	if refusal, ok := errors.AsType[*signup.Refusal](err); ok {
		if refusal.Code == signup.Internal && !client.unanswered {
			client.fail(errors.New("the handler answered internal and had every answer: it panicked, or the model's event is broken"))
		}
		return false, refusal.Code
	}
	if err != nil || !bytes.Equal(answer, a.event) {
		client.fail(fmt.Errorf("the handler answered %q, %v", answer, err))
	}
	return true, ""
}

// wire puts the trigger together as functions/pre-signup does, with the mutation
// around its parts.
func (w *world) wire(client *replay, now func() time.Time) (Parts, *signup.Handler) {
	m := w.Mutation
	if m == nil {
		m = &Mutation{}
	}
	var store registry.DynamoDB = client
	if m.Store != nil {
		store = m.Store(client)
	}
	lease := w.Lease
	if m.Lease != nil {
		lease = m.Lease(lease)
	}
	parts := Parts{Store: client, Users: userpool.New(client)}
	var owners registry.Owners = parts.Users
	if m.Owners != nil {
		owners = m.Owners(parts)
	}
	parts.Table = registry.New(intent{store}, TableName, time.Duration(lease)*tick, owners)
	var reg signup.Registry = parts.Table
	if m.Registry != nil {
		reg = m.Registry(parts)
	}
	return parts, signup.New(reg, parts.Users, zerolog.Nop(), now)
}

// replay plays DynamoDB and Cognito for one execution: it answers what was
// answered before and stops the code at the first request that was not.
type replay struct {
	*world
	history []exchange // the last one is the first to be asked
	pending requestID
	failed  error
	// unanswered is set when a request has had noAnswer.
	unanswered bool
}

type exchange struct {
	request requestID
	answer  answer
}

// ask gives the answer to a request, or stops the code.
func (r *replay) ask(id requestID) answer {
	last := len(r.history) - 1
	if last < 0 {
		r.pending = id
		runtime.Goexit()
	}
	if r.history[last].request != id {
		r.fail(fmt.Errorf("the code sent %q where it had sent %q: it is not deterministic",
			r.requests[id].text, r.requests[r.history[last].request].text))
	}
	a := r.history[last].answer
	r.history = r.history[:last]
	r.unanswered = r.unanswered || a == noAnswer
	return a
}

// fail stops the code and the exploration with it.
func (r *replay) fail(err error) {
	r.failed = err
	runtime.Goexit()
}
