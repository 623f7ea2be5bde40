package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pontte/portaria/pkg/web/page"
)

// exception is an answer by which AWS refuses.
func exception(status int, name, message string) fault {
	return func(r *http.Request, _ func() *http.Response) (*http.Response, error) {
		body := fmt.Sprintf(`{"__type":%q,"message":%s}`, name, quoted(message))
		return answerOf(r, status, body), nil
	}
}

func answerOf(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(strings.NewReader(body))}
}

// kindsOfFault are the ways in which a call goes wrong, and whether it was done.
var kindsOfFault = map[string]struct {
	fault
	throttled, done bool
}{
	"down":          {fault: func(*http.Request, func() *http.Response) (*http.Response, error) { return nil, syscall.ECONNREFUSED }},
	"failing":       {fault: exception(500, "InternalErrorException", "")},
	"throttling":    {fault: exception(400, "TooManyRequestsException", ""), throttled: true},
	"no permission": {fault: exception(400, "AccessDeniedException", "")},
	"rubbish": {fault: func(r *http.Request, _ func() *http.Response) (*http.Response, error) {
		return answerOf(r, 200, "<html>"), nil
	}},
	"not answering": {fault: func(r *http.Request, _ func() *http.Response) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}},
	"done, and the answer lost": {done: true, fault: func(_ *http.Request, perform func() *http.Response) (*http.Response, error) {
		perform()
		return nil, syscall.ECONNRESET
	}},
	"done, and not answering": {done: true, fault: func(r *http.Request, perform func() *http.Response) (*http.Response, error) {
		perform()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}},
}

// always spoils a call, from its nth try on.
func always(call string, n int, f fault) func(string, int) fault {
	return func(asked string, try int) fault {
		if asked == call && try >= n {
			return f
		}
		return nil
	}
}

const (
	atOnce  = 0
	refusal = 1500 * time.Millisecond // of POST /password
	resent  = 2500 * time.Millisecond // POST /password/resend
)

// want is what a request with a fault is answered with, and when at the latest.
type want struct {
	status int
	code   string
	within time.Duration
	exact  bool // not sooner either
}

func unavailable(d time.Duration) want { return want{503, "unavailable", d, false} }
func held(w want) want                 { w.exact = true; return w }

// scene is a route, what it calls, and what it answers when that call goes wrong.
type scene struct {
	name    string
	call    string
	from    int                            // which try of the call is the first to go wrong
	request func(temporary string) request // temporary is the password of the user who waits; "" where none is to be there
	waiting bool                           // whether there is such a user
	want    want                           // not done, for whatever reason
	done    want                           // done; the zero want is want
	limited bool                           // whether throttling is told as such
}

func scenes() []scene {
	post := func(path, body string) func(string) request {
		return func(temporary string) request {
			return request{http.MethodPost, path, "application/json", strings.ReplaceAll(body, "TEMPORARY", temporary)}
		}
	}
	form := func(path string) func(string) request {
		return func(temporary string) request {
			return request{http.MethodPost, path, "application/x-www-form-urlencoded",
				url.Values{page.FieldUsername: {email}, page.FieldTemporary: {temporary}, page.FieldNew: {chosen}}.Encode()}
		}
	}
	register := post("/users", registration)
	resend := post("/users/resend", `{"email":"`+email+`"}`)
	set := post("/password", `{"username":"`+email+`","temporaryPassword":"TEMPORARY","newPassword":"`+chosen+`"}`)
	again := post("/password/resend", `{"username":"`+email+`"}`)
	created, changed, accepted := want{201, "", 5 * time.Second, false}, want{204, "", 3 * time.Second, false}, held(want{202, "", resent, false})
	return []scene{
		{"look-up", getUser, 1, register, false, unavailable(3 * time.Second), want{}, true},
		{"create", createUser, 1, register, false, unavailable(21 * time.Second), want{201, "", 21 * time.Second, false}, true},
		{"bind", bind, 1, register, false, created, created, false},
		{"resend by a system", createUser, 1, resend, true, unavailable(8 * time.Second), unavailable(8 * time.Second), true},
		{"count a request", count, 1, set, true, held(unavailable(refusal)), want{}, false},
		{"count a failure", count, 2, set, true, held(unavailable(refusal)), want{}, false},
		{"give back", count, 3, set, true, changed, want{}, false},
		{"sign in", signIn, 1, set, true, held(unavailable(refusal)), want{}, true},
		{"set the password", setNew, 1, set, true, unavailable(7 * time.Second), want{204, "", 7 * time.Second, false}, true},
		{"verify the e-mail", verify, 1, set, true, changed, want{}, false},
		{"count a request, resend", count, 1, again, true, held(unavailable(resent)), want{}, false},
		{"count a resend", count, 2, again, true, held(unavailable(resent)), want{}, false},
		{"resend", createUser, 1, again, true, accepted, want{}, false},
		{"count a request, page", count, 1, form(page.Path), true, held(unavailable(refusal)), want{}, false},
		{"sign in, page", signIn, 1, form(page.Path), true, held(unavailable(refusal)), want{}, true},
		{"count a resend, page", count, 2, form(page.ResendPath), true, held(unavailable(resent)), want{}, false},
		{"resend, page", createUser, 1, form(page.ResendPath), true, held(want{200, "", resent, false}), want{}, false},
	}
}

// TestFaults has each call of each route go wrong in each way: the answer is the
// documented one, in time, and what was under way is not lost.
func TestFaults(t *testing.T) {
	for _, s := range scenes() {
		for name, kind := range kindsOfFault {
			t.Run(s.name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o := newOffice(t, nil)
					var temporary string
					if s.waiting {
						if got := o.send(request{http.MethodPost, "/users", "application/json", registration}); got.Status != http.StatusCreated {
							t.Fatalf("nobody waits: %+v", got)
						}
						temporary = o.secret[0].Value
						<-time.After(2 * time.Minute) // of the resends' limit
					}
					want := s.want
					switch {
					case kind.done && s.done.status != 0:
						want = s.done
					case kind.throttled && s.limited:
						want.status, want.code = http.StatusTooManyRequests, "too_many_requests"
					}
					o.spoil(always(s.call, s.from, kind.fault))
					r := s.request(temporary)
					got := o.send(r)
					if isPage := r.contentType != "application/json"; isPage {
						want.code = ""
					}
					if got.Status != want.status || got.code != want.code {
						t.Errorf("answer = %d %s, want %d %s; log %s", got.Status, got.code, want.status, want.code, o.log.String())
					}
					if got.took > want.within || want.exact && got.took != want.within {
						t.Errorf("after %v, want %v", got.took, want.within)
					}
					if o.asked(s.call) < s.from {
						t.Errorf("%s was asked %d times, want the one that goes wrong", s.call, o.asked(s.call))
					}
					if retry := got.Headers["Retry-After"]; (retry != "") != (want.code != "") {
						t.Errorf("Retry-After = %q with %d", retry, got.Status)
					}
					o.spoil(nil)
					o.wantNothingLost(got)
				})
			})
		}
	}
}

// wantNothingLost goes on when all is well again: the customer has an account and
// comes to a password of their own, by whatever stands now.
func (o *office) wantNothingLost(before reply) {
	o.t.Helper()
	if before.Status == http.StatusNoContent {
		return
	}
	<-time.After(16 * time.Minute) // every limit but the hour's and the day's
	switch got := o.send(request{http.MethodPost, "/users", "application/json", registration}); {
	case got.code == "cpf_taken": // the password was set, and the answer lost
		return
	case got.Status != http.StatusCreated && got.Status != http.StatusOK:
		o.t.Fatalf("registering when all is well again: %d %s", got.Status, got.whole)
	}
	if got := o.send(request{http.MethodPost, "/users/resend", "application/json", `{"email":"` + email + `"}`}); got.Status != http.StatusAccepted {
		o.t.Fatalf("a new temporary password: %d %s", got.Status, got.whole)
	}
	temporary := o.secret[len(o.secret)-1].Value
	body := jsonOf(map[string]string{"username": email, "temporaryPassword": temporary, "newPassword": chosen})
	if got := o.send(request{http.MethodPost, "/password", "application/json", body}); got.Status != http.StatusNoContent {
		o.t.Errorf("the password: %d %s", got.Status, got.whole)
	}
}

// TestStartWithoutSettings starts the function while the pool's settings cannot be
// read, in each way: in time, with the page and the rules of our own pool.
func TestStartWithoutSettings(t *testing.T) {
	for name, kind := range kindsOfFault {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				o := newOffice(t, always(describePool, 1, kind.fault))
				if took := time.Since(began); took > settingsWithin {
					t.Errorf("started after %v", took)
				}
				if !strings.Contains(o.log.String(), "settings could not be read") {
					t.Errorf("log = %s, want a warning", o.log.String())
				}
				everything := errors.New("nothing is to be had")
				o.spoil(func(string, int) fault {
					return func(*http.Request, func() *http.Response) (*http.Response, error) { return nil, everything }
				})
				for _, path := range []string{page.Path, "/health", "/openapi.json"} {
					if got := o.send(request{method: http.MethodGet, path: path}); got.Status != http.StatusOK || got.took != atOnce {
						t.Errorf("GET %s = %d after %v, want 200 at once", path, got.Status, got.took)
					}
				}
				o.spoil(nil)
				if got := o.send(request{http.MethodPost, "/users", "application/json", registration}); got.Status != http.StatusCreated {
					t.Errorf("registering when all is well again: %d %s", got.Status, got.whole)
				}
			})
		})
	}
}

// quoted is text as it stands in JSON.
func quoted(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(jsonOf(map[string]string{"": text}), `{"":`), "}")
}
