package cognito_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
)

const (
	poolID   = "us-east-1_portaria"
	clientID = "portaria"
	trigger  = "arn:aws:lambda:us-east-1:000000000000:function:pre-signup:live"
	email    = "email.test@gmail.com"
	phone    = "+5551981980387"
	temp     = "temporary-Password-1"
	final    = "a-final-Password-2"
)

// stage is a service with one pool, its SDK client, and what they are made of.
type stage struct {
	*idp.Client
	t        *testing.T
	service  *cognito.Service
	clock    *clock
	mail     *outbox
	ctx      context.Context
	settings cognito.PoolSettings
}

// option changes a stage before it is built.
type option func(*cognito.Config, *cognito.PoolSettings)

func withTrigger(f lambda.Func) option {
	return func(c *cognito.Config, p *cognito.PoolSettings) {
		c.Functions = map[string]lambda.Function{trigger: f}
		p.PreSignUp = trigger
	}
}

func withKind(kind cognito.PoolKind) option {
	return func(_ *cognito.Config, p *cognito.PoolSettings) { p.Kind = kind }
}

func withOrder(order cognito.TriggerOrder) option {
	return func(c *cognito.Config, _ *cognito.PoolSettings) { c.TriggerOrder = order }
}

func withPool(change func(*cognito.PoolSettings)) option {
	return func(_ *cognito.Config, p *cognito.PoolSettings) { change(p) }
}

func withConfig(change func(*cognito.Config)) option {
	return func(c *cognito.Config, _ *cognito.PoolSettings) { change(c) }
}

func newStage(t *testing.T, options ...option) *stage {
	t.Helper()
	s := &stage{t: t, clock: &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}, mail: &outbox{}, ctx: t.Context()}
	config := cognito.Config{Mailer: s.mail, Now: s.clock.Now}
	s.settings = cognito.PoolSettings{
		ID:         poolID,
		ClientID:   clientID,
		Attributes: []cognito.Attribute{{Name: "custom:cpf"}, {Name: "nick", Mutable: true, MinLength: 2, MaxLength: 5}},
	}
	for _, o := range options {
		o(&config, &s.settings)
	}
	var err error
	if s.service, err = cognito.New(config); err != nil {
		t.Fatal(err)
	}
	if err := s.service.CreatePool(s.settings); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.service)
	t.Cleanup(server.Close)
	s.Client = idp.New(idp.Options{
		Region:           "us-east-1",
		BaseEndpoint:     &server.URL,
		RetryMaxAttempts: 1,
		HTTPClient:       readerOnly{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	return s
}

// readerOnly is an HTTP client that hides all of a request's body but Read. The
// SDK's own body, closed as soon as the head of the answer is there, ends
// WriteTo with io.EOF; net/http takes that for a failed request and drops the
// connection under a long answer, if the answer came fast.
type readerOnly struct{}

func (readerOnly) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return http.DefaultClient.Do(r)
}

// clock is a clock that only moves when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// outbox is a Mailer that keeps what it is given, or fails.
type outbox struct {
	mu   sync.Mutex
	sent []cognito.Message
	err  error
}

func (o *outbox) Send(_ context.Context, m cognito.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return o.err
	}
	o.sent = append(o.sent, m)
	return nil
}

// echo is a trigger that lets everybody in.
func echo(_ context.Context, event []byte) ([]byte, error) { return event, nil }

func attributes(pairs ...string) []types.AttributeType {
	var list []types.AttributeType
	for pair := range slices.Chunk(pairs, 2) {
		list = append(list, types.AttributeType{Name: &pair[0], Value: &pair[1]})
	}
	return list
}

func asMap(list []types.AttributeType) map[string]string {
	m := make(map[string]string)
	for _, a := range list {
		m[*a.Name] = *a.Value
	}
	return m
}

// invitation is the call of the README: a user that gets no message.
func invitation(name string) *idp.AdminCreateUserInput {
	return &idp.AdminCreateUserInput{
		UserPoolId:        aws.String(poolID),
		Username:          &name,
		MessageAction:     types.MessageActionTypeSuppress,
		TemporaryPassword: aws.String(temp),
	}
}

// create creates the user or fails the test.
func (s *stage) create(in *idp.AdminCreateUserInput) *types.UserType {
	s.t.Helper()
	out, err := s.AdminCreateUser(s.ctx, in)
	if err != nil {
		s.t.Fatalf("AdminCreateUser: %v", err)
	}
	return out.User
}

// get returns the user, or the name of the exception.
func (s *stage) get(name string) (*idp.AdminGetUserOutput, string) {
	s.t.Helper()
	out, err := s.AdminGetUser(s.ctx, &idp.AdminGetUserInput{UserPoolId: aws.String(poolID), Username: &name})
	return out, code(err)
}

// signIn starts a sign-in through the admin API.
func (s *stage) signIn(name, password string) (*idp.AdminInitiateAuthOutput, error) {
	s.t.Helper()
	return s.AdminInitiateAuth(s.ctx, &idp.AdminInitiateAuthInput{
		UserPoolId:     aws.String(poolID),
		ClientId:       aws.String(clientID),
		AuthFlow:       types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
}

// setPassword answers NEW_PASSWORD_REQUIRED through the admin API.
func (s *stage) setPassword(name, session, password string) (*idp.AdminRespondToAuthChallengeOutput, error) {
	s.t.Helper()
	return s.AdminRespondToAuthChallenge(s.ctx, &idp.AdminRespondToAuthChallengeInput{
		UserPoolId:         aws.String(poolID),
		ClientId:           aws.String(clientID),
		ChallengeName:      types.ChallengeNameTypeNewPasswordRequired,
		Session:            &session,
		ChallengeResponses: map[string]string{"USERNAME": name, "NEW_PASSWORD": password},
	})
}

// confirm takes a new user through its first sign-in.
func (s *stage) confirm(name, temporary, password string) {
	s.t.Helper()
	challenge, err := s.signIn(name, temporary)
	if err != nil {
		s.t.Fatalf("sign-in: %v", err)
	}
	if _, err := s.setPassword(name, *challenge.Session, password); err != nil {
		s.t.Fatalf("new password: %v", err)
	}
}

// code returns the exception's name, empty for none.
func code(err error) string {
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return err.Error()
	}
	return e.ErrorCode()
}

// refusal returns the exception as "name: message", empty for none.
func refusal(err error) string {
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return err.Error()
	}
	return e.ErrorCode() + ": " + e.ErrorMessage()
}

func checkRefusal(t *testing.T, err error, want string) {
	t.Helper()
	if got := refusal(err); got != want {
		t.Errorf("refusal = %q\nwant      %q", got, want)
	}
}
