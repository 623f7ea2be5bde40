package limit

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The attributes of an item.
const (
	attrKey       = "key"       // string, partition key: the hash of rule, window and subject
	attrHits      = "hits"      // number: how many places are taken
	attrExpiresAt = "expiresAt" // number, epoch seconds: when TTL may delete the item
)

// keep is how long an item outlives its window: longer than the clocks of two
// functions differ, or one that is behind would find its counter gone.
const keep = time.Hour

type item = map[string]types.AttributeValue

// take takes a place in w, or reports that there is none.
func (l *Limiter) take(ctx context.Context, w window) (taken bool, err error) {
	if w.Limit < 1 {
		return false, nil
	}
	return l.update(ctx, w, &dynamodb.UpdateItemInput{
		UpdateExpression:    aws.String("SET expiresAt = :expiresAt ADD hits :one"),
		ConditionExpression: aws.String("attribute_not_exists(hits) OR hits < :limit"),
		ExpressionAttributeValues: item{
			":one":       number(1),
			":limit":     number(int64(w.Limit)),
			":expiresAt": number(w.end.Add(keep).Unix()),
		},
	})
}

// giveBack gives one place of each window back, where one is taken. It goes on
// after an error and gives all of them.
func (l *Limiter) giveBack(ctx context.Context, windows []window) error {
	var errs []error
	for _, w := range windows {
		_, err := l.update(ctx, w, &dynamodb.UpdateItemInput{
			UpdateExpression:          aws.String("ADD hits :less"),
			ConditionExpression:       aws.String("hits > :none"),
			ExpressionAttributeValues: item{":less": number(-1), ":none": number(0)},
		}, once)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// once has a request sent once.
func once(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// update sends one conditional UpdateItem for w's item and reports whether the
// condition held.
func (l *Limiter) update(ctx context.Context, w window, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (held bool, err error) {
	in.TableName = aws.String(l.table)
	in.Key = item{attrKey: &types.AttributeValueMemberS{Value: w.key}}
	_, err = l.client.UpdateItem(ctx, in, options...)
	if _, refused := errors.AsType[*types.ConditionalCheckFailedException](err); refused {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("update counter of limit %s: %w", w.Name, err)
	}
	return true, nil
}

// isFull reports whether w has no place left.
func (l *Limiter) isFull(ctx context.Context, w window) (bool, error) {
	if w.Limit < 1 {
		return true, nil
	}
	out, err := l.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(l.table),
		Key:            item{attrKey: &types.AttributeValueMemberS{Value: w.key}},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return false, fmt.Errorf("read counter of limit %s: %w", w.Name, err)
	}
	hits, ok := out.Item[attrHits].(*types.AttributeValueMemberN)
	if !ok {
		return false, nil // nobody has taken a place yet
	}
	n, err := strconv.ParseInt(hits.Value, 10, 64)
	if err != nil {
		return false, fmt.Errorf("read counter of limit %s: %w", w.Name, err)
	}
	return n >= int64(w.Limit), nil
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
