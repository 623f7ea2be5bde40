package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/apigateway"
	"github.com/pontte/portaria/local/lambda"
)

// wiretap takes down what is asked of AWS: actions by the logical id of what they
// are done to in template.yaml.
type wiretap struct {
	mu     sync.Mutex
	rights map[string][]string
}

// before stands before the endpoint at address.
func (w *wiretap) before(t *testing.T, service, address string) string {
	t.Helper()
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		w.take(body, service+":"+action)
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func (w *wiretap) take(body []byte, action string) {
	var names struct{ TableName, UserPoolId string }
	_ = json.Unmarshal(body, &names)
	on := map[string]string{local.DefaultTable: "ClaimsTable", local.DefaultLimits: "LimitsTable", local.DefaultUserPoolID: "UserPool"}[names.TableName+names.UserPoolId]
	w.mu.Lock()
	defer w.mu.Unlock()
	if i, found := slices.BinarySearch(w.rights[on], action); !found {
		w.rights[on] = slices.Insert(w.rights[on], i, action)
	}
}

// TestRightsAreThoseOfTheRequests takes the function through its routes, a success
// and a refusal of each, and compares what it asked AWS for, at the wire, with
// rights.json. What template.yaml gives is compared with that file by .ci/rights.
func TestRightsAreThoseOfTheRequests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tap := &wiretap{rights: map[string][]string{}}
	env := map[string]string{
		"TABLE_NAME": local.DefaultTable, "LIMITS_TABLE_NAME": local.DefaultLimits, "USER_POOL_ID": h.stack.UserPoolID(),
		"USER_POOL_CLIENT_ID": h.stack.ClientID(), "PAGE_URL": h.stack.WebURL() + "/nova-senha", "SIGN_IN_URL": h.stack.WebURL() + "/",
		"AWS_ENDPOINT_URL_DYNAMODB":                  tap.before(t, "dynamodb", h.stack.DynamoDBURL()),
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": tap.before(t, "cognito-idp", h.stack.CognitoURL()),
	}
	function, err := lambda.Start(t.Context(), lambda.Config{Binary: api, Env: env, Timeout: 29 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(function.Close)
	gateway := httptest.NewServer(apigateway.Handler(function, time.Now))
	t.Cleanup(gateway.Close)
	send := func(path, body string, want int) {
		t.Helper()
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, gateway.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != want {
			text, _ := io.ReadAll(response.Body)
			t.Fatalf("POST %s = %d %s, want %d", path, response.StatusCode, text, want)
		}
	}
	send("/users", registration, http.StatusCreated)
	send("/users", registration, http.StatusOK)
	send("/users/resend", `{"email":"`+email+`"}`, http.StatusAccepted)
	const resend = `{"username":"` + email + `"}`
	send("/password/resend", resend, http.StatusAccepted)
	send("/password/resend", resend, http.StatusTooManyRequests) // reads what is left of the longer windows
	_, userName, temporary := h.link()
	send("/password", `{"username":"`+userName+`","temporaryPassword":"x","newPassword":"`+chosen+`"}`, http.StatusUnauthorized)
	send("/password", `{"username":"`+userName+`","temporaryPassword":"`+temporary+`","newPassword":"`+chosen+`"}`, http.StatusNoContent)

	text, err := os.ReadFile("rights.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]string
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatalf("rights.json: %v", err)
	}
	if diff := cmp.Diff(want, tap.rights); diff != "" {
		t.Errorf("rights.json against what was asked for (-file +asked):\n%s", diff)
	}
}
