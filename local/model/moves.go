package model

// moveKind is what happens from one state to the next.
type moveKind uint8

const (
	callMade moveKind = iota
	tryBegins
	cognitoGivesUp
	duplicateCheck
	creation
	userDeleted
	emailChanged
	clockTicks
	lateLands
	runGoesOn // its request is answered
	replyLost // it is carried out, and the SDK does not hear of it
	requestLost
	writeDelayed // it will be carried out later, or never
	runCrashes   // before its request
	crashAfter   // its request
)

// move is one step of a schedule.
type move struct {
	kind moveKind
	call uint8
	slot uint8
	arg  uint8 // the skew of tryBegins, which answer of runGoesOn
}

// emit takes a move, the state after it, and the invariant that it breaks, if
// any. It reports whether more moves are wanted.
type emit func(move, *state, *breach) bool

// moves emits every move of s.
func (w *world) moves(s *state, emit emit) bool {
	for i := range w.Calls {
		if !w.callMoves(s, i, emit) {
			return false
		}
		for slot := range s.calls[i].runs {
			if s.calls[i].runs[slot].node != 0 && !w.runMoves(s, i, slot, emit) {
				return false
			}
		}
	}
	if s.late.node != 0 {
		n := *s
		n.late = lateWrite{}
		b := w.carryOut(&n, s.late.node, s.late.saw)
		if !emit(move{kind: lateLands}, &n, b) {
			return false
		}
	}
	if int(s.now) < w.Ticks {
		n := *s
		w.tick(&n)
		return emit(move{kind: clockTicks}, &n, nil)
	}
	return true
}

// callMoves emits what Cognito and the users' own doings do to call i.
func (w *world) callMoves(s *state, i int, emit emit) bool {
	a, c := w.actors[i], &s.calls[i]
	m := move{call: uint8(i)}
	with := func(kind moveKind, change func(*state, *callState) *breach) bool {
		n := *s
		m.kind = kind
		b := change(&n, &n.calls[i])
		return emit(m, &n, b)
	}
	switch c.phase {
	case idle:
		if w.mayCall(s, i) && !w.beginTry(s, callMade, i, emit) {
			return false
		}
	case trying, lapsed:
		if int(c.tries) < a.Tries && !w.beginTry(s, tryBegins, i, emit) {
			return false
		}
	case allowed:
		if w.Order == TriggerFirst && a.creates() {
			if !with(duplicateCheck, func(n *state, c *callState) *breach {
				c.phase = checked
				if w.duplicate(n, a) {
					w.end(n, i)
				}
				return nil
			}) {
				return false
			}
			break
		}
		fallthrough
	case checked:
		if !with(creation, func(n *state, _ *callState) *breach { return w.create(n, i) }) {
			return false
		}
	}
	if c.phase != idle && c.phase != over {
		if !with(cognitoGivesUp, func(n *state, _ *callState) *breach { w.end(n, i); return nil }) {
			return false
		}
	}
	if c.user != noUser && s.deletes > 0 {
		if !with(userDeleted, func(n *state, c *callState) *breach { n.deletes--; c.user = noUser; return nil }) {
			return false
		}
	}
	if c.user == alive && s.changes > 0 {
		return with(emailChanged, func(n *state, c *callState) *breach { n.changes--; c.user = movedAway; return nil })
	}
	return true
}

// mayCall reports whether somebody may make call i, and Cognito begins a try.
func (w *world) mayCall(s *state, i int) bool {
	a := w.actors[i]
	switch {
	case a.Again && s.calls[i-1].phase == idle:
		return false
	case a.Kind == Resend:
		return s.exists(a.Of)
	}
	return w.Order == TriggerFirst || !w.duplicate(s, a)
}

// beginTry begins the next try, with every clock that its function may have.
func (w *world) beginTry(s *state, kind moveKind, i int, emit emit) bool {
	for skew := range w.Skew + 1 {
		n := *s
		c := &n.calls[i]
		if c.phase == trying {
			c.runs[c.tries-1].began = 0
		}
		c.runs[c.tries] = run{node: w.start(root{invocation, i, int(s.now) + skew}), began: s.now}
		c.tries++
		c.phase = trying
		if !emit(move{kind: kind, call: uint8(i), arg: uint8(skew)}, &n, nil) {
			return false
		}
	}
	return true
}

// create makes call i's user, unless it cannot be created.
func (w *world) create(n *state, i int) *breach {
	a, c := w.actors[i], &n.calls[i]
	if w.taken(n, a) {
		w.end(n, i)
		return nil
	}
	c.phase, c.tries, c.began, c.user = over, 0, 0, alive
	if w.Bind && a.hasCPF() {
		c.runs[bindSlot] = run{node: w.start(root{binding, i, 0})}
	}
	if !a.hasCPF() {
		return nil
	}
	return w.checkCreation(n, i)
}

// end is a call that has failed. What it started goes on.
func (w *world) end(n *state, i int) {
	c := &n.calls[i]
	if c.phase == trying {
		c.runs[c.tries-1].began = 0
	}
	c.phase, c.tries, c.began = over, 0, 0
	if w.Mutation != nil && w.Mutation.Release != nil {
		c.runs[bindSlot] = run{node: w.start(root{releasing, i, 0})}
	}
}

// tick moves the clock on. What was let in too long ago is not created any more.
func (w *world) tick(n *state) {
	n.now++
	tooOld := func(began uint8) bool { return int(n.now)-int(began) > w.Creation }
	for i := range w.Calls {
		c := &n.calls[i]
		switch c.phase {
		case trying:
			if r := &c.runs[c.tries-1]; tooOld(r.began) {
				r.began = 0
				c.phase = lapsed
			}
		case allowed, checked:
			if tooOld(c.began) {
				w.end(n, i)
			}
		}
	}
}
