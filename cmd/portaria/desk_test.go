package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

// desk is a local stack with the gate in it, found by the commands in the
// environment, and what they asked of it.
type desk struct {
	t     *testing.T
	stack *local.Stack
	clock time.Time // what the gate's clock says

	gateOpen atomic.Bool            // lets everybody in, past the rules and the claims
	refuse   atomic.Pointer[string] // the operation for which commands have no rights
	before   func(op string)        // called before a command's request goes on

	mu    sync.Mutex
	asked []string // operations, one for each request of a command
}

func newDesk(t *testing.T, kind cognito.PoolKind) *desk {
	t.Helper()
	d := &desk{t: t, clock: now.Add(-time.Hour)}
	var handler *signup.Handler
	d.stack = newStack(t, local.Config{
		PoolKind: kind,
		Function: lambda.Func(func(ctx context.Context, event []byte) ([]byte, error) {
			if d.gateOpen.Load() {
				return event, nil
			}
			answer, err := handler.Invoke(ctx, event)
			if err != nil {
				return nil, &lambda.FunctionError{Type: "Refusal", Message: err.Error()}
			}
			return answer, nil
		}),
	})
	users := userpool.New(d.stack.Cognito())
	claims := registry.New(d.stack.DynamoDB(), d.stack.Table(), local.DefaultLease, users)
	handler = signup.New(claims, users, zerolog.New(io.Discard), func() time.Time { return d.clock })

	for _, setting := range d.stack.Env() {
		name, value, _ := strings.Cut(setting, "=")
		if strings.HasPrefix(name, "AWS_ENDPOINT_URL") {
			value = d.tap(value)
		}
		t.Setenv(name, value)
	}
	return d
}

// tap stands before an endpoint and takes down what is asked of it.
func (d *desk) tap(endpoint string) string {
	target, err := url.Parse(endpoint)
	if err != nil {
		d.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		d.mu.Lock()
		d.asked = append(d.asked, op)
		d.mu.Unlock()
		if d.before != nil {
			d.before(op)
		}
		if refused := d.refuse.Load(); refused != nil && *refused == op {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"__type":"AccessDeniedException","message":"no rights"}`)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	d.t.Cleanup(server.Close)
	return server.URL
}

// wantAsked holds what the commands asked for since it was last called.
func (d *desk) wantAsked(want ...string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.asked, want) {
		d.t.Errorf("asked for %v, want %v", d.asked, want)
	}
	d.asked = nil
}

// customer is somebody who signs up.
type customer struct{ userName, email, phone, cpf string }

// maria is nobody: her CPF is a well-known false one.
var maria = customer{"maria@example.com", "maria@example.com", "+5551999999999", "52998224725"}

// joao is nobody either.
var joao = customer{"joao@example.com", "joao@example.com", "+5511988888888", "11144477735"}

// signUp has a complete sign-up created and gives the final user name.
func (d *desk) signUp(p customer) string {
	d.t.Helper()
	out, err := d.stack.Cognito().AdminCreateUser(d.t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId:    aws.String(d.stack.UserPoolID()),
		Username:      aws.String(p.userName),
		MessageAction: cognitotypes.MessageActionTypeSuppress,
		UserAttributes: attributes(map[string]string{
			"email": p.email, "email_verified": "true", "phone_number": p.phone, "custom:cpf": p.cpf,
		}),
		ValidationData: attributes(map[string]string{
			"trackCode": "21a81129400fbf441ae138e52eae8778", "simulationId": "mHPkDoN3TNqw7G3nxA4GAw", "loanValue": "123123", "term": "180",
			"installment": "2439.02", "loanValueSelected": "123123", "phone": "+55 (51) 99999-9999",
		}),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return aws.ToString(out.User.Username)
}

func attributes(values map[string]string) (list []cognitotypes.AttributeType) {
	for name, value := range values {
		list = append(list, cognitotypes.AttributeType{Name: aws.String(name), Value: aws.String(value)})
	}
	return list
}
