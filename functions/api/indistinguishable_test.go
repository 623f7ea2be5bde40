package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/functions/internal/setup"
	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/pkg/userpool"
	"github.com/pontte/portaria/pkg/web/gateway"
)

const (
	strangers   = 1000 // known e-mails, and as many unknown ones
	longerKnown = 40 * time.Millisecond
)

// isKnown tells from a request to Cognito whether it is about somebody known.
func isKnown(body []byte) bool {
	return bytes.Contains(body, []byte("known-")) && !bytes.Contains(body, []byte("unknown-"))
}

func emailOf(known bool, i int) string {
	if known {
		return fmt.Sprintf("known-%d@example.com", i)
	}
	return fmt.Sprintf("unknown-%d@example.com", i)
}

// hall is the api function's handler before a local stack whose pool takes longer
// for the users whom it has.
type hall struct {
	handler *gateway.Handler
	pool    *userpool.Pool // the same pool, with no door before it
}

func newHall(t *testing.T) *hall {
	stack, err := local.Start(t.Context(), local.Config{
		Untriggered: true,
		Function:    lambda.Func(func(_ context.Context, event []byte) ([]byte, error) { return event, nil }),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stack.Close)
	var all sync.WaitGroup
	places := make(chan struct{}, 32)
	for i := range strangers {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			name := emailOf(true, i)
			_, err := stack.Cognito().AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
				UserPoolId: aws.String(stack.UserPoolID()), Username: &name, MessageAction: types.MessageActionTypeSuppress,
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	for _, pair := range stack.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	cognito := slowForKnown(t, stack.CognitoURL())
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": cognito, "LIMITS_TABLE_NAME": local.DefaultLimits,
		"PAGE_URL": stack.WebURL() + "/nova-senha", "SIGN_IN_URL": stack.WebURL() + "/",
	} {
		t.Setenv(name, value)
	}
	cfg, err := setup.AWS(os.Getenv, poolTryWithin)
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{pool: userpool.NewPool(cognitoidentityprovider.NewFromConfig(cfg), stack.UserPoolID(), stack.ClientID())}
	if h.handler, err = wire(t.Context(), os.Getenv, io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := h.pool.Settings(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// slowForKnown stands before Cognito, and holds what it answers about somebody
// known.
func slowForKnown(t *testing.T, address string) string {
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller has gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if isKnown(body) {
			<-time.After(longerKnown)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// visitor is one request of a stranger, about somebody known or not.
type visitor struct {
	known bool
	i     int
}

// measure sends 1,000 requests about known e-mails and 1,000 about unknown ones in
// random order, one every so often, and gives how long each took and all answers
// that came.
func measure(every time.Duration, send func(visitor) string) (known, unknown []time.Duration, answers map[string]int) {
	var visitors []visitor
	for i := range strangers {
		visitors = append(visitors, visitor{true, i}, visitor{false, i})
	}
	rand.Shuffle(len(visitors), func(i, j int) { visitors[i], visitors[j] = visitors[j], visitors[i] })
	answers = map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	next := time.NewTicker(every)
	defer next.Stop()
	for _, v := range visitors {
		<-next.C
		all.Go(func() {
			began := time.Now()
			answer := send(v)
			took := time.Since(began)
			mu.Lock()
			defer mu.Unlock()
			answers[answer]++
			if v.known {
				known = append(known, took)
			} else {
				unknown = append(unknown, took)
			}
		})
	}
	all.Wait()
	return known, unknown, answers
}

// TestNobodyCanTellWhoIsKnown sends each public route 1,000 requests about e-mails
// that the pool has and 1,000 about others, each from an address of its own, as
// API Gateway hands them over. All answers must be the same bytes, and the times
// must be such that no statistic tells whose they are; asked without the door, the
// same pool is told apart at once.
func TestNobodyCanTellWhoIsKnown(t *testing.T) {
	if os.Getenv("PORTARIA_INDISTINGUISHABLE") != "required" {
		t.Skip("not run: it measures times for a minute (make indistinguishable, or PORTARIA_INDISTINGUISHABLE=required)")
	}
	h := newHall(t)
	const temporary, chosen = "wrong-Temporary-22", "uma frase que só eu sei"
	for _, route := range []struct {
		path   string
		every  time.Duration // so that two hundred and fifty are under way at once
		number int           // in the addresses that the requests come from
		body   map[string]string
		status int
		bare   func(userName string) error // what the route has the pool do
	}{
		{"/password", 6 * time.Millisecond, 1, map[string]string{"temporaryPassword": temporary, "newPassword": chosen}, http.StatusUnauthorized,
			func(userName string) error { return h.pool.SetPassword(t.Context(), userName, temporary, chosen, nil) }},
		{"/password/resend", 10 * time.Millisecond, 2, map[string]string{}, http.StatusAccepted,
			func(userName string) error {
				return h.pool.Resend(t.Context(), userName, "temporary-Password-22", []userpool.Medium{userpool.Email})
			}},
	} {
		t.Run(strings.TrimPrefix(route.path, "/"), func(t *testing.T) {
			known, unknown, _ := measure(time.Millisecond, func(v visitor) string {
				_ = route.bare(emailOf(v.known, v.i)) // not what it says matters here, but when
				return ""
			})
			c := compare(known, unknown)
			t.Logf("without the door: median %v for known, %v for unknown, AUC %.3f, p %.2g and %.2g", c.medianA, c.medianB, c.auc, c.pShift, c.pAny)
			if !c.differ() {
				t.Error("the statistic does not tell a known user by the pool's own time: it could not tell anything")
			}

			known, unknown, answers := measure(route.every, func(v visitor) string {
				body := map[string]string{"username": emailOf(v.known, v.i)}
				maps.Copy(body, route.body)
				from := fmt.Sprintf("10.%d.%d.%d", route.number*2, v.i/250, v.i%250)
				if v.known {
					from = fmt.Sprintf("10.%d.%d.%d", route.number*2+1, v.i/250, v.i%250)
				}
				answer, err := h.handler.Invoke(t.Context(), publicEvent(route.path, from, body))
				if err != nil {
					t.Error(err)
				}
				return string(answer)
			})
			c = compare(known, unknown)
			t.Logf("through the door: median %v for known, %v for unknown, AUC %.3f, p %.2g and %.2g; all later by %v would have been seen",
				c.medianA, c.medianB, c.auc, c.pShift, c.pAny, leastSeen(known, unknown))
			if c.differ() {
				t.Errorf("the times tell who is known: p %.2g for a shift, %.2g for any difference, below %v", c.pShift, c.pAny, significance)
			}
			if len(answers) != 1 {
				t.Errorf("%d different answers came, want one", len(answers))
			}
			for answer := range answers {
				if !strings.Contains(answer, fmt.Sprintf(`"statusCode":%d`, route.status)) {
					t.Errorf("answer = %s, want %d", answer, route.status)
				}
			}
		})
	}
}

// publicEvent is a POST as API Gateway hands it over.
func publicEvent(path, from string, body map[string]string) []byte {
	event, _ := json.Marshal(map[string]any{
		"version": "2.0", "rawPath": path, "headers": map[string]string{"content-type": "application/json", "host": "example.com"}, "body": jsonOf(body),
		"requestContext": map[string]any{"stage": "$default", "http": map[string]string{"method": http.MethodPost, "protocol": "HTTP/1.1", "sourceIp": from}},
	})
	return event
}
