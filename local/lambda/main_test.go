package lambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pontte/portaria/local/lambda"
)

// TestMain builds the function of testdata once, as functions are built.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "lambda")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		if err := lambda.Build(context.Background(), ".", "./testdata/function", filepath.Join(dir, "bootstrap")); err != nil {
			panic(err)
		}
		os.Setenv("TEST_FUNCTION", filepath.Join(dir, "bootstrap"))
		return m.Run()
	}())
}

func testFunction() string { return os.Getenv("TEST_FUNCTION") }

// start runs the function of testdata until the test ends, and gives its log.
func start(t *testing.T, cfg lambda.Config) (*lambda.Runtime, *logBuffer) {
	t.Helper()
	var log logBuffer
	cfg.Binary = testFunction()
	cfg.Log = &log
	r, err := lambda.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r, &log
}

// invoke must succeed.
func invoke(t *testing.T, r *lambda.Runtime, payload string) string {
	t.Helper()
	got, err := r.Invoke(t.Context(), []byte(payload))
	if err != nil {
		t.Fatalf("Invoke(%s) = %v", payload, err)
	}
	return string(got)
}

// functionError is err as a *FunctionError with its request id taken out.
func functionError(t *testing.T, err error) lambda.FunctionError {
	t.Helper()
	failed, ok := errors.AsType[*lambda.FunctionError](err)
	if !ok {
		t.Fatalf("Invoke = %v, want a *FunctionError", err)
	}
	got := *failed
	got.Message = requestID.ReplaceAllString(got.Message, "RequestId: ID")
	return got
}

var requestID = regexp.MustCompile(`RequestId: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

type facts struct {
	Env         []string
	PID         int
	Invocations int
	RequestID   string
	ARN         string
	Trace       string
	Deadline    time.Time
}

func askFacts(t *testing.T, r *lambda.Runtime) facts {
	t.Helper()
	var got facts
	if err := json.Unmarshal([]byte(invoke(t, r, `{"do":"facts"}`)), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// gone is true as well for a process that has ended and whose new parent has not
// taken notice: in a container that may be for good.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err != nil || strings.HasPrefix(string(state), "Z")
}

// gate is where the function waits: arrived has one entry for each invocation
// that came, and each goes on when open is read or closed.
type gate struct {
	url     string
	arrived chan struct{}
	open    chan struct{}
}

func newGate(t *testing.T) *gate {
	g := &gate{arrived: make(chan struct{}, 100), open: make(chan struct{})}
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		g.arrived <- struct{}{}
		select {
		case <-g.open:
		case <-r.Context().Done(): // the function was killed
		}
	}))
	t.Cleanup(srv.Close)
	g.url = srv.URL
	return g
}

func (g *gate) event() []byte { return []byte(`{"do":"wait","url":"` + g.url + `"}`) }

// logBuffer is a bytes.Buffer for many.
type logBuffer struct {
	mu     sync.Mutex
	buf    bytes.Buffer
	writes []string
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.writes = append(b.writes, string(p))
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
