package limit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/dynamodb/enginetest"
	"github.com/pontte/portaria/pkg/limit"
)

// now is a time in the middle of every window that the tests use. Nothing else
// tells the time.
var now = time.Date(2026, time.March, 10, 9, 32, 20, 0, time.UTC)

// The rules of the resend route.
var (
	aMinute = limit.Rule{Name: "resend-minute", Limit: 1, Window: time.Minute}
	anHour  = limit.Rule{Name: "resend-hour", Limit: 5, Window: time.Hour}
	aDay    = limit.Rule{Name: "resend-day", Limit: 10, Window: 24 * time.Hour}
)

// onEveryStore runs test on every engine that can be had, with an empty table.
func onEveryStore(t *testing.T, test func(*testing.T, *store)) {
	t.Helper()
	enginetest.OnEach(t, func(t *testing.T, endpoint string) { test(t, newStore(t, endpoint)) })
}

// store is an engine with an empty table of counters.
type store struct {
	t       *testing.T
	client  *dynamodb.Client
	table   string
	limiter *limit.Limiter
}

var tables atomic.Int64

func newStore(t *testing.T, endpoint string) *store {
	s := &store{t: t, client: local.Client(endpoint), table: fmt.Sprintf("limits-%d-%d", os.Getpid(), tables.Add(1))}
	_, err := s.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            &s.table,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("key"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("key"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.limiter = limit.New(s.client, s.table)
	return s
}

type item = map[string]types.AttributeValue

// items reads the whole table.
func (s *store) items() []item {
	s.t.Helper()
	var all []item
	pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{TableName: &s.table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, page.Items...)
	}
	return all
}

// hits is the sum of all counters.
func (s *store) hits() int {
	s.t.Helper()
	sum := 0
	for _, it := range s.items() {
		n, err := strconv.Atoi(it["hits"].(*types.AttributeValueMemberN).Value)
		if err != nil || n < 0 {
			s.t.Errorf("a counter stands at %v, %v", n, err)
		}
		sum += n
	}
	return sum
}

// mustTake takes a place that must be there.
func (s *store) mustTake(subject string, at time.Time, rules ...limit.Rule) {
	s.t.Helper()
	if err := s.limiter.Take(s.t.Context(), subject, at, rules...); err != nil {
		s.t.Fatalf("Take = %v, want no error", err)
	}
}

func (s *store) mustGiveBack(subject string, at time.Time, rules ...limit.Rule) {
	s.t.Helper()
	if err := s.limiter.GiveBack(s.t.Context(), subject, at, rules...); err != nil {
		s.t.Fatalf("GiveBack = %v, want no error", err)
	}
}

func wantExceeded(t *testing.T, err error, rule limit.Rule, retryAfter time.Duration) {
	t.Helper()
	exceeded, ok := errors.AsType[*limit.ExceededError](err)
	if !ok || exceeded.Rule != rule || exceeded.RetryAfter != retryAfter {
		t.Errorf("error = %v, want %s for another %v", err, rule.Name, retryAfter)
	}
}

// watched is a client of which a test decides what some calls answer.
type watched struct {
	limit.DynamoDB
	update func(n int) error // of the nth call, from one; nil: as the table does
	read   func(n int) error

	updates, reads atomic.Int64
}

func (w *watched) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if n := int(w.updates.Add(1)); w.update != nil {
		if err := w.update(n); err != nil {
			return nil, err
		}
	}
	return w.DynamoDB.UpdateItem(ctx, in, o...)
}

func (w *watched) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if n := int(w.reads.Add(1)); w.read != nil {
		if err := w.read(n); err != nil {
			return nil, err
		}
	}
	if !aws.ToBool(in.ConsistentRead) {
		return nil, errors.New("read without ConsistentRead")
	}
	return w.DynamoDB.GetItem(ctx, in, o...)
}

// put writes an item as something other than the limiter would.
func (s *store) put(it item) {
	s.t.Helper()
	if _, err := s.client.PutItem(s.t.Context(), &dynamodb.PutItemInput{TableName: &s.table, Item: it}); err != nil {
		s.t.Fatal(err)
	}
}
