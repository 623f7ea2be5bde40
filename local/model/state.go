package model

// Bounds of a state's size.
const (
	maxCalls = 5
	maxTries = 3
	bindSlot = maxTries // the run that follows upon a creation
	slots    = maxTries + 1
)

// state is everything that what happens next depends on.
type state struct {
	now                      uint8
	faults, deletes, changes uint8 // how many there may still be
	items                    [len(cpfs)]itemID
	late                     lateWrite
	calls                    [maxCalls]callState
}

// phase is how far a call has come.
type phase uint8

const (
	idle    phase = iota // not made yet
	trying               // Cognito waits for the answer of the last try
	lapsed               // it no longer does, and has not begun another
	allowed              // a try let the user be created
	checked              // and Cognito found no duplicate
	over
)

type userState uint8

const (
	noUser userState = iota
	alive
	movedAway // alive, with another e-mail
)

type callState struct {
	phase phase
	tries uint8
	began uint8 // when the try that allowed began, until the user is created
	user  userState
	runs  [slots]run
}

// run is an invocation under way. It may outlive its call: Cognito's giving up
// does not stop it.
type run struct {
	node  nodeID // 0: none
	saw   itemID // the version of the claim that stood when this run was rightly told that its owner does not exist
	began uint8  // by the true clock; only while Cognito waits for it
	again bool   // its request may have been sent before, without a reply: this is the SDK's second try
}

// lateWrite is a write under way whose sender no longer waits for the reply.
type lateWrite struct {
	node nodeID // 0: none
	saw  itemID
}

// encode appends s to b, equal states equally.
func (s *state) encode(b []byte) []byte {
	b = append(b, s.now, s.faults, s.deletes<<4|s.changes, byte(s.items[0]), byte(s.items[0]>>8), byte(s.items[1]), byte(s.items[1]>>8))
	b = appendRun(b, s.late.node, s.late.saw)
	for i := range s.calls {
		c := &s.calls[i]
		set := byte(0)
		for slot := range c.runs {
			if c.runs[slot].node != 0 {
				set |= 1 << slot
			}
		}
		b = append(b, byte(c.phase)|c.tries<<3|byte(c.user)<<5, c.began|set<<4)
		for slot := range c.runs {
			if r := &c.runs[slot]; r.node != 0 {
				b = appendRun(b, r.node, r.saw)
				flags := r.began
				if r.again {
					flags |= 1 << 7
				}
				b = append(b, flags)
			}
		}
	}
	return b
}

func appendRun(b []byte, n nodeID, saw itemID) []byte {
	return append(b, byte(n), byte(n>>8), byte(n>>16), byte(saw), byte(saw>>8))
}

// decode is the inverse of encode.
func (s *state) decode(b []byte) {
	*s = state{now: b[0], faults: b[1], deletes: b[2] >> 4, changes: b[2] & 0xf}
	s.items[0] = itemID(b[3]) | itemID(b[4])<<8
	s.items[1] = itemID(b[5]) | itemID(b[6])<<8
	b = b[7:]
	s.late.node, s.late.saw, b = cutRun(b)
	for i := range s.calls {
		c := &s.calls[i]
		c.phase, c.tries, c.user = phase(b[0]&7), b[0]>>3&3, userState(b[0]>>5)
		c.began = b[1] & 0xf
		set := b[1] >> 4
		b = b[2:]
		for slot := range c.runs {
			if set&(1<<slot) == 0 {
				continue
			}
			r := &c.runs[slot]
			r.node, r.saw, b = cutRun(b)
			r.began, r.again = b[0]&0x7f, b[0]>>7 == 1
			b = b[1:]
		}
	}
}

func cutRun(b []byte) (nodeID, itemID, []byte) {
	return nodeID(b[0]) | nodeID(b[1])<<8 | nodeID(b[2])<<16, itemID(b[3]) | itemID(b[4])<<8, b[5:]
}

// exists reports whether call i's user is alive.
func (s *state) exists(i int) bool { return s.calls[i].user != noUser }

// quiet reports whether nothing is under way.
func (s *state) quiet() bool {
	if s.late.node != 0 {
		return false
	}
	for i := range s.calls {
		c := &s.calls[i]
		if c.phase != idle && c.phase != over {
			return false
		}
		for slot := range c.runs {
			if c.runs[slot].node != 0 {
				return false
			}
		}
	}
	return true
}
