package userpool

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/pkg/cpf"
)

// Names of the user attributes that are read or written here, AttributeCPF
// apart.
const (
	attributeEmail         = "email"
	attributeEmailVerified = "email_verified"
	attributePhoneNumber   = "phone_number"
	attributeSub           = "sub"
)

// Client is the part of *cognitoidentityprovider.Client that a Pool needs. Its
// errors must be *smithy.OperationErrors, as the SDK gives them, around a
// smithy.APIError with the exception's name when Cognito refused, and around
// anything else when its answer did not come.
type Client interface {
	AdminGetUser
	AdminCreateUser
	AdminUpdateUserAttributes
	AdminAuth
	DescribeUserPool
}

var _ Client = (*cognitoidentityprovider.Client)(nil)

// AdminUpdateUserAttributes is what VerifyEmail needs of a Client. For a user
// who does not exist it must return a *types.UserNotFoundException.
type AdminUpdateUserAttributes interface {
	AdminUpdateUserAttributes(context.Context, *cognitoidentityprovider.AdminUpdateUserAttributesInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminUpdateUserAttributesOutput, error)
}

// Pool is one user pool and the app client of it by which people sign in. It
// keeps nothing but the kind of the pool, and writes no log. An e-mail that
// stands for a user name is sent in lower case, as Portaria stores it; how it
// finds a user stands at Lookup, in every method the same.
//
// Besides what each method names, its error is ErrThrottled, a *RejectedError or
// ErrUnavailable. No error holds a password, an e-mail, a phone number or
// anything else that Cognito or a trigger wrote, a *RefusedError's Text apart.
type Pool struct {
	client   Client
	id       string
	clientID string
	kind     atomic.Value // the SignIn that Settings found; nothing before
}

// NewPool returns the pool with that id, reached through client. The app client
// must have no secret and allow ALLOW_ADMIN_USER_PASSWORD_AUTH.
func NewPool(client Client, id, clientID string) *Pool {
	return &Pool{client: client, id: id, clientID: clientID}
}

// Status is where a user stands, in Cognito's words.
type Status string

// The statuses that matter here. There are others.
const (
	ForceChangePassword Status = "FORCE_CHANGE_PASSWORD" // waits for the first password of their own
	Confirmed           Status = "CONFIRMED"
)

// User is a user as Cognito has them. All of it but Name, Sub and Status is
// personal data; printed by mistake it shows none of that.
type User struct {
	Name          string // the final user name
	Sub           string
	Status        Status
	CPF           cpf.CPF // zero when the user has none, or none that is valid
	Email         string  // lower case
	PhoneNumber   string
	EmailVerified bool
}

// String gives the user name and the status, the name only where it is no
// e-mail.
func (u User) String() string {
	name := u.Name
	if strings.Contains(name, "@") {
		name = "***"
	}
	return fmt.Sprintf("user %s (%s)", name, u.Status)
}

// GoString is String, for %#v.
func (u User) GoString() string { return u.String() }

// Lookup gives the user of that e-mail, or ErrNotFound. Where e-mails are user
// names it is the user with that e-mail. Where they are aliases, which Cognito
// knows only once they are verified, it is the user whose verified e-mail it is,
// or else whom Create made with it. Elsewhere it is the user whose name it is. So
// the user's Email need not be the one asked for.
func (p *Pool) Lookup(ctx context.Context, email string) (User, error) {
	name := canonical(email)
	if !isName(name) {
		return User{}, ErrNotFound
	}
	user, err := p.get(ctx, name)
	if errors.Is(err, ErrNotFound) && isEmail(name) && p.hasAliases(ctx) {
		return p.get(ctx, p.madeName(name))
	}
	return user, err
}

// get gives the user whom Cognito finds by that name.
func (p *Pool) get(ctx context.Context, name string) (User, error) {
	out, err := p.client.AdminGetUser(ctx, &cognitoidentityprovider.AdminGetUserInput{
		UserPoolId: aws.String(p.id),
		Username:   aws.String(name),
	})
	switch {
	case exception(err) == userNotFound:
		return User{}, ErrNotFound
	case err != nil:
		return User{}, failure("look user up", err)
	}
	return newUser(out.Username, Status(out.UserStatus), attributeMap(out.UserAttributes)), nil
}

// VerifyEmail marks the user's e-mail as verified, whatever it is by then. Its
// error is ErrNotFound when there is no such user, ErrUserExists when another
// user has this e-mail as an alias.
func (p *Pool) VerifyEmail(ctx context.Context, userName string) error {
	name, err := p.finalName(ctx, userName)
	if err != nil {
		return err
	}
	_, err = p.client.AdminUpdateUserAttributes(ctx, &cognitoidentityprovider.AdminUpdateUserAttributesInput{
		UserPoolId:     aws.String(p.id),
		Username:       aws.String(name),
		UserAttributes: []types.AttributeType{attribute(attributeEmailVerified, "true")},
	})
	switch code := exception(err); {
	case err == nil:
		return nil
	case code == userNotFound:
		return ErrNotFound
	case code == aliasExists:
		return ErrUserExists
	}
	return failure("verify e-mail", err)
}

// canonical is a user name as it is sent: one that is an e-mail in lower case,
// any other as it is.
func canonical(name string) string {
	if isEmail(name) {
		return strings.ToLower(name)
	}
	return name
}

// isEmail reports whether name can be an e-mail, of which Cognito makes sure.
func isEmail(name string) bool { return strings.Contains(name, "@") }

// isName reports whether Cognito takes name for a user name at all: 1 to 128
// letters, marks, symbols, numbers and punctuation. What people type may be
// anything, and must not look like a fault of ours.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html
func isName(name string) bool {
	length := utf8.RuneCountInString(name)
	return 1 <= length && length <= 128 && utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M, unicode.S, unicode.N, unicode.P)
	})
}

func attribute(name, value string) types.AttributeType {
	return types.AttributeType{Name: aws.String(name), Value: aws.String(value)}
}

func attributeMap(list []types.AttributeType) map[string]string {
	m := make(map[string]string, len(list))
	for _, a := range list {
		m[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	return m
}

func newUser(name *string, status Status, attributes map[string]string) User {
	c, err := cpf.Parse(attributes[AttributeCPF])
	if err != nil {
		c = cpf.CPF{}
	}
	return User{
		Name:          aws.ToString(name),
		Sub:           attributes[attributeSub],
		Status:        status,
		CPF:           c,
		Email:         strings.ToLower(attributes[attributeEmail]),
		PhoneNumber:   attributes[attributePhoneNumber],
		EmailVerified: attributes[attributeEmailVerified] == "true",
	}
}
