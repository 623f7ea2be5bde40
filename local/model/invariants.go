package model

import (
	"fmt"
)

// breach is an invariant that does not hold.
type breach struct {
	invariant byte
	text      string
}

func firstOf(a, b *breach) *breach {
	if a != nil {
		return a
	}
	return b
}

func broken(invariant byte, format string, args ...any) *breach {
	return &breach{invariant, fmt.Sprintf(format, args...)}
}

// Invariants are what must hold, by their letters.
var invariants = map[byte]string{
	'a': "at most one live user has a CPF",
	'b': "when nothing is under way and a lease has passed, a free CPF can be had and no other",
	'c': "a claim is changed by its owner, or by who waited for its lease and found no owner",
	'd': "claimedAt never goes down, and an allow leaves a claim as young as itself",
	'e': "every live user has a claim that names it",
}

// checkCreation holds (a) and (e) for the user that call i has just created.
func (w *world) checkCreation(n *state, i int) *breach {
	a := w.actors[i]
	for j := range w.Calls {
		if other := w.actors[j]; j != i && n.exists(j) && other.hasCPF() && other.CPF == a.CPF {
			return broken('a', "%s and %s have one CPF", other.title, a.title)
		}
	}
	return w.checkNamed(n, a.CPF)
}

// checkNamed holds (e) for every user with the CPF.
func (w *world) checkNamed(n *state, cpf int) *breach {
	c := w.claims[n.items[cpf]]
	for j := range w.Calls {
		if a := w.actors[j]; n.exists(j) && a.hasCPF() && a.CPF == cpf && !c.owners.has(j) {
			return broken('e', "no claim names %s's user, who is alive", a.title)
		}
	}
	if c.sub == "" {
		return nil
	}
	for j := range w.Calls {
		if c.owners.has(j) && w.actors[j].sub == c.sub {
			return nil
		}
	}
	return broken('e', "the claim of %s has the sub of another user", w.ownerOf(c))
}

// checkWrite holds (c), (d) and (e) for a write that changed an item.
func (w *world) checkWrite(n *state, writer *node, saw, before, after itemID) *breach {
	a, was, is := w.actors[writer.actor], w.claims[before], w.claims[after]
	if b := w.checkRewrite(writer, saw, before, after); b != nil {
		return b
	}
	if before != 0 && after != 0 && is.at < was.at {
		return broken('d', "%s takes claimedAt back from tick %d to tick %d", a.title, was.at, is.at)
	}
	return w.checkNamed(n, a.CPF)
}

func (w *world) checkRewrite(writer *node, saw, before, after itemID) *breach {
	a, was, is := w.actors[writer.actor], w.claims[before], w.claims[after]
	writes := a.seen
	if writer.program == binding {
		writes = a.final
	}
	same := was.owner == writes && (writer.program != invocation || a.Kind != Create || was.content == a.content)
	switch {
	case before == 0, same && (after == 0 || is.rest == was.rest):
		return nil
	case same:
		return broken('c', "%s changes more of its own claim than claimedAt and sub", a.title)
	case after == 0 || is.owner != writes:
		return broken('c', "%s changes the claim of %s without claiming the CPF", a.title, w.ownerOf(was))
	case writer.at-was.at < w.Lease:
		return broken('c', "%s writes over the claim of %s inside its lease", a.title, w.ownerOf(was))
	case saw != was.version:
		return broken('c', "%s writes over the claim of %s, who was not found to be gone when the claim stood like that", a.title, w.ownerOf(was))
	}
	return nil
}

// checkAllow holds (d) for an invocation that has just allowed its user.
func (w *world) checkAllow(n *state, end *node) *breach {
	a := w.actors[end.actor]
	if !a.hasCPF() {
		return nil
	}
	c := w.claims[n.items[a.CPF]]
	switch {
	case c.owner != a.seen || a.Kind == Create && c.content != a.content:
		return broken('d', "%s is allowed and the claim is not its own", a.title)
	case c.at < end.at:
		return broken('d', "%s is allowed at tick %d and the claim is of tick %d", a.title, end.at, c.at)
	}
	return nil
}

func (w *world) ownerOf(c *claim) string {
	for i, a := range w.actors[:len(w.Calls)] {
		if c.owners.has(i) {
			return a.title
		}
	}
	return "nobody"
}

// probe is who asks whether they would get in, and what decides about it.
type probe struct {
	actor int
	now   uint8
	item  itemID
	users [maxCalls]userState
}

// checkQuiet holds (b): in a state in which nothing is under way it lets a
// stranger, and everybody who signs up in s once more, try it after a lease.
func (w *world) checkQuiet(s *state) *breach {
	for i := len(w.Calls); i < len(w.actors); i++ {
		p := probe{actor: i, now: s.now, item: s.items[w.actors[i].CPF]}
		for j := range w.Calls {
			p.users[j] = s.calls[j].user
		}
		if w.probed[p] {
			continue
		}
		w.probed[p] = true
		if b := w.ask(s, i); b != nil {
			return b
		}
	}
	return nil
}

func (w *world) ask(s *state, i int) *breach {
	a := w.actors[i]
	id := w.start(root{invocation, i, int(s.now) + w.Skew + w.Lease})
	item := s.items[a.CPF]
	for w.nodes[id].request != 0 {
		q := w.requests[w.nodes[id].request]
		reply := found | answer(item)
		switch q.kind {
		case find:
			reply = w.answersOf(s, q)[0]
		case update, remove:
			reply = held | answer(item)
			if e := w.effect(item, w.nodes[id].request); e.lets {
				reply = done | answer(item)
				item = e.after
			}
		}
		id = w.advance(id, reply)
	}
	end := w.nodes[id]
	for j := range w.Calls {
		other := w.actors[j]
		if !s.exists(j) || !other.hasCPF() || other.CPF != a.CPF {
			continue
		}
		if end.allowed && !w.taken(s, a) {
			return broken('b', "%s would get in beside %s, who has the CPF", a.title, other.title)
		}
		return nil
	}
	if !end.allowed {
		return broken('b', "nobody has the CPF, and %s is refused: %s", a.title, end.code)
	}
	return nil
}
