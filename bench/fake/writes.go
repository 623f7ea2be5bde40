package fake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Table is the name of the claims table.
const Table = "claims"

var signed = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[^/]+/[0-9]{8}/` + Region +
	`/dynamodb/aws4_request, ?SignedHeaders=([a-z0-9-]+;)*host[a-z0-9;-]*, ?Signature=[0-9a-f]{64}$`)

// CheckWrites holds that each sign-up was written exactly once: signed, on
// condition that nobody has its CPF, and whole. The error says what is wrong
// with the first write that is not so.
func CheckWrites(writes []Write, signUps []SignUp) error {
	missing := make(map[string]SignUp, len(signUps))
	for _, s := range signUps {
		missing[s.CPF] = s
	}
	for _, w := range writes {
		cpf, err := w.check()
		if err != nil {
			return err
		}
		s, ok := missing[cpf]
		if !ok {
			return fmt.Errorf("%d sign-ups, %d writes: one more than once, or of nobody", len(signUps), len(writes))
		}
		delete(missing, cpf)
		for _, value := range s.Values {
			if !bytes.Contains(w.Body, []byte(value)) {
				return fmt.Errorf("a write without %q", value)
			}
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d sign-ups, but %d were never written", len(signUps), len(missing))
	}
	return nil
}

// attribute is a value in DynamoDB's JSON.
type attribute map[string]json.RawMessage

// request is what the bench reads of a write.
type request struct {
	TableName                 string
	ConditionExpression       string
	Key, Item                 map[string]attribute
	ExpressionAttributeValues map[string]attribute
}

// check gives the CPF that is written.
func (w Write) check() (cpf string, err error) {
	if !signed.MatchString(w.Authorization) {
		return "", fmt.Errorf("a write that is not signed: Authorization is %q", w.Authorization)
	}
	var r request
	if err := json.Unmarshal(w.Body, &r); err != nil {
		return "", fmt.Errorf("a write that cannot be read: %w", err)
	}
	if r.TableName != Table {
		return "", fmt.Errorf("a write to table %q, want %q", r.TableName, Table)
	}
	if !strings.Contains(r.ConditionExpression, "attribute_not_exists") {
		return "", fmt.Errorf("a write without the condition that nobody has the CPF: %q", r.ConditionExpression)
	}
	key := r.Key
	if key == nil {
		key = r.Item
	}
	if err := json.Unmarshal(key["cpf"]["S"], &cpf); err != nil {
		return "", fmt.Errorf("a write without a cpf: %w", err)
	}
	return cpf, nil
}

// ItemSize is about the size of the item that an UpdateItem writes, in bytes as
// DynamoDB counts them: names and values, and the key.
func (w Write) ItemSize() (int, error) {
	var r request
	if err := json.Unmarshal(w.Body, &r); err != nil {
		return 0, fmt.Errorf("a write that cannot be read: %w", err)
	}
	return attributesSize(r.Key) + attributesSize(r.Item) + attributesSize(r.ExpressionAttributeValues), nil
}

func attributesSize(attributes map[string]attribute) int {
	size := 0
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		size += len(strings.TrimPrefix(name, ":"))
		for kind, value := range attributes[name] {
			var inner map[string]attribute
			if kind == "M" && json.Unmarshal(value, &inner) == nil {
				size += 3 + attributesSize(inner)
				continue
			}
			size += len(value) - len(`""`)
		}
	}
	return size
}
