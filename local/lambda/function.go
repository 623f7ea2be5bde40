// Package lambda runs a function binary as AWS Lambda does: behind a Runtime
// API of its own, one invocation at a time per process, with a time limit, and
// started again after it died.
//
// It is a tool for development and tests.
package lambda

import "context"

// Function is something that can be invoked as Lambda's Invoke invokes a
// function synchronously.
type Function interface {
	// Invoke hands payload to the function and returns its answer. When the
	// function failed (it returned an error, died, or overran its own time
	// limit) the error is a *FunctionError. When ctx ends first the error is
	// ctx.Err(): the invocation goes on and its late answer is discarded.
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// FunctionError is what Lambda answers, with the header X-Amz-Function-Error,
// for a function that failed. The names are those of Lambda's JSON.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error gives the type and the message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Func is a Function made of a Go function, for tests: slow, failing or dying
// in any way they need.
type Func func(ctx context.Context, payload []byte) ([]byte, error)

// Invoke calls f.
func (f Func) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return f(ctx, payload) }
