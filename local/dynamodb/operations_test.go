package dynamodb_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/dynamodb"
)

func TestInvalidExpressions(t *testing.T) {
	tests := []struct{ name, update, condition string }{
		{"reserved word", setClaim + ", owner = :pool REMOVE #sub", claimable},
		{"unused value", "SET userPoolId = :pool REMOVE #sub", claimable + " AND simulation = :simulation"},
		{"undeclared name", setClaim + " REMOVE #sub, #other", claimable},
		{"broken condition", setClaim + " REMOVE #sub", claimable + " AND"},
		{"key attribute set", setClaim + ", cpf = :pool REMOVE #sub", claimable},
	}
	onEach(t, func(t *testing.T, client *sdk.Client) {
		for i, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				table := newTable(t, client, fmt.Sprintf("invalid-%d", i))
				in := claim(table, "1700000000200")
				in.UpdateExpression, in.ConditionExpression = &tt.update, &tt.condition
				if tt.name == "unused value" {
					in.ExpressionAttributeValues[":unused"] = text("x")
				}
				_, err := client.UpdateItem(t.Context(), in)
				if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "ValidationException" {
					t.Fatalf("UpdateItem = %v, want ValidationException", err)
				}
				same(t, "the item afterwards", get(t, client, table), nil)
			})
		}
	})
}

func TestDeleteItem(t *testing.T) {
	onEach(t, func(t *testing.T, client *sdk.Client) {
		table := newTable(t, client, "delete")
		put(t, client, table, held(nil))
		in := &sdk.DeleteItemInput{
			TableName:                           &table,
			Key:                                 attributes{"cpf": text(cpf)},
			ConditionExpression:                 aws.String("userName = :user"),
			ExpressionAttributeValues:           attributes{":user": text("other")},
			ReturnValues:                        types.ReturnValueAllOld,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}
		_, err := client.DeleteItem(t.Context(), in)
		failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
		if !ok {
			t.Fatalf("DeleteItem of another's = %v, want a refusal", err)
		}
		same(t, "the item in the refusal", failed.Item, held(nil))

		in.ExpressionAttributeValues = attributes{":user": text("user")}
		out, err := client.DeleteItem(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "ALL_OLD", out.Attributes, held(nil))
		same(t, "the item afterwards", get(t, client, table), nil)
	})
}

func TestScanComesInPages(t *testing.T) {
	onEach(t, func(t *testing.T, client *sdk.Client) {
		table := newTable(t, client, "scan")
		var want []string
		for i := range 25 {
			key := fmt.Sprintf("%011d", i)
			want = append(want, key)
			put(t, client, table, attributes{"cpf": text(key)})
		}
		var got []string
		pages := sdk.NewScanPaginator(client, &sdk.ScanInput{TableName: &table, Limit: aws.Int32(4), ConsistentRead: aws.Bool(true)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Items) > 4 {
				t.Fatalf("a page has %d items, want at most 4", len(page.Items))
			}
			for _, item := range page.Items {
				got = append(got, item["cpf"].(*types.AttributeValueMemberS).Value)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("scanned keys (-want +got):\n%s", diff)
		}
	})
}

func TestOneOf300WritersWins(t *testing.T) {
	onEach(t, func(t *testing.T, client *sdk.Client) {
		table := newTable(t, client, "race")
		var won, lost atomic.Int32
		var writers sync.WaitGroup
		for i := range 300 {
			writers.Go(func() {
				if i%50 == 0 { // tables come and go meanwhile
					newTable(t, client, fmt.Sprintf("race-%d", i))
				}
				in := claim(table, "1700000000200")
				in.ExpressionAttributeValues[":content"] = text(fmt.Sprint("content ", i))
				_, err := client.UpdateItem(t.Context(), in)
				switch failed, refused := errors.AsType[*types.ConditionalCheckFailedException](err); {
				case err == nil:
					won.Add(1)
				case refused && failed.Item != nil:
					lost.Add(1)
				default:
					t.Errorf("UpdateItem = %v", err)
				}
			})
		}
		writers.Wait()
		if won.Load() != 1 || lost.Load() != 299 {
			t.Errorf("%d won and %d lost, want 1 and 299", won.Load(), lost.Load())
		}
	})
}

func TestCreateTableTwice(t *testing.T) {
	onEach(t, func(t *testing.T, client *sdk.Client) {
		table := newTable(t, client, "twice")
		err := dynamodb.CreateTable(t.Context(), client, table)
		if _, ok := errors.AsType[*types.ResourceInUseException](err); !ok {
			t.Errorf("CreateTable = %v, want ResourceInUseException", err)
		}
	})
}

func TestUnsupportedOperationIsNamed(t *testing.T) {
	srv := httptest.NewServer(dynamodb.NewHandler())
	defer srv.Close()
	_, err := dynamodb.Client(srv.URL).ListBackups(t.Context(), &sdk.ListBackupsInput{})
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != "UnknownOperationException" || !strings.Contains(api.ErrorMessage(), "ListBackups") {
		t.Errorf("ListBackups = %v, want UnknownOperationException naming it", err)
	}
}

// TestScanThatDeletesWhatItRead goes on after a key whose item is gone.
func TestScanThatDeletesWhatItRead(t *testing.T) {
	onEach(t, func(t *testing.T, client *sdk.Client) {
		table := newTable(t, client, "scan-and-delete")
		want := []string{"1", "2", "3", "4", "5"}
		for _, key := range want {
			put(t, client, table, attributes{"cpf": text(key)})
		}
		var got []string
		in := &sdk.ScanInput{TableName: &table, Limit: aws.Int32(2), ConsistentRead: aws.Bool(true)}
		for {
			out, err := client.Scan(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range out.Items {
				got = append(got, it["cpf"].(*types.AttributeValueMemberS).Value)
				if _, err := client.DeleteItem(t.Context(), &sdk.DeleteItemInput{TableName: &table, Key: attributes{"cpf": it["cpf"]}}); err != nil {
					t.Fatal(err)
				}
			}
			if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
				break
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
		out, err := client.Scan(t.Context(), &sdk.ScanInput{TableName: &table})
		if err != nil || len(out.Items) != 0 {
			t.Errorf("in the end Scan = %v, %v", out.Items, err)
		}
	})
}
