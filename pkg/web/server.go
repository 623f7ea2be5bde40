package web

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pontte/portaria/pkg/limit"
	"github.com/pontte/portaria/pkg/redact"
)

// endpoint answers a request of one route; its Problem is nil when it could.
type endpoint func(r *http.Request) (answer, *Problem)

// answer is what a route gives when nothing is wrong. A body of nil is none.
type answer struct {
	status  int
	body    any
	warning error // for the log: what went wrong beside the answer
}

// route is one route and who answers it.
type route struct {
	method, path string
	handler      http.Handler
}

// newMux serves the routes, and answers all else with problems: net/http's own
// answers to unknown paths and methods are no JSON.
func newMux(routes []route) *http.ServeMux {
	methods := map[string]map[string]http.Handler{}
	for _, r := range routes {
		if methods[r.path] == nil {
			methods[r.path] = map[string]http.Handler{}
		}
		methods[r.path][r.method] = r.handler
		if r.method == http.MethodGet {
			methods[r.path][http.MethodHead] = r.handler
		}
	}
	mux := http.NewServeMux()
	for path, handlers := range methods {
		allowed := strings.Join(slices.Sorted(maps.Keys(handlers)), ", ")
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if handler, ok := handlers[r.Method]; ok {
				handler.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Allow", allowed)
			(&Problem{Code: MethodNotAllowed}).write(w)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { (&Problem{Code: NotFound}).write(w) })
	return mux
}

// serve makes a handler of an endpoint that answers in JSON, at the pace p.
func (a *API) serve(p pace, e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := a.config.Now()
		ans, problem := a.run(r, p, e)
		if problem != nil || p.alike {
			hold(r.Context(), p.held-a.config.Now().Sub(began))
		}
		a.logRequest(r, began, ans, problem)
		switch {
		case problem != nil:
			problem.write(w)
		case ans.body == nil:
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(ans.status)
		default:
			writeJSON(w, ans.status, "application/json", ans.body)
		}
	})
}

// run calls e, within the time that p gives it; a panic becomes a problem.
func (a *API) run(r *http.Request, p pace, e endpoint) (ans answer, problem *Problem) {
	if p.cutOff > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), p.cutOff)
		defer cancel()
		r = r.WithContext(ctx)
	}
	defer func() {
		if recovered := recover(); recovered != nil {
			problem = unavailable(redact.NewPanicError(recovered))
		}
	}()
	return e(r)
}

// retryUnavailable is when a caller may try again after we could not answer.
const retryUnavailable = 5 * time.Second

// unavailable is the problem of our own fault, or AWS's.
func unavailable(cause error) *Problem {
	return &Problem{Code: Unavailable, RetryAfter: retryUnavailable, cause: cause}
}

// logRequest writes the one line of a request: nothing of what was sent but the
// route, and no cause that holds any of it.
func (a *API) logRequest(r *http.Request, began time.Time, ans answer, problem *Problem) {
	line, status, outcome := a.config.Log.Info(), ans.status, "done"
	if problem != nil {
		status, outcome = kindOf(problem.Code).status, "refused"
		if problem.Code == Unavailable {
			line, outcome = a.config.Log.Error(), "failed"
		}
	}
	ended := a.config.Now()
	if !line.Enabled() {
		a.logFigures(began, ended, outcome, ans, problem)
		return
	}
	line.Str("timestamp", ended.UTC().Format("2006-01-02T15:04:05.000Z")).
		Str("method", r.Method).Str("route", r.Pattern).Int("status", status).Str("outcome", outcome)
	if problem != nil {
		line.Str("code", string(problem.Code))
		if problem.cause != nil {
			line.Str("error", redact.Cause(problem.cause))
		}
	}
	if ans.warning != nil {
		line.Str("warning", redact.Cause(ans.warning))
	}
	line.Int64("duration_ms", ended.Sub(began).Milliseconds())
	a.metrics.addTo(line, began, ans, problem)
	line.Msg("request " + outcome)
}

// pace is when a route answers, counted from when its request came in: so that
// the time tells no stranger whether there is such a user. The zero pace answers
// as soon as it can.
type pace struct {
	cutOff time.Duration // when the context of the endpoint ends; before held
	held   time.Duration // no refusal leaves before
	alike  bool          // no answer does
}

// hold waits for d, or until ctx ends.
func hold(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// sameOrigin refuses what a page of another origin sent, by the headers that
// every browser in use sets and no page can. Programs set neither. Our own page
// sends "Origin: null" where its Referrer-Policy keeps the origin back.
func sameOrigin(r *http.Request) *Problem {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	switch {
	case site == "same-origin", site == "none", site == "" && (origin == "" || isHost(origin, r.Host)):
		return nil
	}
	return &Problem{Code: CrossSite, cause: errors.New("sent by a page of another origin")}
}

func isHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, host)
}

// addressOf is the address that a request came from, as the limits know it.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return limit.AddressKey(host)
}
