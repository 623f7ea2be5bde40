package main

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/pkg/signup"
)

// scene is the whole local stack around the real binary: a user pool that runs
// it before it creates a user, a table, taps between, and a way to kill it.
type scene struct {
	t        *testing.T
	kind     cognito.PoolKind
	stack    *local.Stack
	aws      *taps
	process  process
	function *lambda.Runtime

	// How Cognito fares with its next invocations.
	lost   int  // answers that do not reach it, which it tries again after
	faults bool // a crash is Lambda's own fault, which it tries again after
	crash  *crash

	event []byte // of the last invocation
}

func newScene(t *testing.T, cfg local.Config) *scene {
	t.Helper()
	s := &scene{t: t, kind: cfg.PoolKind, aws: new(taps), process: newProcess(t)}
	cfg.Function = lambda.Func(s.invoke)
	var err error
	if s.stack, err = local.Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stack.Close)
	s.function = startFunction(t, t.Output(), map[string]string{
		"TABLE_NAME":                s.stack.Table(),
		"LOG_LEVEL":                 "warn", // which a crash causes none of
		"PROCESS_FILE":              s.process.file,
		"AWS_ENDPOINT_URL_DYNAMODB": s.tap(dynamoDB, s.stack.DynamoDBURL()),
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": s.tap(userPool, s.stack.CognitoURL()),
	})
	return s
}

func (s *scene) tap(service, to string) string {
	target, err := url.Parse(to)
	if err != nil {
		s.t.Fatal(err)
	}
	// No connection outlives the scene: another's server may get the same port.
	transport := new(http.Transport)
	s.t.Cleanup(transport.CloseIdleConnections)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport, proxy.ErrorLog = transport, quiet
	return s.aws.listen(s.t, service, proxy)
}

// invoke is how Cognito reaches the binary.
func (s *scene) invoke(ctx context.Context, event []byte) ([]byte, error) {
	s.event = event
	s.aws.begin(nil)
	if s.crash != nil && s.lost == 0 {
		s.aws.begin(s.crash.meddle)
	}
	answer, err := s.function.Invoke(ctx, event)
	failed, _ := errors.AsType[*lambda.FunctionError](err)
	switch {
	case s.lost > 0:
		s.lost--
		return nil, errors.New("the answer is lost")
	case s.faults && failed != nil && failed.Type == "Runtime.ExitError":
		return nil, errors.New(failed.Message)
	}
	return answer, err
}

// person is somebody after the CPF that all are after in a scene.
type person struct{ name, email string }

const oneCPF = "04212286017"

// goodForm is what comes with a good sign-up.
var goodForm = map[string]string{
	"trackCode": "21a81129400fbf441ae138e52eae8778", "simulationId": "mHPkDoN3TNqw7G3nxA4GAw", "loanValue": "123123",
	"term": "180", "installment": "2439.02", "loanValueSelected": "123123", "phone": "+55 (51) 99999-9999",
}

func pairs(values map[string]string) (list []types.AttributeType) {
	for name, value := range values {
		list = append(list, types.AttributeType{Name: aws.String(name), Value: aws.String(value)})
	}
	return list
}

// signUp has p sign up with the good form but for changes, and tells in a word
// what came of it.
func (s *scene) signUp(p person, changes map[string]string) string {
	form := maps.Clone(goodForm)
	maps.Copy(form, changes)
	return s.create(&idp.AdminCreateUserInput{
		Username:       s.nameOf(p),
		MessageAction:  types.MessageActionTypeSuppress,
		UserAttributes: pairs(map[string]string{"email": p.email, "phone_number": "+5551981980387", "custom:cpf": oneCPF}),
		ValidationData: pairs(form),
	})
}

// resend asks for a new temporary password for p.
func (s *scene) resend(p person) string {
	return s.create(&idp.AdminCreateUserInput{Username: s.nameOf(p), MessageAction: types.MessageActionTypeResend})
}

func (s *scene) create(in *idp.AdminCreateUserInput) string {
	in.UserPoolId = aws.String(s.stack.UserPoolID())
	_, err := s.stack.Cognito().AdminCreateUser(s.t.Context(), in)
	return s.word(err)
}

// nameOf is what a request calls p.
func (s *scene) nameOf(p person) *string {
	if s.kind == cognito.EmailUserNames {
		return aws.String(p.email)
	}
	return aws.String(p.name)
}

// word tells what came of a request: a code of ours, or what else stood in its way.
func (s *scene) word(err error) string {
	if err == nil {
		return "in"
	}
	for _, code := range codes {
		if strings.Contains(err.Error(), code.Text()) {
			return string(code)
		}
	}
	if _, ok := errors.AsType[*types.UsernameExistsException](err); ok {
		return "name_taken"
	}
	if strings.Contains(err.Error(), "signal: killed") {
		return "crash"
	}
	return err.Error()
}

// codes are all that a refusal can have.
var codes = []signup.Code{
	signup.InvalidCPF, signup.CPFTaken, signup.MissingTrackCode, signup.InvalidSimulation, signup.SignupInProgress, signup.Internal,
}

// again hands the binary the event of the last invocation once more, past
// Cognito: a try that it makes late and whose answer it throws away.
func (s *scene) again() string {
	_, err := s.invoke(s.t.Context(), s.event)
	return s.word(err)
}

// leave deletes p.
func (s *scene) leave(p person) {
	s.t.Helper()
	in := &idp.AdminDeleteUserInput{UserPoolId: aws.String(s.stack.UserPoolID()), Username: s.nameOf(p)}
	if _, err := s.stack.Cognito().AdminDeleteUser(s.t.Context(), in); err != nil {
		s.t.Fatal(err)
	}
}

// must fails the test when a word is not the one wanted.
func (s *scene) must(what, got, want string) {
	s.t.Helper()
	if got != want {
		s.t.Fatalf("%s: %s, want %s", what, got, want)
	}
}
