package main_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pontte/portaria/local"
)

// build builds the function as it is deployed, once.
var build = sync.OnceValues(func() (string, error) { return local.BuildFunction(context.Background(), "pre-signup") })

// wiretap is the real binary behind a Runtime API that keeps whatever the binary
// lets out: what it prints, every request to the Runtime API, and of the
// requests to AWS all but the bodies, which must hold personal data.
type wiretap struct {
	t       *testing.T
	aws     *cloud
	cmd     *exec.Cmd
	printed bytes.Buffer // by both outputs; complete after end
	work    chan work
	answers chan string // "" for an event that came back as it was, else what the caller reads
	sent    []string    // what the invocations are called, in their order
	said    said
}

// work is what the Runtime API hands out.
type work struct {
	name   string // of the case
	event  []byte
	header map[string]string // beside what Lambda sends, or in its place
	answer http.Handler      // takes the answer in place of the Runtime API; nil: none
}

// newWiretap starts the binary on an empty table and an empty pool.
func newWiretap(t *testing.T) *wiretap {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	w := &wiretap{t: t, work: make(chan work), answers: make(chan string, 1)}
	w.aws = newCloud(t, func(r *http.Request) { w.said.request(r, nil) })
	api := httptest.NewServer(w.runtimeAPI())
	t.Cleanup(api.Close)
	w.cmd = exec.CommandContext(t.Context(), binary)
	w.cmd.Env = append(w.aws.env(), "LOG_LEVEL=trace", "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"),
		"AWS_LAMBDA_FUNCTION_NAME=pre-signup", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
	w.cmd.Stdout, w.cmd.Stderr = &w.printed, &w.printed
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.cmd.Wait() }) // it dies with the test's context
	return w
}

func (w *wiretap) runtimeAPI() http.Handler {
	var now work // the binary has one at a time
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(rw http.ResponseWriter, r *http.Request) {
		w.said.request(r, nil)
		var more bool
		if now, more = <-w.work; !more {
			rw.WriteHeader(http.StatusGone) // which ends the binary
			return
		}
		rw.Header().Set("Lambda-Runtime-Aws-Request-Id", "8f7c8d24-6d7e-4a31-9c3a-0c4e5f6a7b8c")
		rw.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(5*time.Second).UnixMilli(), 10))
		for name, value := range now.header {
			rw.Header().Set(name, value)
		}
		_, _ = rw.Write(now.event)
	})
	mux.HandleFunc("POST /2018-06-01/runtime/", func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.HasSuffix(r.URL.Path, "/response") && bytes.Equal(body, now.event) {
			body = nil // the one thing that must hold the event
		}
		w.said.request(r, body)
		if now.answer != nil {
			now.answer.ServeHTTP(rw, r)
		} else {
			rw.WriteHeader(http.StatusAccepted)
		}
		select {
		case w.answers <- string(body):
		default: // said twice
		}
	})
	return mux
}

// send has the binary answer an event: "" is the event itself.
func (w *wiretap) send(next work) (answer string) {
	w.t.Helper()
	w.sent = append(w.sent, next.name)
	w.said.during(next.name)
	select {
	case w.work <- next:
	case <-time.After(10 * time.Second):
		w.t.Fatalf("%s: the binary does not ask for work", next.name)
	}
	select {
	case answer = <-w.answers:
	case <-time.After(10 * time.Second):
		w.t.Fatalf("%s: the binary does not answer", next.name)
	}
	return answer
}

// end ends the binary and gives all that it let out, by what it was about. What
// it printed when it ended is about "the end".
func (w *wiretap) end() (lines []spoken) {
	w.said.during("the end")
	close(w.work)
	_ = w.cmd.Wait() // that there is no more work is a failure
	for i, line := range w.printedLines() {
		about := "the end"
		if i < len(w.sent) { // each invocation prints one line
			about = w.sent[i]
		}
		lines = append(lines, spoken{about, line})
	}
	return append(lines, w.said.lines...)
}

// printedLines is what both outputs got, when the binary has ended.
func (w *wiretap) printedLines() []string {
	return strings.Split(strings.TrimSuffix(w.printed.String(), "\n"), "\n")
}

// spoken is a line that the binary let out, and during which invocation.
type spoken struct{ during, line string }

// said is what was let out over the wire.
type said struct {
	mu    sync.Mutex
	about string
	lines []spoken
}

func (s *said) during(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.about = name
}

// request takes down a request whose body has been read; body is as much of it
// as is wanted.
func (s *said) request(r *http.Request, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := []string{r.Method + " " + r.URL.String(), string(body)}
	for _, fields := range []http.Header{r.Header, r.Trailer} {
		for name, values := range fields {
			lines = append(lines, name+": "+strings.Join(values, ", "))
		}
	}
	for _, line := range lines {
		s.lines = append(s.lines, spoken{s.about, line})
	}
}
