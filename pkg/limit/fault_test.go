package limit_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/pkg/limit"
)

var errDown = errors.New("the table is down")

func down(int) error { return errDown }

// TestTableThatDoesNotAnswer holds that nobody gets through, that the cause can
// be asked for, and that a refusal is still told from an outage.
func TestTableThatDoesNotAnswer(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		client := &watched{DynamoDB: s.client, update: down}
		l := limit.New(client, s.table)
		for _, err := range []error{
			l.Take(t.Context(), "maria@example.com", now, aMinute, anHour),
			l.GiveBack(t.Context(), "maria@example.com", now, aMinute, anHour),
		} {
			if _, exceeded := errors.AsType[*limit.ExceededError](err); !errors.Is(err, errDown) || exceeded || strings.Contains(err.Error(), "maria") {
				t.Errorf("error = %v, want %v and no subject", err, errDown)
			}
		}
		if got := client.updates.Load(); got != 3 {
			t.Errorf("%d writes, want 1 of Take and 2 of GiveBack", got)
		}
		if err := limit.New(s.client, "no-such-table").Take(t.Context(), "maria", now, aMinute); !isNotFound(err) {
			t.Errorf("Take from no table = %v, want ResourceNotFoundException", err)
		}
	})
}

func isNotFound(err error) bool {
	_, ok := errors.AsType[*types.ResourceNotFoundException](err)
	return ok
}

// TestTableThatAnswersOnlyAtFirst has the second write fail: nobody gets through,
// and what was taken stays taken.
func TestTableThatAnswersOnlyAtFirst(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		l := limit.New(&watched{DynamoDB: s.client, update: func(n int) error {
			if n > 1 {
				return errDown
			}
			return nil
		}}, s.table)
		if err := l.Take(t.Context(), "maria", now, aMinute, anHour); !errors.Is(err, errDown) {
			t.Errorf("Take = %v, want %v", err, errDown)
		}
		if got := s.hits(); got != 1 {
			t.Errorf("%d places are taken, want 1", got)
		}
	})
}

// TestRefusalStandsWhenNothingElseWorks has the table refuse and then fail, at
// giving back and at reading.
func TestRefusalStandsWhenNothingElseWorks(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		tight := limit.Rule{Name: "tight", Limit: 1, Window: time.Hour}
		s.mustTake("maria", now, aMinute, tight, aDay)
		later := now.Add(time.Minute)
		client := &watched{DynamoDB: s.client, read: down, update: func(n int) error {
			if n > 2 { // the minute is taken, the hour is full
				return errDown
			}
			return nil
		}}
		err := limit.New(client, s.table).Take(t.Context(), "maria", later, aMinute, tight, aDay)
		wantExceeded(t, err, tight, 26*time.Minute+40*time.Second)
		if updates, reads := client.updates.Load(), client.reads.Load(); updates != 3 || reads != 1 {
			t.Errorf("%d writes and %d reads, want 3 and 1", updates, reads)
		}
		// The minute was not given back: refused for longer than need be, not less.
		wantExceeded(t, s.limiter.Take(t.Context(), "maria", later, aMinute), aMinute, 40*time.Second)
	})
}

// TestGoodPathIsOneWriteForEachRule keeps the price of a request down.
func TestGoodPathIsOneWriteForEachRule(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		client := &watched{DynamoDB: s.client}
		if err := limit.New(client, s.table).Take(t.Context(), "maria", now, aMinute, anHour, aDay); err != nil {
			t.Fatal(err)
		}
		if updates, reads := client.updates.Load(), client.reads.Load(); updates != 3 || reads != 0 {
			t.Errorf("%d writes and %d reads, want 3 and none", updates, reads)
		}
	})
}

func TestContextEnds(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.limiter.Take(ctx, "maria", now, aMinute); !errors.Is(err, context.Canceled) {
			t.Errorf("Take = %v, want %v", err, context.Canceled)
		}
		if err := s.limiter.GiveBack(ctx, "maria", now, aMinute); !errors.Is(err, context.Canceled) {
			t.Errorf("GiveBack = %v, want %v", err, context.Canceled)
		}
	})
}

// TestGiveBackIsSentOnce holds that a place is not given back twice when the
// answer was lost, however patient the client is.
func TestGiveBackIsSentOnce(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	if err := limit.New(local.Client(server.URL), "limits").GiveBack(t.Context(), "maria", now, aMinute); err == nil {
		t.Error("GiveBack = nil, want an error")
	}
	if got := requests.Load(); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}
