package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pontte/portaria/local/lambda"
)

func TestCloseLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	r, _ := start(t, lambda.Config{})
	g := newGate(t)
	goroutines := runtime.NumGoroutine() - before // the gate's own

	var idle []int
	if err := json.Unmarshal([]byte(invoke(t, r, `{"do":"child"}`)), &idle); err != nil {
		t.Fatal(err)
	}
	known := askFacts(t, r)
	var callers sync.WaitGroup
	for range 3 {
		callers.Go(func() {
			if _, err := r.Invoke(t.Context(), g.event()); !errors.Is(err, lambda.ErrClosed) {
				t.Errorf("Invoke = %v, want %v", err, lambda.ErrClosed)
			}
		})
	}
	for range 3 {
		<-g.arrived
	}
	r.Close()
	r.Close()
	callers.Wait()

	if !gone(idle[0]) {
		t.Errorf("process %d is still there", idle[0])
	}
	eventually(t, "the function's own child is gone", func() bool { return gone(idle[1]) })
	for _, pair := range known.Env {
		if addr, ok := strings.CutPrefix(pair, "AWS_LAMBDA_RUNTIME_API="); ok {
			if conn, err := net.Dial("tcp", addr); err == nil {
				conn.Close()
				t.Errorf("the Runtime API %s still answers", addr)
			}
		}
	}
	if _, err := r.Invoke(t.Context(), []byte(`{"do":"echo"}`)); !errors.Is(err, lambda.ErrClosed) {
		t.Errorf("Invoke after Close = %v, want %v", err, lambda.ErrClosed)
	}
	// Those of closed connections end in their own time.
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before+goroutines })
}

func TestCloseEndsAFunctionThatIgnoresSIGTERM(t *testing.T) {
	deaf := filepath.Join(t.TempDir(), "deaf")
	if err := os.WriteFile(deaf, []byte("#!/bin/sh\ntrap '' TERM\necho $$\nwhile :; do sleep 0.1; done\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	pids := make(lines, 1)
	r, err := lambda.Start(t.Context(), lambda.Config{Binary: deaf, Log: pids})
	if err != nil {
		t.Fatal(err)
	}
	var caller sync.WaitGroup
	caller.Go(func() {
		if _, err := r.Invoke(t.Context(), nil); !errors.Is(err, lambda.ErrClosed) {
			t.Errorf("Invoke = %v, want %v", err, lambda.ErrClosed)
		}
	})
	pid, err := strconv.Atoi(strings.TrimSpace(<-pids))
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	caller.Wait()
	if !gone(pid) {
		t.Errorf("process %d is still there", pid)
	}
}

// lines hands on what is written, the first lines only.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	select {
	case l <- string(p):
	default:
	}
	return len(p), nil
}

func TestProcessThatExitsTakesItsChildrenAlong(t *testing.T) {
	r, log := start(t, lambda.Config{})
	_, err := r.Invoke(t.Context(), []byte(`{"do":"exit and leave a child"}`))
	if got := functionError(t, err).Type; got != "Runtime.ExitError" {
		t.Errorf("Invoke = %v, want Runtime.ExitError", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(log.String()))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the child is gone", func() bool { return gone(pid) })
}

func TestEndOfContextClosesTheRuntime(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := lambda.Start(ctx, lambda.Config{Binary: testFunction()})
	if err != nil {
		t.Fatal(err)
	}
	pid := askFacts(t, r).PID
	cancel()
	eventually(t, "the process is gone", func() bool { return gone(pid) })
	r.Close()
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit := time.After(5 * time.Second)
	for !holds() {
		select {
		case <-limit:
			all := make([]byte, 1<<20)
			t.Fatalf("not so: %s\n%s", what, all[:runtime.Stack(all, true)])
		case <-time.After(time.Millisecond):
		}
	}
}
