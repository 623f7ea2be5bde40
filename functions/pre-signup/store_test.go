package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pontte/portaria/local/dynamodb"
)

// store is a DynamoDB with the claims table, which the test reads and writes
// past the taps.
type store struct{ http.Handler }

// item is a claim as the test reads it.
type item map[string]struct {
	S, N string
	M    json.RawMessage
}

// newStore makes a store of items given in DynamoDB's JSON.
func newStore(items ...json.RawMessage) (*store, error) {
	s := &store{dynamodb.NewHandler()}
	err := s.do("CreateTable", map[string]any{
		"TableName":            table,
		"BillingMode":          "PAY_PER_REQUEST",
		"AttributeDefinitions": []any{map[string]string{"AttributeName": "cpf", "AttributeType": "S"}},
		"KeySchema":            []any{map[string]string{"AttributeName": "cpf", "KeyType": "HASH"}},
	}, nil)
	for _, it := range items {
		if err == nil {
			err = s.put(it)
		}
	}
	return s, err
}

func (s *store) put(it json.RawMessage) error {
	return s.do("PutItem", map[string]any{"TableName": table, "Item": it}, nil)
}

func (s *store) items() ([]item, error) {
	var out struct{ Items []item }
	err := s.do("Scan", map[string]any{"TableName": table, "ConsistentRead": true}, &out)
	return out.Items, err
}

// do does one operation, and reads the answer into out unless that is nil.
func (s *store) do(op string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+op)
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		return fmt.Errorf("%s: %s", op, rec.Body)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(rec.Body.Bytes(), out)
}
