package model_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/local/model"
)

// TestWhatTheProtocolRestsOn takes each assumption away and prints what it
// costs: two users with one CPF.
func TestWhatTheProtocolRestsOn(t *testing.T) {
	for _, s := range []model.Scenario{
		scenario("no user is created later than a lease after the allow", func(s *model.Scenario) {
			s.Calls = []model.Call{maria, joao}
			s.Creation, s.Ticks = 2, 2
		}),
		scenario("clocks agree to less than the lease leaves over", func(s *model.Scenario) {
			s.Calls = []model.Call{maria, joao}
			s.Skew, s.Ticks = 1, 2
		}),
		scenario("the trigger sees the final name, or e-mails do not change", func(s *model.Scenario) {
			s.Pools, s.SafeEmails = model.HiddenNames, true
			s.Calls = []model.Call{maria, joao}
			s.Changes = 1
		}),
		scenario("the trigger sees the final name, or no two users get one e-mail at once", func(s *model.Scenario) {
			s.Pools = model.HiddenNames
			s.Calls = []model.Call{maria, again(maria)}
		}),
	} {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			s.Watch = "a"
			r, err := model.Explore(s)
			if err != nil {
				t.Fatal(err)
			}
			if r.Violation == nil {
				t.Fatalf("nothing breaks without it in %d states", r.States)
			}
			t.Logf("without %q:\n%s", s.Name, r.Violation)
		})
	}
}

// TestTheSubIsNotNeeded holds that nothing rests on the sub in the condition of
// a takeover: the three others tell the claims of all attempts apart.
func TestTheSubIsNotNeeded(t *testing.T) {
	s := scenario("takeover without looking at the sub", func(s *model.Scenario) {
		s.Calls = []model.Call{maria, again(maria), joao}
		s.Deletes = 1
		s.Mutation = &model.Mutation{Name: s.Name, Store: rewrite(func(in *dynamodb.UpdateItemInput) {
			if takesOver(in) {
				*in.ConditionExpression = onSub.ReplaceAllString(*in.ConditionExpression, "")
			}
		})}
	})
	r, err := model.Explore(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d states", r.States)
	if r.Violation != nil {
		t.Errorf("it is:\n%s", r.Violation)
	}
}
