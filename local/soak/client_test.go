package soak_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/simulation"
)

// people are all who try to get the CPF: one person under two user names, two
// strangers of whom one has no e-mail, and the first user name in another pool.
var people = [...]claim{
	{user: registry.User{PoolID: "us-east-1_portaria", Name: "ana-1"}, email: "ana@example.com"},
	{user: registry.User{PoolID: "us-east-1_portaria", Name: "ana-2"}, email: "Ana@Example.com"},
	{user: registry.User{PoolID: "us-east-1_portaria", Name: "bia-1"}, email: "bia@example.com"},
	{user: registry.User{PoolID: "us-east-1_portaria", Name: "caio-1"}},
	{user: registry.User{PoolID: "us-east-1_other", Name: "ana-1"}, email: "ana@example.com"},
}

var visits = [...]string{"visit-1", "visit-2"}

// client does one thing after the other in a world. What it does is chosen by
// choose, which gives a number below n; everything else follows.
type client struct {
	world  *world
	reads  *reader
	choose func(n int) int
	skew   time.Duration
	asked  []look // by the call that is under way
	err    error  // what should not have come back
}

type clientKey struct{}

// act does one thing that asks the registry, and what comes of it.
func (c *client) act(ctx context.Context) {
	ctx, c.asked = context.WithValue(ctx, clientKey{}, c), nil
	switch n := c.choose(100); {
	case n < 50:
		c.signUp(ctx)
	case n < 60:
		c.check(ctx)
	case n < 70:
		c.renew(ctx)
	case n < 80:
		c.bind(ctx, people[c.choose(len(people))].user, "sub-"+strconv.Itoa(c.choose(3)))
	default:
		c.read(ctx)
	}
	switch n := c.choose(100); {
	case n < 10:
		c.world.delete(people[c.choose(len(people))].user)
	case n < 40:
		c.world.pass(time.Duration(c.choose(4000)) * time.Millisecond)
	case n < 50:
		c.world.pass(lease + time.Duration(c.choose(20_000)-10_000)*time.Millisecond)
	}
}

// signUp claims, and when it is allowed to, mostly creates the user and binds it.
func (c *client) signUp(ctx context.Context) {
	a, began := c.attempt()
	out := c.world.history.record(input{claiming, a}, func() output {
		outcome, err := c.world.table.Claim(ctx, c.world.attempt(a))
		return output{answer: c.answer(err, answer(outcome)), asked: c.asked}
	})
	allowed := out.answer == allowedNew || out.answer == allowedReplay || out.answer == allowedTakeover
	if allowed && c.choose(100) < 70 && c.world.create(a.user, began) && c.choose(2) == 0 {
		c.bind(ctx, a.user, "sub-of-"+a.user.Name)
	}
}

// attempt chooses an attempt: a person, a visit, and a beginning, which was up to
// 9 s ago where two tries overlap. Its time is that of the client's own clock.
func (c *client) attempt() (a claim, began time.Time) {
	a = people[c.choose(len(people))]
	a.visit = visits[c.choose(len(visits))]
	began = c.world.time()
	if c.choose(3) == 0 {
		began = began.Add(-time.Duration(c.choose(9000)) * time.Millisecond)
	}
	a.at = began.Add(c.skew).UnixMilli()
	return a, began
}

func (c *client) check(ctx context.Context) {
	a, _ := c.attempt()
	c.world.history.record(input{checking, a}, func() output {
		return output{answer: c.answer(c.world.table.Check(ctx, c.world.attempt(a)), notTaken), asked: c.asked}
	})
}

func (c *client) renew(ctx context.Context) {
	a, began := c.attempt()
	c.world.history.record(input{renewing, claim{user: a.user, at: a.at}}, func() output {
		return output{answer: c.answer(c.world.table.Renew(ctx, c.world.cpf, a.user, began.Add(c.skew)), done)}
	})
}

func (c *client) bind(ctx context.Context, u registry.User, sub string) {
	c.world.history.record(input{binding, claim{user: u, sub: sub}}, func() output {
		return output{answer: c.answer(c.world.table.Bind(ctx, c.world.cpf, u, sub), done)}
	})
}

func (c *client) read(ctx context.Context) {
	c.world.history.record(input{kind: reading}, func() output {
		found, err := c.reads.claim(ctx, c.world)
		return output{answer: c.answer(err, done), found: found}
	})
}

// answer names what an operation gave: fine when it gave no error.
func (c *client) answer(err error, fine answer) answer {
	switch {
	case err == nil:
		return fine
	case errors.Is(err, registry.ErrTaken):
		return taken
	case errors.Is(err, registry.ErrInProgress):
		return inProgress
	case errors.Is(err, registry.ErrNotOwner):
		return notOwner
	}
	c.err = err
	return answer("error: " + err.Error())
}

// attempt is a as the registry takes it.
func (w *world) attempt(a claim) registry.Attempt {
	s, err := simulation.Parse(map[string]string{
		simulation.TrackCode: a.visit, simulation.ID: "mHPkDoN3TNqw7G3nxA4GAw", simulation.LoanValue: "123123", simulation.Term: "180",
		simulation.Installment: "2439.02", simulation.LoanValueSelected: "123123", simulation.Phone: "+55 (51) 99999-9999",
	})
	if err != nil {
		panic(err)
	}
	return registry.Attempt{
		CPF: w.cpf, User: a.user, Email: a.email, PhoneNumber: "+5551999999999", Simulation: s,
		TriggerSource: "PreSignUp_AdminCreateUser", At: time.UnixMilli(a.at),
	}
}

// reader reads claims past the registry.
type reader struct {
	client *dynamodb.Client
	table  string
}

func (r *reader) claim(ctx context.Context, w *world) (claim, error) {
	out, err := r.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &r.table, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{"cpf": &types.AttributeValueMemberS{Value: w.cpf.Digits()}},
	})
	if err != nil || out.Item == nil {
		return claim{}, err
	}
	text := func(name string) string {
		s, _ := out.Item[name].(*types.AttributeValueMemberS)
		if s == nil {
			return ""
		}
		return s.Value
	}
	at, ok := out.Item["claimedAt"].(*types.AttributeValueMemberN)
	if !ok {
		return claim{}, fmt.Errorf("claimedAt = %#v, want a number", out.Item["claimedAt"])
	}
	ms, err := strconv.ParseInt(at.Value, 10, 64)
	return claim{
		user:  registry.User{PoolID: text("userPoolId"), Name: text("userName")},
		email: text("email"), visit: text("trackCode"), at: ms, sub: text("sub"),
	}, err
}
