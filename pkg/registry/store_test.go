package registry_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/dynamodb/enginetest"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/simulation"
)

const lease = 30 * time.Second

// now is when the attempts of the tests begin. Nothing else tells the time.
var now = time.Date(2026, time.March, 10, 9, 30, 0, 0, time.UTC)

// onEveryStore runs test on every engine that can be had, with an empty table.
func onEveryStore(t *testing.T, test func(*testing.T, *store)) {
	t.Helper()
	enginetest.OnEach(t, func(t *testing.T, endpoint string) { test(t, newStore(t, endpoint)) })
}

// store is an engine with an empty claims table, which it watches.
type store struct {
	t      *testing.T
	client *dynamodb.Client
	name   string
	owners *fakeOwners
	table  *registry.Table
	writes atomic.Int64
	reads  atomic.Int64
}

var tables atomic.Int64

func newStore(t *testing.T, endpoint string) *store {
	s := &store{
		t:      t,
		client: local.Client(endpoint),
		name:   fmt.Sprintf("claims-%d-%d", os.Getpid(), tables.Add(1)),
		owners: &fakeOwners{exist: map[registry.User]bool{}},
	}
	if err := local.CreateTable(t.Context(), s.client, s.name); err != nil {
		t.Fatal(err)
	}
	s.table = registry.New(s, s.name, lease, s.owners)
	return s
}

var _ registry.DynamoDB = (*store)(nil)

func (s *store) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	s.writes.Add(1)
	return s.client.UpdateItem(ctx, in, o...)
}

func (s *store) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	s.reads.Add(1)
	if !aws.ToBool(in.ConsistentRead) {
		s.t.Error("the table was read without ConsistentRead")
	}
	return s.client.GetItem(ctx, in, o...)
}

type item = map[string]types.AttributeValue

// item reads c's item as it stands; nil when there is none.
func (s *store) item(c cpf.CPF) item {
	s.t.Helper()
	out, err := s.client.GetItem(s.t.Context(), &dynamodb.GetItemInput{
		TableName: &s.name, Key: item{"cpf": text(c.Digits())}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out.Item
}

// put writes c's item as something other than the registry would.
func (s *store) put(c cpf.CPF, attributes item) {
	s.t.Helper()
	it := item{"cpf": text(c.Digits())}
	maps.Copy(it, attributes)
	if _, err := s.client.PutItem(s.t.Context(), &dynamodb.PutItemInput{TableName: &s.name, Item: it}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *store) remove(c cpf.CPF) {
	s.t.Helper()
	if _, err := s.client.DeleteItem(s.t.Context(), &dynamodb.DeleteItemInput{TableName: &s.name, Key: item{"cpf": text(c.Digits())}}); err != nil {
		s.t.Fatal(err)
	}
}

// mustClaim makes a claim on which a test builds.
func (s *store) mustClaim(a registry.Attempt) {
	s.t.Helper()
	if outcome, err := s.table.Claim(s.t.Context(), a); err != nil {
		s.t.Fatalf("Claim = %q, %v, want no error", outcome, err)
	}
}

func text(s string) types.AttributeValue       { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue     { return &types.AttributeValueMemberN{Value: s} }
func millis(at time.Time) types.AttributeValue { return number(fmt.Sprint(at.UnixMilli())) }

// fakeOwners answers for the users it was told of, and takes down who was asked
// for.
type fakeOwners struct {
	mu    sync.Mutex
	exist map[registry.User]bool
	err   error
	asked []registry.Owner
	then  func() // called before every answer
}

func (f *fakeOwners) Exists(_ context.Context, o registry.Owner) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, o)
	if f.then != nil {
		f.then()
	}
	return f.exist[o.User], f.err
}

const pool = "us-east-1_portaria"

// mariasCPF is a well-known number that belongs to nobody.
var mariasCPF = mustCPF("52998224725")

func mustCPF(s string) cpf.CPF {
	c, err := cpf.Parse(s)
	if err != nil {
		panic(err)
	}
	return c
}

// maria is an attempt of one person; change makes other attempts of it.
func maria(change ...func(*registry.Attempt)) registry.Attempt {
	s, err := simulation.Parse(map[string]string{
		simulation.TrackCode: "21a81129400fbf441ae138e52eae8778", simulation.ID: "mHPkDoN3TNqw7G3nxA4GAw",
		simulation.LoanValue: "123123", simulation.Term: "180", simulation.Installment: "2439.02",
		simulation.LoanValueSelected: "123123", simulation.Phone: "+55 (51) 99999-9999",
	})
	if err != nil {
		panic(err)
	}
	a := registry.Attempt{
		CPF: mariasCPF, User: registry.User{PoolID: pool, Name: "maria-1"}, Email: "maria@example.com",
		PhoneNumber: "+5551999999999", Simulation: s, TriggerSource: "PreSignUp_AdminCreateUser", At: now,
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

// joao is an attempt of a stranger at maria's CPF.
func joao(change ...func(*registry.Attempt)) registry.Attempt {
	a := maria(change...)
	a.User.Name, a.Email, a.PhoneNumber = "joao-1", "joao@example.com", "+5511988888888"
	return a
}

func named(name string) func(*registry.Attempt) {
	return func(a *registry.Attempt) { a.User.Name = name }
}

// ago makes an attempt begin that long before now; a negative one after it.
func ago(d time.Duration) func(*registry.Attempt) {
	return func(a *registry.Attempt) { a.At = now.Add(-d) }
}

func otherContent(a *registry.Attempt) { a.Simulation.TrackCode = "another visit" }
