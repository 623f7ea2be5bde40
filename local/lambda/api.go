package lambda

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// maxAnswer is the size of the largest answer that Lambda takes: 6 MB and a
// little for the envelope.
const maxAnswer = 6291556

// api is the Runtime API of one process, see
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Each channel
// has room for one, so that no handler waits for a reader that is gone.
type api struct {
	mux        *http.ServeMux
	ready      chan struct{}       // the process asked for work
	work       chan *invocation    // what it is given
	answers    chan answer         // its answer, at most one for each invocation
	initFailed chan *FunctionError // it could not start

	mu   sync.Mutex
	open string // id of the invocation that is not answered yet
}

func newAPI() *api {
	a := &api{
		mux:        http.NewServeMux(),
		ready:      make(chan struct{}, 1),
		work:       make(chan *invocation, 1),
		answers:    make(chan answer, 1),
		initFailed: make(chan *FunctionError, 1),
	}
	a.mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	a.mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	a.mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	a.mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.initError)
	return a
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// offer gives inv to the process, which must be waiting for work.
func (a *api) offer(inv *invocation) {
	a.mu.Lock()
	a.open = inv.id
	a.mu.Unlock()
	select {
	case <-a.ready: // it asked again while idle, after a lost connection
	default:
	}
	a.work <- inv
}

func (a *api) next(w http.ResponseWriter, r *http.Request) {
	select {
	case a.ready <- struct{}{}:
	default:
	}
	select {
	case inv := <-a.work:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", inv.arn)
		h.Set("Lambda-Runtime-Trace-Id", inv.trace)
		w.Write(inv.payload)
	case <-r.Context().Done():
	}
}

func (a *api) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
	case len(body) > maxAnswer:
		text := fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxAnswer)
		if a.answer(w, r, answer{err: &FunctionError{"Function.ResponseSizeTooLarge", text}}) {
			refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", text)
		}
	default:
		if a.answer(w, r, answer{payload: body}) {
			accept(w)
		}
	}
}

func (a *api) failure(w http.ResponseWriter, r *http.Request) {
	if failed := readFunctionError(w, r); failed != nil && a.answer(w, r, answer{err: failed}) {
		accept(w)
	}
}

func (a *api) initError(w http.ResponseWriter, r *http.Request) {
	failed := readFunctionError(w, r)
	if failed == nil {
		return
	}
	select {
	case a.initFailed <- failed:
	default:
	}
	accept(w)
}

// answer takes got as the answer of the invocation that r names. It refuses,
// with false, when that is not the open one.
func (a *api) answer(w http.ResponseWriter, r *http.Request, got answer) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == "" || r.PathValue("id") != a.open {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return false
	}
	a.open = ""
	a.answers <- got
	return true
}

// readFunctionError reads what the process says went wrong. It refuses, with
// nil, what is no such thing.
func readFunctionError(w http.ResponseWriter, r *http.Request) *FunctionError {
	var failed FunctionError
	if err := json.NewDecoder(io.LimitReader(r.Body, maxAnswer)).Decode(&failed); err != nil {
		refuse(w, http.StatusBadRequest, "InvalidErrorShape", err.Error())
		return nil
	}
	if failed.Type == "" {
		failed.Type = r.Header.Get("Lambda-Runtime-Function-Error-Type")
	}
	return &failed
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(FunctionError{Type: kind, Message: message})
}
