package web_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/dynamodb/enginetest"
	"github.com/pontte/portaria/pkg/limit"
	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/userpool"
	"github.com/pontte/portaria/pkg/web"
	"github.com/pontte/portaria/pkg/web/page"
)

// counter is a user pool that counts how often it is asked, by however many at
// once.
type counter struct {
	web.Users // nil: a call that is not expected panics
	asked     atomic.Int64
}

func (c *counter) SetPassword(context.Context, string, string, string, func(userpool.User) error) error {
	c.asked.Add(1)
	return userpool.ErrInvalidCredentials
}

func (c *counter) Resend(context.Context, string, string, []userpool.Medium) error {
	c.asked.Add(1)
	return nil
}

// client is one of those who come at once: each has an API of its own, as each
// invocation at once has on Lambda, and each API a clock of its own.
type client struct {
	path, userName, address string
	at                      time.Time
}

func (c client) request() *http.Request {
	r := post(c.path, fmt.Sprintf(`{"username":%q}`, c.userName))
	if c.path == "/password" {
		r = post(c.path, fmt.Sprintf(`{"username":%q,"temporaryPassword":"provisoria-do-email","newPassword":"uma frase que so eu sei"}`, c.userName))
	}
	r.RemoteAddr = c.address + ":1234"
	return r
}

// TestExactlyTheLimitGetsThroughTheAPI has 50 clients come at once against each
// limit, or 100 where more than 50 are let in: through the API, with the real
// limiter, on each engine. Time stands still meanwhile, but for the answers that
// are held back.
func TestExactlyTheLimitGetsThroughTheAPI(t *testing.T) {
	midnight := time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC)
	const maria = "maria@example.com"
	someone := func(i int) string { return fmt.Sprintf("user-%d@example.com", i) }
	somewhere := func(i int) string { return fmt.Sprintf("192.0.2.%d", i) }
	for name, tt := range map[string]struct {
		clients int
		client  func(i int) client
		want    int
	}{
		"resends a minute": {50, func(i int) client {
			return client{"/password/resend", maria, somewhere(i), midnight}
		}, 1},
		"resends an hour, each in a minute of its own": {50, func(i int) client {
			return client{"/password/resend", maria, somewhere(i), midnight.Add(time.Duration(i) * time.Minute)}
		}, 5},
		"resends a day, three an hour at most": {50, func(i int) client {
			return client{"/password/resend", maria, somewhere(i), midnight.Add(time.Duration(i%24)*time.Hour + time.Duration(i/24)*time.Minute)}
		}, 10},
		"resends a minute, the e-mail in any case": {50, func(i int) client {
			return client{"/password/resend", []string{maria, "Maria@example.com", "MARIA@EXAMPLE.COM"}[i%3], somewhere(i), midnight}
		}, 1},
		"failures, of one user from one address": {50, func(int) client {
			return client{"/password", maria, somewhere(7), midnight}
		}, 5},
		"failures, in each minute of the window": {50, func(i int) client {
			return client{"/password", maria, somewhere(7), midnight.Add(time.Duration(i%15) * time.Minute)}
		}, 5},
		"failures, the customer at home beside the stranger": {50, func(i int) client {
			return client{"/password", maria, somewhere(i % 2), midnight}
		}, 10},
		"requests for a new password, from one address": {100, func(i int) client {
			return client{"/password", someone(i), somewhere(7), midnight}
		}, 60},
		"requests for a resend, from one address": {100, func(i int) client {
			return client{"/password/resend", someone(i), somewhere(7), midnight}
		}, 60},
		"requests for either, from one address": {100, func(i int) client {
			return client{[]string{"/password", "/password/resend"}[i%2], someone(i), somewhere(7), midnight}
		}, 60},
		"requests from one network of IPv6": {100, func(i int) client {
			return client{"/password", someone(i), fmt.Sprintf("[2001:db8:0:7::%x]", i+1), midnight}
		}, 60},
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.OnEach(t, func(t *testing.T, endpoint string) {
				synctest.Test(t, func(t *testing.T) {
					// No connection outlives its request, or the bubble would wait for it.
					transport := &http.Transport{DisableKeepAlives: true, MaxConnsPerHost: 32}
					db := dynamodb.Client(endpoint, func(o *sdk.Options) { o.HTTPClient = &http.Client{Transport: transport} })
					table := "limits-" + rand.Text()
					if err := dynamodb.CreateLimitsTable(t.Context(), db, table); err != nil {
						t.Fatal(err)
					}
					var users counter
					var through, refused atomic.Int64
					var all sync.WaitGroup
					for i := range tt.clients {
						c := tt.client(i)
						handler := limited(t, &users, limit.New(db, table), c.at)
						all.Go(func() {
							response := httptest.NewRecorder()
							handler.ServeHTTP(response, c.request().WithContext(t.Context()))
							switch response.Code {
							case http.StatusAccepted, http.StatusUnauthorized:
								through.Add(1)
							case http.StatusTooManyRequests:
								refused.Add(1)
							default:
								t.Errorf("answer = %d %s", response.Code, response.Body)
							}
						})
					}
					all.Wait()
					if through.Load() != int64(tt.want) || through.Load()+refused.Load() != int64(tt.clients) || users.asked.Load() != through.Load() {
						t.Errorf("%d of %d got through, %d were refused, Cognito was asked %d times, want %d",
							through.Load(), tt.clients, refused.Load(), users.asked.Load(), tt.want)
					}
				})
			})
		})
	}
}

// limited is an API with that limiter, whose clock stands.
func limited(t *testing.T, users web.Users, limits web.Limits, at time.Time) http.Handler {
	p, err := page.New(page.Settings{SignInURL: "https://example.com/entrar", Rules: web.PageRules(password.Default())})
	if err != nil {
		t.Fatal(err)
	}
	return web.New(web.Config{
		Users: users, Claims: new(claims), Limits: limits, PoolID: "us-east-1_portaria", Policy: password.Default(), Page: p,
		Log: zerolog.Nop(), Now: func() time.Time { return at }, Rand: rand.Reader,
	})
}
