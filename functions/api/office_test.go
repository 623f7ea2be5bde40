package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/functions/internal/setup"
	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/canary"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/pkg/web/gateway"
)

// The calls that the function makes of AWS.
const (
	describePool = "DescribeUserPool"
	getUser      = "AdminGetUser"
	createUser   = "AdminCreateUser"
	signIn       = "AdminInitiateAuth"
	setNew       = "AdminRespondToAuthChallenge"
	verify       = "AdminUpdateUserAttributes"
	bind         = "UpdateItem of the claims"
	count        = "UpdateItem of the limits"
	readCount    = "GetItem of the limits"
)

// fault stands in for AWS at a call; perform has the call done all the same.
type fault func(r *http.Request, perform func() *http.Response) (*http.Response, error)

// office is the function's own handler, with clients of AWS that reach a pool and
// a DynamoDB in this process and nothing else. It is made for a bubble of time: no
// connection is waited for, so that whatever is held back or given up costs none.
type office struct {
	t       *testing.T
	handler *gateway.Handler
	log     bytes.Buffer
	cognito *cognito.Service
	aws     map[string]http.Handler // by the prefix of X-Amz-Target

	mu     sync.Mutex
	faulty func(call string, n int) fault // n counts the tries of the call, from 1; nil: all is well
	tries  map[string]int
	secret []canary.Canary // what came and went that must stand nowhere else
}

var vars = variables{
	table: local.DefaultTable, limits: local.DefaultLimits, poolID: local.DefaultUserPoolID, clientID: local.DefaultClientID,
	pageURL: "https://example.com/nova-senha", signInURL: "https://example.com/entrar",
}

// newOffice starts one; faulty may spoil the start too.
func newOffice(t *testing.T, faulty func(call string, n int) fault) *office {
	t.Helper()
	pools, err := cognito.New(cognito.Config{})
	if err != nil {
		t.Fatal(err)
	}
	err = pools.CreatePool(cognito.PoolSettings{ID: vars.poolID, ClientID: vars.clientID, AdminsOnly: true, Attributes: []cognito.Attribute{{Name: "cpf"}},
		PasswordPolicy: cognito.PasswordPolicy{MinimumLength: 12, TemporaryPasswordValidityDays: 3}})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, cognito: pools, faulty: faulty, tries: map[string]int{},
		aws: map[string]http.Handler{"AWSCognitoIdentityProviderService": pools, "DynamoDB_20120810": dynamodb.NewHandler()}}
	for table, key := range map[string]string{vars.table: "cpf", vars.limits: "key"} {
		o.do("DynamoDB_20120810.CreateTable", fmt.Sprintf(`{"TableName":%q,"BillingMode":"PAY_PER_REQUEST",
			"AttributeDefinitions":[{"AttributeName":%q,"AttributeType":"S"}],"KeySchema":[{"AttributeName":%[2]q,"KeyType":"HASH"}]}`, table, key))
	}
	env := map[string]string{"AWS_REGION": local.Region, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
	config := func(tryWithin time.Duration) aws.Config {
		cfg, err := setup.AWS(func(name string) string { return env[name] }, tryWithin)
		if err != nil {
			t.Fatal(err)
		}
		cfg.HTTPClient = &http.Client{Transport: o, Timeout: tryWithin}
		return cfg
	}
	logger := zerolog.New(&o.log).Level(zerolog.TraceLevel)
	if o.handler, err = newHandler(t.Context(), vars, logger, config(tableTryWithin), config(poolTryWithin)); err != nil {
		t.Fatal(err)
	}
	return o
}

// do has AWS do something, without the function.
func (o *office) do(target, body string) string {
	o.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target)
	answer := o.perform(r)
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		o.t.Fatalf("%s: %d %s, %v", target, answer.StatusCode, text, err)
	}
	return string(text)
}

func (o *office) perform(r *http.Request) *http.Response {
	service, _, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	answer := httptest.NewRecorder()
	o.aws[service].ServeHTTP(answer, r)
	return answer.Result()
}

// RoundTrip answers a request of the function to AWS.
func (o *office) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var sent struct{ TableName, TemporaryPassword string }
	_ = json.Unmarshal(body, &sent) // what has neither leaves them empty
	switch sent.TableName {
	case vars.table:
		call += " of the claims"
	case vars.limits:
		call += " of the limits"
	}
	perform := func() *http.Response {
		whole := r.Clone(context.WithoutCancel(r.Context()))
		whole.Body = io.NopCloser(bytes.NewReader(body))
		answer := o.perform(whole)
		o.keepSecrets(sent.TemporaryPassword, answer)
		return answer
	}
	o.mu.Lock()
	o.tries[call]++
	var f fault
	if o.faulty != nil {
		f = o.faulty(call, o.tries[call])
	}
	o.mu.Unlock()
	if f == nil {
		return perform(), nil
	}
	return f(r, perform)
}

// keepSecrets takes down a temporary password, session or token.
func (o *office) keepSecrets(temporary string, answer *http.Response) {
	body, _ := io.ReadAll(answer.Body) // of a recorder: no error can come
	answer.Body = io.NopCloser(bytes.NewReader(body))
	var said struct {
		Session              string
		AuthenticationResult struct{ AccessToken, IdToken, RefreshToken string }
	}
	_ = json.Unmarshal(body, &said) // what has none leaves them empty
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, value := range map[string]string{"temporary password": temporary, "session of Cognito": said.Session,
		"access token": said.AuthenticationResult.AccessToken, "id token": said.AuthenticationResult.IdToken, "refresh token": said.AuthenticationResult.RefreshToken} {
		if value != "" {
			o.secret = append(o.secret, canary.Canary{Name: name, Value: value})
		}
	}
}

// spoil has AWS do as faulty says from now on.
func (o *office) spoil(faulty func(call string, n int) fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.faulty, o.tries = faulty, map[string]int{}
}

// asked is how often AWS was asked for a call since spoil.
func (o *office) asked(call string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.tries[call]
}

// reply is an answer as API Gateway gets it.
type reply struct {
	Status  int               `json:"statusCode"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	code    string            // of a problem
	took    time.Duration
	whole   string
}

// send hands a request over, as API Gateway does.
func (o *office) send(r request) reply {
	o.t.Helper()
	event, _ := json.Marshal(map[string]any{ // texts: no error can come
		"version": "2.0", "rawPath": r.path, "body": r.body, "headers": map[string]string{"content-type": r.contentType, "host": "example.com"},
		"requestContext": map[string]any{"stage": "$default", "http": map[string]string{"method": r.method, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"}},
	})
	began := time.Now()
	answer, err := o.handler.Invoke(o.t.Context(), event)
	got := reply{took: time.Since(began), whole: string(answer)}
	if err := errors.Join(err, json.Unmarshal(answer, &got)); err != nil {
		o.t.Fatalf("%s %s: %s: %v", r.method, r.path, answer, err)
	}
	var problem struct{ Code string }
	if strings.HasPrefix(got.Headers["Content-Type"], "application/problem+json") {
		_ = json.Unmarshal([]byte(got.Body), &problem)
	}
	got.code = problem.Code
	return got
}

// request is what comes in by HTTP.
type request struct{ method, path, contentType, body string }
