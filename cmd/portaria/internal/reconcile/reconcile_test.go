package reconcile_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/cmd/portaria/internal/reconcile"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/simulation"
	"github.com/pontte/portaria/pkg/userpool"
)

// planted is a seed in a world.
type planted struct {
	seed
	person
	users []string
	was   map[string]string // the item under the CPF
}

// plant makes so many of every seed, the kinds mixed.
func plant(w *world, each int) []planted {
	var all []planted
	for i := range each * len(seeds) {
		p := planted{seed: seeds[i%len(seeds)], person: seedPerson(i)}
		p.users = p.make(w, p.person)
		all = append(all, p)
	}
	items := w.dump()
	for i, p := range all {
		all[i].was = items[p.person.cpf]
	}
	return all
}

// told names a finding as the seeds' wants are named.
func told(code reconcile.Code, result reconcile.Result, user string, number string) string {
	if user == "" {
		c, err := cpf.Parse(number)
		if err == nil {
			number = c.Digits()
		}
		return fmt.Sprintf("%s %s claim %s", code, result, number)
	}
	return fmt.Sprintf("%s %s %s", code, result, user)
}

func check(t *testing.T, when string, plants []planted, wants func(seed) []want, found []reconcile.Finding) {
	t.Helper()
	want, got := map[string]int{}, map[string]int{}
	for _, p := range plants {
		for _, f := range wants(p.seed) {
			switch {
			case f.user >= 0:
				want[told(f.code, f.result, p.users[f.user], "")]++
			case f.code == reconcile.ClaimKeyInvalid:
				want[told(f.code, f.result, "", "x"+p.person.cpf)]++
			default:
				want[told(f.code, f.result, "", p.person.cpf)]++
			}
		}
	}
	for _, f := range found {
		got[told(f.Code, f.Result, f.User, f.CPF)]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%.4000s", when, diff)
	}
}

// checkEnds holds every claim to how its seed must end.
func checkEnds(t *testing.T, w *world, plants []planted) {
	t.Helper()
	items := w.dump()
	for _, p := range plants {
		got := items[p.person.cpf]
		switch p.ends {
		case gone:
			if got != nil || items[p.marked] != nil {
				t.Errorf("%s: there is still %v %v", p.name, got, items[p.marked])
			}
		case asItWas:
			if diff := cmp.Diff(p.was, got); diff != "" {
				t.Errorf("%s (-was +got):\n%s", p.name, diff)
			}
		case ofUser:
			want := map[string]string{"cpf": p.person.cpf, "userPoolId": poolID, "userName": p.users[0], "email": p.email(0)}
			for name, value := range want {
				if got[name] != value {
					t.Errorf("%s: %s is %q, want %q", p.name, name, got[name], value)
				}
			}
			if p.was != nil && got["trackCode"] != "kept" || items[p.marked] != nil {
				t.Errorf("%s: what the claim held is lost, or stays: %v %v", p.name, got, items[p.marked])
			}
			if p.fixed != nil && p.fixed[0].code != reconcile.ClaimKeyPunctuated &&
				(got["sub"] != p.users[0] || got["phoneNumber"] != "+5551981980387" || got["triggerSource"] != "reconcile" || got["content"] != "") {
				t.Errorf("%s: the claim is %v", p.name, got)
			}
		case closed:
			s, err := simulation.Parse(map[string]string{
				"trackCode": "x", "simulationId": "x", "loanValue": "1", "term": "1", "installment": "1", "loanValueSelected": "1", "phone": "+5551999999999"})
			if err != nil {
				t.Fatal(err)
			}
			c, _ := cpf.Parse(p.person.cpf)
			table := registry.New(w.items, w.table, lease, userpool.New(w.users))
			_, err = table.Claim(t.Context(), registry.Attempt{CPF: c, User: registry.User{PoolID: poolID, Name: "third"}, Email: "third@example.com", Simulation: s, At: w.now()})
			if !errors.Is(err, registry.ErrTaken) {
				t.Errorf("%s: a third could claim the CPF: %v", p.name, err)
			}
		}
	}
}

func dry(s seed) []want   { return s.dry }
func fixed(s seed) []want { return s.fixed }
func again(s seed) []want { return s.again }

// TestEverySeed finds a thousand inconsistencies among sound users, mends what
// can be mended, and finds nothing to write in a second run.
func TestEverySeed(t *testing.T) {
	onEveryStore(t, func(t *testing.T, w *world) {
		plants := plant(w, 45) // 27 kinds, four of them sound
		before := w.dump()
		found, writes := w.reconcile(false)
		check(t, "without --fix", plants, dry, found)
		if diff := cmp.Diff(before, w.dump()); diff != "" || writes != 0 {
			t.Errorf("without --fix there were %d writes (-before +after):\n%s", writes, diff)
		}
		wrong := 0
		for _, f := range found {
			if f.Result != reconcile.Note {
				wrong++
			}
		}
		t.Logf("%d findings of %d kinds among %d seeds, notes apart", wrong, len(reconcile.Kinds), len(plants))
		if wrong < 1000 {
			t.Errorf("only %d inconsistencies were seeded", wrong)
		}

		now := w.now()
		found, writes = w.reconcile(true)
		check(t, "with --fix", plants, fixed, found)
		if writes < 450 {
			t.Errorf("there were %d writes", writes)
		}
		if passed := w.now().Sub(now); passed != lease {
			t.Errorf("the sweep waited %v, want a lease", passed)
		}
		w.pass(-lease) // to hold the in-lease seeds to what they are
		checkEnds(t, w, plants)

		mended := w.dump()
		found, writes = w.reconcile(true)
		check(t, "a second run", plants, again, found)
		if diff := cmp.Diff(mended, w.dump()); diff != "" || writes != 0 {
			t.Errorf("the second run wrote %d times:\n%s", writes, diff)
		}

		w.pass(lease)
		found, _ = w.reconcile(true)
		for code, n := range map[reconcile.Code]int{reconcile.ClaimWrongOwner: 45, reconcile.ClaimOrphan: 45, reconcile.ClaimInLease: 0} {
			if got := len(slices.DeleteFunc(slices.Clone(found), func(f reconcile.Finding) bool { return f.Code != code || f.Result != reconcile.Mended })); got != n {
				t.Errorf("a lease later %d %s were mended, want %d", got, code, n)
			}
		}
		if _, writes = w.reconcile(true); writes != 0 {
			t.Errorf("the last run wrote %d times", writes)
		}
	})
}

// TestEveryCodeIsSeeded keeps the table of seeds whole.
func TestEveryCodeIsSeeded(t *testing.T) {
	seeded := map[reconcile.Code]bool{}
	for _, s := range seeds {
		for _, w := range slices.Concat(s.dry, s.fixed) {
			seeded[w.code] = true
		}
	}
	for _, k := range reconcile.Kinds {
		if !seeded[k.Code] {
			t.Errorf("no seed leads to %s", k.Code)
		}
		delete(seeded, k.Code)
		if k.Cure == "" || k.Meaning == "" {
			t.Errorf("%s is not explained", k.Code)
		}
	}
	if len(seeded) > 0 {
		t.Errorf("codes that no Kind explains: %v", slices.Collect(maps.Keys(seeded)))
	}
}
