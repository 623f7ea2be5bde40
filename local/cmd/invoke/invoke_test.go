package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/lambda"
)

var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "invoke")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "bootstrap")
		if err := lambda.Build(context.Background(), ".", "github.com/pontte/portaria/functions/pre-signup", binary); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// Every case that gives something, for the giving is what is ours.
func TestAnswers(t *testing.T) {
	cases, err := events.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		given := c.Given
		if len(given.Claims)+len(given.Items)+len(given.Users) == 0 {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			want := string(c.Event) + "\n"
			if c.Refusal != nil {
				want = fmt.Sprintf(`{"errorMessage":"%s","errorType":"Refusal"}`+"\n", c.Refusal.ErrorMessage)
			}
			var stdout strings.Builder
			var stderr logBuffer
			if err := answer(t.Context(), c, binary, &stdout, &stderr); err != nil {
				t.Fatal(err)
			}
			if stdout.String() != want {
				t.Errorf("answer = %s, want %s; its log:\n%s", stdout.String(), want, stderr.String())
			}
			if stderr.String() == "" {
				t.Error("there is no log")
			}
		})
	}
}

func TestEventThatNothingIsSaidOf(t *testing.T) {
	original, err := os.ReadFile("../../../events/admin-create-user.json")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mine.json")
	if err := os.WriteFile(file, original, 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout strings.Builder
	var stderr logBuffer
	if err := run(t.Context(), []string{file}, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	if stdout.String() != string(original)+"\n" {
		t.Errorf("answer = %s, want the event", stdout.String())
	}
	if words := "mine.json: an empty table and pool stand before it"; !strings.Contains(stderr.String(), words) {
		t.Errorf("standard error lacks %q:\n%s", words, stderr.String())
	}
}

func TestFunctionThatDies(t *testing.T) {
	dying := filepath.Join(t.TempDir(), "dying")
	if err := os.WriteFile(dying, []byte("#!/bin/sh\necho no luck >&2\nexit 7\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	var stdout strings.Builder
	var stderr logBuffer
	if err := answer(t.Context(), events.Case{Event: []byte("{}")}, dying, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stdout.String(), `{"errorMessage":"RequestId: `) ||
		!strings.HasSuffix(stdout.String(), ` Error: Runtime exited with error: exit status 7","errorType":"Runtime.ExitError"}`+"\n") {
		t.Errorf("answer = %s, want Runtime.ExitError", stdout.String())
	}
	if !strings.Contains(stderr.String(), "no luck\n") {
		t.Errorf("standard error lacks the function's words:\n%s", stderr.String())
	}
}

func TestNoAnswer(t *testing.T) {
	for name, args := range map[string][]string{
		"no event": nil, "two events": {"a.json", "b.json"}, "a flag": {"--help"}, "no such file": {"nowhere/x.json"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if err := run(t.Context(), args, &stdout, &stderr); err == nil || stdout.Len() > 0 {
				t.Errorf("run(%q) = %v and printed %q, want an error alone", args, err, stdout.String())
			}
		})
	}
}

// logBuffer is read when the function has ended, and written by more than one.
type logBuffer struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
