package model

// runMoves emits what may become of the request for whose answer a run waits.
func (w *world) runMoves(s *state, i, slot int, emit emit) bool {
	r := s.calls[i].runs[slot]
	m := move{call: uint8(i), slot: uint8(slot)}
	q := w.requests[w.nodes[r.node].request]
	fault := func(kind moveKind, change func(*state) *breach) bool {
		if s.faults == 0 {
			return true
		}
		n := *s
		n.faults--
		m.kind = kind
		b := change(&n)
		return emit(m, &n, b)
	}
	if !w.answered(s, i, slot, q, emit) {
		return false
	}
	if !fault(requestLost, func(n *state) *breach { return w.goOn(n, i, slot, noAnswer) }) {
		return false
	}
	current := s.waitsFor(i, slot)
	crash := func(n *state) { n.calls[i].runs[slot], n.calls[i].phase = run{}, lapsed }
	if current && !r.again && !fault(runCrashes, func(n *state) *breach { crash(n); return nil }) {
		return false
	}
	if q.kind != update && q.kind != remove || !w.effect(s.items[q.cpf], w.nodes[r.node].request).lets {
		return true
	}
	if !fault(replyLost, func(n *state) *breach {
		b := w.carryOut(n, r.node, r.saw)
		if !r.again {
			n.calls[i].runs[slot].again = true
			return b
		}
		return firstOf(b, w.goOn(n, i, slot, noAnswer))
	}) {
		return false
	}
	if current && !fault(crashAfter, func(n *state) *breach {
		b := w.carryOut(n, r.node, r.saw)
		crash(n)
		return b
	}) {
		return false
	}
	if r.again || s.late.node != 0 || w.Late == 0 {
		return true
	}
	return fault(writeDelayed, func(n *state) *breach {
		n.late = lateWrite{node: r.node, saw: r.saw}
		n.calls[i].runs[slot].again = true
		return nil
	})
}

// answered emits the moves in which the request is carried out and answered.
func (w *world) answered(s *state, i, slot int, q *request, emit emit) bool {
	r := s.calls[i].runs[slot]
	m := move{kind: runGoesOn, call: uint8(i), slot: uint8(slot)}
	switch q.kind {
	case find:
		for k, a := range w.answersOf(s, q) {
			n := *s
			here := s.items[w.actors[i].CPF]
			if here != 0 && w.ownerless(s, here) {
				n.calls[i].runs[slot].saw = w.claims[here].version
			}
			m.arg = uint8(k)
			if !emit(m, &n, w.goOn(&n, i, slot, a)) {
				return false
			}
		}
		return true
	case get:
		n := *s
		return emit(m, &n, w.goOn(&n, i, slot, found|answer(s.items[q.cpf])))
	}
	n := *s
	before := s.items[q.cpf]
	a := held | answer(before)
	if w.effect(before, w.nodes[r.node].request).lets {
		a = done | answer(before)
	}
	b := w.carryOut(&n, r.node, r.saw)
	return emit(m, &n, firstOf(b, w.goOn(&n, i, slot, a)))
}

// waitsFor reports whether Cognito waits for the answer of a run.
func (s *state) waitsFor(i, slot int) bool {
	c := &s.calls[i]
	return c.phase == trying && slot == int(c.tries)-1
}

// carryOut does what a node's write does to the item, if its condition holds.
func (w *world) carryOut(n *state, id nodeID, saw itemID) *breach {
	q := w.requests[w.nodes[id].request]
	before := n.items[q.cpf]
	after := w.effect(before, w.nodes[id].request).after
	if after == before {
		return nil
	}
	n.items[q.cpf] = after
	return w.checkWrite(n, w.nodes[id], saw, before, after)
}

// goOn gives a run its answer: then it waits for the next, or has come to its end.
func (w *world) goOn(n *state, i, slot int, a answer) *breach {
	c := &n.calls[i]
	r := &c.runs[slot]
	current := n.waitsFor(i, slot)
	r.again = false
	r.node = w.advance(r.node, a)
	end := w.nodes[r.node]
	if end.request != 0 {
		return nil
	}
	began := r.began
	*r = run{}
	if current {
		switch {
		case !end.allowed:
			w.end(n, i)
		case !w.actors[i].creates():
			c.phase, c.tries = over, 0
		default:
			c.phase, c.tries, c.began = allowed, 0, began
		}
	}
	if end.program == invocation && end.allowed {
		return w.checkAllow(n, end)
	}
	return nil
}
