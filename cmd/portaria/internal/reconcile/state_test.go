package reconcile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/cmd/portaria/internal/reconcile"
	"github.com/pontte/portaria/pkg/userpool"
)

func TestStateOnDisk(t *testing.T) {
	path := stateFile(t)
	begun, err := reconcile.Load(path, poolID, "claims", true)
	if diff := cmp.Diff(reconcile.Begin(poolID, "claims", true), begun); err != nil || diff != "" {
		t.Errorf("no file: %v (-want +got):\n%s", err, diff)
	}
	s := begun
	s.Phase, s.Next, s.Stamped = "users", "a token", time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)
	s.Summary = reconcile.Summary{Users: 7, Claims: 5, Elsewhere: 1, Findings: map[reconcile.Code]map[reconcile.Result]int{reconcile.ClaimOld: {reconcile.Mended: 2}}}
	for range 2 { // over one that is there
		if err := s.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	got, err := reconcile.Load(path, poolID, "claims", true)
	if diff := cmp.Diff(s, got); err != nil || diff != "" {
		t.Errorf("saved and loaded: %v (-want +got):\n%s", err, diff)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the file's mode is %v, %v: it may hold a CPF", info.Mode(), err)
	}
	files, _ := os.ReadDir(filepath.Dir(path))
	if len(files) != 1 {
		t.Errorf("beside the state there are %v", files)
	}

	for name, load := range map[string]func() (reconcile.State, error){
		"another pool":  func() (reconcile.State, error) { return reconcile.Load(path, "us-east-1_b", "claims", true) },
		"another table": func() (reconcile.State, error) { return reconcile.Load(path, poolID, "other", true) },
		"without --fix": func() (reconcile.State, error) { return reconcile.Load(path, poolID, "claims", false) },
	} {
		if _, err := load(); err == nil || !strings.Contains(err.Error(), "the state of another run") {
			t.Errorf("%s: Load = %v", name, err)
		}
	}
	for content, says := range map[string]string{"": "no state", "{": "no state", `{"userPoolId":"` + poolID + `","table":"claims","fix":true,"phase":"x"}`: "phase"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := reconcile.Load(path, poolID, "claims", true); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("file %q: Load = %v, want it to say %q", content, err, says)
		}
	}
	if err := s.Save(filepath.Join(path, "not-a-folder")); err == nil {
		t.Error("Save below a file did not fail")
	}
}

// TestATokenThatGrewOld has the run begin anew, once.
func TestATokenThatGrewOld(t *testing.T) {
	w := minidynWorld(t)
	plants := plant(w, 1)
	s := reconcile.Begin(poolID, w.table, true)
	s.Phase, s.Next = "users", "a token of last week"
	s.Summary.Users = 1000
	var found []reconcile.Finding
	run, restarts := w.run(true, &found), 0
	run.Restart = func() { restarts++ }
	s, err := run.Do(t.Context(), s)
	if err != nil || restarts != 1 {
		t.Fatalf("Do = %v after %d restarts, want 1", err, restarts)
	}
	check(t, "anew", plants, fixed, found)
	users := 0
	for _, p := range plants {
		users += len(p.users)
	}
	if s.Summary.Users != users {
		t.Errorf("%d users were counted, want %d", s.Summary.Users, users)
	}
}

// refusing is a list that takes no token, not even its own. The census, the first
// to ask, reads it in one page.
type refusing struct {
	reconcile.List
	calls int
}

func (l *refusing) Page(ctx context.Context, token string) ([]userpool.Listed, string, error) {
	if token != "" {
		return nil, "", userpool.ErrTokenRefused
	}
	page, next, err := l.List.Page(ctx, "")
	if l.calls++; l.calls > 1 {
		next = "refused"
	}
	return page, next, err
}

func TestATokenThatIsNoGoodAtOnceEndsTheRun(t *testing.T) {
	w := minidynWorld(t)
	run := w.run(false, new([]reconcile.Finding))
	run.Users = &refusing{List: run.Users}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	restarts := 0
	run.Restart = func() {
		if restarts++; restarts > 1 {
			cancel()
		}
	}
	s := reconcile.Begin(poolID, w.table, false)
	s.Phase, s.Next = "users", "a token of last week"
	if _, err := run.Do(ctx, s); !errors.Is(err, userpool.ErrTokenRefused) || restarts != 1 {
		t.Errorf("Do = %v after %d restarts, want %v after 1", err, restarts, userpool.ErrTokenRefused)
	}
}

func TestBeforeSwitch(t *testing.T) {
	onEveryStore(t, func(t *testing.T, w *world) {
		moved, orphan, old := seedPerson(1), seedPerson(2), seedPerson(3)
		w.create(moved.email(0), moved.cpf)
		w.put(moved.marked, oldItem())
		w.put(orphan.cpf, oldItem())
		w.create(old.email(0), old.cpf)
		w.put(old.cpf, oldItem())
		live := func(r *reconcile.Run) { r.BeforeSwitch = true }
		found, writes := w.reconcile(true, live)
		if len(found) != 4 || writes != 3 { // a copy, two owners
			t.Errorf("found %+v with %d writes", found, writes)
		}
		items := w.dump()
		if len(items) != 4 || items[moved.marked]["loanValue"] == "" || items[orphan.cpf]["claimedAt"] != "" || items[moved.cpf]["loanValue"] == "" {
			t.Errorf("the items are %v", items)
		}
		w.checkUsersHoldTheirs()
		if _, writes := w.reconcile(true, live); writes != 0 {
			t.Errorf("a second run wrote %d times", writes)
		}
		w.reconcile(true)
		if items := w.dump(); len(items) != 2 {
			t.Errorf("after the switch the items are %v", items)
		}
	})
}

func TestMasked(t *testing.T) {
	p := seedPerson(1)
	f := reconcile.Finding{CPF: p.marked, User: "maria@example.com", Others: []string{"joao", "+5551999999999", p.cpf, "51999999999", "élio@example.com", "0f1c2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5"}}
	got := f.Masked()
	want := reconcile.Finding{CPF: "***." + p.marked[4:11] + "-**", User: "m***@example.com", Others: []string{"joao", "+5551*********", "***", "***", "é***@example.com", "0f1c2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Masked (-want +got):\n%s", diff)
	}
	if f.Others[1] != "+5551999999999" {
		t.Error("Masked changed the finding itself")
	}
	if got := (reconcile.Finding{CPF: "12345678900"}).Masked().CPF; got != "***" {
		t.Errorf("a number that is no CPF is shown as %q", got)
	}
}

// TestNoCureErasesTheCustomer: erase takes the users with the claims, so that it
// is no cure for a claim that is wrong.
func TestNoCureErasesTheCustomer(t *testing.T) {
	for _, k := range reconcile.Kinds {
		if strings.Contains(k.Cure, "portaria erase)") {
			t.Errorf("%s: %s", k.Code, k.Cure)
		}
	}
}
