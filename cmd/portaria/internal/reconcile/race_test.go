package reconcile_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/pontte/portaria/cmd/portaria/internal/reconcile"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/simulation"
	"github.com/pontte/portaria/pkg/userpool"
)

var simulated = map[string]string{
	"trackCode": "21a81129400fbf441ae138e52eae8778", "simulationId": "mHPkDoN3TNqw7G3nxA4GAw", "loanValue": "123123", "term": "180",
	"installment": "2439.02", "loanValueSelected": "123123", "phone": "+55 (51) 99999-9999",
}

// claim is what the trigger does for a sign-up.
func (w *world) claim(p person, name, email string) (registry.Outcome, error) {
	w.t.Helper()
	s, err := simulation.Parse(simulated)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := cpf.Parse(p.cpf)
	if err != nil {
		w.t.Fatal(err)
	}
	return registry.New(w.items, w.table, lease, userpool.New(w.users)).Claim(w.t.Context(), registry.Attempt{
		CPF: c, User: registry.User{PoolID: poolID, Name: name}, Email: email, Simulation: s, TriggerSource: "PreSignUp_AdminCreateUser", At: w.now(),
	})
}

// signUp claims and creates: a sign-up from beginning to end. The claim names
// the user by the e-mail, for the name is known only afterwards.
func (w *world) signUp(p person) {
	if _, err := w.claim(p, p.email(5), p.email(5)); err != nil {
		w.t.Errorf("sign-up = %v", err)
	}
	w.create(p.email(5), p.cpf)
}

// TestWhatHappensInBetween has something happen just before a request of a run:
// the run must not write over it, and a run after all is over must be clean.
func TestWhatHappensInBetween(t *testing.T) {
	p := seedPerson(1)
	for _, tt := range []struct {
		name   string
		before func(w *world) // the run
		at     string         // operation
		nth    int            // which of them
		then   func(w *world)
		want   []string
		claim  string // userName of the claim in the end, "" for none
	}{
		{name: "an orphan is taken over before it is removed",
			before: func(w *world) { w.put(p.cpf, w.claimOf("nobody", p.email(9), longAgo)) },
			at:     "DeleteItem", then: func(w *world) { w.signUp(p) },
			want: []string{"claim_orphan later", "claim_other_name later"}, claim: p.email(5)},
		{name: "an orphan is taken over before its owner is looked up, and the user is not created yet",
			before: func(w *world) { w.put(p.cpf, w.claimOf("nobody", p.email(9), longAgo)) },
			at:     "AdminGetUser", then: func(w *world) { w.claim(p, p.email(5), p.email(5)) },
			want: []string{"claim_orphan later"}, claim: p.email(5)},
		{name: "an orphan's own user signs up again before it is removed",
			before: func(w *world) { w.put(p.cpf, w.claimOf(p.email(5), p.email(5), longAgo)) },
			at:     "DeleteItem", then: func(w *world) { w.signUp(p) },
			want: []string{"claim_orphan later", "claim_other_name later"}, claim: p.email(5)},
		{name: "a free CPF is claimed by a sign-up before the user's claim is written",
			before: func(w *world) { w.create(p.email(0), p.cpf) },
			at:     "UpdateItem", then: func(w *world) { w.claim(p, "stranger", p.email(6)) },
			want: []string{"user_without_claim later"}, claim: "stranger"},
		{name: "an absent owner's claim is taken over before it is made the user's",
			before: func(w *world) {
				w.create(p.email(0), p.cpf)
				w.put(p.cpf, w.claimOf("nobody", p.email(9), longAgo))
			},
			at: "UpdateItem", then: func(w *world) { w.claim(p, "stranger", p.email(6)) },
			want: []string{"claim_wrong_owner later"}, claim: "stranger"},
		{name: "the user is deleted before an absent owner's claim is made theirs",
			before: func(w *world) {
				w.create(p.email(0), p.cpf)
				w.put(p.cpf, w.claimOf("nobody", p.email(9), longAgo))
			},
			at: "BatchGetItem", then: func(w *world) { w.delete(p.email(0)) }, claim: "nobody"},
		{name: "an old item is written anew before the sweep removes it",
			before: func(w *world) { w.put(p.cpf, oldItem()) },
			at:     "DeleteItem", then: func(w *world) { w.put(p.cpf, item{"trackCode": text("new"), "userName": text("old-function")}) },
			want: []string{"claim_old_orphan later"}, claim: "old-function"},
		{name: "an old item is written anew before it is stamped",
			before: func(w *world) { w.put(p.cpf, oldItem()) },
			at:     "UpdateItem", then: func(w *world) { w.put(p.cpf, item{"userName": text("old-function")}) },
			want: []string{"claim_old_orphan later"}, claim: "old-function"},
		{name: "the old function creates its user after the census",
			before: func(w *world) { w.put(p.cpf, item{"userName": text("old-function")}) },
			at:     "Scan", then: func(w *world) { w.create(p.email(5), p.cpf) },
			want: []string{"claim_old mended"}, claim: "created"},
		{name: "the old function creates its user after the users' page",
			before: func(w *world) { w.put(p.cpf, item{"userName": text("old-function")}) },
			at:     "ListUsers", nth: 3, then: func(w *world) { w.create(p.email(5), p.cpf) }, claim: "old-function"},
		{name: "two users: a third's sign-up is quicker than the claim to nobody",
			before: func(w *world) { w.create(p.email(0), p.cpf); w.create(p.email(1), p.cpf) },
			at:     "UpdateItem", then: func(w *world) { w.claim(p, "stranger", p.email(6)) },
			want: []string{"cpf_shared open", "cpf_shared open"}, claim: "stranger"},
		{name: "of two users one is deleted after the census",
			before: func(w *world) { w.create(p.email(0), p.cpf); w.create(p.email(1), p.cpf) },
			at:     "BatchGetItem", then: func(w *world) { w.delete(p.email(1)) },
			want: []string{"user_without_claim mended"}, claim: "created"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, w *world) {
				tt.before(w)
				var mu sync.Mutex // requests that come at once wait until it has happened
				seen := 0
				meddle := func(operation string, _ []byte) {
					mu.Lock()
					defer mu.Unlock()
					if operation != tt.at {
						return
					}
					if seen++; seen == max(tt.nth, 1) {
						tt.then(w)
					}
				}
				w.pool.before(meddle)
				w.store.before(meddle)
				found, _ := w.reconcile(true)
				var got []string
				for _, f := range found {
					got = append(got, fmt.Sprint(f.Code, " ", f.Result))
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("found %q, want %q", got, tt.want)
				}
				if seen < max(tt.nth, 1) {
					t.Fatalf("there were only %d %s", seen, tt.at)
				}
				name := w.dump()[p.cpf]["userName"]
				if want := tt.claim; want != name && (want != "created" || w.lookup(name) != p.cpf) {
					t.Errorf("the claim names %q, want %q", name, want)
				}
				w.pool.before(nil)
				w.store.before(nil)
				w.pass(lease)
				w.reconcile(true)
				w.pass(lease)
				if _, writes := w.reconcile(true); writes != 0 {
					t.Errorf("two leases later there were still %d writes", writes)
				}
				w.checkUsersHoldTheirs()
			})
		})
	}
}

// lookup gives the CPF of a user, "" for nobody.
func (w *world) lookup(name string) string {
	out, err := w.users.AdminGetUser(w.t.Context(), &idp.AdminGetUserInput{UserPoolId: aws.String(poolID), Username: &name})
	if err != nil {
		return ""
	}
	for _, a := range out.UserAttributes {
		if *a.Name == "custom:cpf" {
			return *a.Value
		}
	}
	return ""
}

// checkUsersHoldTheirs holds that each CPF of one live user is claimed by that
// user, and a CPF of several is closed.
func (w *world) checkUsersHoldTheirs() (users int) {
	w.t.Helper()
	names := map[string][]string{}
	list := userpool.NewList(w.users, poolID)
	for token := ""; ; {
		page, next, err := list.Page(w.t.Context(), token)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, u := range page {
			users++
			names[u.CPF.Digits()] = append(names[u.CPF.Digits()], u.Name)
		}
		if token = next; token == "" {
			break
		}
	}
	items := w.dump()
	for number, of := range names {
		switch claim := items[number]; {
		case claim == nil:
			w.t.Errorf("nobody holds %s, the CPF of %v", number, of)
		case len(of) == 1 && claim["userName"] != of[0]:
			w.t.Errorf("%q holds %s, the CPF of %v", claim["userName"], number, of)
		case len(of) > 1 && claim["userName"] != "" && !slices.Contains(of, claim["userName"]):
			w.t.Errorf("%q holds %s, the CPF of %v", claim["userName"], number, of)
		}
	}
	return users
}

// lagging is a list that follows its pool late.
type lagging struct {
	reconcile.List
	misses string            // a user who is there already
	ghosts []userpool.Listed // users who are gone already
}

func (l lagging) Page(ctx context.Context, token string) ([]userpool.Listed, string, error) {
	page, next, err := l.List.Page(ctx, token)
	page = slices.DeleteFunc(page, func(u userpool.Listed) bool { return u.Name == l.misses })
	if next == "" {
		page = append(page, l.ghosts...)
	}
	return page, next, err
}

func TestAListThatLags(t *testing.T) {
	p := seedPerson(1)
	c, err := cpf.Parse(p.cpf)
	if err != nil {
		t.Fatal(err)
	}
	ghost := userpool.Listed{User: userpool.User{Name: "ghost", Sub: "ghost", CPF: c, Email: p.email(3)}, WrittenCPF: p.cpf}
	onEveryStore(t, func(t *testing.T, w *world) {
		name := w.create(p.email(0), p.cpf)
		old := w.claimOf(name, p.email(0), longAgo)
		w.put(p.cpf, old)
		before := w.dump()
		found, writes := w.reconcile(true, func(r *reconcile.Run) { r.Users = lagging{List: r.Users, misses: name} })
		if len(found) != 0 || writes != 0 {
			t.Errorf("a user who is not listed yet: found %v, %d writes", found, writes)
		}
		delete(old, "claimedAt")
		w.put(p.cpf, old) // malformed, and yet it leads to somebody
		if found, writes := w.reconcile(true, func(r *reconcile.Run) { r.Users = lagging{List: r.Users, misses: name} }); len(found) != 0 || writes != 0 {
			t.Errorf("a user who is not listed yet, claim without a time: found %v, %d writes", found, writes)
		}
		w.put(p.cpf, w.claimOf(name, p.email(0), longAgo))
		found, writes = w.reconcile(true, func(r *reconcile.Run) { r.Users = lagging{List: r.Users, ghosts: []userpool.Listed{ghost}} })
		if len(found) != 0 || writes != 0 {
			t.Errorf("a second user who is gone: found %v, %d writes", found, writes)
		}
		if after := w.dump(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("the claim was %v and is %v", before, after)
		}
	})
}

// TestAClaimForSomebodyGoneHealsItself is the price of not asking for each user
// before a missing claim is written.
func TestAClaimForSomebodyGoneHealsItself(t *testing.T) {
	p := seedPerson(1)
	onEveryStore(t, func(t *testing.T, w *world) {
		w.create(p.email(0), p.cpf)
		w.store.before(func(operation string, _ []byte) {
			if operation == "UpdateItem" {
				w.delete(p.email(0))
			}
		})
		if _, writes := w.reconcile(true); writes != 1 {
			t.Fatalf("%d writes, want 1", writes)
		}
		w.pass(lease)
		if outcome, err := w.claim(p, "new", p.email(2)); outcome != registry.TakenOver || err != nil {
			t.Errorf("Claim a lease later = %v, %v, want %v", outcome, err, registry.TakenOver)
		}
	})
}
