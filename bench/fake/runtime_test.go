package fake_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pontte/portaria/bench/fake"
)

func startRuntime(t *testing.T, before func(int), events ...string) (r *fake.Runtime, do func(method, path, body string) (id, answer string)) {
	t.Helper()
	var all [][]byte
	for _, e := range events {
		all = append(all, []byte(e))
	}
	r, err := fake.StartRuntime(all, before)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, func(method, path, body string) (string, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+r.Address+"/2018-06-01/runtime/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", "" // the process that waits is cut off
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return resp.Header.Get("Lambda-Runtime-Aws-Request-Id"), string(b)
	}
}

func TestRuntimeHandsOutEventsOneByOne(t *testing.T) {
	var idle []int
	r, do := startRuntime(t, func(i int) { idle = append(idle, i) }, "one", "two")
	id, event := do("GET", "invocation/next", "")
	do("POST", "invocation/"+id+"/response", event+" back")
	id, event = do("GET", "invocation/next", "")
	do("POST", "invocation/"+id+"/error", event+" refused")
	go do("GET", "invocation/next", "")
	<-r.Done
	calls, asked, err := r.Calls()
	if err != nil || len(calls) != 2 || string(calls[0].Answer) != "one back" || calls[0].Failed || string(calls[1].Answer) != "two refused" || !calls[1].Failed {
		t.Fatalf("Calls = %+v, %v, want both answers", calls, err)
	}
	if len(idle) != 3 || idle[2] != 2 {
		t.Errorf("before was called with %v, want 0, 1, 2", idle)
	}
	if asked.IsZero() || asked.After(calls[0].Handed) || !calls[0].Handed.Before(calls[0].Answered) {
		t.Errorf("asked %v, handed %v, answered %v: want them in that order", asked, calls[0].Handed, calls[0].Answered)
	}
}

func TestRuntimeTellsWhatWentWrong(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(do func(method, path, body string) (id, answer string))
		want string
	}{
		{"could not start", func(do func(string, string, string) (string, string)) { do("POST", "init/error", "no table") }, "could not start: no table"},
		{"answers what was not asked", func(do func(string, string, string) (string, string)) {
			do("POST", "invocation/other/response", "")
		}, "was not asked"},
		{"asks again", func(do func(string, string, string) (string, string)) {
			do("GET", "invocation/next", "")
			go do("GET", "invocation/next", "")
		}, "before it had answered"},
	} {
		r, do := startRuntime(t, func(int) {}, "one", "two")
		c.do(do)
		<-r.Done
		if _, _, err := r.Calls(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Calls = %v, want %q", c.name, err, c.want)
		}
	}
}
