package main

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The services that the function calls.
const (
	dynamoDB = "DynamoDB"
	userPool = "Cognito"
)

// taps stand on the lines between the function and AWS. They number the calls of
// an invocation from 1, over all services, and let a test come between.
type taps struct {
	mu     sync.Mutex
	calls  []*call
	meddle func(*exchange) // nil: every request passes
}

// call is one call of the function's code: the SDK may try it more than once.
type call struct {
	id      string // the same for all tries
	number  int    // from 1
	service string
	op      string
	tries   int
}

// exchange is one request on its way.
type exchange struct {
	call
	try  int // from 1
	w    http.ResponseWriter
	r    *http.Request
	body []byte
	to   http.Handler
	over <-chan struct{} // closed when the invocation is over, if a test sees to that
}

// listen puts a tap in front of a service, and gives the URL to call.
func (ts *taps) listen(t *testing.T, service string, to http.Handler) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Read to its end: only then does a server notice that a client has gone.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if r.Method == http.MethodGet { // the connection made at start: no call of AWS's is a GET
			return
		}
		x, meddle := ts.take(service, r)
		x.w, x.r, x.body, x.to = w, r, body, to
		if meddle == nil {
			meddle = (*exchange).pass
		}
		meddle(x)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// take takes a request down.
func (ts *taps) take(service string, r *http.Request) (*exchange, func(*exchange)) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	id := r.Header.Get("Amz-Sdk-Invocation-Id")
	i := slices.IndexFunc(ts.calls, func(c *call) bool { return c.id == id })
	if i < 0 {
		i = len(ts.calls)
		_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		ts.calls = append(ts.calls, &call{id: id, number: i + 1, service: service, op: op})
	}
	c := ts.calls[i]
	c.tries++
	return &exchange{call: *c, try: c.tries}, ts.meddle
}

// begin forgets the calls so far and lets meddle come between the next ones.
func (ts *taps) begin(meddle func(*exchange)) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.calls, ts.meddle = nil, meddle
}

// made are the calls since begin.
func (ts *taps) made() []call {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var made []call
	for _, c := range ts.calls {
		made = append(made, *c)
	}
	return made
}

// writes says whether the call changes anything.
func (c call) writes() bool { return c.op == "UpdateItem" }

// perform has the service do what is asked, whether the caller still waits or not.
func (x *exchange) perform() *httptest.ResponseRecorder {
	r := x.r.Clone(context.WithoutCancel(x.r.Context()))
	r.Body = io.NopCloser(bytes.NewReader(x.body))
	rec := httptest.NewRecorder()
	x.to.ServeHTTP(rec, r)
	return rec
}

// pass performs the request and gives the answer.
func (x *exchange) pass() { x.answer(x.perform()) }

func (x *exchange) answer(rec *httptest.ResponseRecorder) {
	maps.Copy(x.w.Header(), rec.Header())
	x.w.WriteHeader(rec.Code)
	_, _ = x.w.Write(rec.Body.Bytes())
}
