package limit_test

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/pkg/limit"
)

func TestTakeUnderSeveralRules(t *testing.T) {
	day := now.Truncate(24 * time.Hour)
	at := func(clock string) time.Time {
		d, err := time.ParseDuration(clock)
		if err != nil {
			t.Fatal(err)
		}
		return day.Add(d)
	}
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, step := range []struct {
			at         string
			full       limit.Rule // none: a place is there
			retryAfter time.Duration
		}{
			{at: "9h32m20s"},
			{at: "9h32m20s", full: aMinute, retryAfter: 40 * time.Second},
			{at: "9h32m59s", full: aMinute, retryAfter: time.Second},
			{at: "9h32m59.9s", full: aMinute, retryAfter: time.Second},
			{at: "9h32m57.5s", full: aMinute, retryAfter: 3 * time.Second},
			{at: "9h33m0s"},
			{at: "9h34m0s"},
			{at: "9h35m0s"},
			{at: "9h36m0s"},
			{at: "9h36m1s", full: anHour, retryAfter: 23*time.Minute + 59*time.Second}, // the minute is full too
			{at: "9h37m0s", full: anHour, retryAfter: 23 * time.Minute},
			{at: "9h37m1s", full: anHour, retryAfter: 22*time.Minute + 59*time.Second},
			{at: "10h0m0s"},
			{at: "10h0m1s", full: aMinute, retryAfter: 59 * time.Second},
			{at: "10h1m0s"},
			{at: "10h2m0s"},
			{at: "10h3m0s"},
			{at: "10h4m0s"},
			{at: "10h4m0s", full: aDay, retryAfter: 13*time.Hour + 56*time.Minute}, // all three are full
			{at: "11h0m0s", full: aDay, retryAfter: 13 * time.Hour},
			{at: "23h59m59s", full: aDay, retryAfter: time.Second},
			{at: "24h0m0s"},
		} {
			// In whatever order the caller has them.
			err := s.limiter.Take(t.Context(), "maria@example.com", at(step.at), aDay, aMinute, anHour)
			if step.full == (limit.Rule{}) {
				if err != nil {
					t.Fatalf("Take at %s = %v, want no error", step.at, err)
				}
				continue
			}
			t.Run("at "+step.at, func(t *testing.T) { wantExceeded(t, err, step.full, step.retryAfter) })
		}
	})
}

func TestGiveBackNeverGoesBelowZero(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		s.mustGiveBack("maria", now, aMinute) // nothing there
		if items := s.items(); len(items) != 0 {
			t.Errorf("giving back left %v", items)
		}
		s.mustTake("maria", now, aMinute)
		for range 3 {
			s.mustGiveBack("maria", now, aMinute)
		}
		s.mustTake("maria", now, aMinute)
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", now, aMinute), aMinute, 40*time.Second)
	})
}

func TestGiveBackTouchesNothingElse(t *testing.T) {
	later := now.Add(time.Minute)
	other := limit.Rule{Name: "other", Limit: 1, Window: time.Minute}
	longer := limit.Rule{Name: aMinute.Name, Limit: 1, Window: time.Hour}
	onEveryStore(t, func(t *testing.T, s *store) {
		s.mustTake("maria", now, aMinute)
		s.mustTake("maria", later, aMinute)
		s.mustTake("joao", now, aMinute)
		s.mustTake("maria", now, other)
		s.mustTake("maria", now, longer)
		s.mustGiveBack("maria", now, aMinute)

		wantExceeded(t, s.limiter.Take(t.Context(), "maria", later, aMinute), aMinute, 40*time.Second)
		wantExceeded(t, s.limiter.Take(t.Context(), "joao", now, aMinute), aMinute, 40*time.Second)
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", now, other), other, 40*time.Second)
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", now, longer), longer, 27*time.Minute+40*time.Second)
		s.mustTake("maria", now, aMinute)
	})
}

// TestWindowsAreTheSameEverywhere holds that the zone of a time decides nothing.
func TestWindowsAreTheSameEverywhere(t *testing.T) {
	brasilia := time.FixedZone("-03", -3*60*60)
	onEveryStore(t, func(t *testing.T, s *store) {
		once := limit.Rule{Name: "once", Limit: 1, Window: 24 * time.Hour}
		s.mustTake("maria", time.Date(2026, time.March, 9, 22, 0, 0, 0, brasilia), once)
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", now, once), once, 14*time.Hour+27*time.Minute+40*time.Second)
	})
}

// TestItemTellsNobody holds what is stored: a hash, a count, a time.
func TestItemTellsNobody(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		subject := limit.Subject("maria@example.com", limit.AddressKey("203.0.113.9"))
		s.mustTake(subject, now, aMinute, aDay)
		items := s.items()
		if len(items) != 2 {
			t.Fatalf("%d items, want 2", len(items))
		}
		ends := map[string]bool{
			fmt.Sprint(now.Truncate(time.Minute).Add(time.Minute + time.Hour).Unix()): true,
			fmt.Sprint(now.Truncate(24 * time.Hour).Add(25 * time.Hour).Unix()):       true,
		}
		for _, it := range items {
			key, hits, expires := it["key"].(*types.AttributeValueMemberS), it["hits"].(*types.AttributeValueMemberN), it["expiresAt"].(*types.AttributeValueMemberN)
			if len(it) != 3 || !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(key.Value) || hits.Value != "1" || !ends[expires.Value] {
				t.Errorf("item %v %v %v of %d attributes", key.Value, hits.Value, expires.Value, len(it))
			}
			delete(ends, expires.Value)
		}
	})
}

// TestItemOfAnotherHandRefuses keeps a counter that is no number from letting
// everybody through.
func TestItemOfAnotherHandRefuses(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		s.mustTake("maria", now, aDay)
		s.put(item{"key": s.items()[0]["key"], "hits": &types.AttributeValueMemberS{Value: "many"}})
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", now, aDay), aDay, 14*time.Hour+27*time.Minute+40*time.Second)
		s.mustGiveBack("maria", now, aDay)
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", now, aMinute, aDay), aDay, 14*time.Hour+27*time.Minute+40*time.Second)
	})
}

// TestRuleThatChanged holds that a lower limit counts what was let through under
// the higher one, and that another window begins anew even where both begin at
// the same time.
func TestRuleThatChanged(t *testing.T) {
	atTen := time.Date(2026, time.March, 10, 10, 0, 20, 0, time.UTC)
	onEveryStore(t, func(t *testing.T, s *store) {
		rule := limit.Rule{Name: "changed", Limit: 5, Window: time.Minute}
		for range 4 {
			s.mustTake("maria", atTen, rule)
		}
		rule.Limit = 2
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", atTen, rule), rule, 40*time.Second)
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", atTen, aDay, rule), rule, 40*time.Second)
		rule.Window = time.Hour
		s.mustTake("maria", atTen, rule)
	})
}

func TestRuleWithoutAWindowIsAnError(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, window := range []time.Duration{0, -time.Minute, time.Second - 1} {
			rule := limit.Rule{Name: "broken", Limit: 1, Window: window}
			for _, err := range []error{s.limiter.Take(t.Context(), "maria", now, aMinute, rule), s.limiter.GiveBack(t.Context(), "maria", now, aMinute, rule)} {
				if _, exceeded := errors.AsType[*limit.ExceededError](err); err == nil || exceeded || !strings.Contains(err.Error(), "broken") {
					t.Errorf("with a window of %v: %v, want an error that names the rule", window, err)
				}
			}
		}
		if items := s.items(); len(items) != 0 {
			t.Errorf("a broken rule left %d items", len(items))
		}
	})
}

func TestExceededErrorNamesTheRule(t *testing.T) {
	err := &limit.ExceededError{Rule: aMinute, RetryAfter: 40 * time.Second}
	if got, want := err.Error(), "limit resend-minute of 1 in 1m0s is reached for another 40s"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

// TestLimitBeyondAnInt32 keeps a generous limit from wrapping.
func TestLimitBeyondAnInt32(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		rule := limit.Rule{Name: "generous", Limit: 1 << 40, Window: time.Hour}
		s.mustTake("maria", now, rule)
		s.put(item{"key": s.items()[0]["key"], "hits": &types.AttributeValueMemberN{Value: strconv.Itoa(1<<40 - 1)}})
		s.mustTake("maria", now, rule)
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", now, rule), rule, 27*time.Minute+40*time.Second)
	})
}
