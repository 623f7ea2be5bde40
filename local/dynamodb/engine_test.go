package dynamodb_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/dynamodb/enginetest"
)

// The facts below hold for DynamoDB; they are asked of minidyn behind our
// handler, and of DynamoDB Local where PORTARIA_DYNAMODB_ENDPOINT names one.
// minidyn differs still, where nothing of ours depends on it: numbers are
// float64 (17 digits at most), an empty or over-long value is accepted, a
// filter that compares two types fails the Scan, Segment is ignored, a refused
// PutItem carries no item, TableStatus is empty, no CRC32 is sent, no TTL.

const (
	cpf       = "04212286017"
	claimable = "attribute_not_exists(cpf) OR (userPoolId = :pool AND userName = :user AND content = :content AND claimedAt <= :now)"
	setClaim  = "SET userPoolId = :pool, userName = :user, content = :content, claimedAt = :now, simulation = :simulation"
)

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

type attributes = map[string]types.AttributeValue

// held is an item as a claim leaves it.
func held(changes attributes) attributes {
	item := attributes{
		"cpf": text(cpf), "userPoolId": text("pool"), "userName": text("user"), "content": text("content"),
		"claimedAt": number("1700000000100"), "sub": text("sub"),
		"simulation": &types.AttributeValueMemberM{Value: attributes{"id": text("mHPkDo"), "loanValue": number("2439.02"), "term": number("180")}},
	}
	maps.Copy(item, changes)
	return item
}

// claim is the update that pkg/registry makes, for now.
func claim(table, now string) *sdk.UpdateItemInput {
	return &sdk.UpdateItemInput{
		TableName:                &table,
		Key:                      attributes{"cpf": text(cpf)},
		ConditionExpression:      aws.String(claimable),
		UpdateExpression:         aws.String(setClaim + " REMOVE #sub"),
		ExpressionAttributeNames: map[string]string{"#sub": "sub"},
		ExpressionAttributeValues: attributes{
			":pool": text("pool"), ":user": text("user"), ":content": text("content"), ":now": number(now),
			":simulation": held(nil)["simulation"],
		},
		ReturnValues:                        types.ReturnValueAllOld,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

func TestUpdateItem(t *testing.T) {
	tests := []struct {
		name    string
		before  attributes // nil: no item
		change  func(*sdk.UpdateItemInput)
		refused bool
		after   attributes // nil: as before
	}{
		{name: "nobody holds it", after: claimed(nil)},
		{name: "the same attempt renews and loses sub", before: held(nil), after: claimed(nil)},
		{name: "same moment", before: held(attributes{"claimedAt": number("1700000000200")}), after: claimed(nil)},
		{name: "claimed later than now", before: held(attributes{"claimedAt": number("1700000000201")}), refused: true},
		{name: "other user", before: held(attributes{"userName": text("other")}), refused: true},
		{name: "no userName", before: without("userName"), refused: true},
		{name: "no claimedAt", before: without("claimedAt"), refused: true},
		{name: "bare item", before: attributes{"cpf": text(cpf)}, refused: true},
		{name: "claimedAt is a string", before: held(attributes{"claimedAt": text("1")}), refused: true},
		{name: "claimedAt is a bool", before: held(attributes{"claimedAt": &types.AttributeValueMemberBOOL{Value: true}}), refused: true},
		{name: "userName is a number", before: held(attributes{"userName": number("1")}), refused: true},
		{name: "userPoolId is null", before: held(attributes{"userPoolId": &types.AttributeValueMemberNULL{Value: true}}), refused: true},
		{name: "userPoolId is a list", before: held(attributes{"userPoolId": &types.AttributeValueMemberL{Value: []types.AttributeValue{text("pool")}}}), refused: true},
		{
			name:   "bind",
			before: without("sub"),
			change: func(in *sdk.UpdateItemInput) {
				in.UpdateExpression = aws.String("SET #sub = :sub")
				in.ConditionExpression = aws.String("userName = :user")
				in.ExpressionAttributeValues = attributes{":user": text("user"), ":sub": text("new")}
			},
			after: held(attributes{"sub": text("new")}),
		},
		{
			name: "bind makes no item",
			change: func(in *sdk.UpdateItemInput) {
				in.UpdateExpression = aws.String("SET #sub = :sub")
				in.ConditionExpression = aws.String("userName = :user")
				in.ExpressionAttributeValues = attributes{":user": text("user"), ":sub": text("new")}
			},
			refused: true,
		},
		{
			name:   "remove comes first, by plain names",
			before: held(nil),
			change: func(in *sdk.UpdateItemInput) {
				in.UpdateExpression = aws.String("REMOVE content,userName SET #sub = :sub")
				in.ConditionExpression = nil
				in.ExpressionAttributeValues = attributes{":sub": text("new")}
			},
			after: func() attributes {
				item := held(attributes{"sub": text("new")})
				delete(item, "content")
				delete(item, "userName")
				return item
			}(),
		},
	}
	onEach(t, func(t *testing.T, client *sdk.Client) {
		for i, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				table := newTable(t, client, fmt.Sprintf("update-%d", i))
				put(t, client, table, tt.before)
				in := claim(table, "1700000000200")
				if tt.change != nil {
					tt.change(in)
				}
				out, err := client.UpdateItem(t.Context(), in)
				failed, refused := errors.AsType[*types.ConditionalCheckFailedException](err)
				switch {
				case refused != tt.refused || err != nil && !refused:
					t.Fatalf("UpdateItem = %v, want refused: %t", err, tt.refused)
				case refused:
					same(t, "the item in the refusal", failed.Item, tt.before)
				default:
					same(t, "ALL_OLD", out.Attributes, tt.before)
				}
				if tt.after == nil {
					tt.after = tt.before
				}
				same(t, "the item afterwards", get(t, client, table), tt.after)
			})
		}
	})
}

func claimed(changes attributes) attributes {
	item := held(attributes{"claimedAt": number("1700000000200")})
	delete(item, "sub")
	maps.Copy(item, changes)
	return item
}

func without(name string) attributes {
	item := held(nil)
	delete(item, name)
	return item
}

func TestUpdateItemReturnsWhatIsNewWithoutWhatWasRemoved(t *testing.T) {
	onEach(t, func(t *testing.T, client *sdk.Client) {
		table := newTable(t, client, "all-new")
		put(t, client, table, held(nil))
		in := claim(table, "1700000000200")
		in.ReturnValues = types.ReturnValueAllNew
		out, err := client.UpdateItem(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "ALL_NEW", out.Attributes, claimed(nil))
	})
}

// onEach runs test with a client of each DynamoDB there is.
func onEach(t *testing.T, test func(*testing.T, *sdk.Client)) {
	t.Helper()
	enginetest.OnEach(t, func(t *testing.T, endpoint string) { test(t, dynamodb.Client(endpoint)) })
}

func newTable(t *testing.T, client *sdk.Client, name string) string {
	t.Helper()
	if err := dynamodb.CreateTable(t.Context(), client, name); err != nil {
		t.Error(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		client.DeleteTable(context.Background(), &sdk.DeleteTableInput{TableName: &name})
	})
	return name
}

func put(t *testing.T, client *sdk.Client, table string, item attributes) {
	t.Helper()
	if item == nil {
		return
	}
	if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: &table, Item: item}); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, client *sdk.Client, table string) attributes {
	t.Helper()
	out, err := client.GetItem(t.Context(), &sdk.GetItemInput{TableName: &table, Key: attributes{"cpf": text(cpf)}, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

func same(t *testing.T, what string, got, want attributes) {
	t.Helper()
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got, ignoreMetadata); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// ignoreMetadata leaves the SDK's unexported marker out of comparisons.
var ignoreMetadata = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".noSmithyDocumentSerde" }, cmp.Ignore())
