package model

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
)

// Report is what an exploration found.
type Report struct {
	States      int // distinct
	Transitions int
	Depth       int // of the longest of the shortest schedules
	Quiet       int // questions asked in states in which nothing was under way
	Executions  int // of the real code
	Violation   *Violation
}

// Violation is an invariant broken, and the shortest schedule that breaks it.
type Violation struct {
	Invariant byte // its letter
	Text      string
	Schedule  []string // a line for each step
}

// String is the schedule with its lines numbered, and what is wrong after it.
func (v *Violation) String() string {
	var b strings.Builder
	for i, line := range v.Schedule {
		fmt.Fprintf(&b, "%3d. %s\n", i+1, line)
	}
	fmt.Fprintf(&b, "  => %s\n     broken: (%c) %s\n", v.Text, v.Invariant, invariants[v.Invariant])
	return b.String()
}

// world is a scenario being explored.
type world struct {
	Scenario
	actors     []*actor // the calls, then those who only ask
	claims     []*claim // by itemID
	itemIDs    map[string]itemID
	requests   []*request // by requestID
	requestIDs map[string]requestID
	effects    map[uint64]effect
	nodes      []*node // by nodeID
	roots      map[root]nodeID
	probed     map[probe]bool
}

func newWorld(s Scenario) *world {
	w := &world{
		Scenario: s, claims: []*claim{{}}, itemIDs: map[string]itemID{}, requests: []*request{nil}, requestIDs: map[string]requestID{},
		effects: map[uint64]effect{}, nodes: []*node{nil}, roots: map[root]nodeID{}, probed: map[probe]bool{},
	}
	for i, c := range s.Calls {
		w.actors = append(w.actors, w.newActor(c, fmt.Sprint(i)))
	}
	w.nameCalls()
	for i, c := range s.Calls {
		if c.Kind == Create {
			again := w.newActor(c, fmt.Sprint("again-", i))
			again.title = w.actors[i].title + ", once more,"
			w.actors = append(w.actors, again)
		}
	}
	for i := range cpfs {
		stranger := w.newActor(Call{Person: "somebody", CPF: i, Content: 9}, fmt.Sprint("stranger-", i))
		w.actors = append(w.actors, stranger)
	}
	for _, a := range w.actors {
		a.relate(w.actors[:len(s.Calls)])
	}
	w.learnContents()
	return w
}

// nameCalls tells the calls of one person apart.
func (w *world) nameCalls() {
	count := make(map[string]int)
	for _, a := range w.actors {
		if count[a.Person]++; count[a.Person] > 1 {
			a.title = fmt.Sprintf("%s (call %d)", a.Person, count[a.Person])
		}
	}
}

// learnContents finds out the hash by which the registry knows each content: it
// is what the unchanged code sends first.
func (w *world) learnContents() {
	mutation := w.Mutation
	w.Mutation = nil
	for i, a := range w.actors {
		if a.Kind == Create {
			first := w.start(root{invocation, i, 0})
			q := w.requests[w.nodes[first].request]
			a.content = w.readClaim(q.write.Apply(nil, q.key)).content
		}
	}
	w.Mutation = mutation
	clear(w.roots)
}

// Explore tries everything that may happen within the bounds of s, in the order
// of the number of steps, until it has all or one invariant is broken. The error
// tells why it could not: the code sends something that the model does not
// understand, or different things for equal answers.
func Explore(s Scenario) (report Report, err error) {
	defer func() {
		if failed, ok := recover().(error); ok {
			err = fmt.Errorf("explore %s: %w", s.Name, failed)
		}
	}()
	if len(s.Calls) > maxCalls || s.Tries < 1 || s.Tries > maxTries || s.Ticks+s.Skew > 15 || s.Late > 1 ||
		s.Faults > Unlimited || s.Deletes > 15 || s.Changes > 15 {
		return Report{}, errors.New("the scenario has more than a state can hold")
	}
	w := newWorld(s)
	e := &explorer{world: w, seed: maphash.MakeSeed(), table: make([]uint32, 1<<16)}
	e.run()
	e.report.States = len(e.parents)
	e.report.Executions = len(w.nodes) - 1
	e.report.Quiet = len(w.probed)
	return e.report, nil
}

// explorer holds every state that was reached, in the order in which it was.
type explorer struct {
	*world
	report Report

	bytes   []byte // the encoded states
	starts  []uint64
	parents []uint32
	by      []move
	depths  []uint8
	seed    maphash.Seed
	table   []uint32 // by hash: the place of a state, counted from 1
	buffer  []byte
}

func (e *explorer) run() {
	first := state{faults: uint8(e.Faults), deletes: uint8(e.Deletes), changes: uint8(e.Changes)}
	e.add(&first, 0, move{})
	for at := uint32(0); int(at) < len(e.parents); at++ {
		s := e.state(at)
		e.report.Depth = max(e.report.Depth, int(e.depths[at]))
		if e.Limit > 0 && len(e.parents) > e.Limit {
			panic(fmt.Errorf("there are more than %d states", e.Limit))
		}
		going := e.moves(&s, func(m move, n *state, b *breach) bool {
			e.report.Transitions++
			if e.Faults == Unlimited {
				n.faults = Unlimited
			}
			if b == nil && e.add(n, at, m) && n.quiet() {
				b = e.checkQuiet(n)
			}
			if b == nil || e.Watch != "" && !strings.ContainsRune(e.Watch, rune(b.invariant)) {
				if b != nil {
					e.add(n, at, m)
				}
				return true
			}
			e.report.Violation = &Violation{Invariant: b.invariant, Text: b.text, Schedule: e.schedule(at, m)}
			return false
		})
		if !going {
			return
		}
	}
}

// state gives the state at a place.
func (e *explorer) state(at uint32) state {
	var s state
	s.decode(e.encoded(at))
	return s
}

func (e *explorer) encoded(at uint32) []byte {
	if int(at)+1 < len(e.starts) {
		return e.bytes[e.starts[at]:e.starts[at+1]]
	}
	return e.bytes[e.starts[at]:]
}

// add takes a state in, and reports whether it is new.
func (e *explorer) add(s *state, parent uint32, by move) bool {
	e.buffer = s.encode(e.buffer[:0])
	mask := uint64(len(e.table) - 1)
	i := maphash.Bytes(e.seed, e.buffer) & mask
	for ; e.table[i] != 0; i = (i + 1) & mask {
		if bytes.Equal(e.encoded(e.table[i]-1), e.buffer) {
			return false
		}
	}
	depth := uint8(0)
	if len(e.parents) > 0 {
		depth = e.depths[parent] + 1
	}
	e.starts = append(e.starts, uint64(len(e.bytes)))
	e.bytes = append(e.bytes, e.buffer...)
	e.parents = append(e.parents, parent)
	e.by = append(e.by, by)
	e.depths = append(e.depths, depth)
	e.table[i] = uint32(len(e.parents))
	if len(e.parents)*2 > len(e.table) {
		e.grow()
	}
	return true
}

// grow doubles the table.
func (e *explorer) grow() {
	e.table = make([]uint32, 2*len(e.table))
	mask := uint64(len(e.table) - 1)
	for at := range e.parents {
		i := maphash.Bytes(e.seed, e.encoded(uint32(at))) & mask
		for e.table[i] != 0 {
			i = (i + 1) & mask
		}
		e.table[i] = uint32(at) + 1
	}
}
