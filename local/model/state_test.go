package model

import (
	"testing"

	"pgregory.net/rapid"
)

// TestStateComesBackFromItsBytes holds that no two states are taken for one.
func TestStateComesBackFromItsBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(most int) int { return rapid.IntRange(0, most).Draw(t, "field") }
		item := func() itemID { return itemID(draw(1<<16 - 1)) }
		s := state{
			now: uint8(draw(15)), faults: uint8(draw(Unlimited)), deletes: uint8(draw(15)), changes: uint8(draw(15)),
			items: [...]itemID{item(), item()}, late: lateWrite{nodeID(draw(1<<24 - 1)), item()},
		}
		for i := range s.calls {
			c := &s.calls[i]
			c.phase, c.tries, c.began, c.user = phase(draw(int(over))), uint8(draw(maxTries)), uint8(draw(15)), userState(draw(int(movedAway)))
			for slot := range c.runs {
				if rapid.Bool().Draw(t, "runs") {
					c.runs[slot] = run{nodeID(1 + draw(1<<24-2)), item(), uint8(draw(15)), rapid.Bool().Draw(t, "again")}
				}
			}
		}
		var back state
		back.decode(s.encode(nil))
		if back != s {
			t.Errorf("decode(encode(%+v)) = %+v", s, back)
		}
	})
}
