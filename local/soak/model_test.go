package soak_test

import (
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/pontte/portaria/pkg/registry"
)

// This file says what the registry promises for one CPF, as one thing after the
// other. It is written from the design's table, and knows nothing of how the
// registry keeps the promise.

const lease = 30 * time.Second

// maxLooks is how often in all a claim is looked at before an attempt that loses
// every race for it gives up.
const maxLooks = 4

// state is what stands.
type state struct {
	claim claim         // the zero value when nobody has claimed the CPF
	live  registry.User // the one user with the CPF; the zero value when there is none
}

// claim is what a claim is judged by, and what must be left alone by others.
type claim struct {
	user  registry.User
	email string
	visit string // stands for the whole content
	at    int64  // claimedAt, epoch milliseconds
	sub   string
}

// kind names an operation.
type kind string

const (
	claiming kind = "claim"
	checking kind = "check"
	renewing kind = "renew"
	binding  kind = "bind"
	reading  kind = "read"
	creating kind = "create user"
	deleting kind = "delete user"
	finding  kind = "look user up"
)

// input is an operation: claim is the attempt that claims or checks, or the user,
// time and sub of the others.
type input struct {
	kind  kind
	claim claim
}

// output is what came back.
type output struct {
	answer answer
	asked  []look // the look-ups that a claim or a check made
	found  claim  // what was read
}

// answer is an outcome or a refusal; done and the rest are those of the other
// operations.
type answer string

const (
	allowedNew      = answer(registry.Claimed)
	allowedReplay   = answer(registry.Replayed)
	allowedTakeover = answer(registry.TakenOver)
	taken           = answer("taken")
	inProgress      = answer("in progress")
	notTaken        = answer("not taken")
	done            = answer("done")
	notOwner        = answer("not the owner")
	exists          = answer("exists")
	absent          = answer("does not exist")
	unknown         = answer("no answer")
)

// look is one look-up of a claim's owner.
type look struct {
	owner  registry.User
	answer answer // exists, absent or unknown
}

// step tells whether out may be the answer to in where s stands, and what stands
// then.
func (s state) step(in input, out output) (bool, state) {
	c := in.claim
	switch in.kind {
	case claiming:
		return s.stepClaim(c, out)
	case checking:
		want, _ := s.judge(c, "", out.asked)
		return want != "" && (want == taken && out.answer == taken || want != taken && out.answer == notTaken), s
	case renewing:
		if s.claim.user != c.user {
			return out.answer == notOwner, s
		}
		s.claim.at = max(s.claim.at, c.at)
		return out.answer == done, s
	case binding:
		if s.claim.user != c.user {
			return out.answer == notOwner, s
		}
		s.claim.sub = c.sub
		return out.answer == done, s
	case reading:
		return out.found == s.claim, s
	case creating:
		// Two users with one CPF must never be: no answer to this is right.
		if s.live != (registry.User{}) && s.live != c.user {
			return false, s
		}
		s.live = c.user
		return out.answer == done, s
	case deleting:
		if s.live == c.user {
			s.live = registry.User{}
		}
		return out.answer == done, s
	case finding:
		return (s.live == c.user) == (out.answer == exists), s
	}
	return false, s
}

// stepClaim is the table: whose the claim is and how old, whether its owner
// exists, and what the attempt a gets.
func (s state) stepClaim(a claim, out output) (bool, state) {
	want, next := s.judge(a, a.visit, out.asked)
	switch {
	case want == allowedTakeover && out.answer == taken:
		return len(out.asked) == maxLooks, s // lost every race
	case want == allowedTakeover && s.live == s.claim.user:
		return false, s // whatever the look-up said: nobody takes over from the living
	}
	return out.answer == want, next
}

// judge gives the answer to an attempt a with the content visit, "" when its
// content is not known, and what stands afterwards. The last of its looks must
// be one at the owner who is in its way. No answer means that the looks are not
// those that such an attempt makes here.
func (s state) judge(a claim, visit string, asked []look) (answer, state) {
	last := len(asked) - 1
	for i, l := range asked {
		if i == maxLooks || i != last && l.answer != absent { // only the absent are looked at again
			return "", s
		}
	}
	c, mine := s.claim, state{claim: a, live: s.live}
	mine.claim.email = strings.ToLower(a.email)
	inLease := a.at-c.at < lease.Milliseconds()
	samePerson := c.user.PoolID == a.user.PoolID && sameEmail(c.email, a.email)
	switch {
	case c == claim{}:
		return allowedNew, mine
	case c.user == a.user && c.visit == visit:
		s.claim.at = max(c.at, a.at)
		return allowedReplay, s
	case inLease && c.user == a.user:
		return inProgress, s
	case inLease && !samePerson:
		return taken, s
	case last < 0 || asked[last].owner != c.user:
		return "", s
	case asked[last].answer != absent:
		return taken, s
	case inLease:
		return inProgress, s
	}
	return allowedTakeover, mine
}

func sameEmail(a, b string) bool { return a != "" && strings.EqualFold(a, b) }

// model is the promise in porcupine's form.
var model = porcupine.Model{
	Init: func() any { return state{} },
	Step: func(s, in, out any) (bool, any) { return s.(state).step(in.(input), out.(output)) },
}
