package dynamodb

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/truora/minidyn/server"
)

// NewHandler returns an empty DynamoDB in memory that speaks AWS's JSON
// protocol. It may be used by any number of clients at once. Operations that
// minidyn lacks are refused by name, as an UnknownOperationException.
func NewHandler() http.Handler {
	return &handler{engine: server.NewServer()}
}

// handler runs minidyn one request at a time. minidyn's own lock leaves out the
// table operations, and the cures below need several of its operations in one
// step.
type handler struct {
	mu     sync.Mutex
	engine http.Handler
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The body is read before the lock is taken: a slow client holds up nobody.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "read request: "+err.Error(), http.StatusBadRequest)
		return
	}
	if r.Method != http.MethodPost {
		http.Error(w, "the local DynamoDB answers POST only", http.StatusMethodNotAllowed)
		return
	}
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")

	h.mu.Lock()
	a := h.answer(op, body)
	h.mu.Unlock()

	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(a.status)
	w.Write(a.body)
}

// answer is what DynamoDB would answer. The caller holds the lock.
func (h *handler) answer(op string, body []byte) answer {
	if op == "UpdateItem" || op == "DeleteItem" {
		var w write
		if json.Unmarshal(body, &w) == nil {
			before := h.get(w)
			return h.cure(w, before, h.run(op, body))
		}
	}
	if op == "Scan" {
		var sc scan
		if json.Unmarshal(body, &sc) == nil && sc.ExclusiveStartKey != nil {
			return h.scan(sc, body)
		}
	}
	return h.run(op, body)
}

// run has minidyn do one operation.
func (h *handler) run(op string, body []byte) answer {
	rec := recorder{header: http.Header{}, status: http.StatusOK}
	h.engine.ServeHTTP(&rec, &http.Request{
		Method: http.MethodPost,
		URL:    &url.URL{Path: "/"},
		Header: http.Header{"X-Amz-Target": {"DynamoDB_20120810." + op}},
		Body:   io.NopCloser(bytes.NewReader(body)),
	})
	if !json.Valid(rec.body.Bytes()) {
		return refusal("UnknownOperationException", "the local DynamoDB has no operation "+op)
	}
	return answer{rec.status, rec.body.Bytes()}
}

type answer struct {
	status int
	body   []byte
}

func refusal(code, message string) answer {
	body, _ := json.Marshal(map[string]string{"__type": code, "message": message}) // strings always marshal
	return answer{http.StatusBadRequest, body}
}

// recorder is an http.ResponseWriter that keeps what is written.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
