package page_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/web/page"
)

const (
	someone   = "maria.souza+casa@example.com.br"
	temporary = "Kq7-mT_x2Vw9hRnB4sYd&c%3D"
	wanted    = "três pratos de trigo"
)

var settings = page.Settings{
	Lender:    "Banco Exemplo",
	SignInURL: "https://entrar.example.com.br/",
	Rules:     rulesOf(password.Default()),
}

// rulesOf is the rules as the page takes them.
func rulesOf(p password.Policy) []page.Rule {
	var rules []page.Rule
	for _, e := range p.Rules() {
		rules = append(rules, page.Rule{Code: string(e.Rule), Text: e.Text, Upfront: e.Upfront, Live: e.Live, Limit: e.Limit})
	}
	return rules
}

// An answer is what a desk says to a form.
type answer struct {
	status int
	state  page.State
	raw    string // when set, this and not a page
	drop   bool   // close the connection instead
}

var (
	created   = answer{status: 200, state: page.State{View: page.Done}}
	invalid   = answer{status: 401, state: page.State{Problem: page.InvalidCredentials, Username: someone}}
	weak      = answer{status: 422, state: page.State{Problem: page.WeakPassword, Username: someone, Broken: []string{"common", "personal"}}}
	tooMany   = answer{status: 429, state: page.State{Problem: page.TooManyRequests, Username: someone, Wait: 12*time.Minute + 5*time.Second}}
	down      = answer{status: 503, state: page.State{Problem: page.Unavailable, Username: someone}}
	elsewhere = answer{status: 409, state: page.State{View: page.Elsewhere}}
	sent      = answer{status: 202, state: page.State{View: page.Sent, Username: someone, Wait: time.Minute}}
	empty     = answer{status: 422, state: page.State{Problem: page.Missing, Fields: []string{page.FieldUsername, page.FieldTemporary, page.FieldNew}}}
	noName    = answer{status: 422, state: page.State{View: page.Resend, Problem: page.Missing, Fields: []string{page.FieldUsername}}}
	tooOften  = answer{status: 429, state: page.State{View: page.Resend, Problem: page.TooManyRequests, Username: someone, Wait: 47 * time.Second}}
)

// A post is a form that a desk was sent.
type post struct {
	path   string
	form   url.Values
	header http.Header
}

// A desk is a stub of the server: the page, its files and its two forms, answered as the test says.
type desk struct {
	*httptest.Server
	page *page.Page

	mu      sync.Mutex
	answers []answer // one for each post; the last one for all that follow
	posts   []post
	seen    []string      // every request: method, address with its query, Referer
	hold    chan struct{} // when set, a post is answered once this is closed
	came    chan struct{} // gets one value for each post that has come
}

func newDesk(t *testing.T, s page.Settings, answers ...answer) *desk {
	t.Helper()
	p, err := page.New(s)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{page: p, answers: answers, came: make(chan struct{}, 1000)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+page.Path, func(w http.ResponseWriter, r *http.Request) {
		d.render(t, w, answer{status: 200})
	})
	mux.Handle("GET "+page.Path+"/{file}", p.Assets())
	mux.HandleFunc("POST "+page.Path, func(w http.ResponseWriter, r *http.Request) { d.post(t, w, r) })
	mux.HandleFunc("POST "+page.ResendPath, func(w http.ResponseWriter, r *http.Request) { d.post(t, w, r) })
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.seen = append(d.seen, fmt.Sprintf("%s %s from %q", r.Method, r.RequestURI, r.Referer()))
		d.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		d.release()
		d.Close()
	})
	return d
}

func (d *desk) post(t *testing.T, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the browser gave up
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Errorf("post to %s: %v", r.URL.Path, err)
	}
	d.mu.Lock()
	a := d.answers[min(len(d.posts), len(d.answers)-1)]
	d.posts = append(d.posts, post{r.URL.Path, form, r.Header})
	hold := d.hold
	d.mu.Unlock()
	d.came <- struct{}{}
	if hold != nil {
		<-hold
	}
	d.render(t, w, a)
}

func (d *desk) render(t *testing.T, w http.ResponseWriter, a answer) {
	if a.drop {
		panic(http.ErrAbortHandler)
	}
	if a.raw != "" {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(a.status)
		io.WriteString(w, a.raw)
		return
	}
	page.Headers(w.Header())
	w.WriteHeader(a.status)
	if err := d.page.Render(w, a.state); err != nil && a.state.View != "" {
		t.Logf("render: %v", err) // a browser that has gone is no fault
	}
}

// holding makes the desk keep every post until release.
func (d *desk) holding() *desk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hold = make(chan struct{})
	return d
}

func (d *desk) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hold != nil {
		close(d.hold)
		d.hold = nil
	}
}

// answer makes it the answer to every post from now on.
func (d *desk) answer(a answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers = []answer{a}
}

// received is the posts so far.
func (d *desk) received() []post {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.posts)
}

// requests is what was asked for so far, in order.
func (d *desk) requests() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.seen)
}

// link is the address in the invitation.
func (d *desk) link() string {
	return d.URL + page.Path + "#u=" + someone + "&c=" + temporary
}
