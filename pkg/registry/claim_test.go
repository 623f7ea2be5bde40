package registry_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pontte/portaria/local/dynamodb/enginetest"
	"github.com/pontte/portaria/pkg/registry"
)

// TestClaimTable is every row of judge's table, with both answers about the
// owner, and for each what Check says.
func TestClaimTable(t *testing.T) {
	const justInside, justPast = lease - time.Millisecond, lease
	for _, tt := range []struct {
		name    string
		given   registry.Attempt // the claim that stands
		attempt registry.Attempt // the attempt that finds it
		exists  bool             // whether the given claim's owner exists
		outcome registry.Outcome
		err     error
		asked   bool // whether the owner is asked for
	}{
		{name: "replay at once", given: maria(), attempt: maria(), outcome: registry.Replayed},
		{name: "replay inside the lease", given: maria(ago(5 * time.Second)), attempt: maria(), outcome: registry.Replayed},
		{name: "replay past the lease, user exists", given: maria(ago(time.Hour)), attempt: maria(), exists: true, outcome: registry.Replayed},
		{name: "replay past the lease, user does not", given: maria(ago(time.Hour)), attempt: maria(), outcome: registry.Replayed},
		{name: "first try after the second", given: maria(ago(-5 * time.Second)), attempt: maria(), outcome: registry.Replayed},
		{name: "first try long after the second", given: maria(ago(-time.Hour)), attempt: maria(), outcome: registry.Replayed},

		{name: "same user, other content, inside", given: maria(otherContent, ago(justInside)), attempt: maria(), err: registry.ErrInProgress},
		{name: "same user, other content, inside, exists", given: maria(otherContent, ago(justInside)), attempt: maria(), exists: true, err: registry.ErrInProgress},
		{name: "same user, other content, from later", given: maria(otherContent, ago(-time.Second)), attempt: maria(), err: registry.ErrInProgress},
		{name: "same user, other content, past, exists", given: maria(otherContent, ago(justPast)), attempt: maria(), exists: true, err: registry.ErrTaken, asked: true},
		{name: "same user, other content, past, does not", given: maria(otherContent, ago(justPast)), attempt: maria(), outcome: registry.TakenOver, asked: true},

		{name: "same e-mail, inside, exists", given: maria(named("maria-0"), ago(justInside)), attempt: maria(), exists: true, err: registry.ErrTaken, asked: true},
		{name: "same e-mail, inside, does not", given: maria(named("maria-0"), ago(justInside)), attempt: maria(), err: registry.ErrInProgress, asked: true},
		{name: "same e-mail, past, exists", given: maria(named("maria-0"), ago(justPast)), attempt: maria(), exists: true, err: registry.ErrTaken, asked: true},
		{name: "same e-mail, past, does not", given: maria(named("maria-0"), ago(justPast)), attempt: maria(), outcome: registry.TakenOver, asked: true},
		{name: "same e-mail in another case", given: maria(named("maria-0"), func(a *registry.Attempt) { a.Email = "MARIA@Example.COM" }), attempt: maria(), err: registry.ErrInProgress, asked: true},
		{name: "same e-mail of another pool", given: maria(named("maria-0"), func(a *registry.Attempt) { a.User.PoolID = "us-east-1_other" }), attempt: maria(), err: registry.ErrTaken},
		{name: "same name in another pool", given: maria(func(a *registry.Attempt) { a.User.PoolID = "us-east-1_other" }), attempt: maria(), err: registry.ErrTaken},
		{name: "neither has an e-mail", given: joao(func(a *registry.Attempt) {}), attempt: maria(func(a *registry.Attempt) { a.Email = "" }), err: registry.ErrTaken},

		{name: "stranger's, inside, exists", given: joao(ago(justInside)), attempt: maria(), exists: true, err: registry.ErrTaken},
		{name: "stranger's, inside, does not", given: joao(ago(justInside)), attempt: maria(), err: registry.ErrTaken},
		{name: "stranger's, from later", given: joao(ago(-time.Minute)), attempt: maria(), err: registry.ErrTaken},
		{name: "stranger's, past, exists", given: joao(ago(justPast)), attempt: maria(), exists: true, err: registry.ErrTaken, asked: true},
		{name: "stranger's, past, does not", given: joao(ago(justPast)), attempt: maria(), outcome: registry.TakenOver, asked: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, s *store) {
				s.mustClaim(tt.given)
				s.owners.exist[tt.given.User] = tt.exists
				before := s.item(mariasCPF)

				wantCheck := error(nil)
				if errors.Is(tt.err, registry.ErrTaken) {
					wantCheck = registry.ErrTaken
				}
				if tt.outcome == registry.Replayed && tt.exists { // Check cannot know the content
					wantCheck = registry.ErrTaken
				}
				if err := s.table.Check(t.Context(), tt.attempt); !errors.Is(err, wantCheck) {
					t.Errorf("Check = %v, want %v", err, wantCheck)
				}
				if diff := cmp.Diff(before, s.item(mariasCPF), ignored); diff != "" {
					t.Errorf("Check changed the claim (-before +after):\n%s", diff)
				}

				s.owners.asked = nil
				outcome, err := s.table.Claim(t.Context(), tt.attempt)
				if outcome != tt.outcome || !errors.Is(err, tt.err) {
					t.Fatalf("Claim = %q, %v, want %q, %v", outcome, err, tt.outcome, tt.err)
				}
				wantAsked := []registry.Owner(nil)
				if tt.asked {
					wantAsked = []registry.Owner{{CPF: mariasCPF, User: tt.given.User, Email: strings.ToLower(tt.given.Email)}}
				}
				if diff := cmp.Diff(wantAsked, s.owners.asked, cmpopts.EquateComparable(registry.Owner{})); diff != "" {
					t.Errorf("owners asked for (-want +got):\n%s", diff)
				}
				after := s.item(mariasCPF)
				switch {
				case tt.err != nil:
					if diff := cmp.Diff(before, after, ignored); diff != "" {
						t.Errorf("a refused attempt changed the claim (-before +after):\n%s", diff)
					}
				case !cmp.Equal(after["userName"], text(tt.attempt.User.Name), ignored):
					t.Errorf("the claim is %v's, want %s's", after["userName"], tt.attempt.User.Name)
				case claimedAt(t, after).Before(tt.attempt.At):
					t.Errorf("claimedAt = %v, want it as young as the allow at %v", claimedAt(t, after), tt.attempt.At)
				case claimedAt(t, after).Before(claimedAt(t, before)):
					t.Errorf("claimedAt went down, from %v to %v", claimedAt(t, before), claimedAt(t, after))
				}
			})
		})
	}
}

var ignored = cmpopts.IgnoreUnexported(
	types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberM{}, types.AttributeValueMemberNULL{},
	types.AttributeValueMemberL{}, types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{})

func claimedAt(t *testing.T, it item) time.Time {
	t.Helper()
	var ms int64
	n, ok := it["claimedAt"].(*types.AttributeValueMemberN)
	if !ok {
		t.Fatalf("claimedAt = %#v, want a number", it["claimedAt"])
	}
	if _, err := fmt.Sscan(n.Value, &ms); err != nil {
		t.Fatal(err)
	}
	return time.UnixMilli(ms).UTC()
}

func TestClaimOfAFreeCPFIsOneRequestAndAsksNobody(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, want := range []registry.Outcome{registry.Claimed, registry.Replayed} {
			s.writes.Store(0)
			outcome, err := s.table.Claim(t.Context(), maria())
			if outcome != want || err != nil {
				t.Fatalf("Claim = %q, %v, want %q, nil", outcome, err, want)
			}
			if w, r, asked := s.writes.Load(), s.reads.Load(), len(s.owners.asked); w != 1 || r != 0 || asked != 0 {
				t.Errorf("%s: %d writes, %d reads, %d look-ups, want 1, 0, 0", want, w, r, asked)
			}
		}
	})
}

func TestClaimRecordsTheWholeSignUp(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		s.mustClaim(maria(func(a *registry.Attempt) { a.Email = "Maria@Example.com" }))
		got := s.item(mariasCPF)
		if c, ok := got["content"].(*types.AttributeValueMemberS); !ok || len(c.Value) != 43 {
			t.Errorf("content = %v, want a hash of 43 characters", got["content"])
		}
		delete(got, "content")
		want := item{
			"cpf": text("52998224725"), "userPoolId": text(pool), "userName": text("maria-1"),
			"email": text("maria@example.com"), "phoneNumber": text("+5551999999999"),
			"trackCode": text("21a81129400fbf441ae138e52eae8778"), "triggerSource": text("PreSignUp_AdminCreateUser"),
			"claimedAt": number(fmt.Sprint(now.UnixMilli())),
			"simulation": &types.AttributeValueMemberM{Value: item{
				"id": text("mHPkDoN3TNqw7G3nxA4GAw"), "loanValue": number("123123"), "term": number("180"),
				"installment": number("2439.02"), "loanValueSelected": number("123123"), "phone": text("+5551999999999"),
			}},
		}
		if diff := cmp.Diff(want, got, ignored); diff != "" {
			t.Errorf("item (-want +got):\n%s", diff)
		}
	})
}

func TestTakeoverWritesTheWholeRecordAnew(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		first := joao(ago(time.Hour))
		s.mustClaim(first)
		if err := s.table.Bind(t.Context(), mariasCPF, first.User, "a-sub"); err != nil {
			t.Fatal(err)
		}
		bare := maria(func(a *registry.Attempt) { a.Email, a.PhoneNumber = "", "" })
		if outcome, err := s.table.Claim(t.Context(), bare); outcome != registry.TakenOver || err != nil {
			t.Fatalf("Claim = %q, %v, want %q, nil", outcome, err, registry.TakenOver)
		}
		takenOver := s.item(mariasCPF)

		s.put(mariasCPF, nil) // the same claim on an empty item, for comparison
		other := newStore(t, endpointOf(s))
		other.mustClaim(bare)
		if diff := cmp.Diff(other.item(mariasCPF), takenOver, ignored); diff != "" {
			t.Errorf("taken over, against claimed anew (-anew +taken over):\n%s", diff)
		}
	})
}

// TestContentIsEveryValueOfTheAttempt changes one value at a time: each makes
// another attempt of it, and another spelling does not.
func TestContentIsEveryValueOfTheAttempt(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		s.mustClaim(maria())
		for name, change := range map[string]func(*registry.Attempt){
			"e-mail":            func(a *registry.Attempt) { a.Email = "maria2@example.com" },
			"phone number":      func(a *registry.Attempt) { a.PhoneNumber = "+5551999999998" },
			"trackCode":         func(a *registry.Attempt) { a.Simulation.TrackCode += "x" },
			"simulationId":      func(a *registry.Attempt) { a.Simulation.ID += "x" },
			"loanValue":         func(a *registry.Attempt) { a.Simulation.LoanValue = amount("123124") },
			"term":              func(a *registry.Attempt) { a.Simulation.Term = 181 },
			"installment":       func(a *registry.Attempt) { a.Simulation.Installment = amount("2439.03") },
			"loanValueSelected": func(a *registry.Attempt) { a.Simulation.LoanValueSelected = amount("123122.99") },
			"phone":             func(a *registry.Attempt) { a.Simulation.Phone = phone("+5551999999997") },
			"values moved": func(a *registry.Attempt) {
				a.Simulation.TrackCode, a.Simulation.ID = a.Simulation.TrackCode+a.Simulation.ID[:1], a.Simulation.ID[1:]
			},
		} {
			if outcome, err := s.table.Claim(t.Context(), maria(change)); !errors.Is(err, registry.ErrInProgress) {
				t.Errorf("other %s: Claim = %q, %v, want %v", name, outcome, err, registry.ErrInProgress)
			}
		}
		same := maria(func(a *registry.Attempt) {
			a.Email = "MARIA@example.com"
			a.Simulation.Installment = amount("02439.020")
			a.Simulation.Phone = phone("+55 51 99999-9999")
			a.TriggerSource = "PreSignUp_SignUp"
		})
		if outcome, err := s.table.Claim(t.Context(), same); outcome != registry.Replayed || err != nil {
			t.Errorf("other spelling: Claim = %q, %v, want %q, nil", outcome, err, registry.Replayed)
		}
	})
}

// TestNineteenDigitsComeBackExact needs a store that keeps numbers exact, which
// minidyn does not (it keeps float64).
func TestNineteenDigitsComeBackExact(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		const figure, asFloat64 = "999999999999999.9999", "1000000000000000"
		s.mustClaim(maria(func(a *registry.Attempt) {
			a.Simulation.LoanValue, a.Simulation.Installment = amount(figure), amount("123456789012345.6789")
		}))
		stored := s.item(mariasCPF)["simulation"].(*types.AttributeValueMemberM).Value
		got := stored["loanValue"].(*types.AttributeValueMemberN).Value
		if strings.HasSuffix(t.Name(), enginetest.Minidyn) {
			if got != asFloat64 {
				t.Errorf("minidyn gives %s, not a float64's %s: has it become exact?", got, asFloat64)
			}
			return
		}
		if got != figure {
			t.Errorf("loanValue = %s, want %s", got, figure)
		}
		if got := stored["installment"].(*types.AttributeValueMemberN).Value; got != "123456789012345.6789" {
			t.Errorf("installment = %s, want 123456789012345.6789", got)
		}
	})
}

func TestThreeHundredAtOnceOneWins(t *testing.T) {
	const rounds, people = 20, 300
	onEveryStore(t, func(t *testing.T, s *store) {
		for round := range rounds {
			c := mustCPF(generated(round))
			var won, taken sync.Map
			var all sync.WaitGroup
			start := make(chan struct{})
			for i := range people {
				all.Go(func() {
					a := maria(func(a *registry.Attempt) {
						a.CPF, a.User.Name, a.Email = c, fmt.Sprint("person-", i), fmt.Sprintf("person-%d@example.com", i)
					})
					<-start
					switch _, err := s.table.Claim(t.Context(), a); {
					case err == nil:
						won.Store(i, a)
					case errors.Is(err, registry.ErrTaken):
						taken.Store(i, a)
					default:
						t.Errorf("round %d: Claim error = %v", round, err)
					}
				})
			}
			close(start)
			all.Wait()
			if w, l := size(&won), size(&taken); w != 1 || l != people-1 {
				t.Errorf("round %d: %d won and %d lost, want 1 and %d", round, w, l, people-1)
			}
		}
	})
}

func TestTakingOverAtOnceOneWins(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		for round := range 20 {
			c := mustCPF(generated(round))
			of := func(i int) registry.Attempt {
				return maria(func(a *registry.Attempt) {
					a.CPF, a.User.Name, a.Email = c, fmt.Sprint("person-", i), fmt.Sprintf("person-%d@example.com", i)
				})
			}
			abandoned := of(0)
			abandoned.At = now.Add(-time.Hour)
			s.mustClaim(abandoned)
			var won sync.Map
			var all sync.WaitGroup
			for i := 1; i <= 30; i++ {
				all.Go(func() {
					if _, err := s.table.Claim(t.Context(), of(i)); err == nil {
						won.Store(i, true)
					} else if !errors.Is(err, registry.ErrTaken) {
						t.Errorf("round %d: Claim error = %v", round, err)
					}
				})
			}
			all.Wait()
			if size(&won) != 1 {
				t.Errorf("round %d: %d took over, want 1", round, size(&won))
			}
		}
	})
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}
