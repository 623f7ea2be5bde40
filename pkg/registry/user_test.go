package registry_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/registry"
)

func TestRenew(t *testing.T) {
	other := registry.User{PoolID: pool, Name: "joao-1"}
	elsewhere := registry.User{PoolID: "us-east-1_other", Name: "maria-1"}
	for _, tt := range []struct {
		name string
		user registry.User
		at   time.Time
		err  error
		want time.Time // claimedAt afterwards; the claim was made at now
	}{
		{"later", maria().User, now.Add(time.Hour), nil, now.Add(time.Hour)},
		{"at the same time", maria().User, now, nil, now},
		{"earlier, by an overlapping try", maria().User, now.Add(-time.Second), nil, now},
		{"another user's", other, now.Add(time.Hour), registry.ErrNotOwner, now},
		{"a user's of another pool", elsewhere, now.Add(time.Hour), registry.ErrNotOwner, now},
		{"another user's, earlier", other, now.Add(-time.Second), registry.ErrNotOwner, now},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, s *store) {
				s.mustClaim(maria())
				before := s.item(mariasCPF)
				if err := s.table.Renew(t.Context(), mariasCPF, tt.user, tt.at); !errors.Is(err, tt.err) {
					t.Errorf("Renew = %v, want %v", err, tt.err)
				}
				before["claimedAt"] = millis(tt.want)
				if diff := cmp.Diff(before, s.item(mariasCPF), ignored); diff != "" {
					t.Errorf("item (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestBind(t *testing.T) {
	for _, tt := range []struct {
		name string
		user registry.User
		err  error
	}{
		{"its user", maria().User, nil},
		{"another user", registry.User{PoolID: pool, Name: "maria-2"}, registry.ErrNotOwner},
		{"a user of another pool", registry.User{PoolID: "us-east-1_other", Name: "maria-1"}, registry.ErrNotOwner},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, s *store) {
				s.mustClaim(maria())
				want := s.item(mariasCPF)
				if err := s.table.Bind(t.Context(), mariasCPF, tt.user, "a-sub"); !errors.Is(err, tt.err) {
					t.Errorf("Bind = %v, want %v", err, tt.err)
				}
				if tt.err == nil {
					want["sub"] = text("a-sub")
				}
				if diff := cmp.Diff(want, s.item(mariasCPF), ignored); diff != "" {
					t.Errorf("item (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestNothingIsMadeOfNothing holds that neither call makes a claim.
func TestNothingIsMadeOfNothing(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		if err := s.table.Bind(t.Context(), mariasCPF, maria().User, "a-sub"); !errors.Is(err, registry.ErrNotOwner) {
			t.Errorf("Bind = %v, want %v", err, registry.ErrNotOwner)
		}
		if err := s.table.Renew(t.Context(), mariasCPF, maria().User, now); !errors.Is(err, registry.ErrNotOwner) {
			t.Errorf("Renew = %v, want %v", err, registry.ErrNotOwner)
		}
		if err := s.table.Check(t.Context(), maria()); err != nil {
			t.Errorf("Check of a free CPF = %v, want nil", err)
		}
		if it := s.item(mariasCPF); it != nil {
			t.Errorf("there is an item now: %v", it)
		}
	})
}

// TestReplayKeepsTheSub holds that Cognito's later tries undo no Bind.
func TestReplayKeepsTheSub(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		s.mustClaim(maria(ago(time.Second)))
		if err := s.table.Bind(t.Context(), mariasCPF, maria().User, "a-sub"); err != nil {
			t.Fatal(err)
		}
		s.mustClaim(maria())
		if got := s.item(mariasCPF)["sub"]; !cmp.Equal(got, text("a-sub"), ignored) {
			t.Errorf("sub = %v, want a-sub", got)
		}
	})
}
