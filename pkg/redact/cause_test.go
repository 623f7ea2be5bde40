package redact_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/pontte/portaria/pkg/redact"
)

func operation(err error) error {
	return fmt.Errorf("update claim: %w", &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "UpdateItem", Err: err})
}

func answered(status int, request string, err error) error {
	return &awshttp.ResponseError{RequestID: request, ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
	}}
}

func TestCauseHoldsNothingThatAWSSaid(t *testing.T) {
	const id = "8f7c8d24-6d7e-4a31-9c3a-0c4e5f6a7b8c"
	said := &smithy.GenericAPIError{Code: "ValidationException", Message: "value maria is wrong"}
	for name, tt := range map[string]struct {
		err  error
		want string // after our own words
	}{
		"an exception":            {answered(400, id, said), "status 400, request " + id + ", ValidationException"},
		"a request that tells":    {answered(400, "maria", said), "status 400, ValidationException"},
		"an exception that tells": {&smithy.GenericAPIError{Code: "maria silva"}, "an exception without a name"},
		"tried again":             {&retry.MaxAttemptsError{Attempt: 2, Err: answered(503, "", said)}, "2 tries, status 503, ValidationException"},
		"out of time":             {&smithy.CanceledError{Err: context.DeadlineExceeded}, "out of time"},
		"nobody there":            {fmt.Errorf("dial maria: %w", syscall.ECONNREFUSED), "connection refused"},
		"half an answer":          {&smithy.DeserializationError{Err: io.ErrUnexpectedEOF}, "the answer ended early"},
		"another answer":          {answered(200, "", &smithy.DeserializationError{Err: errors.New("unexpected JSON type maria")}), "status 200, an answer that cannot be decoded"},
		"anything else":           {errors.New("maria"), "*errors.errorString"},
	} {
		if got, want := redact.Cause(operation(tt.err)), "update claim: operation error DynamoDB: UpdateItem, "+tt.want; got != want {
			t.Errorf("%s: Cause = %q, want %q", name, got, want)
		}
	}
}

func TestCauseOfAnythingElseIsRedacted(t *testing.T) {
	if got, want := redact.Cause(errors.New("no maria, nor 52998224725"), "maria"), "no [hidden], nor [hidden]"; got != want {
		t.Errorf("Cause = %q, want %q", got, want)
	}
}
