package model_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/local/model"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// rewritten sends every write of the code as change leaves it.
type rewritten struct {
	registry.DynamoDB
	change func(*dynamodb.UpdateItemInput)
}

// rewrite is a mutation of what is sent. Names and values that no expression
// has any more are left out, as DynamoDB wants it.
func rewrite(change func(*dynamodb.UpdateItemInput)) func(model.Store) registry.DynamoDB {
	return func(s model.Store) registry.DynamoDB { return rewritten{s, change} }
}

func (r rewritten) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	out := *in
	out.ExpressionAttributeValues = maps.Clone(in.ExpressionAttributeValues)
	out.ExpressionAttributeNames = maps.Clone(in.ExpressionAttributeNames)
	r.change(&out)
	if aws.ToString(out.ConditionExpression) == "" {
		out.ConditionExpression = nil
	}
	used := make(map[string]bool)
	for _, word := range placeholder.FindAllString(aws.ToString(out.UpdateExpression)+" "+aws.ToString(out.ConditionExpression), -1) {
		used[word] = true
	}
	maps.DeleteFunc(out.ExpressionAttributeValues, func(name string, _ types.AttributeValue) bool { return !used[name] })
	maps.DeleteFunc(out.ExpressionAttributeNames, func(name, _ string) bool { return !used[name] })
	return r.DynamoDB.UpdateItem(ctx, &out, o...)
}

var placeholder = regexp.MustCompile(`[:#][A-Za-z]+`)

// onSub is what the condition of a takeover says about the sub, which stands last.
var onSub = regexp.MustCompile(` AND (#sub = :oldSub|attribute_not_exists\(#sub\))`)

// withoutRemove is the REMOVE clause, which stands last.
var withoutRemove = regexp.MustCompile(` REMOVE .*`)

// Which of the registry's writes a request is.
func claims(in *dynamodb.UpdateItemInput) bool {
	return strings.Contains(*in.ConditionExpression, "attribute_not_exists(cpf)")
}
func takesOver(in *dynamodb.UpdateItemInput) bool {
	return in.ExpressionAttributeValues[":oldClaimedAt"] != nil
}
func binds(in *dynamodb.UpdateItemInput) bool { return in.ExpressionAttributeValues[":sub"] != nil }
func renews(in *dynamodb.UpdateItemInput) bool {
	return !claims(in) && !takesOver(in) && !binds(in)
}

// cut takes a part out of the condition; one that is not there is a change of
// the registry that the mutation must follow.
func cut(in *dynamodb.UpdateItemInput, part string) { swap(in, part, "") }

func swap(in *dynamodb.UpdateItemInput, part, other string) {
	if !strings.Contains(*in.ConditionExpression, part) {
		panic(fmt.Errorf("the condition %q has no %q", *in.ConditionExpression, part))
	}
	in.ConditionExpression = aws.String(strings.ReplaceAll(*in.ConditionExpression, part, other))
}

func unconditionally(which func(*dynamodb.UpdateItemInput) bool) func(model.Store) registry.DynamoDB {
	return rewrite(func(in *dynamodb.UpdateItemInput) {
		if which(in) {
			in.ConditionExpression = nil
		}
	})
}

// ownersFunc looks owners up.
type ownersFunc func(context.Context, registry.Owner) (bool, error)

func (f ownersFunc) Exists(ctx context.Context, o registry.Owner) (bool, error) { return f(ctx, o) }

// claimer is a registry with another Claim.
type claimer struct {
	*registry.Table
	claim func(context.Context, registry.Attempt) (registry.Outcome, error)
}

func (c claimer) Claim(ctx context.Context, a registry.Attempt) (registry.Outcome, error) {
	return c.claim(ctx, a)
}

// readFirst reads the claim and writes without a condition where there is none.
type readFirst struct{ registry.DynamoDB }

func (r readFirst) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if !claims(in) {
		return r.DynamoDB.UpdateItem(ctx, in, o...)
	}
	out, err := r.GetItem(ctx, &dynamodb.GetItemInput{TableName: in.TableName, Key: in.Key, ConsistentRead: aws.Bool(true)})
	switch {
	case err != nil:
		return nil, err
	case len(out.Item) > 0:
		return r.DynamoDB.UpdateItem(ctx, in, o...)
	}
	return rewritten{r.DynamoDB, func(in *dynamodb.UpdateItemInput) { in.ConditionExpression = nil }}.UpdateItem(ctx, in, o...)
}

// lazyReplay answers a replay without writing.
type lazyReplay struct{ registry.DynamoDB }

func (l lazyReplay) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if !claims(in) {
		return l.DynamoDB.UpdateItem(ctx, in, o...)
	}
	first := rewritten{l.DynamoDB, func(in *dynamodb.UpdateItemInput) { in.ConditionExpression = aws.String("attribute_not_exists(cpf)") }}
	out, err := first.UpdateItem(ctx, in, o...)
	refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	if ok && text(refused.Item["userName"]) == text(in.ExpressionAttributeValues[":userName"]) &&
		text(refused.Item["content"]) == text(in.ExpressionAttributeValues[":content"]) {
		return &dynamodb.UpdateItemOutput{Attributes: refused.Item}, nil
	}
	return out, err
}

func text(v types.AttributeValue) string {
	s, _ := v.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// letOwnersIn allows whoever's user exists, though the claim has other content.
func letOwnersIn(p model.Parts) signup.Registry {
	return claimer{p.Table, func(ctx context.Context, a registry.Attempt) (registry.Outcome, error) {
		outcome, err := p.Table.Claim(ctx, a)
		if !errors.Is(err, registry.ErrInProgress) && !errors.Is(err, registry.ErrTaken) {
			return outcome, err
		}
		out, readErr := p.Store.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(model.TableName), Key: key(a), ConsistentRead: aws.Bool(true),
		})
		if readErr != nil || text(out.Item["userName"]) != a.User.Name {
			return outcome, err
		}
		if exists, lookErr := p.Users.Exists(ctx, registry.Owner{CPF: a.CPF, User: a.User}); lookErr == nil && exists {
			return registry.Replayed, nil
		}
		return outcome, err
	}}
}

// failOpen allows whom the table does not answer about.
func failOpen(p model.Parts) signup.Registry {
	return claimer{p.Table, func(ctx context.Context, a registry.Attempt) (registry.Outcome, error) {
		outcome, err := p.Table.Claim(ctx, a)
		if err != nil && !errors.Is(err, registry.ErrInProgress) && !errors.Is(err, registry.ErrTaken) {
			return registry.Claimed, nil
		}
		return outcome, err
	}}
}

func key(a registry.Attempt) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"cpf": &types.AttributeValueMemberS{Value: a.CPF.Digits()}}
}

// release deletes the claim of a call that failed.
func release(ctx context.Context, p model.Parts, a registry.Attempt) error {
	_, err := p.Store.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: aws.String(model.TableName), Key: key(a),
		ConditionExpression: aws.String("userPoolId = :userPoolId AND userName = :userName"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":userPoolId": &types.AttributeValueMemberS{Value: a.User.PoolID},
			":userName":   &types.AttributeValueMemberS{Value: a.User.Name},
		},
	})
	return err
}
