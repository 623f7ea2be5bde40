package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// herald is a program that says who runs the binary and where its Runtime API
// is, and then becomes the binary: the process is the same.
const herald = `#!/bin/sh
echo "$$ $AWS_LAMBDA_RUNTIME_API" >"$PROCESS_FILE"
AWS_LAMBDA_RUNTIME_API="${RUNTIME_API:-$AWS_LAMBDA_RUNTIME_API}" exec "$LAMBDA_TASK_ROOT/bootstrap"
`

// process is the process that runs the binary now, if the herald started it.
type process struct{ file string }

func newProcess(t *testing.T) process {
	return process{filepath.Join(t.TempDir(), "process")}
}

// read gives the process id and the address of the Runtime API.
func (p process) read() (pid int, api string, err error) {
	text, err := os.ReadFile(p.file)
	if err != nil {
		return 0, "", err
	}
	id, api, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	pid, err = strconv.Atoi(id)
	return pid, api, err
}

// kill kills the process in the middle of an exchange, and returns when its end
// of the line is gone.
func (p process) kill(x *exchange) error {
	pid, _, err := p.read()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill %d: %w", pid, err)
	}
	<-x.r.Context().Done()
	return nil
}

// clock is a Runtime API between the process and its own, which tells it
// another remaining time.
type clock struct {
	url  string
	left atomic.Int64 // nanoseconds; 0: as it is
}

// quiet is where a proxy says that one side has gone, which is what we are here for.
var quiet = log.New(io.Discard, "", 0)

func newClock(t *testing.T, p process) *clock {
	c := new(clock)
	proxy := &httputil.ReverseProxy{
		ErrorLog: quiet,
		Rewrite: func(r *httputil.ProxyRequest) {
			if _, api, err := p.read(); err == nil {
				r.SetURL(&url.URL{Scheme: "http", Host: api})
			}
		},
		ModifyResponse: func(r *http.Response) error {
			const deadline = "Lambda-Runtime-Deadline-Ms"
			if left := c.left.Load(); left != 0 && r.Header.Get(deadline) != "" {
				r.Header.Set(deadline, strconv.FormatInt(time.Now().Add(time.Duration(left)).UnixMilli(), 10))
			}
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	c.url = strings.TrimPrefix(server.URL, "http://")
	return c
}
