package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/pkg/cpf"
)

// ErrNoRecord says that nobody has claimed a CPF.
var ErrNoRecord = errors.New("nobody has claimed the CPF")

// RecordsClient is the part of *dynamodb.Client that Records uses.
type RecordsClient interface {
	DynamoDB
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

var _ RecordsClient = (*dynamodb.Client)(nil)

// Records is the claims table as an operator sees it: every item, those too
// that this package did not write. It judges nobody; what it changes it changes
// only while the item is as it was read, so that it can run beside sign-ups.
type Records struct {
	client RecordsClient
	name   string
}

// NewRecords returns the records of the table called name.
func NewRecords(client RecordsClient, name string) *Records {
	return &Records{client: client, name: name}
}

// Record is one item of the table. All of it but the times is personal data.
type Record struct {
	Key         string    // the partition key as it stands, which need not be a CPF
	CPF         cpf.CPF   // zero when the key is no CPF in any spelling
	User        User      // zero fields when the item names none
	Email       string    // "" when absent
	PhoneNumber string    // "" when absent
	Sub         string    // "" when absent
	ClaimedAt   time.Time // zero when absent or no number
	Malformed   error     // why Claim would not judge it but call it taken, else nil

	item item
}

// IsZero reports whether r is the zero value: no record.
func (r Record) IsZero() bool { return r.item == nil }

// Attributes gives the item as DynamoDB has it; the caller must not change it.
func (r Record) Attributes() map[string]types.AttributeValue { return r.item }

// Get gives the record of c, read consistently. Its error is ErrNoRecord when
// there is none.
func (rs *Records) Get(ctx context.Context, c cpf.CPF) (Record, error) {
	return rs.at(ctx, c.Digits())
}

// at gives the record whose key is exactly that, or ErrNoRecord.
func (rs *Records) at(ctx context.Context, key string) (Record, error) {
	out, err := rs.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(rs.name),
		Key:            item{attrCPF: text(key)},
		ConsistentRead: aws.Bool(true),
	})
	switch {
	case err != nil:
		return Record{}, fmt.Errorf("read claim: %w", err)
	case len(out.Item) == 0:
		return Record{}, ErrNoRecord
	}
	return newRecord(out.Item), nil
}

// maxBatch is how many items one BatchGetItem may ask for.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxBatch = 100

// GetMany gives the records of those CPFs that have one, each read consistently.
func (rs *Records) GetMany(ctx context.Context, cpfs []cpf.CPF) (map[cpf.CPF]Record, error) {
	keys := make([]item, 0, len(cpfs))
	asked := make(map[cpf.CPF]bool, len(cpfs)) // DynamoDB refuses a key that stands in a batch twice
	for _, c := range cpfs {
		if !asked[c] {
			asked[c] = true
			keys = append(keys, key(c))
		}
	}
	found := make(map[cpf.CPF]Record, len(keys))
	for len(keys) > 0 {
		batch := keys[:min(len(keys), maxBatch)]
		out, err := rs.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{rs.name: {Keys: batch, ConsistentRead: aws.Bool(true)}},
		})
		if err != nil {
			return nil, fmt.Errorf("read claims: %w", err)
		}
		for _, it := range out.Responses[rs.name] {
			r := newRecord(it)
			found[r.CPF] = r
		}
		// DynamoDB answers some at least, or with an error that the client retries.
		keys = append(keys[len(batch):], out.UnprocessedKeys[rs.name].Keys...)
	}
	return found, nil
}

// Page gives at most limit records that follow the key after, in the table's own
// order, from the first with after "". next is the after of the page that
// follows, "" when this is the last one.
func (rs *Records) Page(ctx context.Context, after string, limit int) (page []Record, next string, err error) {
	in := &dynamodb.ScanInput{
		TableName:      aws.String(rs.name),
		ConsistentRead: aws.Bool(true),
		Limit:          aws.Int32(int32(limit)),
	}
	if after != "" {
		in.ExclusiveStartKey = item{attrCPF: text(after)}
	}
	out, err := rs.client.Scan(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("scan claims: %w", err)
	}
	for _, it := range out.Items {
		page = append(page, newRecord(it))
	}
	if k, ok := out.LastEvaluatedKey[attrCPF].(*types.AttributeValueMemberS); ok {
		next = k.Value
	}
	return page, next, nil
}

func newRecord(it item) Record {
	h := held(it)
	r := Record{item: maps.Clone(it), Malformed: h.malformed, Key: optionalText(it, attrCPF)}
	r.CPF, _ = cpf.Parse(r.Key)
	r.User = User{PoolID: optionalText(it, attrUserPoolID), Name: optionalText(it, attrUserName)}
	r.Email = optionalText(it, attrEmail)
	r.PhoneNumber = optionalText(it, attrPhoneNumber)
	r.Sub = optionalText(it, attrSub)
	if _, ok := it[attrClaimedAt]; ok {
		times := reader{item: it}
		if ms := times.millis(attrClaimedAt); times.err == nil {
			r.ClaimedAt = time.UnixMilli(ms)
		}
	}
	return r
}

// optionalText is the text called name, "" when there is none or it is no text.
func optionalText(it item, name string) string {
	if s, ok := it[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}
