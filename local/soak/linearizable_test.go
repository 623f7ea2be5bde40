package soak_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"pgregory.net/rapid"

	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/dynamodb/enginetest"
	"github.com/pontte/portaria/pkg/registry"
)

// The clients of one CPF, and how much each of them does.
const (
	clientsOfOne = 8
	actsOfEach   = 16
)

// TestHistoriesAreAsPromised has eight clients at a time sign up, retry, renew,
// bind, read, create and delete users of one CPF while time passes, on hundreds
// of CPFs, and holds that everything they saw can be put in an order in which the
// registry keeps its promise.
func TestHistoriesAreAsPromised(t *testing.T) {
	operations := setting(t, "PORTARIA_SOAK_OPERATIONS", 4000)
	seed := uint64(setting(t, "PORTARIA_SOAK_SEED", 1))
	cpfs := (operations + clientsOfOne*actsOfEach - 1) / (clientsOfOne * actsOfEach)
	enginetest.OnEach(t, func(t *testing.T, endpoint string) {
		client, table := newTable(t, endpoint)
		newRegistry := func(o registry.Owners) *registry.Table { return registry.New(client, table, lease, o) }
		began := time.Now()
		seen := map[answer]int{}
		recorded, calls := 0, 0
		for i := range cpfs {
			w := newWorld(nthCPF(t, i), newRegistry)
			if err := play(t.Context(), w, &reader{client, table}, seed+uint64(i)); err != nil {
				t.Fatalf("seed %d: %v", seed+uint64(i), err)
			}
			if got := judgement(w); got != porcupine.Ok {
				t.Fatalf("seed %d: the history is %s, want %s:\n%s", seed+uint64(i), got, porcupine.Ok, &w.history)
			}
			recorded += len(w.history.operations)
			calls += w.history.count(seen)
		}
		t.Logf("seed %d: %d CPFs, %d operations, %d of them calls of the registry or the table, in %v: %v",
			seed, cpfs, recorded, calls, time.Since(began).Round(time.Second/10), seen)
		if calls < operations {
			t.Errorf("%d operations of the registry were recorded, want %d", calls, operations)
		}
		for _, a := range []answer{allowedNew, allowedReplay, allowedTakeover, taken, inProgress, notTaken, notOwner, exists, absent} {
			if seen[a] == 0 {
				t.Errorf("nothing was answered %q: such histories prove little", a)
			}
		}
	})
}

// play has the clients act at once. Their choices follow from seed. An error is
// one that no registry should give.
func play(ctx context.Context, w *world, reads *reader, seed uint64) error {
	clients := make([]*client, clientsOfOne)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range clients {
		choices := rand.New(rand.NewPCG(seed, uint64(i)))
		skew := time.Duration(choices.Int64N(int64(2*maxSkew))) - maxSkew
		clients[i] = &client{world: w, reads: reads, choose: choices.IntN, skew: skew.Truncate(time.Millisecond)}
		all.Go(func() {
			<-start
			for range actsOfEach {
				clients[i].act(ctx)
			}
		})
	}
	close(start)
	all.Wait()
	var errs []error
	for _, c := range clients {
		errs = append(errs, c.err)
	}
	return errors.Join(errs...)
}

// judgement is whether the history of w is one that the model allows.
func judgement(w *world) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(model, w.history.operations, time.Minute)
}

// TestOneAfterAnotherIsAsPromised is the same for one client, where there is no
// other order to put things in, and where rapid makes what fails short.
func TestOneAfterAnotherIsAsPromised(t *testing.T) {
	server := httptest.NewServer(dynamodb.NewHandler())
	t.Cleanup(server.Close)
	db, table := newTable(t, server.URL)
	cpfs := 0
	rapid.Check(t, func(t *rapid.T) {
		cpfs++
		w := newWorld(nthCPF(t, cpfs), func(o registry.Owners) *registry.Table { return registry.New(db, table, lease, o) })
		c := &client{world: w, reads: &reader{db, table}, choose: func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }}
		for range rapid.IntRange(1, 30).Draw(t, "acts") {
			c.act(context.Background())
		}
		if c.err != nil {
			t.Fatal(c.err)
		}
		if got := judgement(w); got != porcupine.Ok {
			t.Fatalf("the history is %s, want %s:\n%s", got, porcupine.Ok, &w.history)
		}
	})
}
