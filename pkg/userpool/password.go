package userpool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// AdminAuth is what SetPassword needs of a Client. AdminInitiateAuth must
// return a *types.NotAuthorizedException for a wrong and for an expired
// password, AdminRespondToAuthChallenge a *types.InvalidPasswordException for
// one against the pool's policy.
type AdminAuth interface {
	AdminInitiateAuth(context.Context, *cognitoidentityprovider.AdminInitiateAuthInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminInitiateAuthOutput, error)
	AdminRespondToAuthChallenge(context.Context, *cognitoidentityprovider.AdminRespondToAuthChallengeInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminRespondToAuthChallengeOutput, error)
}

var (
	// ErrInvalidCredentials says that user name and temporary password do not
	// open the way to a new password. It is the same whether one of them is
	// wrong, the password has expired, or the user is past it.
	ErrInvalidCredentials = errors.New("user name and temporary password are not valid together")

	// ErrOtherChallenge says that Cognito asks for more than a new password,
	// such as a second factor or attributes that the pool requires.
	ErrOtherChallenge = errors.New("the sign-in asks for more than a new password")
)

// WeakPasswordError says that the chosen password is not one that the pool
// takes.
type WeakPasswordError struct {
	Used bool // it is one of the user's earlier passwords, which the pool remembers
}

// Error says so without the password.
func (e *WeakPasswordError) Error() string {
	if e.Used {
		return "the pool does not take a password that was used before"
	}
	return "the pool does not take such a password"
}

// answerWithin is how long the answer to a chosen password is waited for: short
// of what a caller gives for all, so that there is time left to see whether it is
// set.
const answerWithin = 6 * time.Second

// SetPassword signs the user in with the temporary password, answers
// NEW_PASSWORD_REQUIRED with the chosen one, and throws away the tokens that
// come of it; the user is then Confirmed. Between the two, when the temporary
// password is known to be right, check is asked about the user (the attributes
// that the app client may read; no Sub); an error of its own is returned as it
// is, and the temporary password still stands. A nil check agrees.
//
// The error is ErrInvalidCredentials, a *WeakPasswordError (the temporary
// password still stands) or ErrOtherChallenge. Only who has the right password
// gets one of the last two or is put before check. When the answer to the chosen
// password is lost or takes too long, or another request was first, a sign-in
// with the chosen one decides: that it works is what was asked for.
func (p *Pool) SetPassword(ctx context.Context, userName, temporary, chosen string, check func(User) error) error {
	if temporary == "" {
		return ErrInvalidCredentials
	}
	name, err := p.finalName(ctx, userName)
	switch {
	case errors.Is(err, ErrNotFound):
		return ErrInvalidCredentials
	case err != nil:
		return err
	}
	c, err := p.challenge(ctx, name, temporary)
	if err != nil {
		return err
	}
	if check != nil {
		if err := check(c.user); err != nil {
			return err
		}
	}
	err = p.answer(ctx, c, chosen)
	if errors.Is(err, ErrInvalidCredentials) || errors.Is(err, ErrUnavailable) {
		if out, again := p.signIn(ctx, name, chosen); again == nil && out.AuthenticationResult != nil {
			return nil
		}
	}
	return err
}

// challenge is a NEW_PASSWORD_REQUIRED that waits for its answer.
type challenge struct {
	user    User
	session *string
}

// challenge signs in with the temporary password.
func (p *Pool) challenge(ctx context.Context, name, temporary string) (challenge, error) {
	out, err := p.signIn(ctx, name, temporary)
	switch exception(err) {
	case notAuthorized, userNotFound, userNotConfirmed, passwordReset, userLambdaValidation:
		// That the user is unconfirmed, must reset the password or is kept out
		// by a trigger is said without asking for the password first, or may be.
		return challenge{}, ErrInvalidCredentials
	}
	switch {
	case err != nil:
		return challenge{}, failure("sign in", err)
	case out.AuthenticationResult != nil:
		return challenge{}, ErrInvalidCredentials
	case out.ChallengeName != types.ChallengeNameTypeNewPasswordRequired:
		return challenge{}, ErrOtherChallenge
	}
	return newChallenge(name, out)
}

func (p *Pool) signIn(ctx context.Context, name, password string) (*cognitoidentityprovider.AdminInitiateAuthOutput, error) {
	return p.client.AdminInitiateAuth(ctx, &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId:     aws.String(p.id),
		ClientId:       aws.String(p.clientID),
		AuthFlow:       types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
}

// newChallenge reads the parameters of a NEW_PASSWORD_REQUIRED.
func newChallenge(name string, out *cognitoidentityprovider.AdminInitiateAuthOutput) (challenge, error) {
	var required []string
	attributes := map[string]string{}
	for parameter, into := range map[string]any{"requiredAttributes": &required, "userAttributes": &attributes} {
		if text := out.ChallengeParameters[parameter]; text != "" && json.Unmarshal([]byte(text), into) != nil {
			return challenge{}, fmt.Errorf("sign in: %w: %s is not JSON of its kind", ErrUnavailable, parameter)
		}
	}
	if len(required) > 0 {
		return challenge{}, ErrOtherChallenge
	}
	// The answer must name the user as this does, not by an alias.
	if own := out.ChallengeParameters["USER_ID_FOR_SRP"]; own != "" {
		name = own
	}
	return challenge{user: newUser(&name, ForceChangePassword, attributes), session: out.Session}, nil
}

// answer sends the chosen password. Its error is ErrInvalidCredentials when the
// challenge no longer waits for one.
func (p *Pool) answer(ctx context.Context, c challenge, chosen string) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	out, err := p.client.AdminRespondToAuthChallenge(ctx, &cognitoidentityprovider.AdminRespondToAuthChallengeInput{
		UserPoolId:         aws.String(p.id),
		ClientId:           aws.String(p.clientID),
		ChallengeName:      types.ChallengeNameTypeNewPasswordRequired,
		ChallengeResponses: map[string]string{"USERNAME": c.user.Name, "NEW_PASSWORD": chosen},
		Session:            c.session,
	})
	switch code := exception(err); {
	case code == invalidPassword, code == invalidParameter && !isPassword(chosen):
		return &WeakPasswordError{}
	case code == passwordHistory:
		return &WeakPasswordError{Used: true}
	case code == notAuthorized, code == codeMismatch, code == expiredCode, code == userNotFound:
		return ErrInvalidCredentials
	case err != nil:
		return failure("set password", err)
	case out.ChallengeName != "" || out.AuthenticationResult == nil:
		return ErrOtherChallenge
	}
	return nil
}

// isPassword reports whether password has the shape of Cognito's PasswordType:
// at most 256 characters, no white space at either end.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserPassword.html
func isPassword(password string) bool {
	return password != "" && utf8.RuneCountInString(password) <= 256 && strings.TrimSpace(password) == password
}
