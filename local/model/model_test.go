package model_test

import (
	"sync"
	"testing"
	"time"

	"github.com/pontte/portaria/local/model"
)

// TestNothingBreaksTheProtocol explores every scenario. With PORTARIA_MODEL=full
// they have more than a million states together.
func TestNothingBreaksTheProtocol(t *testing.T) {
	b := chosenBounds()
	t.Logf("bounds: %s (PORTARIA_MODEL=full explores all of it)", b)
	var mu sync.Mutex
	states, transitions := 0, 0
	t.Run("scenarios", func(t *testing.T) {
		for _, s := range scenarios(b) {
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				begun := time.Now()
				r, err := model.Explore(b.within(s))
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%s: %d states, %d transitions, %d steps deep, %d sign-ups when quiet, %d runs of the code, %.1f s",
					s.Name, r.States, r.Transitions, r.Depth, r.Quiet, r.Executions, time.Since(begun).Seconds())
				if r.Violation != nil {
					t.Errorf("invariant (%c) is broken:\n%s", r.Violation.Invariant, r.Violation)
				}
				mu.Lock()
				defer mu.Unlock()
				states += r.States
				transitions += r.Transitions
			})
		}
	})
	t.Logf("%d states and %d transitions together, bounds: %s", states, transitions, b)
	if b == full && states < 1e6 {
		t.Errorf("%d states, want a million", states)
	}
}
