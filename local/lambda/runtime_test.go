package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pontte/portaria/local/lambda"
)

func TestInvoke(t *testing.T) {
	tests := []struct {
		name, payload string
		want          string
		failed        lambda.FunctionError
	}{
		{name: "answer", payload: `{"do":"echo", "a":1 }`, want: `{"do":"echo", "a":1 }`},
		{name: "answer to another's invocation is not taken", payload: `{"do":"wrong id"}`, want: `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}` + "\n"},
		{name: "first of two answers", payload: `{"do":"answer twice"}`, want: `"first"`},
		{name: "error", payload: `{"do":"refuse","text":"O cpf informado não é válido"}`, failed: lambda.FunctionError{Type: "refusal", Message: "O cpf informado não é válido"}},
		{name: "not the function's JSON", payload: `]`, failed: lambda.FunctionError{Type: "SyntaxError", Message: "invalid character ']' looking for beginning of value"}},
		{name: "panic", payload: `{"do":"panic"}`, failed: lambda.FunctionError{Type: "string", Message: "a bug"}},
		{name: "exit 2", payload: `{"do":"exit 2"}`, failed: lambda.FunctionError{Type: "Runtime.ExitError", Message: "RequestId: ID Error: Runtime exited with error: exit status 2"}},
		{name: "exit 0", payload: `{"do":"exit 0"}`, failed: lambda.FunctionError{Type: "Runtime.ExitError", Message: "RequestId: ID Error: Runtime exited without providing a reason"}},
		{name: "killed", payload: `{"do":"killed"}`, failed: lambda.FunctionError{Type: "Runtime.ExitError", Message: "RequestId: ID Error: Runtime exited with error: signal: killed"}},
		{name: "answer over 6 MB", payload: `{"do":"huge answer"}`, failed: lambda.FunctionError{Type: "Function.ResponseSizeTooLarge", Message: "Response payload size exceeded maximum allowed payload size (6291556 bytes)."}},
	}
	r, _ := start(t, lambda.Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := r.Invoke(t.Context(), []byte(tt.payload))
			var failed lambda.FunctionError
			if err != nil {
				failed = functionError(t, err)
			}
			if string(got) != tt.want || failed != tt.failed {
				t.Errorf("Invoke(%s) = %s, %v, want %s, %v", tt.payload, got, failed, tt.want, tt.failed)
			}
			if again := invoke(t, r, `{"do":"echo"}`); again != `{"do":"echo"}` {
				t.Errorf("the next invocation = %s", again)
			}
		})
	}
}

func TestFunctionThatDoesNotStart(t *testing.T) {
	tests := []struct {
		name string
		env  string
		want lambda.FunctionError
		log  []string
	}{
		{"it exits", "exit", lambda.FunctionError{Type: "Runtime.ExitError", Message: "RequestId: ID Error: Runtime exited with error: exit status 3"}, []string{"TABLE_NAME is not set\n", "pre-signup did not start"}},
		{"it says why", "error", lambda.FunctionError{Type: "Config", Message: "no table"}, []string{"pre-signup did not start", "no table"}},
		{"it hangs", "hang", lambda.FunctionError{Type: "Sandbox.Timedout", Message: "RequestId: ID Error: Task timed out after 0.30 seconds"}, []string{"pre-signup did not start"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			limit := time.Minute
			if tt.env == "hang" {
				limit = 300 * time.Millisecond
			}
			r, log := start(t, lambda.Config{Name: "pre-signup", Env: map[string]string{"INIT": tt.env}, InitTimeout: limit})
			for range 2 { // every invocation tries again
				_, err := r.Invoke(t.Context(), []byte(`{"do":"echo"}`))
				if got := functionError(t, err); got != tt.want {
					t.Errorf("Invoke = %v, want %v", got, tt.want)
				}
			}
			for _, words := range tt.log {
				if got := strings.Count(log.String(), words); got != 2 {
					t.Errorf("the log has %q %d times, want 2:\n%s", words, got, log)
				}
			}
		})
	}
}

func TestFunctionThatStartsAtTheSecondTry(t *testing.T) {
	r, _ := start(t, lambda.Config{Env: map[string]string{"INIT": "exit once", "MARK": filepath.Join(t.TempDir(), "mark")}})
	if got, err := r.Invoke(t.Context(), []byte(`{"do":"echo"}`)); err == nil {
		t.Errorf("Invoke = %s, want an error", got)
	}
	invoke(t, r, `{"do":"echo"}`)
}

func TestTimeout(t *testing.T) {
	r, _ := start(t, lambda.Config{Timeout: 300 * time.Millisecond})
	before := askFacts(t, r)
	_, err := r.Invoke(t.Context(), newGate(t).event())
	want := lambda.FunctionError{Type: "Sandbox.Timedout", Message: "RequestId: ID Error: Task timed out after 0.30 seconds"}
	if got := functionError(t, err); got != want {
		t.Errorf("Invoke = %v, want %v", got, want)
	}
	after := askFacts(t, r)
	if after.PID == before.PID || after.Invocations != 1 {
		t.Errorf("the next invocation is number %d of process %d, want the first of another than %d", after.Invocations, after.PID, before.PID)
	}
	r.Close()
	if !gone(before.PID) {
		t.Errorf("process %d outlives its time limit", before.PID)
	}
}

func TestLateAnswerIsDiscardedAndItsProcessUsedAgain(t *testing.T) {
	r, _ := start(t, lambda.Config{MaxConcurrency: 1})
	before := askFacts(t, r)
	g := newGate(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-g.arrived
		cancel()
	}()
	if got, err := r.Invoke(ctx, g.event()); !errors.Is(err, context.Canceled) {
		t.Errorf("Invoke = %s, %v, want %v", got, err, context.Canceled)
	}
	close(g.open)
	after := askFacts(t, r)
	if after.PID != before.PID || after.Invocations != 3 {
		t.Errorf("the next invocation is number %d of process %d, want 3 of %d", after.Invocations, after.PID, before.PID)
	}
}

func TestSimultaneousInvocations(t *testing.T) {
	const limit, rounds = 4, 5
	r, _ := start(t, lambda.Config{MaxConcurrency: limit})
	g := newGate(t)
	var mu sync.Mutex
	pids := map[string]int{}
	var callers sync.WaitGroup
	for range limit * rounds {
		callers.Go(func() {
			got, err := r.Invoke(t.Context(), g.event())
			if err != nil {
				t.Errorf("Invoke = %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			pids[string(got)]++
		})
	}
	for range limit { // as many as may be under way at a time
		<-g.arrived
	}
	select {
	case <-g.arrived:
		t.Errorf("more than %d invocations at a time", limit)
	default:
	}
	close(g.open)
	callers.Wait()
	total := 0
	for _, n := range pids {
		total += n
	}
	if len(pids) != limit || total != limit*rounds {
		t.Errorf("invocations by process = %v, want %d by %d processes", pids, limit*rounds, limit)
	}
}

func TestCallerStopsWaitingForAProcess(t *testing.T) {
	r, _ := start(t, lambda.Config{MaxConcurrency: 1})
	g := newGate(t)
	var first sync.WaitGroup
	first.Go(func() { invoke(t, r, string(g.event())) })
	<-g.arrived
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := r.Invoke(ctx, []byte(`{"do":"echo"}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Invoke = %v, want %v", err, context.DeadlineExceeded)
	}
	close(g.open)
	first.Wait()
}

func TestLogComesInWholeLines(t *testing.T) {
	r, log := start(t, lambda.Config{})
	invoke(t, r, `{"do":"print","text":"one\ntwo, "}`)
	if want := []string{"one\n"}; !slices.Equal(log.writes, want) {
		t.Errorf("log after the first answer = %q, want %q", log.writes, want)
	}
	invoke(t, r, `{"do":"print","text":"still two\nthree"}`)
	r.Close()
	if want := []string{"one\n", "two, still two\n", "three\n"}; !slices.Equal(log.writes, want) {
		t.Errorf("log after Close = %q, want %q", log.writes, want)
	}
}

func TestAnswerComesAfterItsLog(t *testing.T) {
	r, log := start(t, lambda.Config{})
	for i := range 200 {
		line := fmt.Sprintf("line %d of many\n", i)
		invoke(t, r, fmt.Sprintf(`{"do":"print","text":%q}`, line))
		if got := log.writes[len(log.writes)-1]; got != line {
			t.Fatalf("last line = %q, want %q", got, line)
		}
	}
}
