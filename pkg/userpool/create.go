package userpool

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/simulation"
)

// What Cognito puts around the text of a PreSignUp trigger that refuses.
const (
	refusalPrefix = "PreSignUp failed with error "
	refusalSuffix = "."
)

// AdminCreateUser is what Create and Resend need of a Client. Of the exceptions
// that come back, a *types.CodeDeliveryFailureException must mean that all but
// the message was done.
type AdminCreateUser interface {
	AdminCreateUser(context.Context, *cognitoidentityprovider.AdminCreateUserInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminCreateUserOutput, error)
}

// Medium is a way by which Cognito sends a temporary password.
type Medium string

// The mediums.
const (
	Email Medium = "EMAIL"
	SMS   Medium = "SMS"
)

// NewUser is a user to be created. Printed by mistake it shows nothing.
type NewUser struct {
	Email       string // any case
	PhoneNumber string // E.164
	CPF         cpf.CPF

	// Simulation holds the values named by package simulation, trackCode
	// included, as they were written: they go to the trigger untouched.
	Simulation map[string]string

	TemporaryPassword string // must meet the pool's policy
	Suppress          bool   // send no message
	Mediums           []Medium
}

// String shows nothing of u.
func (u NewUser) String() string { return "new user" }

// GoString shows nothing of u.
func (u NewUser) GoString() string { return u.String() }

// simulationFields are the values that the trigger is given, in the order of
// the specification.
var simulationFields = [...]string{
	simulation.TrackCode, simulation.ID, simulation.LoanValue, simulation.Term,
	simulation.Installment, simulation.LoanValueSelected, simulation.Phone,
}

// ErrUserExists says that the pool has another user of that name or alias.
var ErrUserExists = errors.New("the pool has that user already")

// RefusedError says that the PreSignUp trigger refused.
type RefusedError struct {
	// Text is the trigger's, without what Cognito puts around it. It is one of
	// ours only if it is equal to one: a pool can have another trigger.
	Text string
}

// Error does not tell the text, which need not be ours.
func (e *RefusedError) Error() string { return "the trigger refused the user" }

// DeliveryError says that all was done but for the message with the temporary
// password, which did not go out. The user exists.
type DeliveryError struct{ Call string }

// Error names the call.
func (e *DeliveryError) Error() string {
	return e.Call + ": done, but the message was not delivered: " + codeDeliveryFailure
}

// Create creates u by one request, which is never repeated: the trigger would
// claim the CPF again, and a repetition of a request that did succeed would look
// like a conflict. The user name asked for is the e-mail, or where that is an
// alias one made of it. What the error says of the user:
//
//   - *DeliveryError: created, but not told; Lookup gives the user.
//   - *RefusedError, ErrUserExists, ErrThrottled, *RejectedError: not created.
//   - ErrUnavailable: not known; only Lookup can tell.
//
// A refused or rejected u may hold its CPF until the trigger's lease is over.
func (p *Pool) Create(ctx context.Context, u NewUser) (User, error) {
	const call = "create user"
	out, err := p.client.AdminCreateUser(ctx, p.creation(u, p.nameFor(ctx, u.Email)), once)
	switch exception(err) {
	case usernameExists, aliasExists:
		return User{}, fmt.Errorf("%s: %w", call, ErrUserExists)
	}
	switch {
	case err != nil:
		return User{}, invitationFailure(call, err)
	case out.User == nil || aws.ToString(out.User.Username) == "":
		return User{}, fmt.Errorf("%s: %w: the answer names no user", call, ErrUnavailable)
	}
	return newUser(out.User.Username, Status(out.User.UserStatus), attributeMap(out.User.Attributes)), nil
}

// creation is the request of the specification.
func (p *Pool) creation(u NewUser, userName string) *cognitoidentityprovider.AdminCreateUserInput {
	email := strings.ToLower(u.Email)
	in := &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId:         aws.String(p.id),
		Username:           aws.String(userName),
		ForceAliasCreation: false,
		UserAttributes: []types.AttributeType{
			attribute(attributeEmail, email),
			attribute(attributePhoneNumber, u.PhoneNumber),
			attribute(AttributeCPF, u.CPF.Digits()),
		},
		DesiredDeliveryMediums: deliveryMediums(u.Mediums),
		TemporaryPassword:      aws.String(u.TemporaryPassword),
	}
	for _, name := range simulationFields {
		in.ValidationData = append(in.ValidationData, attribute(name, u.Simulation[name]))
	}
	if u.Suppress {
		in.MessageAction = types.MessageActionTypeSuppress
	}
	return in
}

// once makes the client send a request once and no more.
func once(o *cognitoidentityprovider.Options) { o.Retryer = aws.NopRetryer{} }

func deliveryMediums(mediums []Medium) []types.DeliveryMediumType {
	var list []types.DeliveryMediumType
	for _, m := range mediums {
		list = append(list, types.DeliveryMediumType(m))
	}
	return list
}

// ErrAlreadyConfirmed says that a user is past the temporary password.
var ErrAlreadyConfirmed = errors.New("the user no longer waits for a password")

// Resend gives the user the temporary password, valid from now, in place of the
// one before, and has it sent by mediums. Its error is ErrNotFound when there is
// no such user, ErrAlreadyConfirmed when the user has any other status than
// ForceChangePassword, a *DeliveryError when the password was changed but not
// sent, a *RefusedError when a trigger refused. The request may be repeated, so
// that the same password can arrive twice.
func (p *Pool) Resend(ctx context.Context, userName, temporaryPassword string, mediums []Medium) error {
	const call = "resend temporary password"
	name, err := p.finalName(ctx, userName)
	if err != nil {
		return err
	}
	_, err = p.client.AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId:             aws.String(p.id),
		Username:               aws.String(name),
		DesiredDeliveryMediums: deliveryMediums(mediums),
		MessageAction:          types.MessageActionTypeResend,
		TemporaryPassword:      aws.String(temporaryPassword),
	})
	switch exception(err) {
	case userNotFound:
		return ErrNotFound
	case unsupportedUserState:
		return ErrAlreadyConfirmed
	}
	if err != nil {
		return invitationFailure(call, err)
	}
	return nil
}

// invitationFailure is failure for the calls that run the trigger and send a
// message.
func invitationFailure(call string, err error) error {
	switch exception(err) {
	case codeDeliveryFailure:
		// AWS expects callers to know that the user exists all the same:
		// https://github.com/boto/boto3/issues/3524
		return &DeliveryError{Call: call}
	case userLambdaValidation:
		if text, ok := refusalText(err); ok {
			return &RefusedError{Text: text}
		}
		return unavailable(call, err)
	case limitExceeded:
		// Cognito's own sender is at its 50 messages a day. Whether that is
		// found out before the user is created is not documented.
		return unavailable(call, err)
	}
	return failure(call, err)
}

// refusalText takes off what Cognito puts around the text of a PreSignUp
// trigger. Any other message is that of another trigger, which may have run when
// all was done.
func refusalText(err error) (string, bool) {
	e, _ := errors.AsType[smithy.APIError](err)
	text, before := strings.CutPrefix(e.ErrorMessage(), refusalPrefix)
	text, after := strings.CutSuffix(text, refusalSuffix)
	return text, before && after && text != ""
}
