package limit_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pontte/portaria/pkg/limit"
)

// TestExactlyTheLimitGetsThrough has many takers come at once.
func TestExactlyTheLimitGetsThrough(t *testing.T) {
	sixty := limit.Rule{Name: "address", Limit: 60, Window: time.Minute}
	five := limit.Rule{Name: "failures", Limit: 5, Window: 15 * time.Minute}
	perHour := limit.Rule{Name: "hour", Limit: 7, Window: time.Hour}
	perDay := limit.Rule{Name: "day", Limit: 3, Window: 24 * time.Hour}
	for _, tt := range []struct {
		name   string
		takers int
		rules  []limit.Rule
		want   int
	}{
		{"50 under one rule of 1", 50, []limit.Rule{aMinute}, 1},
		{"50 under one rule of 5", 50, []limit.Rule{five}, 5},
		{"300 under one rule of 60", 300, []limit.Rule{sixty}, 60},
		{"50 under a rule that they do not reach", 50, []limit.Rule{sixty}, 50},
		{"50 under the rules of resend", 50, []limit.Rule{aMinute, anHour, aDay}, 1},
		{"300 under the rules of resend", 300, []limit.Rule{aMinute, anHour, aDay}, 1},
		{"300 under rules of which the longer is the narrower", 300, []limit.Rule{sixty, perHour, perDay}, 3},
		{"300 under a rule of none", 300, []limit.Rule{sixty, {Name: "none", Window: time.Hour}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, s *store) {
				if got := s.takers(tt.takers, tt.rules...); got != tt.want {
					t.Errorf("%d of %d got through, want %d", got, tt.takers, tt.want)
				}
				// Whoever was refused has given back what it had taken.
				if got, want := s.hits(), tt.want*len(tt.rules); got != want {
					t.Errorf("%d places are taken in all, want %d", got, want)
				}
			})
		})
	}
}

// TestEachWindowHasItsOwnPlaces has takers come at once on both sides of the end
// of a window, as functions do whose clocks differ.
func TestEachWindowHasItsOwnPlaces(t *testing.T) {
	three := limit.Rule{Name: "three", Limit: 3, Window: time.Minute}
	onEveryStore(t, func(t *testing.T, s *store) {
		var before, after atomic.Int32
		var all sync.WaitGroup
		for i := range 100 {
			at, through := now, &before
			if i%2 == 0 {
				at, through = now.Add(time.Minute), &after
			}
			all.Go(func() {
				if s.limiter.Take(t.Context(), "maria", at, three) == nil {
					through.Add(1)
				}
			})
		}
		all.Wait()
		if before.Load() != 3 || after.Load() != 3 {
			t.Errorf("%d and %d got through, want 3 and 3", before.Load(), after.Load())
		}
	})
}

// takers has n takers of one subject come at once and counts those that get
// through.
func (s *store) takers(n int, rules ...limit.Rule) int {
	s.t.Helper()
	var through atomic.Int32
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			err := s.limiter.Take(s.t.Context(), "maria@example.com", now, rules...)
			if _, exceeded := errors.AsType[*limit.ExceededError](err); err != nil && !exceeded {
				s.t.Errorf("Take = %v, want nil or an *ExceededError", err)
			}
			if err == nil {
				through.Add(1)
			}
		})
	}
	all.Wait()
	return int(through.Load())
}

// TestSuccessesDoNotCount has failures and successes come at once: as many
// failures as the rule allows leave no place, however many successes there were.
func TestSuccessesDoNotCount(t *testing.T) {
	failures := limit.Rule{Name: "failures", Limit: 40, Window: 15 * time.Minute}
	onEveryStore(t, func(t *testing.T, s *store) {
		var all sync.WaitGroup
		for i := range 40 { // never more than 40 at once, so that each finds a place
			all.Go(func() {
				err := s.limiter.Take(t.Context(), "maria", now, failures)
				if i%2 == 0 && err == nil {
					err = s.limiter.GiveBack(t.Context(), "maria", now, failures)
				}
				if err != nil {
					t.Errorf("Take and GiveBack = %v, want no error", err)
				}
			})
		}
		all.Wait()
		if got := s.hits(); got != 20 {
			t.Fatalf("%d places are taken, want 20", got)
		}
		through := 0
		for range 30 {
			if s.limiter.Take(t.Context(), "maria", now, failures) == nil {
				through++
			}
		}
		if through != 20 {
			t.Errorf("%d more got through, want 20", through)
		}
	})
}
