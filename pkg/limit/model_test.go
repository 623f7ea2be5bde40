package limit_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pontte/portaria/pkg/limit"
)

// TestLimiterIsTheModel does the same things to a limiter and to counters in
// memory, one after the other, and wants the same answers.
func TestLimiterIsTheModel(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		run := 0
		rapid.Check(t, func(t *rapid.T) {
			run++
			rules := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) limit.Rule {
				window := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 15 * time.Minute, time.Hour}).Draw(t, "window")
				return limit.Rule{
					Name:   fmt.Sprintf("every %v", window),
					Limit:  rapid.IntRange(0, 4).Draw(t, "limit"),
					Window: window,
				}
			}), 0, 3, func(r limit.Rule) string { return r.Name }).Draw(t, "rules")
			m := model{}
			at := now
			for range rapid.IntRange(1, 12).Draw(t, "steps") {
				at = at.Add(rapid.SampledFrom([]time.Duration{0, 0, 300 * time.Millisecond, 20 * time.Second, time.Minute, 9 * time.Minute}).Draw(t, "later"))
				// Each run has subjects of its own, for the table is one.
				subject := limit.Subject(fmt.Sprint(run), rapid.SampledFrom([]string{"maria", "joao"}).Draw(t, "subject"))
				if rapid.IntRange(0, 3).Draw(t, "give back") == 0 {
					m.giveBack(subject, at, rules)
					if err := s.limiter.GiveBack(s.t.Context(), subject, at, rules...); err != nil {
						t.Fatalf("GiveBack = %v, want no error", err)
					}
					continue
				}
				want := m.take(subject, at, rules)
				got := "nil"
				if err := s.limiter.Take(s.t.Context(), subject, at, rules...); err != nil {
					got = err.Error()
				}
				if got != want {
					t.Fatalf("Take = %s, want %s", got, want)
				}
			}
		})
	})
}

// model counts places by subject, rule and window.
type model map[string]int

func counter(subject string, at time.Time, r limit.Rule) (key string, end time.Time) {
	n := at.UnixNano() / int64(r.Window)
	return fmt.Sprint(subject, r.Name, n), time.Unix(0, (n+1)*int64(r.Window))
}

// take gives what Take's error says, or nil.
func (m model) take(subject string, at time.Time, rules []limit.Rule) string {
	var full []limit.ExceededError
	for _, r := range rules {
		if key, end := counter(subject, at, r); m[key] >= r.Limit {
			seconds := (end.Sub(at) + time.Second - 1) / time.Second
			full = append(full, limit.ExceededError{Rule: r, RetryAfter: seconds * time.Second})
		}
	}
	if len(full) > 0 {
		last := slices.MaxFunc(full, func(a, b limit.ExceededError) int {
			_, endA := counter(subject, at, a.Rule)
			_, endB := counter(subject, at, b.Rule)
			return cmp.Or(endA.Compare(endB), cmp.Compare(b.Rule.Window, a.Rule.Window))
		})
		return last.Error()
	}
	for _, r := range rules {
		key, _ := counter(subject, at, r)
		m[key]++
	}
	return "nil"
}

func (m model) giveBack(subject string, at time.Time, rules []limit.Rule) {
	for _, r := range rules {
		key, _ := counter(subject, at, r)
		m[key] = max(m[key]-1, 0)
	}
}
