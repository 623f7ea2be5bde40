package registry_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/registry"
)

// TestClaimOfAnotherHandLetsNobodyIn puts items that this package would not
// write: whoever meets one is refused, whatever the age, and leaves it be.
func TestClaimOfAnotherHandLetsNobodyIn(t *testing.T) {
	whole := item{
		"userPoolId": text(pool), "userName": text("maria-1"), "email": text("maria@example.com"), "content": text("x"),
		"claimedAt": millis(now.Add(-time.Hour)),
	}
	with := func(name string, value types.AttributeValue) item {
		it := maps.Clone(whole)
		it[name] = value
		if value == nil {
			delete(it, name)
		}
		return it
	}
	for name, it := range map[string]item{
		"its key alone":              {},
		"an old function's":          {"email": text("maria@example.com"), "created": text("2024-01-01")},
		"no user name":               with("userName", nil),
		"an empty user name":         with("userName", text("")),
		"a number for a user name":   with("userName", number("1")),
		"a null user name":           with("userName", &types.AttributeValueMemberNULL{Value: true}),
		"no pool":                    with("userPoolId", nil),
		"a list for a pool":          with("userPoolId", &types.AttributeValueMemberL{Value: []types.AttributeValue{text(pool)}}),
		"no claimedAt":               with("claimedAt", nil),
		"text for claimedAt":         with("claimedAt", text("1000")),
		"a fraction for claimedAt":   with("claimedAt", number("1000.5")),
		"claimedAt beyond an int64":  with("claimedAt", number("100000000000000000000")),
		"a number for an e-mail":     with("email", number("1")),
		"a number for its content":   with("content", number("1")),
		"a truth value for its sub":  with("sub", &types.AttributeValueMemberBOOL{Value: true}),
		"binary data for a userName": with("userName", &types.AttributeValueMemberB{Value: []byte("maria-1")}),
	} {
		t.Run(name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, s *store) {
				s.put(mariasCPF, it)
				before := s.item(mariasCPF)
				_, err := s.table.Claim(t.Context(), maria())
				wantDoubt(t, err)
				wantDoubt(t, s.table.Check(t.Context(), maria()))
				if len(s.owners.asked) != 0 {
					t.Errorf("asked for %v, want nobody", s.owners.asked)
				}
				if err := s.table.Bind(t.Context(), mariasCPF, registry.User{PoolID: pool, Name: "nobody"}, "a-sub"); !errors.Is(err, registry.ErrNotOwner) {
					t.Errorf("Bind = %v, want ErrNotOwner", err)
				}
				if diff := cmp.Diff(before, s.item(mariasCPF), ignored); diff != "" {
					t.Errorf("the item changed (-before +after):\n%s", diff)
				}
			})
		})
	}
}

// TestItemWithoutContentIsNobodysReplay keeps a missing content from equalling
// that of an attempt whose simulation could not be read.
func TestItemWithoutContentIsNobodysReplay(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		s.put(mariasCPF, item{"userPoolId": text(pool), "userName": text("maria-1"), "claimedAt": millis(now.Add(time.Second))})
		if _, err := s.table.Claim(t.Context(), maria()); !errors.Is(err, registry.ErrInProgress) {
			t.Errorf("Claim error = %v, want %v", err, registry.ErrInProgress)
		}
	})
}

func TestOwnerWhoCannotBeLookedUpKeepsTheCPF(t *testing.T) {
	cause := errors.New("too many requests")
	for name, given := range map[string]registry.Attempt{
		"past the lease":                joao(ago(time.Hour)),
		"same e-mail, inside the lease": maria(named("maria-0")),
	} {
		t.Run(name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, s *store) {
				s.mustClaim(given)
				s.owners.err = cause
				_, err := s.table.Claim(t.Context(), maria())
				wantDoubt(t, err)
				if !errors.Is(err, cause) {
					t.Errorf("Claim error = %v, want it to tell the cause", err)
				}
				wantDoubt(t, s.table.Check(t.Context(), maria()))
			})
		})
	}
}

func wantDoubt(t *testing.T, err error) {
	t.Helper()
	if _, ok := errors.AsType[*registry.DoubtError](err); !ok || !errors.Is(err, registry.ErrTaken) {
		t.Errorf("error = %#v, want a *DoubtError that is ErrTaken", err)
	}
}

// TestTakeoverOnlyOfTheClaimThatWasJudged changes the claim between the look-up
// of its owner and the takeover.
func TestTakeoverOnlyOfTheClaimThatWasJudged(t *testing.T) {
	for _, tt := range []struct {
		name      string
		meanwhile func(*store)
		outcome   registry.Outcome
		err       error
	}{
		{"renewed by its owner", func(s *store) { s.mustClaim(joao()) }, "", registry.ErrTaken},
		{"bound by its owner, still past the lease", func(s *store) {
			if err := s.table.Bind(s.t.Context(), mariasCPF, joao().User, "a-sub"); err != nil {
				s.t.Error(err)
			}
		}, registry.TakenOver, nil},
		{"removed", func(s *store) { s.remove(mariasCPF) }, registry.Claimed, nil},
		{"taken over by a third", func(s *store) {
			s.put(mariasCPF, item{"userPoolId": text(pool), "userName": text("ana-1"), "claimedAt": millis(now)})
		}, "", registry.ErrTaken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, s *store) {
				s.mustClaim(joao(ago(time.Hour)))
				looks := 0
				s.owners.then = func() {
					if looks++; looks == 1 {
						tt.meanwhile(s)
					}
				}
				outcome, err := s.table.Claim(t.Context(), maria())
				if outcome != tt.outcome || !errors.Is(err, tt.err) {
					t.Errorf("Claim = %q, %v, want %q, %v", outcome, err, tt.outcome, tt.err)
				}
			})
		})
	}
}

func TestTakeoverGivesUpAfterThreeMoreLooks(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		s.mustClaim(joao(ago(time.Hour)))
		looks := 0
		s.owners.then = func() { // another abandoned claim every time
			looks++
			s.put(mariasCPF, item{
				"userPoolId": text(pool), "userName": text(fmt.Sprint("ana-", looks)), "claimedAt": millis(now.Add(-time.Hour)),
			})
		}
		if outcome, err := s.table.Claim(t.Context(), maria()); !errors.Is(err, registry.ErrTaken) {
			t.Errorf("Claim = %q, %v, want %v", outcome, err, registry.ErrTaken)
		}
		if looks != 4 {
			t.Errorf("judged %d times, want 4: once and three times more", looks)
		}
	})
}

// TestLostReplyOfATakeover lets the SDK's own retry meet the takeover that its
// first try wrote.
func TestLostReplyOfATakeover(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		s.mustClaim(joao(ago(time.Hour)))
		table := registry.New(&twice{DynamoDB: s}, s.name, lease, s.owners)
		if outcome, err := table.Claim(t.Context(), maria()); err != nil || outcome != registry.Replayed {
			t.Errorf("Claim = %q, %v, want %q, nil", outcome, err, registry.Replayed)
		}
	})
}

// twice sends every write twice and tells of the second, as a client does whose
// first reply was lost.
type twice struct{ registry.DynamoDB }

func (w *twice) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	_, _ = w.DynamoDB.UpdateItem(ctx, in, o...)
	return w.DynamoDB.UpdateItem(ctx, in, o...)
}

func TestStoreThatFailsIsNeitherTakenNorFree(t *testing.T) {
	down := errors.New("connection refused")
	table := registry.New(failing{down}, "claims", lease, &fakeOwners{})
	for name, call := range map[string]func(context.Context) error{
		"Claim": func(ctx context.Context) error { _, err := table.Claim(ctx, maria()); return err },
		"Check": func(ctx context.Context) error { return table.Check(ctx, maria()) },
		"Renew": func(ctx context.Context) error { return table.Renew(ctx, mariasCPF, maria().User, now) },
		"Bind":  func(ctx context.Context) error { return table.Bind(ctx, mariasCPF, maria().User, "a-sub") },
	} {
		err := call(t.Context())
		if !errors.Is(err, down) || errors.Is(err, registry.ErrTaken) || errors.Is(err, registry.ErrInProgress) || errors.Is(err, registry.ErrNotOwner) {
			t.Errorf("%s error = %v, want only %v", name, err, down)
		}
	}
}

type failing struct{ err error }

func (f failing) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, f.err
}

func (f failing) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, f.err
}

// TestConditionalCheckNeverLeaves holds that no caller meets DynamoDB's own
// word for a lost race, even from a store that does not give the item.
func TestConditionalCheckNeverLeaves(t *testing.T) {
	table := registry.New(failing{&types.ConditionalCheckFailedException{}}, "claims", lease, &fakeOwners{})
	_, claim := table.Claim(t.Context(), maria())
	wantDoubt(t, claim)
	for name, err := range map[string]error{
		"Claim": claim,
		"Renew": table.Renew(t.Context(), mariasCPF, maria().User, now),
		"Bind":  table.Bind(t.Context(), mariasCPF, maria().User, "a-sub"),
	} {
		if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok || err == nil {
			t.Errorf("%s error = %v, want one of the package's own", name, err)
		}
	}
}
