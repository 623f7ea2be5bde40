// Package gateway lets an http.Handler answer the requests of an API Gateway
// HTTP API whose Lambda integration has payload format 2.0.
//
// What is undocumented or surprising about the format is noted where it
// matters; the format itself is described at
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
package gateway

import (
	"context"
	"errors"
	"net/http"

	"github.com/pontte/portaria/pkg/redact"
)

// Handler hands the requests of an HTTP API to an http.Handler. It may be used
// by several invocations at once. New makes one.
type Handler struct {
	handler http.Handler
	report  func(context.Context, error)
}

// Option changes what New makes.
type Option func(*Handler)

// WithReport has report told what the caller is not: a *redact.PanicError when
// the handler panicked, ErrTooLarge when its answer was too large. Without it
// nobody is told.
func WithReport(report func(context.Context, error)) Option {
	return func(h *Handler) { h.report = report }
}

// New returns a Handler that answers with handler.
func New(handler http.Handler, options ...Option) *Handler {
	h := &Handler{handler: handler, report: func(context.Context, error) {}}
	for _, o := range options {
		o(h)
	}
	return h
}

// ErrTooLarge says that an answer was larger than Lambda lets through.
var ErrTooLarge = errors.New("the answer is larger than Lambda lets through")

// Invoke answers one event. Its context is the request's. Its error says that
// the payload is no request of format 2.0, without telling anything of it; what
// goes wrong in the handler is answered with status 500 and a problem that tells
// nothing.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	r, err := newRequest(ctx, payload)
	if err != nil {
		return nil, err
	}
	answer, err := h.serve(r)
	if err == nil {
		var out []byte
		if out, err = answer.encode(); err == nil {
			return out, nil
		}
	}
	if !errors.Is(err, errAborted) {
		h.report(ctx, err)
	}
	return internalError(r.Method).encode()
}

// errAborted says that the handler gave up by http.ErrAbortHandler, which
// net/http does not log either.
var errAborted = errors.New("the handler gave up")

// serve runs the handler.
func (h *Handler) serve(r *http.Request) (_ response, err error) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			err = errAborted
		default:
			err = redact.NewPanicError(v)
		}
	}()
	w := &writer{header: http.Header{}, isHead: r.Method == http.MethodHead}
	h.handler.ServeHTTP(w, r)
	return w.response(), nil
}

// internalError is the answer when it is our fault.
func internalError(method string) response {
	r := response{
		StatusCode: http.StatusInternalServerError,
		Headers:    map[string]string{"Cache-Control": "no-store", "Content-Type": "application/problem+json"},
	}
	if method != http.MethodHead {
		r.Body = `{"type":"about:blank","title":"Internal Server Error","status":500,"code":"internal"}` + "\n"
	}
	return r
}
