package userpool_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/userpool"
)

const (
	clientID  = "portaria"
	email     = "email.test@gmail.com"
	phone     = "+5551981980387"
	number    = "04212286017"
	temporary = "temporary-Password-1"
	requestID = "0f1c2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5"
	chosen    = "a chosen password, ação"
)

// secrets must stand in no error.
var secrets = []string{email, phone, number, temporary, chosen, "21a81129400fbf441ae138e52eae8778"}

// said is a message of Cognito's that repeats all that it was sent.
var said = "Value '" + strings.Join(secrets, "', '") + "' at 'username' failed to satisfy constraint"

// fake is a Client of functions. It takes down how often each call was made, and
// how often the SDK would have sent it at most.
type fake struct {
	userpool.Client // nil: a call that is not expected panics

	create   func(*idp.AdminCreateUserInput) (*idp.AdminCreateUserOutput, error)
	get      func(*idp.AdminGetUserInput) (*idp.AdminGetUserOutput, error)
	update   func(*idp.AdminUpdateUserAttributesInput) error
	initiate func(*idp.AdminInitiateAuthInput) (*idp.AdminInitiateAuthOutput, error)
	respond  func(*idp.AdminRespondToAuthChallengeInput) (*idp.AdminRespondToAuthChallengeOutput, error)
	describe func() (*idp.DescribeUserPoolOutput, error)

	calls []string
}

func (f *fake) take(call string, options []func(*idp.Options)) {
	o := idp.Options{Retryer: retry.NewStandard()}
	for _, option := range options {
		option(&o)
	}
	if o.Retryer.MaxAttempts() == 1 {
		call += " once"
	}
	f.calls = append(f.calls, call)
}

func (f *fake) AdminCreateUser(_ context.Context, in *idp.AdminCreateUserInput, o ...func(*idp.Options)) (*idp.AdminCreateUserOutput, error) {
	f.take("create", o)
	out, err := f.create(in)
	return out, fromSDK(err)
}

func (f *fake) AdminGetUser(_ context.Context, in *idp.AdminGetUserInput, o ...func(*idp.Options)) (*idp.AdminGetUserOutput, error) {
	f.take("get", o)
	out, err := f.get(in)
	return out, fromSDK(err)
}

func (f *fake) AdminUpdateUserAttributes(_ context.Context, in *idp.AdminUpdateUserAttributesInput, o ...func(*idp.Options)) (*idp.AdminUpdateUserAttributesOutput, error) {
	f.take("update", o)
	return &idp.AdminUpdateUserAttributesOutput{}, fromSDK(f.update(in))
}

func (f *fake) AdminInitiateAuth(_ context.Context, in *idp.AdminInitiateAuthInput, o ...func(*idp.Options)) (*idp.AdminInitiateAuthOutput, error) {
	f.take("initiate", o)
	out, err := f.initiate(in)
	return out, fromSDK(err)
}

func (f *fake) AdminRespondToAuthChallenge(_ context.Context, in *idp.AdminRespondToAuthChallengeInput, o ...func(*idp.Options)) (*idp.AdminRespondToAuthChallengeOutput, error) {
	f.take("respond", o)
	out, err := f.respond(in)
	return out, fromSDK(err)
}

func (f *fake) DescribeUserPool(_ context.Context, in *idp.DescribeUserPoolInput, o ...func(*idp.Options)) (*idp.DescribeUserPoolOutput, error) {
	f.take("describe "+aws.ToString(in.UserPoolId), o)
	out, err := f.describe()
	return out, fromSDK(err)
}

// pool is the pool that f stands for. Its kind is known, and of no aliases, where
// the test has nothing to say of it.
func (f *fake) pool() *userpool.Pool {
	p := userpool.NewPool(f, pool, clientID)
	if f.describe == nil {
		f.describe = func() (*idp.DescribeUserPoolOutput, error) {
			return &idp.DescribeUserPoolOutput{UserPool: &types.UserPoolType{UsernameAttributes: []types.UsernameAttributeType{"email"}}}, nil
		}
		_, _ = p.Settings(context.Background()) // the fake's answer, which is no error
		f.calls = nil
	}
	return p
}

// answered is err as the SDK gives it for an answer with that status.
func answered(status int, err error) error {
	return fromSDK(&awshttp.ResponseError{
		RequestID: requestID,
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
			Err:      err,
		},
	})
}

// fromSDK is err in what the SDK puts around every error.
func fromSDK(err error) error {
	if _, already := errors.AsType[*smithy.OperationError](err); already || err == nil {
		return err
	}
	return &smithy.OperationError{ServiceID: "Cognito Identity Provider", OperationName: "x", Err: err}
}

// unmodelled is an exception that the SDK has no type for.
func unmodelled(name string) error { return &smithy.GenericAPIError{Code: name, Message: said} }

// unsent is a request that ended under way.
func unsent(err error) error {
	return fromSDK(&smithyhttp.RequestSendError{Err: err})
}

// outcome names every outcome that err is: "" for none, one in every other case
// if all is well.
func outcome(err error) string {
	var is []string
	for sentinel, name := range map[error]string{
		userpool.ErrNotFound: "not found", userpool.ErrUserExists: "user exists", userpool.ErrAlreadyConfirmed: "already confirmed",
		userpool.ErrThrottled: "throttled", userpool.ErrUnavailable: "unavailable",
		userpool.ErrTokenRefused: "token refused", userpool.ErrInvalidCredentials: "invalid credentials", userpool.ErrOtherChallenge: "other challenge", userpool.ErrNoEmail: "no email",
	} {
		if errors.Is(err, sentinel) {
			is = append(is, name)
		}
	}
	if e, ok := errors.AsType[*userpool.RefusedError](err); ok {
		is = append(is, "refused: "+e.Text)
	}
	if _, ok := errors.AsType[*userpool.DeliveryError](err); ok {
		is = append(is, "not delivered")
	}
	if e, ok := errors.AsType[*userpool.RejectedError](err); ok {
		is = append(is, strings.TrimSpace("rejected "+e.Code+" "+e.Parameter))
	}
	if e, ok := errors.AsType[*userpool.WeakPasswordError](err); ok {
		is = append(is, fmt.Sprintf("weak, used %t", e.Used))
	}
	if err != nil && len(is) == 0 {
		return "?" + err.Error()
	}
	return strings.Join(is, " + ")
}

// check compares an outcome, and sees to it that the error tells no secret.
func check(t *testing.T, err error, want string) {
	t.Helper()
	if got := outcome(err); got != want {
		t.Errorf("outcome = %q, want %q (%v)", got, want, err)
	}
	if err == nil {
		return
	}
	for _, secret := range secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error tells %q: %v", secret, err)
		}
	}
	if _, told := errors.AsType[smithy.APIError](err); told {
		t.Errorf("%v wraps Cognito's exception, whose message can hold anything", err)
	}
}

func mustCPF(t *testing.T) cpf.CPF {
	t.Helper()
	c, err := cpf.Parse(number)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func list(pairs ...string) []types.AttributeType {
	var l []types.AttributeType
	for i := 0; i < len(pairs); i += 2 {
		l = append(l, types.AttributeType{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return l
}

// general are the errors that mean the same for every call.
var general = []struct {
	name string
	err  error
	want string
}{
	{"too many requests", &types.TooManyRequestsException{Message: &said}, "throttled"},
	{"too many requests, answered", answered(400, &types.TooManyRequestsException{Message: &said}), "throttled"},
	{"throttled before Cognito", answered(400, unmodelled("ThrottlingException")), "throttled"},
	{"status 429", answered(429, unmodelled("UnknownError")), "throttled"},
	{"invalid parameter", answered(400, &types.InvalidParameterException{Message: &said}), "rejected InvalidParameterException username"},
	{"no such pool", answered(400, &types.ResourceNotFoundException{Message: aws.String("User pool client portaria does not exist.")}), "rejected ResourceNotFoundException"},
	{"no permission", answered(400, unmodelled("AccessDeniedException")), "rejected AccessDeniedException username"},
	{"internal error", answered(500, &types.InternalErrorException{Message: &said}), "unavailable"},
	{"service unavailable", answered(503, unmodelled("ServiceUnavailable")), "unavailable"},
	{"an exception nobody knows", answered(400, unmodelled("BrandNewException")), "unavailable"},
	{"trigger unreachable", answered(400, &types.UnexpectedLambdaException{Message: &said}), "unavailable"},
	{"trigger's answer broken", answered(400, &types.InvalidLambdaResponseException{Message: &said}), "unavailable"},
	{"no SMS role", answered(400, &types.InvalidSmsRoleAccessPolicyException{Message: &said}), "unavailable"},
	{"out of time", unsent(context.DeadlineExceeded), "unavailable"},
	{"given up", unsent(context.Canceled), "unavailable"},
	{"connection broken", unsent(errors.New("read: connection reset by peer")), "unavailable"},
	{"a network error that tells too much", unsent(errors.New("for " + email + " and " + number)), "unavailable"},
	{"answer broken", &smithy.DeserializationError{Err: errors.New("invalid character"), Snapshot: []byte(said)}, "unavailable"},
}
