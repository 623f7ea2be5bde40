package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/limit"
	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
	"github.com/pontte/portaria/pkg/web"
	"github.com/pontte/portaria/pkg/web/page"
)

// pool is a user pool that answers as it is told, call by call.
type pool struct {
	lookups     []lookup // one for each Lookup, the last again
	create      error
	created     userpool.User
	resend      error
	setPassword error
	challenged  *userpool.User // who is known once the temporary password is right
	verify      error
	takes       time.Duration // how long a call takes before it answers
	answers     time.Duration // how long Cognito takes with the new password

	asked     []string // the calls, in order
	newUsers  []userpool.NewUser
	temporary []string
}

type lookup struct {
	user userpool.User
	err  error
}

func (p *pool) pause(ctx context.Context) error {
	if pause(ctx, p.takes) != nil {
		return userpool.ErrUnavailable
	}
	return nil
}

// pause lets time pass, until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pool) Lookup(ctx context.Context, email string) (userpool.User, error) {
	p.asked = append(p.asked, "Lookup "+email)
	l := p.lookups[0]
	if len(p.lookups) > 1 {
		p.lookups = p.lookups[1:]
	}
	return l.user, l.err
}

func (p *pool) Create(_ context.Context, u userpool.NewUser) (userpool.User, error) {
	p.asked = append(p.asked, "Create")
	p.newUsers = append(p.newUsers, u)
	return p.created, p.create
}

func (p *pool) Resend(ctx context.Context, userName, temporary string, _ []userpool.Medium) error {
	p.asked = append(p.asked, "Resend "+userName)
	p.temporary = append(p.temporary, temporary)
	if err := p.pause(ctx); err != nil {
		return err
	}
	return p.resend
}

func (p *pool) SetPassword(ctx context.Context, userName, _, _ string, check func(userpool.User) error) error {
	p.asked = append(p.asked, "SetPassword "+userName)
	if err := p.pause(ctx); err != nil {
		return err
	}
	if p.challenged != nil {
		if err := check(*p.challenged); err != nil {
			return err
		}
		if pause(ctx, p.answers) != nil {
			return userpool.ErrUnavailable
		}
	}
	return p.setPassword
}

func (p *pool) VerifyEmail(_ context.Context, userName string) error {
	p.asked = append(p.asked, "VerifyEmail "+userName)
	return p.verify
}

// claims takes down who was bound.
type claims struct {
	err   error
	bound []string
}

func (c *claims) Bind(_ context.Context, number cpf.CPF, user registry.User, sub string) error {
	c.bound = append(c.bound, strings.Join([]string{number.Digits(), user.PoolID, user.Name, sub}, " "))
	return c.err
}

// limits refuses the rules it is told to, and takes down what was taken.
type limits struct {
	exceeded string // the name of a rule
	err      error
	takes    time.Duration // how long a call takes before it answers
	taken    []string
	given    []string
}

func (l *limits) Take(ctx context.Context, subject string, _ time.Time, rules ...limit.Rule) error {
	if err := pause(ctx, l.takes); err != nil {
		return err
	}
	for _, rule := range rules {
		l.taken = append(l.taken, rule.Name+" "+subject)
		if rule.Name == l.exceeded {
			return &limit.ExceededError{Rule: rule, RetryAfter: 42 * time.Second}
		}
	}
	return l.err
}

func (l *limits) GiveBack(ctx context.Context, subject string, _ time.Time, rules ...limit.Rule) error {
	if err := pause(ctx, l.takes); err != nil {
		return err
	}
	for _, rule := range rules {
		l.given = append(l.given, rule.Name+" "+subject)
	}
	return nil
}

// service is the API over fakes.
type service struct {
	pool   pool
	claims claims
	limits limits
	log    bytes.Buffer

	level   zerolog.Level
	metrics string
}

// call sends one request, in a bubble of time of its own, and gives the answer
// and how long it took.
func (s *service) call(t *testing.T, request *http.Request) (response *httptest.ResponseRecorder, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p, err := page.New(page.Settings{SignInURL: "https://example.com/entrar", Rules: web.PageRules(password.Default())})
		if err != nil {
			t.Fatal(err)
		}
		handler := web.New(web.Config{
			Users: &s.pool, Claims: &s.claims, Limits: &s.limits, PoolID: "us-east-1_portaria", Policy: password.Default(),
			Page: p, Log: zerolog.New(&s.log).Level(s.level).With().Str("service", "api").Logger(), Now: time.Now, Rand: rand.Reader,
			Metrics: s.metrics,
		})
		response = httptest.NewRecorder()
		began := time.Now()
		handler.ServeHTTP(response, request.WithContext(t.Context()))
		took = time.Since(began)
	})
	return response, took
}

func post(path, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.RemoteAddr = "192.0.2.7:1234"
	return r
}

// problem is what a caller reads of a refusal.
type problem struct {
	Type, Title, Detail, Code string
	Status                    int
	Errors                    []web.FieldProblem
	Rules                     []string
}

// wantProblem reads a problem, which must be of that status and code.
func wantProblem(t *testing.T, response *httptest.ResponseRecorder, status int, code web.Code) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(response.Body.Bytes(), &p); err != nil {
		t.Fatalf("answer %d %q: %v", response.Code, response.Body, err)
	}
	if response.Code != status || p.Status != status || p.Code != string(code) {
		t.Errorf("answer = %d, status %d, code %s, want %d %s", response.Code, p.Status, p.Code, status, code)
	}
	if got := response.Header().Get("Content-Type"); got != "application/problem+json" || p.Detail == "" || p.Title == "" || !strings.HasSuffix(p.Type, p.Code) {
		t.Errorf("problem = %+v of type %q, want a whole problem+json", p, got)
	}
	return p
}
