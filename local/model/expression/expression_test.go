package expression_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	local "github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/dynamodb/enginetest"
	"github.com/pontte/portaria/local/model/expression"
)

type item = expression.Item

// TestAsTheEnginesDo draws items and expressions of the shapes that the registry
// sends, and holds what Write does to them to what each engine does.
func TestAsTheEnginesDo(t *testing.T) {
	enginetest.OnEach(t, func(t *testing.T, endpoint string) {
		client := local.Client(endpoint)
		table := fmt.Sprint("expressions-", os.Getpid())
		if err := local.CreateTable(t.Context(), client, table); err != nil {
			t.Fatal(err)
		}
		key := item{"cpf": text("52998224725")}
		outcomes := make(map[bool]int)
		rapid.Check(t, func(rt *rapid.T) {
			// minidyn takes a condition that compares two types as false, whatever
			// an OR in it would still make true.
			odd := rapid.Bool().Draw(rt, "odd types")
			w := write{t: rt, odd: odd, or: !odd || !strings.HasSuffix(t.Name(), enginetest.Minidyn), values: make(item)}
			given := w.drawItem(key)
			w.draw()
			want, err := expression.Parse(w.update, w.condition, w.names, w.values)
			if err != nil {
				rt.Fatalf("Parse(%q, %q) error = %v", w.update, w.condition, err)
			}
			if _, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: key}); err != nil {
				rt.Fatal(err)
			}
			if given != nil {
				if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: given}); err != nil {
					rt.Fatal(err)
				}
			}
			in := &dynamodb.UpdateItemInput{
				TableName: &table, Key: key, UpdateExpression: aws.String(w.update),
				ExpressionAttributeNames: w.names, ExpressionAttributeValues: w.values,
			}
			if w.condition != "" {
				in.ConditionExpression = aws.String(w.condition)
			}
			_, err = client.UpdateItem(t.Context(), in)
			_, refused := errors.AsType[*types.ConditionalCheckFailedException](err)
			if err != nil && !refused {
				rt.Fatalf("UpdateItem(%q, %q) error = %v", w.update, w.condition, err)
			}
			outcomes[refused]++
			after := given
			if want.Holds(given) {
				after = want.Apply(given, key)
			}
			if want.Holds(given) == refused {
				rt.Fatalf("condition %q with %s of %s: Holds = %v, the engine refused: %v", w.condition, show(w.values), show(given), want.Holds(given), refused)
			}
			out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: aws.Bool(true)})
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(after, out.Item, ignored, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("%q, %q (-Apply +engine):\n%s", w.update, w.condition, diff)
			}
		})
		if outcomes[true] < 5 || outcomes[false] < 5 {
			t.Errorf("%d writes were refused and %d let through: too few of one", outcomes[true], outcomes[false])
		}
	})
}

var ignored = cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{},
	types.AttributeValueMemberBOOL{}, types.AttributeValueMemberNULL{}, types.AttributeValueMemberL{}, types.AttributeValueMemberM{})

// attributes are the names that the draws use; sub is reserved and stands as #sub.
var attributes = []string{"userPoolId", "userName", "content", "claimedAt", "email", "sub"}

// write is what goes into an UpdateItem, and what its draws may be.
type write struct {
	t                 *rapid.T
	odd               bool // values may have types that do not belong there
	or                bool // conditions may have ORs
	update, condition string
	names             map[string]string
	values            item
}

// oneIn draws true in one of n cases, about.
func (w *write) oneIn(n int, label string) bool { return rapid.IntRange(1, n).Draw(w.t, label) == n }

func (w *write) drawItem(key item) item {
	if w.oneIn(5, "no item") {
		return nil
	}
	it := maps.Clone(key)
	for _, name := range attributes {
		if !w.oneIn(4, "no "+name) {
			it[name] = w.drawStored(name)
		}
	}
	return it
}

func (w *write) drawStored(name string) types.AttributeValue {
	if w.odd && w.oneIn(3, "odd "+name) {
		return rapid.SampledFrom([]types.AttributeValue{
			&types.AttributeValueMemberBOOL{Value: true},
			&types.AttributeValueMemberNULL{Value: true},
			&types.AttributeValueMemberL{Value: []types.AttributeValue{text("a")}},
			&types.AttributeValueMemberM{Value: item{"id": text("a")}},
		}).Draw(w.t, name)
	}
	return w.drawOperand(name)
}

func (w *write) drawOperand(name string) types.AttributeValue {
	if (name == "claimedAt") != (w.odd && w.oneIn(6, "odd operand")) {
		return &types.AttributeValueMemberN{Value: rapid.SampledFrom([]string{"0", "1", "2", "10", "1.5", "-3"}).Draw(w.t, name)}
	}
	return text(rapid.SampledFrom([]string{"a", "b", "ab", "é", "10"}).Draw(w.t, name))
}

func (w *write) draw() {
	set, remove := []string{}, []string{}
	for _, name := range rapid.Permutation(attributes).Draw(w.t, "order") {
		switch rapid.IntRange(0, 2).Draw(w.t, "clause of "+name) {
		case 1:
			set = append(set, w.path(name)+" = "+w.value(name))
		case 2:
			remove = append(remove, w.path(name))
		}
	}
	if len(set)+len(remove) == 0 {
		set = append(set, "email = "+w.value("email"))
	}
	if len(set) > 0 {
		w.update = "SET " + strings.Join(set, ", ")
	}
	if len(remove) > 0 {
		w.update = strings.TrimSpace(w.update + " REMOVE " + strings.Join(remove, ", "))
	}
	if !w.oneIn(10, "no condition") {
		w.condition = w.drawCondition(3)
	}
	if len(w.values) == 0 {
		w.values = nil
	}
}

func (w *write) drawCondition(depth int) string {
	kinds := 3
	if depth > 0 {
		kinds = 6
	}
	name := rapid.SampledFrom(attributes).Draw(w.t, "attribute")
	switch rapid.IntRange(1, kinds).Draw(w.t, "kind") {
	case 1:
		if w.oneIn(2, "key") {
			return "attribute_not_exists(cpf)"
		}
		return "attribute_not_exists(" + w.path(name) + ")"
	case 2:
		return w.path(name) + " = " + w.value(name)
	case 3:
		return w.path(name) + " <= " + w.value(name)
	case 4:
		if w.or {
			return w.drawCondition(depth-1) + " OR " + w.drawCondition(depth-1)
		}
		fallthrough
	case 5:
		return w.drawCondition(depth-1) + " AND " + w.drawCondition(depth-1)
	}
	inner := w.drawCondition(depth - 1)
	if strings.HasPrefix(inner, "(") { // brackets in brackets are refused
		return inner
	}
	return "(" + inner + ")"
}

func (w *write) path(name string) string {
	if name != "sub" {
		return name
	}
	w.names = map[string]string{"#sub": "sub"}
	return "#sub"
}

func (w *write) value(name string) string {
	placeholder := fmt.Sprint(":v", len(w.values))
	w.values[placeholder] = w.drawOperand(name)
	return placeholder
}

// TestUnknownIsAnError holds that nothing in an expression is passed over.
func TestUnknownIsAnError(t *testing.T) {
	v := item{":v": text("a")}
	for _, tt := range []struct {
		name, update, condition string
		names                   map[string]string
		values                  item
	}{
		{"a clause", "ADD claimedAt :v", "", nil, v},
		{"a clause twice", "SET a = :v SET b = :v", "", nil, v},
		{"a function in SET", "SET a = if_not_exists(a, :v)", "", nil, v},
		{"arithmetic", "SET a = :v + :v", "", nil, v},
		{"an attribute twice", "SET a = :v REMOVE a", "", nil, v},
		{"nothing", " ", "", nil, nil},
		{"a nested attribute", "SET a.b = :v", "", nil, v},
		{"NOT", "REMOVE a", "NOT a = :v", nil, v},
		{"another comparison", "REMOVE a", "a < :v", nil, v},
		{"another function", "REMOVE a", "attribute_exists(a)", nil, nil},
		{"two attributes compared", "REMOVE a", "a = b", nil, nil},
		{"a bracket open", "REMOVE a", "(a = :v", nil, v},
		{"brackets in brackets", "REMOVE a", "((a = :v))", nil, v},
		{"a word too many", "REMOVE a", "a = :v b", nil, v},
		{"no order", "REMOVE a", "a <= :v", nil, item{":v": &types.AttributeValueMemberBOOL{Value: true}}},
		{"a name not given", "REMOVE #a", "", nil, nil},
		{"a name not used", "REMOVE a", "", map[string]string{"#a": "a"}, nil},
		{"a value not given", "SET a = :v", "", nil, nil},
		{"a value not used", "REMOVE a", "", nil, v},
	} {
		if _, err := expression.Parse(tt.update, tt.condition, tt.names, tt.values); err == nil {
			t.Errorf("%s: Parse(%q, %q) error = nil, want one", tt.name, tt.update, tt.condition)
		}
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// show writes an item out with its types.
func show(it item) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(it)) {
		fmt.Fprintf(&b, "%s=%s%v ", name, strings.TrimPrefix(fmt.Sprintf("%T", it[name]), "*types.AttributeValueMember"), reflect.ValueOf(it[name]).Elem().Field(0))
	}
	return b.String()
}
