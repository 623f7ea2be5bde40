package registry_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/registry"
)

// TestPreviewSaysWhatTheTableDoes puts every kind of claim before an attempt,
// asks the preview, and then has the table do it.
func TestPreviewSaysWhatTheTableDoes(t *testing.T) {
	given := map[string]func(s *store){
		"nothing": func(*store) {},
		"no userName": func(s *store) {
			s.put(mariasCPF, item{"email": text("maria@example.com")})
		},
		"own, but the e-mail is a number": func(s *store) {
			s.mustClaim(maria(ago(time.Second)))
			it := s.item(mariasCPF)
			it["email"] = number("5")
			s.put(mariasCPF, it)
		},
		"own, but claimedAt is a text": func(s *store) {
			s.mustClaim(maria(ago(time.Second)))
			it := s.item(mariasCPF)
			it["claimedAt"] = text("1")
			s.put(mariasCPF, it)
		},
	}
	for name, attempt := range map[string]registry.Attempt{
		"own, at once": maria(), "own, inside": maria(ago(5 * time.Second)), "own, past": maria(ago(time.Hour)), "own, from later": maria(ago(-time.Second)),
		"other content, inside": maria(otherContent, ago(time.Second)), "other content, past": maria(otherContent, ago(lease)),
		"other content, from later": maria(otherContent, ago(-time.Second)),
		"same e-mail, inside":       maria(named("maria-0"), ago(time.Second)), "same e-mail, past": maria(named("maria-0"), ago(lease)),
		"a stranger's, inside": joao(ago(time.Second)), "a stranger's, past": joao(ago(lease)),
	} {
		given[name] = func(s *store) { s.mustClaim(attempt) }
	}
	users := []registry.User{{PoolID: pool, Name: "maria-0"}, {PoolID: pool, Name: "maria-1"}, {PoolID: pool, Name: "joao-1"}}
	for name, give := range given {
		for _, owner := range []string{"exists", "does not exist", "cannot be looked up"} {
			t.Run(name+", owner "+owner, func(t *testing.T) {
				onEveryStore(t, func(t *testing.T, s *store) {
					give(s)
					for _, user := range users {
						s.owners.exist[user] = owner == "exists"
					}
					if owner == "cannot be looked up" {
						s.owners.err = errors.New("too many requests")
					}
					preview := s.table.Preview()
					before, writes := s.item(mariasCPF), s.writes.Load()
					outcome, err := preview.Claim(t.Context(), maria())
					checked := preview.Check(t.Context(), maria())
					renewed := preview.Renew(t.Context(), mariasCPF, maria().User, now)
					if s.writes.Load() != writes || cmp.Diff(before, s.item(mariasCPF), ignored) != "" {
						t.Errorf("the preview wrote to the table: %d writes", s.writes.Load()-writes)
					}

					wantChecked := s.table.Check(t.Context(), maria())
					wantRenewed := s.table.Renew(t.Context(), mariasCPF, maria().User, now)
					if before != nil {
						s.put(mariasCPF, before) // Renew may have made it younger
					}
					wantOutcome, wantErr := s.table.Claim(t.Context(), maria())
					got := fmt.Sprintf("Claim = %q, %v; Check = %v; Renew = %v", outcome, err, checked, renewed)
					want := fmt.Sprintf("Claim = %q, %v; Check = %v; Renew = %v", wantOutcome, wantErr, wantChecked, wantRenewed)
					if got != want {
						t.Errorf("the preview says %s, the table %s", got, want)
					}
				})
			})
		}
	}
}

func TestPreviewOfASilentTable(t *testing.T) {
	down := errors.New("connection refused")
	preview := registry.New(failing{down}, "claims", lease, &fakeOwners{}).Preview()
	if outcome, err := preview.Claim(t.Context(), maria()); outcome != "" || !errors.Is(err, down) {
		t.Errorf("Claim = %q, %v, want %v", outcome, err, down)
	}
	if err := preview.Renew(t.Context(), mariasCPF, maria().User, now); !errors.Is(err, down) {
		t.Errorf("Renew = %v, want %v", err, down)
	}
}
