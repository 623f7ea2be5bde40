package soak_test

import (
	"cmp"
	"context"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	local "github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/pkg/registry"
)

// TestBrokenRegistriesAreFound plays the same histories with registries that are
// not as they should be. Each must be found out, or the other tests show nothing.
func TestBrokenRegistriesAreFound(t *testing.T) {
	const cpfs = 40
	for _, tt := range []struct {
		name   string
		lease  time.Duration
		owners func(registry.Owners) registry.Owners
		db     func(registry.DynamoDB) registry.DynamoDB
	}{
		{name: "no condition", db: without(`.*`)},
		{name: "no condition on a claim", db: without(`^attribute_not_exists\(cpf\).*`)},
		{name: "a read, then a write", db: func(db registry.DynamoDB) registry.DynamoDB { return readsFirst{db} }},
		{name: "any pool is the same", db: without(`userPoolId = :userPoolId AND `)},
		{name: "any content is the same", db: without(` AND content = :content`)},
		{name: "claimedAt goes down", db: without(` AND claimedAt <= :claimedAt`)},
		{name: "a takeover of whatever stands", db: without(`^userPoolId = :oldUserPoolId.*`)},
		{name: "a takeover of a claim that was renewed", db: without(` AND claimedAt = :oldClaimedAt`)},
		{name: "anybody renews and binds", db: without(`^userPoolId = :userPoolId AND userName = :userName.*`)},
		{name: "no lease", lease: time.Millisecond},
		{name: "a short lease", lease: lease / 2},
		{name: "a long lease", lease: 2 * lease},
		{name: "owners are not asked for", owners: func(registry.Owners) registry.Owners { return says(false) }},
		{name: "owners always exist", owners: func(registry.Owners) registry.Owners { return says(true) }},
		{name: "no answer counts as gone", owners: func(o registry.Owners) registry.Owners { return hopeful{o} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(local.NewHandler())
			t.Cleanup(server.Close)
			client, table := newTable(t, server.URL)
			db := registry.DynamoDB(client)
			if tt.db != nil {
				db = tt.db(client)
			}
			newRegistry := func(o registry.Owners) *registry.Table {
				if tt.owners != nil {
					o = tt.owners(o)
				}
				return registry.New(db, table, cmp.Or(tt.lease, lease), o)
			}
			for i := range cpfs {
				w := newWorld(nthCPF(t, i), newRegistry)
				if err := play(t.Context(), w, &reader{client, table}, uint64(i)); err != nil {
					t.Fatal(err)
				}
				switch got := judgement(w); got {
				case porcupine.Illegal:
					t.Logf("found by history %d", i+1)
					return
				case porcupine.Unknown:
					t.Fatalf("history %d could not be judged in time", i+1)
				}
			}
			t.Errorf("%d histories were accepted, want one of them to be found illegal", cpfs)
		})
	}
}

// without gives a DynamoDB whose writes have lost the part of their condition
// that matches.
func without(pattern string) func(registry.DynamoDB) registry.DynamoDB {
	return func(db registry.DynamoDB) registry.DynamoDB { return &broken{db, regexp.MustCompile(pattern)} }
}

type broken struct {
	registry.DynamoDB
	lost *regexp.Regexp
}

func (b *broken) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	condition := b.lost.ReplaceAllString(aws.ToString(in.ConditionExpression), "")
	if in.ConditionExpression = &condition; condition == "" {
		in.ConditionExpression = nil
	}
	// DynamoDB refuses values and names that no expression uses.
	used := aws.ToString(in.UpdateExpression) + " " + condition + " "
	for name := range in.ExpressionAttributeValues {
		if !regexp.MustCompile(name + `\b`).MatchString(used) {
			delete(in.ExpressionAttributeValues, name)
		}
	}
	for name := range in.ExpressionAttributeNames {
		if !strings.Contains(used, name) {
			delete(in.ExpressionAttributeNames, name)
		}
	}
	if len(in.ExpressionAttributeNames) == 0 {
		in.ExpressionAttributeNames = nil
	}
	return b.DynamoDB.UpdateItem(ctx, in, o...)
}

// readsFirst claims a CPF that it reads to be free, as the old function did.
type readsFirst struct{ registry.DynamoDB }

func (r readsFirst) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	got, err := r.GetItem(ctx, &dynamodb.GetItemInput{TableName: in.TableName, Key: in.Key, ConsistentRead: aws.Bool(true)})
	if err == nil && len(got.Item) == 0 && strings.HasPrefix(*in.ConditionExpression, "attribute_not_exists(cpf)") {
		return (&broken{r.DynamoDB, regexp.MustCompile(`.*`)}).UpdateItem(ctx, in, o...)
	}
	return r.DynamoDB.UpdateItem(ctx, in, o...)
}

// says answers the same about everybody.
type says bool

func (s says) Exists(context.Context, registry.Owner) (bool, error) { return bool(s), nil }

// hopeful takes no answer for a no.
type hopeful struct{ registry.Owners }

func (h hopeful) Exists(ctx context.Context, o registry.Owner) (bool, error) {
	exists, _ := h.Owners.Exists(ctx, o)
	return exists, nil
}
