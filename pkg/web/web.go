// Package web is Portaria's HTTP API: registering a customer, sending the
// temporary password again, and setting the new password, with the page for it.
package web

import (
	"context"
	_ "embed"
	"io"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/limit"
	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
	"github.com/pontte/portaria/pkg/web/page"
)

// Users is the user pool, with the errors of *userpool.Pool's methods.
type Users interface {
	Lookup(ctx context.Context, email string) (userpool.User, error)
	Create(ctx context.Context, u userpool.NewUser) (userpool.User, error)
	Resend(ctx context.Context, userName, temporaryPassword string, mediums []userpool.Medium) error
	SetPassword(ctx context.Context, userName, temporary, chosen string, check func(userpool.User) error) error
	VerifyEmail(ctx context.Context, userName string) error
}

var _ Users = (*userpool.Pool)(nil)

// Claims is where a created user is bound to the claim of their CPF. Any error
// is logged and changes no answer.
type Claims interface {
	Bind(ctx context.Context, c cpf.CPF, user registry.User, sub string) error
}

var _ Claims = (*registry.Table)(nil)

// Limits counts what may be done how often. Take fails with a
// *limit.ExceededError when it was done too often.
type Limits interface {
	Take(ctx context.Context, subject string, at time.Time, rules ...limit.Rule) error
	GiveBack(ctx context.Context, subject string, at time.Time, rules ...limit.Rule) error
}

var _ Limits = (*limit.Limiter)(nil)

// Config is what an API is made of. Every field but Metrics is required.
type Config struct {
	Users  Users
	Claims Claims
	Limits Limits
	PoolID string
	Policy password.Policy
	Page   *page.Page
	Log    zerolog.Logger
	Now    func() time.Time
	Rand   io.Reader // where temporary passwords come from: crypto/rand.Reader

	// Metrics is the namespace in which CloudWatch counts requests, whatever the
	// log's level; "" counts nothing.
	Metrics string
}

// API answers the routes of openapi.yaml and the page.
type API struct {
	config  Config
	metrics *metrics
}

//go:embed openapi.json
var openAPI []byte

// New returns the handler of all routes. API Gateway checks the signature of
// calls to /users and /users/resend: elsewhere those two are open to whoever
// reaches the handler.
func New(c Config) http.Handler {
	a := &API{config: c, metrics: newMetrics(c.Metrics)}
	return newMux([]route{
		{http.MethodPost, "/users", a.serve(pace{}, a.register)},
		{http.MethodPost, "/users/resend", a.serve(pace{}, a.resend)},
		{http.MethodPost, "/password", a.serve(passwordPace(), a.postPassword)},
		{http.MethodPost, "/password/resend", a.serve(resendPace(), a.postPasswordResend)},
		{http.MethodGet, page.Path, http.HandlerFunc(a.getPage)},
		{http.MethodPost, page.Path, a.servePage(passwordPace(), a.postForm)},
		{http.MethodPost, page.ResendPath, a.servePage(resendPace(), a.postResendForm)},
		{http.MethodGet, page.ResendPath, http.HandlerFunc(getResendForm)},
		{http.MethodGet, page.Path + "/{file}", c.Page.Assets()},
		{http.MethodGet, "/openapi.json", http.HandlerFunc(getOpenAPI)},
		{http.MethodGet, "/health", http.HandlerFunc(getHealth)},
	})
}

func getOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(openAPI)
}

func getHealth(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, "application/json", map[string]string{"status": "ok"})
}
