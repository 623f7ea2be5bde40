package model_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/local/model"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

// mutant is a mutation of the protocol and what must find it.
type mutant struct {
	model.Mutation
	in    model.Scenario
	by    byte   // the invariant that is broken first
	harms string // others that it breaks, each looked for by itself
}

func mutants() []mutant {
	people := func(change func(*model.Scenario), calls ...model.Call) model.Scenario {
		s := asBuilt
		s.Calls, s.Bind = calls, false
		if change != nil {
			change(&s)
		}
		return s
	}
	plain := func(s *model.Scenario) { s.Pools = model.PlainNames }
	binding := func(s *model.Scenario) { s.Pools, s.Bind, s.Deletes, s.Ticks = model.PlainNames, true, 1, 4 }
	deleting := func(s *model.Scenario) { s.Deletes = 1 }
	return []mutant{
		{model.Mutation{Name: "no condition", Store: unconditionally(claims)},
			people(nil, maria, joao), 'b', "ac"},
		{model.Mutation{Name: "read, then write", Store: func(s model.Store) registry.DynamoDB { return readFirst{s} }},
			people(nil, maria, joao), 'c', "a"},
		{model.Mutation{Name: "no owner is ever found", Owners: func(model.Parts) registry.Owners {
			return ownersFunc(func(context.Context, registry.Owner) (bool, error) { return false, nil })
		}}, people(nil, maria, joao), 'b', "ac"},
		{model.Mutation{Name: "an owner with another CPF counts", Owners: func(p model.Parts) registry.Owners {
			return ownersFunc(func(ctx context.Context, o registry.Owner) (bool, error) {
				err := p.Users.Find(ctx, o.User)
				if errors.Is(err, userpool.ErrNotFound) {
					return false, nil
				}
				return err == nil, err
			})
		}}, people(plain, maria, named("maria", ana)), 'b', ""},
		{model.Mutation{Name: "take over on doubt", Owners: func(p model.Parts) registry.Owners {
			return ownersFunc(func(ctx context.Context, o registry.Owner) (bool, error) {
				exists, err := p.Users.Exists(ctx, o)
				return exists && err == nil, nil
			})
		}}, people(func(s *model.Scenario) { s.Faults = 1 }, maria, joao), 'c', "a"},
		{model.Mutation{Name: "let in when the table does not answer", Registry: failOpen},
			people(func(s *model.Scenario) { s.Faults = 1 }, maria, joao), 'd', "ae"},
		{model.Mutation{Name: "takeover without looking whether the claim changed", Store: unconditionally(takesOver)},
			people(nil, maria, joao, rita), 'c', "a"},
		{model.Mutation{Name: "the lease is ignored", Lease: func(int) int { return 0 }},
			people(nil, maria, joao), 'c', "a"},
		{model.Mutation{Name: "takeover inside the lease for the same user", Store: rewrite(func(in *dynamodb.UpdateItemInput) {
			if claims(in) {
				cut(in, "content = :content AND ")
			}
		})}, people(plain, maria, otherwise(maria)), 'c', ""},
		{model.Mutation{Name: "the same e-mail is the same user", Store: rewrite(func(in *dynamodb.UpdateItemInput) {
			if claims(in) {
				swap(in, "userName = :userName", "email = :email")
			}
		})}, people(nil, maria, again(maria)), 'b', "ac"},
		{model.Mutation{Name: "other content of a user who exists is allowed", Registry: letOwnersIn},
			people(func(s *model.Scenario) { s.Pools, s.Deletes = model.PlainNames, 1 }, maria, otherwise(maria), joao), 'd', "a"},
		{model.Mutation{Name: "a replay does not renew", Store: func(s model.Store) registry.DynamoDB { return lazyReplay{s} }},
			people(nil, tries(2, maria), joao), 'd', "a"},
		{model.Mutation{Name: "claimedAt may go down", Store: rewrite(func(in *dynamodb.UpdateItemInput) {
			if claims(in) {
				cut(in, " AND claimedAt <= :claimedAt")
			}
		})}, people(nil, tries(2, maria), joao), 'd', "a"},
		{model.Mutation{Name: "takeover keeps the sub", Store: rewrite(func(in *dynamodb.UpdateItemInput) {
			if takesOver(in) {
				in.UpdateExpression = aws.String(withoutRemove.ReplaceAllString(*in.UpdateExpression, ""))
			}
		})}, people(func(s *model.Scenario) { s.Bind, s.Deletes = true, 1 }, maria, joao), 'e', ""},
		{model.Mutation{Name: "Bind on no condition, with the user name", Store: rewrite(func(in *dynamodb.UpdateItemInput) {
			if binds(in) {
				in.ConditionExpression = nil
				in.UpdateExpression = aws.String("SET #sub = :sub, userName = :userName")
			}
		})}, people(binding, maria, joao, rita), 'c', "ae"},
		{model.Mutation{Name: "Bind by e-mail, with the user name", Store: rewrite(func(in *dynamodb.UpdateItemInput) {
			if binds(in) {
				in.ConditionExpression = aws.String("userPoolId = :userPoolId AND email = :email")
				in.UpdateExpression = aws.String("SET #sub = :sub, userName = :userName")
				in.ExpressionAttributeValues[":email"] = &types.AttributeValueMemberS{Value: "maria@example.com"}
			}
		})}, people(binding, maria, named("maria-2", maria), joao), 'c', "ae"},
		{model.Mutation{Name: "release on failure", Release: release},
			people(plain, maria, again(maria), joao), 'e', "a"},
		{model.Mutation{Name: "a RESEND renews anybody's claim", Store: unconditionally(renews)},
			people(func(s *model.Scenario) { s.Pools, s.Deletes = model.PlainNames, 1 }, maria, ana, kind(model.Bare, model.Call{Person: "ana"})), 'd', "ace"},
		{model.Mutation{Name: "takeover without looking at claimedAt", Store: rewrite(func(in *dynamodb.UpdateItemInput) {
			if takesOver(in) {
				cut(in, " AND claimedAt = :oldClaimedAt")
			}
		})}, people(deleting, tries(2, maria), joao), 'c', "a"},
	}
}

// TestEveryMutationIsFound explores the protocol with one thing done otherwise
// at a time. It prints the shortest schedule to the first invariant that breaks,
// and to the harm that it does.
func TestEveryMutationIsFound(t *testing.T) {
	for _, m := range mutants() {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			v := violation(t, m, "")
			switch {
			case v == nil:
				t.Fatal("it was not found")
			case v.Invariant != m.by:
				t.Errorf("it was found by (%c), want (%c)", v.Invariant, m.by)
			}
			t.Logf("%s: found by (%c) in %d steps\n%s", m.Name, v.Invariant, len(v.Schedule), v)
			for _, harm := range m.harms {
				if v := violation(t, m, string(harm)); v == nil {
					t.Errorf("it does not break (%c)", harm)
				} else {
					t.Logf("%s: breaks (%c) in %d steps\n%s", m.Name, harm, len(v.Schedule), v)
				}
			}
		})
	}
}

func violation(t *testing.T, m mutant, watch string) *model.Violation {
	t.Helper()
	s := m.in
	s.Name, s.Mutation, s.Watch = m.Name, &m.Mutation, watch
	r, err := model.Explore(s)
	if err != nil {
		t.Fatal(err)
	}
	return r.Violation
}
