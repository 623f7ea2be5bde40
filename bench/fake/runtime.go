package fake

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Timeout is how long the function may take for an event, as it is told.
const Timeout = 5 * time.Second

// Runtime is Lambda's Runtime API for one process: it hands out a list of
// events, one after the other, and keeps the answers and the times.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type Runtime struct {
	// Address is what AWS_LAMBDA_RUNTIME_API must be.
	Address string

	// Done is closed when the process has answered everything and asks for
	// more, or says that it cannot start.
	Done chan struct{}

	server *http.Server
	before func(i int)

	mu     sync.Mutex
	events [][]byte
	calls  []Call // of the events that were handed out
	asked  time.Time
	done   bool
	err    error
}

// Call is one event as it went.
type Call struct {
	Handed, Answered time.Time
	Answer           []byte // the event, or the error's JSON
	Failed           bool
}

// StartRuntime starts the Runtime API of one process. Close ends it. before is
// called before event i is handed out, and with the number of events once more at
// the end: the process is idle then.
func StartRuntime(events [][]byte, before func(i int)) (*Runtime, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the Runtime API: %w", err)
	}
	r := &Runtime{Address: listener.Addr().String(), Done: make(chan struct{}), before: before, events: events, calls: make([]Call, 0, len(events))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", r.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", r.answered)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", r.failed)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", r.initFailed)
	r.server = &http.Server{Handler: mux, ErrorLog: log.New(io.Discard, "", 0)}
	go r.server.Serve(listener) // until Close
	return r, nil
}

// Close ends it.
func (r *Runtime) Close() error { return r.server.Close() }

// Calls gives what became of the events, and when the process first asked for
// one. The error says what the process did that no runtime client does, or why it
// could not start.
func (r *Runtime) Calls() (calls []Call, asked time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil && len(r.calls) < len(r.events) {
		return r.calls, r.asked, fmt.Errorf("%d of %d events were handed out", len(r.calls), len(r.events))
	}
	return r.calls, r.asked, r.err
}

func (r *Runtime) next(w http.ResponseWriter, req *http.Request) {
	i, ok := r.hand(time.Now())
	if !ok {
		<-req.Context().Done() // as Lambda freezes a process
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(r.events[i])))
	h.Set("Lambda-Runtime-Aws-Request-Id", requestID(i))
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(Timeout).UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:"+Region+":000000000000:function:bench")
	h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0")
	w.Write(r.events[i])
}

// hand takes down that the process asked for an event, and gives the number of
// the one that it gets, if there is one more.
func (r *Runtime) hand(asked time.Time) (i int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done {
		return 0, false
	}
	if r.asked.IsZero() {
		r.asked = asked
	}
	i = len(r.calls)
	if i > 0 && r.calls[i-1].Answered.IsZero() {
		r.end(errors.New("asked for an event before it had answered the last one"))
		return 0, false
	}
	r.before(i)
	if i == len(r.events) {
		r.end(nil)
		return 0, false
	}
	r.calls = append(r.calls, Call{Handed: time.Now()})
	return i, true
}

func requestID(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }

func (r *Runtime) answered(w http.ResponseWriter, req *http.Request) { r.take(w, req, false) }

func (r *Runtime) failed(w http.ResponseWriter, req *http.Request) { r.take(w, req, true) }

func (r *Runtime) take(w http.ResponseWriter, req *http.Request, failed bool) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the process is gone
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	i := len(r.calls) - 1
	if i < 0 || req.PathValue("id") != requestID(i) || !r.calls[i].Answered.IsZero() {
		r.end(fmt.Errorf("answered %q, which was not asked", req.PathValue("id")))
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.calls[i].Answered, r.calls[i].Answer, r.calls[i].Failed = now, body, failed
	accepted(w)
}

func (r *Runtime) initFailed(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(req.Body, 1<<12))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end(fmt.Errorf("could not start: %s", body))
	accepted(w)
}

// end closes Done, once. The caller holds mu.
func (r *Runtime) end(err error) {
	if !r.done {
		r.done, r.err = true, err
		close(r.Done)
	}
}

func accepted(w http.ResponseWriter) {
	const body = `{"status":"OK"}`
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, body)
}
