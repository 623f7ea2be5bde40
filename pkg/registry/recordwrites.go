package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/pkg/cpf"
)

// sourceReconcile is the triggerSource of a claim that no trigger made.
const sourceReconcile = "reconcile"

// ErrChanged says that a record is no longer as it was read, or is gone, or that
// there is one where there was none.
var ErrChanged = errors.New("the record has changed since it was read")

// identity is what says whose a claim is and since when. Every write of a Table
// changes some of it, but for one that changes nothing at all.
var identity = []string{attrUserPoolID, attrUserName, attrClaimedAt, attrSub}

// Holder is whom a claim is made out to. The zero Holder is nobody: the claim
// closes its CPF to everyone, as every claim without a userName does.
type Holder struct {
	User        User
	Email       string // any case; may be ""
	PhoneNumber string // may be ""
	Sub         string
}

// Assign makes c's claim the holder's, as young as at, and keeps what else it
// has, such as the simulation. was is the claim as it was read, the zero Record
// when there was none; at must not be before its ClaimedAt. The error is
// ErrChanged when the claim is no longer as it was.
//
// No attempt is the new claim's own: its content is dropped.
func (rs *Records) Assign(ctx context.Context, c cpf.CPF, was Record, to Holder, at time.Time) error {
	u := newUpdate()
	u.put(attrClaimedAt, millis(at.UnixMilli()))
	u.put(attrTriggerSource, text(sourceReconcile))
	for name, value := range map[string]string{
		attrUserPoolID:  to.User.PoolID,
		attrUserName:    to.User.Name,
		attrEmail:       canonicalEmail(to.Email),
		attrPhoneNumber: to.PhoneNumber,
		attrSub:         to.Sub,
		attrContent:     "",
	} {
		if value != "" {
			u.put(name, text(value))
		} else {
			u.remove = append(u.remove, placeholder(name))
		}
	}
	return rs.change(ctx, c.Digits(), was, u, nil)
}

// Stamp gives r a claimedAt, so that it can be told later how long it has been
// as it is. The error is ErrChanged when r is no longer as it was read.
func (rs *Records) Stamp(ctx context.Context, r Record, at time.Time) error {
	u := newUpdate()
	u.put(attrClaimedAt, millis(at.UnixMilli()))
	return rs.change(ctx, r.Key, r, u, nil)
}

// Copy copies a record whose key is another spelling of its CPF under the eleven
// digits, where the sign-ups look. A record that stands there keeps all that it
// has and gets what it lacks, but for what says whose it is; when it lacks
// nothing, nothing is written. The error is ErrChanged when it changed meanwhile.
func (rs *Records) Copy(ctx context.Context, r Record) error {
	there, err := rs.Get(ctx, r.CPF)
	if err != nil && !errors.Is(err, ErrNoRecord) {
		return err
	}
	u, names := newUpdate(), map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(r.item)) {
		if _, has := there.item[name]; has || name == attrCPF || !there.IsZero() && identifies(name) {
			continue
		}
		n := "m" + strconv.Itoa(len(names))
		names["#"+n] = name
		u.set = append(u.set, "#"+n+" = :"+n)
		u.values[":"+n] = r.item[name]
	}
	if len(u.set) == 0 && there.IsZero() { // nothing but a key
		u.put(attrTriggerSource, text(sourceReconcile))
	}
	if len(u.set) == 0 {
		return nil
	}
	return rs.change(ctx, r.CPF.Digits(), there, u, names)
}

func identifies(name string) bool {
	return slices.Contains(identity, name) || name == attrEmail || name == attrPhoneNumber || name == attrContent
}

// Remove deletes r. Its error is ErrChanged when the item is no longer as it was
// read, or is gone.
func (rs *Records) Remove(ctx context.Context, r Record) error {
	condition, values := asRead(r.item)
	in := &dynamodb.DeleteItemInput{
		TableName:                aws.String(rs.name),
		Key:                      item{attrCPF: text(r.Key)},
		ConditionExpression:      aws.String(condition),
		ExpressionAttributeNames: names(condition),
	}
	if len(values) > 0 {
		in.ExpressionAttributeValues = values
	}
	_, err := rs.client.DeleteItem(ctx, in)
	return outcome("delete claim", err)
}

// change updates the item of that key on condition that it is as was.
func (rs *Records) change(ctx context.Context, key string, was Record, u *update, more map[string]string) error {
	condition := "attribute_not_exists(" + attrCPF + ")"
	if !was.IsZero() {
		var values item
		condition, values = asRead(was.item)
		maps.Copy(u.values, values)
	}
	expression := u.expression()
	placeholders := names(expression + condition)
	if len(more) > 0 { // DynamoDB refuses an empty map
		maps.Copy(more, placeholders)
		placeholders = more
	}
	_, err := rs.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 aws.String(rs.name),
		Key:                       item{attrCPF: text(key)},
		UpdateExpression:          aws.String(expression),
		ConditionExpression:       aws.String(condition),
		ExpressionAttributeNames:  placeholders,
		ExpressionAttributeValues: u.values,
	})
	return outcome("update claim", err)
}

// outcome says what err, of a conditional write, means.
func outcome(call string, err error) error {
	if _, refused := errors.AsType[*types.ConditionalCheckFailedException](err); refused {
		return ErrChanged
	}
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	return nil
}

// asRead is the condition that what identifies a claim is as in it, be it there
// or not.
func asRead(it item) (condition string, values item) {
	values = item{}
	parts := []string{"attribute_exists(" + attrCPF + ")"}
	for _, name := range identity {
		if v, ok := it[name]; ok {
			values[":old_"+name] = v
			parts = append(parts, placeholder(name)+" = :old_"+name)
		} else {
			parts = append(parts, "attribute_not_exists("+placeholder(name)+")")
		}
	}
	return strings.Join(parts, " AND "), values
}
