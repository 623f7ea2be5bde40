package local_test

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/lambda"
)

func TestStartsAndStopsAgainAndAgain(t *testing.T) {
	var cfg local.Config
	var before int
	for i := range 6 {
		cfg.Binary = os.Getenv("TEST_FUNCTION")
		stack, err := local.Start(t.Context(), cfg)
		if err != nil {
			t.Fatalf("start %d: %v", i+1, err)
		}
		pid := facts(t, stack).PID
		if err := createUser(t.Context(), stack, "ana@example.com"); err == nil {
			t.Error("AdminCreateUser = nil, though the function knows no such event")
		}
		// From the second time on the ports are those of the first.
		cfg.CognitoAddr = strings.TrimPrefix(stack.CognitoURL(), "http://")
		cfg.DynamoDBAddr = strings.TrimPrefix(stack.DynamoDBURL(), "http://")
		cfg.WebAddr = strings.TrimPrefix(stack.WebURL(), "http://")
		stack.Close()
		stack.Close()
		if !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			t.Errorf("process %d is still there", pid)
		}
		if i == 0 {
			before = runtime.NumGoroutine()
		}
	}
	// The clients' ends of closed connections end in their own time.
	limit := time.After(5 * time.Second)
	for runtime.NumGoroutine() > before {
		select {
		case <-limit:
			all := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, want at most %d:\n%s", runtime.NumGoroutine(), before, all[:runtime.Stack(all, true)])
		case <-time.After(time.Millisecond):
		}
	}
}

func TestEndOfContextEndsTheStack(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stack, err := local.Start(ctx, local.Config{Binary: os.Getenv("TEST_FUNCTION")})
	if err != nil {
		t.Fatal(err)
	}
	pid := facts(t, stack).PID
	cancel()
	stack.Close() // waits for what cancel began
	if !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		t.Errorf("process %d is still there", pid)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(stack.CognitoURL(), "http://")); err == nil {
		conn.Close()
		t.Error("Cognito still answers")
	}
}

func TestCloseBreaksOffRequests(t *testing.T) {
	running := make(chan struct{})
	stack := start(t, local.Config{Function: lambda.Func(func(ctx context.Context, _ []byte) ([]byte, error) {
		close(running)
		<-ctx.Done()
		return nil, ctx.Err()
	})})
	answered := make(chan error)
	go func() { answered <- createUser(context.WithoutCancel(t.Context()), stack, "ana@example.com") }()
	<-running
	stack.Close()
	if err := <-answered; err == nil {
		t.Error("AdminCreateUser = nil, though its trigger never answered")
	}
}
