package model

import (
	"fmt"
	"slices"
	"strings"
)

// schedule tells the way to the state at a place, and the move from there.
func (e *explorer) schedule(at uint32, last move) []string {
	moves := []move{last}
	for ; at != 0; at = e.parents[at] {
		moves = append(moves, e.by[at])
	}
	slices.Reverse(moves)
	s := e.state(0)
	var lines []string
	for _, want := range moves {
		e.moves(&s, func(m move, n *state, _ *breach) bool {
			if m != want {
				return true
			}
			if e.Faults == Unlimited {
				n.faults = Unlimited
			}
			lines = append(lines, e.line(&s, n, m))
			s = *n
			return false
		})
	}
	return lines
}

// line tells a move in words.
func (w *world) line(s, n *state, m move) string {
	a, c, after := w.actors[m.call], &s.calls[m.call], &n.calls[m.call]
	clock := ""
	if m.arg > 0 {
		clock = fmt.Sprintf(" (its clock is %d ahead)", m.arg)
	}
	switch m.kind {
	case callMade:
		return fmt.Sprintf("%s: %s; try 1 begins at tick %d%s", a.title, callNames[a.Kind], s.now, clock)
	case tryBegins:
		return fmt.Sprintf("%s: Cognito waits no longer; try %d begins at tick %d%s", a.title, after.tries, s.now, clock)
	case cognitoGivesUp:
		return fmt.Sprintf("%s: Cognito gives the call up; no user", a.title)
	case duplicateCheck:
		if after.phase == over {
			return fmt.Sprintf("%s: Cognito finds a user of that name or e-mail; no user", a.title)
		}
		return fmt.Sprintf("%s: Cognito finds no user of that name or e-mail", a.title)
	case creation:
		if after.user == noUser {
			return fmt.Sprintf("%s: the user name is taken; no user", a.title)
		}
		return fmt.Sprintf("%s: Cognito creates the user %s", a.title, a.final.Name)
	case userDeleted:
		return fmt.Sprintf("%s: the user is deleted", a.title)
	case emailChanged:
		return fmt.Sprintf("%s: the user's e-mail is changed", a.title)
	case clockTicks:
		return w.tickLine(s, n)
	case lateLands:
		late := w.nodes[s.late.node]
		text := fmt.Sprintf("%s: the delayed request arrives: %s", w.actors[late.actor].title, w.verb(s.late.node))
		if s.items == n.items {
			return text + ", and is refused"
		}
		return text
	}
	return w.runLine(s, m, a.title, c, after)
}

var callNames = map[Kind]string{
	Create: "AdminCreateUser", Bare: "AdminCreateUser without validation data", BareNoID: "AdminCreateUser without validation data and CPF",
	Resend: "RESEND", Wrong: "AdminCreateUser without trackCode",
}

func (w *world) tickLine(s, n *state) string {
	text := fmt.Sprintf("the clock goes to tick %d", n.now)
	for i := range w.Calls {
		if was, is := s.calls[i].phase, n.calls[i].phase; was != is && is == over {
			text += fmt.Sprintf("; too late for %s's user to be created", w.actors[i].title)
		} else if was != is {
			text += fmt.Sprintf("; Cognito waits no longer for %s", w.actors[i].title)
		}
	}
	return text
}

// runLine tells what becomes of a run's request.
func (w *world) runLine(s *state, m move, title string, c, after *callState) string {
	r := c.runs[m.slot]
	who := fmt.Sprintf("%s, try %d", title, m.slot+1)
	if m.slot == bindSlot {
		who = title + "'s API"
	} else if !s.waitsFor(int(m.call), int(m.slot)) {
		who += " (given up)"
	}
	verb := w.verb(r.node)
	if r.again {
		verb = "the SDK sends it again: " + verb
	}
	text := who + ": " + verb
	switch m.kind {
	case replyLost:
		return text + " (lost reply)"
	case requestLost:
		text += " (no answer)"
	case writeDelayed:
		return text + " (delayed: no reply in time)"
	case runCrashes:
		return fmt.Sprintf("%s: crashes before it %s", who, verb)
	case crashAfter:
		return text + ", and crashes before it answers"
	case runGoesOn:
		text += w.outcome(s, r.node, m)
	}
	if after.runs[m.slot].node != 0 {
		return text
	}
	if m.slot == bindSlot {
		return text
	}
	return text + w.verdict(s, m)
}

// verb is what a node's request does.
func (w *world) verb(id nodeID) string {
	q := w.requests[w.nodes[id].request]
	switch {
	case q.label != "":
		return q.label
	case q.kind == remove:
		return "releases the claim"
	}
	return "writes the claim" // by code of a mutation
}

// outcome tells the answer that a request gets.
func (w *world) outcome(s *state, id nodeID, m move) string {
	q := w.requests[w.nodes[id].request]
	switch q.kind {
	case find:
		switch a := w.answersOf(s, q)[m.arg]; {
		case a == nobody:
			return ": not there"
		case int(a&valueMask) == w.actors[m.call].CPF+1:
			return ": there, with this CPF"
		default:
			return ": there, without this CPF"
		}
	case get:
		return w.whose(s.items[q.cpf])
	}
	if !w.effect(s.items[q.cpf], w.nodes[id].request).lets {
		if q.label == "writes the claim" {
			return ", and is refused" + w.whose(s.items[q.cpf])
		}
		return ", and is refused"
	}
	return ""
}

func (w *world) whose(id itemID) string {
	if id == 0 {
		return ": there is none"
	}
	c := w.claims[id]
	return fmt.Sprintf(": it is %s's, of tick %d", strings.TrimSuffix(w.ownerOf(c), ","), c.at)
}

// verdict tells how an invocation ended with the move.
func (w *world) verdict(s *state, m move) string {
	a := w.nodes[s.calls[m.call].runs[m.slot].node]
	reply := noAnswer
	if m.kind == runGoesOn {
		reply = w.replyTo(s, a, m)
	}
	end := w.nodes[w.advance(s.calls[m.call].runs[m.slot].node, reply)]
	if end.allowed {
		return "; allowed"
	}
	return fmt.Sprintf("; refused: %s", end.code)
}

// replyTo is the answer that runGoesOn gives.
func (w *world) replyTo(s *state, n *node, m move) answer {
	q := w.requests[n.request]
	switch q.kind {
	case find:
		return w.answersOf(s, q)[m.arg]
	case get:
		return found | answer(s.items[q.cpf])
	}
	if w.effect(s.items[q.cpf], n.request).lets {
		return done | answer(s.items[q.cpf])
	}
	return held | answer(s.items[q.cpf])
}
