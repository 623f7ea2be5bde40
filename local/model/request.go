package model

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	pooltypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/local/model/expression"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

// requestID names a request; 0 is none.
type requestID uint32

// requestKind is which operation a request is of.
type requestKind uint8

const (
	update requestKind = iota + 1
	get
	remove
	find
)

// request is one request of the code to DynamoDB or Cognito.
type request struct {
	kind  requestKind
	text  string // equal for equal requests
	label string // what it is for, as schedules say it
	cpf   int
	key   expression.Item
	write *expression.Write

	// The calls whose users a find finds: by their name, their e-mail, and their
	// e-mail after a change.
	named, mailed, moved calls
}

// answer is what a request is answered: its kind, and the item or the CPF.
type answer uint32

const (
	done      answer = iota << 16 // | the item as it was
	held                          // the condition did not hold | the item that was found
	found                         // get: | the item
	user                          // find: | the place of the user's CPF, counted from 1; 0: it has none
	nobody                        // find
	noAnswer                      // the client gave up
	kindMask  answer = 0xff << 16
	valueMask answer = 0xffff
)

// errNoAnswer is what the clients give for noAnswer.
var errNoAnswer = errors.New("no answer in time")

// send interns a request and asks for its answer.
func (r *replay) send(q request) answer {
	id, ok := r.requestIDs[q.text]
	if !ok {
		id = requestID(len(r.requests))
		r.requestIDs[q.text] = id
		r.requests = append(r.requests, &q)
	}
	return r.ask(id)
}

// item gives the item of an answer; nil when there was none.
func (r *replay) item(a answer) expression.Item { return maps.Clone(r.claims[a&valueMask].item) }

func (r *replay) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if in.ReturnValues != types.ReturnValueAllOld || in.ReturnValuesOnConditionCheckFailure != types.ReturnValuesOnConditionCheckFailureAllOld {
		r.fail(errors.New("the write does not ask for the old item"))
	}
	a := r.send(r.newWrite(ctx, update, in.TableName, in.Key, in.UpdateExpression, in.ConditionExpression,
		in.ExpressionAttributeNames, in.ExpressionAttributeValues))
	switch a & kindMask {
	case done:
		return &dynamodb.UpdateItemOutput{Attributes: r.item(a)}, nil
	case held:
		return nil, &types.ConditionalCheckFailedException{Item: r.item(a)}
	}
	return nil, errNoAnswer
}

func (r *replay) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	a := r.send(r.newWrite(ctx, remove, in.TableName, in.Key, nil, in.ConditionExpression,
		in.ExpressionAttributeNames, in.ExpressionAttributeValues))
	switch a & kindMask {
	case done:
		return &dynamodb.DeleteItemOutput{}, nil
	case held:
		return nil, &types.ConditionalCheckFailedException{Item: r.item(a)}
	}
	return nil, errNoAnswer
}

func (r *replay) newWrite(ctx context.Context, kind requestKind, table *string, key expression.Item, change, condition *string,
	names map[string]string, values expression.Item) request {
	write, err := expression.Parse(aws.ToString(change), aws.ToString(condition), names, values)
	if err != nil {
		r.fail(err)
	}
	label, _ := ctx.Value(intentKey{}).(string)
	return request{
		kind: kind, label: label, cpf: r.place(table, key), key: key, write: write,
		text: fmt.Sprint(kind, label, canonical(key), aws.ToString(change), aws.ToString(condition), names, canonical(values)),
	}
}

func (r *replay) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if !aws.ToBool(in.ConsistentRead) {
		r.fail(errors.New("the read may be stale"))
	}
	a := r.send(request{kind: get, label: "reads the claim", text: "get " + canonical(in.Key), cpf: r.place(in.TableName, in.Key)})
	if a&kindMask == noAnswer {
		return nil, errNoAnswer
	}
	return &dynamodb.GetItemOutput{Item: r.item(a)}, nil
}

// place finds the CPF of a key.
func (r *replay) place(table *string, key expression.Item) int {
	digits, ok := key["cpf"].(*types.AttributeValueMemberS)
	if aws.ToString(table) == TableName && len(key) == 1 && ok {
		for i, c := range cpfs {
			if c.Digits() == digits.Value {
				return i
			}
		}
	}
	r.fail(errors.New("the request is not about an item of the table"))
	return 0
}

func (r *replay) AdminGetUser(_ context.Context, in *cognitoidentityprovider.AdminGetUserInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminGetUserOutput, error) {
	asked := registry.User{PoolID: aws.ToString(in.UserPoolId), Name: aws.ToString(in.Username)}
	q := request{kind: find, label: "looks " + asked.Name + " up", text: "find " + asked.PoolID + " " + asked.Name}
	for i, a := range r.actors[:len(r.Calls)] {
		switch {
		case !a.creates() || a.final.PoolID != asked.PoolID:
			continue
		case a.final == asked:
			q.named |= 1 << i
		case r.Pools == PlainNames:
			continue
		case a.email == asked.Name:
			q.mailed |= 1 << i
		case a.moved == asked.Name:
			q.moved |= 1 << i
		}
	}
	a := r.send(q)
	switch a & kindMask {
	case nobody:
		return nil, &pooltypes.UserNotFoundException{}
	case user:
		out := &cognitoidentityprovider.AdminGetUserOutput{Username: in.Username}
		if number := int(a & valueMask); number > 0 {
			out.UserAttributes = []pooltypes.AttributeType{{Name: aws.String(userpool.AttributeCPF), Value: aws.String(cpfs[number-1].Formatted())}}
		}
		return out, nil
	}
	return nil, errNoAnswer
}

// intent notes, before a mutation changes it, what a write of the registry is for.
type intent struct{ registry.DynamoDB }

type intentKey struct{}

func (c intent) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	label := "renews the claim"
	switch {
	case strings.Contains(*in.ConditionExpression, "attribute_not_exists(cpf)"):
		label = "writes the claim"
	case in.ExpressionAttributeValues[":oldClaimedAt"] != nil:
		label = "takes the claim over"
	case in.ExpressionAttributeValues[":sub"] != nil:
		label = "binds the user to the claim"
	}
	return c.DynamoDB.UpdateItem(context.WithValue(ctx, intentKey{}, label), in, o...)
}
