package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/lambda"
)

const table = "portaria-claims"

// binary is the function as it is deployed, built once for all tests, and
// heralded is the same behind the herald.
var binary, heralded string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "pre-signup")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "bootstrap")
	if err := lambda.Build(context.Background(), ".", ".", binary); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	heralded = filepath.Join(dir, "herald")
	if err := os.WriteFile(heralded, []byte(herald), 0o700); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// startFunction runs the binary, one process of it at a time.
func startFunction(t *testing.T, log io.Writer, env map[string]string) *lambda.Runtime {
	t.Helper()
	function, err := lambda.Start(t.Context(), lambda.Config{Binary: heralded, Name: "pre-signup", Env: env, MaxConcurrency: 1, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(function.Close)
	return function
}

// directory is a Cognito that knows AdminGetUser and nothing else.
type directory struct {
	mu    sync.Mutex
	users []events.User
}

func (d *directory) set(users []events.User) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users = users
}

func (d *directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var in struct{ UserPoolId, Username string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	i := slices.IndexFunc(d.users, func(u events.User) bool { return u.UserName == in.Username || u.Email == in.Username })
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if i < 0 || in.UserPoolId != events.PoolID {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type":"UserNotFoundException","message":"User does not exist."}`)
		return
	}
	attributes := []map[string]string{{"Name": "email", "Value": d.users[i].Email}}
	if d.users[i].CPF != "" {
		attributes = append(attributes, map[string]string{"Name": "custom:cpf", "Value": d.users[i].CPF})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"Username": d.users[i].UserName, "UserAttributes": attributes})
}

// lineLog is what the binary printed, line by line. Lambda's answer may come
// before its log does, so a reader waits for the next line.
type lineLog struct {
	mu    sync.Mutex
	rest  []byte
	lines chan string
}

func newLineLog() *lineLog { return &lineLog{lines: make(chan string, 10_000)} }

func (l *lineLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.lines <- string(line)
		l.rest = rest
	}
}

// read gives the next line.
func (l *lineLog) read() (string, error) {
	select {
	case line := <-l.lines:
		return line, nil
	case <-time.After(10 * time.Second):
		return "", errors.New("the binary wrote no line")
	}
}
