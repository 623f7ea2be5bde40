package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/pkg/registry"
)

// judged are the attributes by which a claim is judged, in the order in which
// FuzzStoredItem takes their values; the last one is a number.
var judged = [...]string{"userPoolId", "userName", "email", "content", "sub", "claimedAt"}

// FuzzStoredItem holds, for an item with any attributes of any types, that the
// registry never panics, that it lets nobody in but the attempt whose claim it is
// and who finds the lease over and the owner gone, that this one takes over the
// item as it is and no other, and that no error holds a value of the item.
//
// kinds has eight possible types for each attribute, three bits each.
func FuzzStoredItem(f *testing.F) {
	at := strconv.FormatInt(now.UnixMilli(), 10)
	own := ownContent(f)
	for _, claimedAt := range []string{
		at, strconv.FormatInt(now.Add(-lease).UnixMilli(), 10), strconv.FormatInt(now.Add(time.Second).UnixMilli(), 10),
		"0", "-1", "1.5", "1e3", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "", "NaN",
	} {
		f.Add(pool, "maria-1", "maria@example.com", own, "", claimedAt, uint32(0o200111), uint8(0))
		f.Add(pool, "joao-1", "joao@example.com", "x", "a-sub", claimedAt, uint32(0o211111), uint8(1))
		f.Add(pool, "maria-0", "maria@example.com", "x", "", claimedAt, uint32(0o200111), uint8(2))
	}
	for kind := range uint32(8) {
		for i := range judged {
			f.Add(pool, "joao-1", "joao@example.com", "x", "a-sub", "0", uint32(0o211111)&^(7<<(3*i))|kind<<(3*i), uint8(0))
		}
	}
	for _, it := range eventItems(f) {
		v, kinds := valuesAndKinds(it)
		f.Add(v[0], v[1], v[2], v[3], v[4], v[5], kinds, uint8(0))
	}
	f.Fuzz(func(t *testing.T, poolID, userName, email, content, sub, claimedAt string, kinds uint32, answer uint8) {
		it := item{"cpf": text(mariasCPF.Digits())}
		for i, value := range []string{poolID, userName, email, content, sub, claimedAt} {
			if a := attribute(kinds>>(3*i)&7, value); a != nil {
				it[judged[i]] = a
			}
		}
		owners := &fakeOwners{exist: map[registry.User]bool{{PoolID: poolID, Name: userName}: answer&1 != 0}}
		if answer&2 != 0 {
			owners.err = errors.New("too many requests")
		}
		stored := &storedItem{t: t, item: it}
		table := registry.New(stored, "claims", lease, owners)
		attempt := maria()

		outcome, err := table.Claim(t.Context(), attempt)
		want := wantOutcome(it, own, owners.exist, owners.err)
		if outcome != want || (err == nil) != (want != "") {
			t.Errorf("Claim = %q, %v, want %q", outcome, err, want)
		}
		if stored.takenOver != (want == registry.TakenOver) {
			t.Errorf("the item was taken over: %v, want %q", stored.takenOver, want)
		}
		taken := table.Check(t.Context(), attempt)
		if errors.Is(taken, registry.ErrTaken) != errors.Is(err, registry.ErrTaken) {
			t.Errorf("Check = %v where Claim = %q, %v", taken, outcome, err)
		}
		renewed := table.Renew(t.Context(), mariasCPF, attempt.User, attempt.At)
		if own := isOwn(it, attempt.User, attempt.At); (renewed == nil) != own {
			t.Errorf("Renew = %v, want the claim to be the user's: %v", renewed, own)
		}
		bound := table.Bind(t.Context(), mariasCPF, attempt.User, "a-sub")
		if !errors.Is(bound, registry.ErrNotOwner) {
			t.Errorf("Bind = %v, want %v", bound, registry.ErrNotOwner)
		}
		for _, err := range []error{err, taken, renewed, bound} {
			if err != nil && !slices.Contains(texts, err.Error()) {
				t.Errorf("error = %q, want one of those that are known to hold no value", err)
			}
		}
	})
}

// texts are all that a registry may say of an item that stands in its way.
var texts = append([]string{
	registry.ErrTaken.Error(), registry.ErrInProgress.Error(), registry.ErrNotOwner.Error(),
	"CPF counts as taken: look up the owner: too many requests",
}, noUsable(judged[:])...)

func noUsable(names []string) (texts []string) {
	for _, name := range names {
		texts = append(texts, "CPF counts as taken: the claim has no usable "+name)
	}
	return texts
}

// wantOutcome is the table of the claim protocol for maria's attempt, written
// for items: "" unless she may be let in.
func wantOutcome(it item, own string, exist map[registry.User]bool, lookUp error) registry.Outcome {
	claimed, ok := claimOf(it)
	if !ok {
		return ""
	}
	if isOwn(it, maria().User, now) && claimed.content == own {
		return registry.Replayed
	}
	age := new(big.Int).Sub(big.NewInt(now.UnixMilli()), claimed.at)
	if age.Cmp(big.NewInt(lease.Milliseconds())) >= 0 && lookUp == nil && !exist[claimed.user] {
		return registry.TakenOver
	}
	return ""
}

// isOwn reports whether the item is a claim of user from after at. One that is
// not from after it never fails the condition of user's writes.
func isOwn(it item, user registry.User, at time.Time) bool {
	c, ok := claimOf(it)
	return ok && c.user == user && c.at.Cmp(big.NewInt(at.UnixMilli())) > 0
}

type storedClaim struct {
	user    registry.User
	content string
	at      *big.Int
}

// claimOf reads an item whose attributes all are as the registry writes them.
func claimOf(it item) (c storedClaim, ok bool) {
	values := map[string]string{}
	for _, name := range judged[:5] {
		s, isText := it[name].(*types.AttributeValueMemberS)
		optional := name != "userPoolId" && name != "userName"
		switch {
		case it[name] == nil && optional:
		case !isText || s.Value == "":
			return c, false
		default:
			values[name] = s.Value
		}
	}
	n, isNumber := it["claimedAt"].(*types.AttributeValueMemberN)
	if !isNumber {
		return c, false
	}
	ms, isWhole := new(big.Int).SetString(n.Value, 10)
	if !isWhole || !ms.IsInt64() {
		return c, false
	}
	return storedClaim{registry.User{PoolID: values["userPoolId"], Name: values["userName"]}, values["content"], ms}, true
}

// storedItem is a table with one item, which stands in the way of every write
// but a takeover of exactly this item.
type storedItem struct {
	t         *testing.T
	item      item
	takenOver bool
}

func (s *storedItem) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: s.item}, nil
}

func (s *storedItem) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if in.ExpressionAttributeValues[":oldClaimedAt"] == nil {
		return nil, &types.ConditionalCheckFailedException{Item: s.item}
	}
	s.takenOver = true
	for name, value := range map[string]string{"userPoolId": ":oldUserPoolId", "userName": ":oldUserName", "sub": ":oldSub"} {
		if diff := cmp.Diff(s.item[name], in.ExpressionAttributeValues[value], ignored); diff != "" {
			s.t.Errorf("%s of the takeover's condition (-the item's +the condition's):\n%s", name, diff)
		}
	}
	c, _ := claimOf(s.item)
	if got, ok := in.ExpressionAttributeValues[":oldClaimedAt"].(*types.AttributeValueMemberN); !ok || got.Value != c.at.String() {
		s.t.Errorf("claimedAt of the takeover's condition = %v, want %v", got, c.at)
	}
	return &dynamodb.UpdateItemOutput{Attributes: s.item}, nil
}

// attribute is value as the kind-th type of attribute; nil stands for none.
func attribute(kind uint32, value string) types.AttributeValue {
	switch kind {
	case 0:
		return nil
	case 1:
		return text(value)
	case 2:
		return number(value)
	case 3:
		return &types.AttributeValueMemberB{Value: []byte(value)}
	case 4:
		return &types.AttributeValueMemberBOOL{Value: true}
	case 5:
		return &types.AttributeValueMemberNULL{Value: true}
	case 6:
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{text(value)}}
	}
	return &types.AttributeValueMemberM{Value: item{"S": text(value)}}
}

// ownContent is the content that the registry writes for maria.
func ownContent(f *testing.F) string {
	var wrote writes
	if _, err := registry.New(&wrote, "claims", lease, &fakeOwners{}).Claim(f.Context(), maria()); err != nil {
		f.Fatal(err)
	}
	return wrote.last.ExpressionAttributeValues[":content"].(*types.AttributeValueMemberS).Value
}

// writes is an empty table that takes down the last write.
type writes struct{ last *dynamodb.UpdateItemInput }

func (w *writes) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{}, nil
}

func (w *writes) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	w.last = in
	return &dynamodb.UpdateItemOutput{}, nil
}

// eventItems are the items that the events find, in DynamoDB's JSON.
func eventItems(f *testing.F) (items []map[string]map[string]any) {
	cases, err := events.Cases()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		given := c.Given.Items
		for _, claim := range c.Given.Claims {
			given = append(given, claim.Item(now, "x"))
		}
		for _, raw := range given {
			var it map[string]map[string]any
			if err := json.Unmarshal(raw, &it); err != nil {
				f.Fatal(err)
			}
			items = append(items, it)
		}
	}
	return items
}

// valuesAndKinds are what FuzzStoredItem takes for an item in DynamoDB's JSON.
func valuesAndKinds(it map[string]map[string]any) (values [len(judged)]string, kinds uint32) {
	for i, name := range judged {
		for kind, value := range it[name] {
			values[i], _ = value.(string)
			kinds |= uint32(1+slices.Index([]string{"S", "N", "B", "BOOL", "NULL", "L", "M"}, kind)) << (3 * i)
		}
	}
	return values, kinds
}
