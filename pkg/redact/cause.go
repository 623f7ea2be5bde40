package redact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// What of an answer of AWS may be logged as it came: the shape alone keeps
// personal data out.
const (
	exceptionName = `^[A-Z][A-Za-z]{3,63}$`
	requestID     = `^([0-9A-Z]{52}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`
)

// Cause gives the text of err as it may be logged. Of an error of AWS's client it
// holds our own words before it, which operation of which service, how it failed,
// and nothing that AWS said: a message may quote the request, and an answer that
// cannot be decoded is quoted whole. Any other text goes through Text.
func Cause(err error, secrets ...string) string {
	op, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return Text(err.Error(), secrets...)
	}
	ours, _, _ := strings.Cut(err.Error(), op.Error())
	return Text(ours, secrets...) + strings.Join(operation(op), ", ")
}

func operation(op *smithy.OperationError) []string {
	parts := []string{fmt.Sprintf("operation error %s: %s", op.ServiceID, op.OperationName)}
	if tries, ok := errors.AsType[*retry.MaxAttemptsError](op); ok {
		parts = append(parts, fmt.Sprintf("%d tries", tries.Attempt))
	}
	if response, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](op); ok {
		parts = append(parts, fmt.Sprintf("status %d", response.HTTPStatusCode()))
	}
	if response, ok := errors.AsType[interface {
		error
		ServiceRequestID() string
	}](op); ok && regexp.MustCompile(requestID).MatchString(response.ServiceRequestID()) {
		parts = append(parts, "request "+response.ServiceRequestID())
	}
	return append(parts, failure(op))
}

// failure says in words of ours, or of Go's, how an operation failed.
func failure(op *smithy.OperationError) string {
	if api, ok := errors.AsType[smithy.APIError](op); ok {
		if regexp.MustCompile(exceptionName).MatchString(api.ErrorCode()) {
			return api.ErrorCode()
		}
		return "an exception without a name"
	}
	if errors.Is(op, context.DeadlineExceeded) || errors.Is(op, context.Canceled) {
		return "out of time"
	}
	if n, ok := errors.AsType[net.Error](op); ok && n.Timeout() {
		return "no answer in time"
	}
	if no, ok := errors.AsType[syscall.Errno](op); ok {
		return no.Error()
	}
	if _, ok := errors.AsType[*net.DNSError](op); ok {
		return "no such host"
	}
	if errors.Is(op, io.EOF) || errors.Is(op, io.ErrUnexpectedEOF) {
		return "the answer ended early"
	}
	if _, ok := errors.AsType[*smithy.DeserializationError](op); ok {
		return "an answer that cannot be decoded"
	}
	var last error = op
	for next := error(op); next != nil; next = errors.Unwrap(next) {
		last = next
	}
	return fmt.Sprintf("%T", last)
}
