package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/pkg/cpf"
)

// The conditions of the writes. A comparison with an attribute that is missing,
// or of another type, is false.
const (
	// users lets a user's claim be written.
	users = "userPoolId = :userPoolId AND userName = :userName"

	// usersOlder lets a user's claim be renewed, never taken back in time.
	usersOlder = users + " AND claimedAt <= :claimedAt"

	// nobodysOrOwn lets an attempt claim a free CPF, and renew its own claim
	// as long as that does not take claimedAt back.
	nobodysOrOwn = "attribute_not_exists(cpf) OR (" + users + " AND content = :content AND claimedAt <= :claimedAt)"

	// asJudged lets a takeover through only when the claim has not been
	// claimed, renewed or bound since it was read.
	asJudged = "userPoolId = :oldUserPoolId AND userName = :oldUserName AND claimedAt = :oldClaimedAt AND "
)

// write claims the CPF for a when nobody has claimed it, or renews a's own
// claim. Its error is a *heldError when another claim stands.
func (t *Table) write(ctx context.Context, a Attempt, content string) (Outcome, error) {
	u := newUpdate()
	for name, value := range record(a, content) {
		u.put(name, value)
	}
	old, err := t.update(ctx, a.CPF, u, nobodysOrOwn)
	switch {
	case err != nil:
		return "", err
	case len(old) == 0:
		return Claimed, nil
	}
	return Replayed, nil
}

// takeOver writes a's record over the claim that was judged. Its error is a
// *heldError when the claim is no longer that one, or is gone.
func (t *Table) takeOver(ctx context.Context, a Attempt, content string, judged claim) error {
	u := newUpdate()
	whole := record(a, content)
	for _, name := range []string{attrEmail, attrPhoneNumber, attrSub} {
		if whole[name] == nil {
			u.remove = append(u.remove, placeholder(name))
		}
	}
	for name, value := range whole {
		u.put(name, value)
	}
	u.values[":oldUserPoolId"] = text(judged.user.PoolID)
	u.values[":oldUserName"] = text(judged.user.Name)
	u.values[":oldClaimedAt"] = millis(judged.claimedAt)
	condition := asJudged + "attribute_not_exists(#sub)"
	if judged.sub != "" {
		condition = asJudged + "#sub = :oldSub"
		u.values[":oldSub"] = text(judged.sub)
	}
	_, err := t.update(ctx, a.CPF, u, condition)
	return err
}

// read gives nil when nobody has claimed c, otherwise a *heldError or why the
// table did not answer.
func (t *Table) read(ctx context.Context, c cpf.CPF) error {
	it, err := t.item(ctx, c)
	switch {
	case errors.Is(err, ErrNoRecord):
		return nil
	case err != nil:
		return err
	}
	return held(it)
}

// item gives c's item, or ErrNoRecord.
func (t *Table) item(ctx context.Context, c cpf.CPF) (item, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(t.name),
		Key:            key(c),
		ConsistentRead: aws.Bool(true),
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("read claim: %w", err)
	case len(out.Item) == 0:
		return nil, ErrNoRecord
	}
	return out.Item, nil
}

// update sends one conditional UpdateItem and gives the item as it was before.
// Its error is a *heldError when the condition did not hold.
func (t *Table) update(ctx context.Context, c cpf.CPF, u *update, condition string) (old item, err error) {
	expression := u.expression()
	out, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           aws.String(t.name),
		Key:                                 key(c),
		UpdateExpression:                    aws.String(expression),
		ConditionExpression:                 aws.String(condition),
		ExpressionAttributeNames:            names(expression + condition),
		ExpressionAttributeValues:           u.values,
		ReturnValues:                        types.ReturnValueAllOld,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return nil, held(refused.Item)
	}
	if err != nil {
		return nil, fmt.Errorf("update claim: %w", err)
	}
	return out.Attributes, nil
}

// key is the key of c's item.
func key(c cpf.CPF) item { return item{attrCPF: text(c.Digits())} }

// update is an update expression in the making. Every attribute's placeholder
// is its name behind a colon.
type update struct {
	set, remove []string
	values      item
}

func newUpdate() *update { return &update{values: make(item)} }

func (u *update) put(name string, value types.AttributeValue) {
	u.set = append(u.set, placeholder(name)+" = :"+name)
	u.values[":"+name] = value
}

// placeholder is how an expression names an attribute: by its name, unless
// DynamoDB reserves that word.
func placeholder(name string) string {
	if name == attrSub {
		return "#" + name
	}
	return name
}

// names resolves the placeholders that stand in expressions.
func names(expressions string) map[string]string {
	if strings.Contains(expressions, "#"+attrSub) {
		return map[string]string{"#" + attrSub: attrSub}
	}
	return nil
}

// expression is the same text for the same attributes.
func (u *update) expression() string {
	slices.Sort(u.set)
	s := "SET " + strings.Join(u.set, ", ")
	if len(u.remove) > 0 {
		s += " REMOVE " + strings.Join(u.remove, ", ")
	}
	return s
}
