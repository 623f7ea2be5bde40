package reconcile_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/cmd/portaria/internal/reconcile"
	"github.com/pontte/portaria/local/dynamodb"
)

// minidynWorld is a world on minidyn alone.
func minidynWorld(t *testing.T) *world {
	t.Helper()
	server := httptest.NewServer(dynamodb.NewHandler())
	t.Cleanup(server.Close)
	return newWorld(t, server.URL, nil)
}

// withoutNames takes out of a dump what differs from one world to the next: names
// and ids that the pool made up.
func withoutNames(items map[string]map[string]string, plants []planted) map[string]map[string]string {
	known := map[string]string{}
	for _, p := range plants {
		for i, name := range p.users {
			known[name] = p.email(i)
		}
	}
	for _, it := range items {
		for attribute, value := range it {
			if name, ok := known[value]; ok {
				it[attribute] = name
			}
		}
	}
	return items
}

// TestInterruptedAnywhere breaks a run off at random requests, before or while
// they are carried out, goes on from what was saved, and ends where a run ends
// that nobody interrupts.
func TestInterruptedAnywhere(t *testing.T) {
	const each, trials = 4, 12
	whole := minidynWorld(t)
	plants := plant(whole, each)
	_, err := whole.run(true, new([]reconcile.Finding)).Do(t.Context(), reconcile.Begin(poolID, whole.table, true))
	if err != nil {
		t.Fatal(err)
	}
	requests := 0
	for _, calls := range []map[string]int{whole.store.take(), whole.pool.take()} {
		for _, n := range calls {
			requests += n
		}
	}
	want := withoutNames(whole.dump(), plants)

	random := rand.New(rand.NewPCG(1, 2))
	interrupted := 0
	for range trials {
		w := minidynWorld(t)
		plants := plant(w, each)
		path := stateFile(t)
		var found []reconcile.Finding
		for left := 3; ; left-- { // interruptions of this trial
			state, err := reconcile.Load(path, poolID, w.table, true)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var seen atomic.Int64
			at := int64(1 + random.IntN(requests/2))
			meddle := func(string, []byte) {
				if left > 0 && seen.Add(1) == at {
					cancel()
				}
			}
			w.pool.before(meddle)
			w.store.before(meddle)
			run := w.run(true, &found)
			run.Save = func(s reconcile.State) error { return s.Save(path) }
			_, err = run.Do(ctx, state)
			cancel()
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("interrupted, Do = %v", err)
			}
			interrupted++
		}
		if diff := cmp.Diff(want, withoutNames(w.dump(), plants)); diff != "" {
			t.Errorf("the table ends otherwise (-whole +interrupted):\n%s", diff)
		}
		w.pass(-lease) // the sweep's
		w.pool.before(nil)
		w.store.before(nil)
		if _, writes := w.reconcile(true); writes != 0 {
			t.Errorf("a run after it wrote %d times", writes)
		}
	}
	if interrupted < trials {
		t.Errorf("only %d runs were interrupted", interrupted)
	}
}

// TestKilledProcess kills the real command at random requests and starts it again.
func TestKilledProcess(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "portaria")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/pontte/portaria/cmd/portaria").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	w := minidynWorld(t)
	plants := plant(w, 4)
	path := stateFile(t)
	random := rand.New(rand.NewPCG(3, 4))
	start := func(at int64) (out string, err error) {
		cmd := exec.CommandContext(t.Context(), binary, "reconcile", "--fix", "--yes", "--user-pool", poolID, "--table", w.table,
			"--state", path, "--rate", "10000", "--table-rate", "10000", "--lease", "1ms")
		cmd.Env = []string{"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_REGION=us-east-1", "HOME=" + t.TempDir(),
			"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=" + w.pool.url, "AWS_ENDPOINT_URL_DYNAMODB=" + w.store.url}
		var all strings.Builder
		cmd.Stdout, cmd.Stderr = &all, &all
		var seen atomic.Int64
		started := make(chan struct{})
		meddle := func(string, []byte) {
			<-started
			if seen.Add(1) == at {
				_ = cmd.Process.Kill()
			}
		}
		w.pool.before(meddle)
		w.store.before(meddle)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		close(started)
		err = cmd.Wait()
		return all.String(), err
	}
	killed := 0
	for killed < 6 {
		at := int64(5 + random.IntN(120))
		out, err := start(at)
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || exit.ExitCode() != -1 {
			if ok && exit.ExitCode() == 3 {
				break // it was done before its time came
			}
			t.Fatalf("killed at request %d: %v\n%.2000s", at, err, out)
		}
		killed++
	}
	if killed == 0 {
		t.Fatal("the process was never killed")
	}
	out, err := start(-1)
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 3 {
		t.Fatalf("the last run = %v, want exit code 3 for what it cannot mend\n%.2000s", err, out)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the state is still there: %v", err)
	}
	w.store.take()
	if out, _ = start(-1); w.store.take()["UpdateItem"] != 0 {
		t.Errorf("a run after it still wrote:\n%s", out)
	}
	items := w.dump()
	for _, p := range plants {
		if p.ends == ofUser && items[p.person.cpf]["userName"] != p.users[0] {
			t.Errorf("%s: the claim is %v", p.name, items[p.person.cpf])
		}
		if p.ends == gone && items[p.person.cpf] != nil {
			t.Errorf("%s: there is still %v", p.name, items[p.person.cpf])
		}
	}
}
