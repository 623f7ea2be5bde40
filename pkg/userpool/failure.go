package userpool

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/pontte/portaria/pkg/redact"
)

// Cognito's exceptions that mean something here. Not every operation's model
// has all that it throws, so they are told apart by name and not by Go type.
const (
	accessDenied         = "AccessDeniedException"
	aliasExists          = "AliasExistsException"
	codeDeliveryFailure  = "CodeDeliveryFailureException"
	codeMismatch         = "CodeMismatchException"
	expiredCode          = "ExpiredCodeException"
	invalidParameter     = "InvalidParameterException"
	invalidPassword      = "InvalidPasswordException"
	limitExceeded        = "LimitExceededException"
	notAuthorized        = "NotAuthorizedException"
	passwordHistory      = "PasswordHistoryPolicyViolationException"
	passwordReset        = "PasswordResetRequiredException"
	resourceNotFound     = "ResourceNotFoundException"
	unsupportedUserState = "UnsupportedUserStateException"
	userLambdaValidation = "UserLambdaValidationException"
	userNotConfirmed     = "UserNotConfirmedException"
	userNotFound         = "UserNotFoundException"
	usernameExists       = "UsernameExistsException"
)

// What any call may end in. The others stand beside the methods that return
// them.
var (
	// ErrThrottled says that Cognito is asked too often and did nothing. Its
	// rates are of the whole account: trying again at once does not help.
	ErrThrottled = errors.New("too many requests to Cognito")

	// ErrUnavailable says that there was no clear answer, because of an outage,
	// the network, the time or a trigger: what was asked for may have been done
	// or not.
	ErrUnavailable = errors.New("no clear answer from Cognito")
)

// RejectedError says that Cognito did nothing because the request, the pool or
// our permissions are not as they must be: a fault of ours, nobody else's.
type RejectedError struct {
	Call      string // what was being done
	Code      string // Cognito's exception
	Parameter string // the parameter it is about, in Cognito's words; "" when it did not say
}

// Error names the call, the exception and the parameter, and no value.
func (e *RejectedError) Error() string {
	if e.Parameter == "" {
		return fmt.Sprintf("%s: rejected by Cognito: %s", e.Call, e.Code)
	}
	return fmt.Sprintf("%s: rejected by Cognito: %s: %s", e.Call, e.Code, e.Parameter)
}

// exception is the name of Cognito's exception; "" when err is none, and for no
// error.
func exception(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// failure says what err means, where the call has no meaning of its own for it.
func failure(call string, err error) error {
	code := exception(err)
	if _, throttled := retry.DefaultThrottleErrorCodes[code]; throttled || status(err) == http.StatusTooManyRequests {
		return fmt.Errorf("%s: %w: %s", call, ErrThrottled, redact.Cause(err))
	}
	switch code {
	case accessDenied, invalidParameter, invalidPassword, notAuthorized, resourceNotFound:
		return &RejectedError{Call: call, Code: code, Parameter: parameter(err)}
	}
	return unavailable(call, err)
}

// unavailable is ErrUnavailable with what may be told of err, and the context's
// own error when that was it.
func unavailable(call string, err error) error {
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return fmt.Errorf("%s: %w: %w", call, ErrUnavailable, ended)
		}
	}
	return fmt.Errorf("%s: %w: %s", call, ErrUnavailable, redact.Cause(err))
}

// status is the HTTP status of the answer that err is; 0 when there was none.
func status(err error) int {
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return r.HTTPStatusCode()
	}
	return 0
}

// parameters are the parameters that Cognito names in its messages, each with
// another spelling of it or "".
var parameters = [...][2]string{
	{AttributeCPF, ""},
	{attributeEmail, ""},
	{attributePhoneNumber, "phone number"},
	{"username", ""},
	{"password", ""},
	{"validationData", ""},
	{"desiredDeliveryMediums", ""},
	{"userPoolId", ""},
	{"clientId", ""},
	{"authFlow", "admin_user_password_auth"},
}

// valueEnd stands between a value and its parameter: "Value '…' at 'username'
// failed to satisfy constraint".
const valueEnd = "' at '"

// parameter is the first parameter that the message of err, an exception, names.
// It is for people who look into it: nothing is decided by it. The message
// itself cannot be told, for it can repeat the value.
func parameter(err error) string {
	e, _ := errors.AsType[smithy.APIError](err)
	message := strings.ToLower(e.ErrorMessage())
	if i := strings.LastIndex(message, valueEnd); i >= 0 {
		message = message[i:]
	}
	first, found := len(message), ""
	for _, spellings := range parameters {
		for _, spelling := range spellings {
			if at := strings.Index(message, strings.ToLower(spelling)); spelling != "" && at >= 0 && at < first {
				first, found = at, spellings[0]
			}
		}
	}
	return found
}
