// Package demo plays Portaria's story against a user pool, as a backend and a
// customer would, and says for each step what came of it and what had to.
//
// It is a tool for development: it makes users and never removes them.
package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
)

// Target is what the story is played against.
type Target struct {
	Cognito    *cognitoidentityprovider.Client // should try each call once
	UserPoolID string
	ClientID   string

	// API is where the HTTP API is; "" leaves its part of the story out. The pool
	// must take e-mails for user names.
	API string

	// Mailbox gives the body of the newest e-mail to an address, or an error
	// when there is none.
	Mailbox func(ctx context.Context, to string) (body string, err error)
}

// Line is one step of the story.
type Line struct {
	Step string // what was done
	Want string // what had to come of it
	Got  string // what came of it
}

// OK reports whether the step came out as it must.
func (l Line) OK() bool { return l.Got == l.Want }

// Play plays the story of p to its end and hands each line to tell as soon as it
// is known. Every step is played whatever came of those before it. It reports
// whether every line came out as it must.
func Play(ctx context.Context, t Target, p Person, tell func(Line)) bool {
	s := story{ctx: ctx, Target: t, tell: tell, ok: true}
	other := p
	other.UserName, other.Email, other.CPF = "outra."+p.UserName, "outra."+p.Email, spelled(p.CPF)
	stranger := p
	stranger.UserName, stranger.Email, stranger.CPF = "terceira."+p.UserName, "terceira."+p.Email, another(p.CPF)

	s.line("the original call: AdminCreateUser with SUPPRESS", "FORCE_CHANGE_PASSWORD", s.create(p, nil))
	s.line("the same CPF, spelled "+shape(other.CPF)+", another e-mail", refused("Uma conta com esse CPF já existe"), s.create(other, nil))
	s.line("the same CPF, another e-mail, no trackCode", refused("Uma conta com esse CPF já existe"), s.create(other, without("trackCode")))
	wrong := stranger
	wrong.CPF = lastDigitWrong(wrong.CPF)
	s.line("another CPF, its last digit wrong", refused("O cpf informado não é válido"), s.create(wrong, nil))
	s.line("the same, no trackCode and no simulation either", refused("O cpf informado não é válido"), s.create(wrong, func(map[string]string) map[string]string { return nil }))
	s.line("a free CPF, no trackCode", refused("o parâmetro trackCode não foi enviado"), s.create(stranger, without("trackCode")))
	s.line("a free CPF, a term of 601 months", refused("informações da simulação estão erradas"), s.create(stranger, with("term", "601")))
	s.line("a free CPF, an installment written 2.439,02", refused("informações da simulação estão erradas"), s.create(stranger, with("installment", "2.439,02")))

	s.line("RESEND: AdminCreateUser with nothing else", "FORCE_CHANGE_PASSWORD", s.resend(p))
	temporary, mail := s.temporaryPassword(p)
	s.line("the mailbox: an e-mail with a temporary password", "arrived", mail)
	s.line("sign in with a wrong password", "NotAuthorizedException: Incorrect username or password.", s.signIn(p, temporary+"x"))
	s.line("sign in with the temporary password", "NEW_PASSWORD_REQUIRED", s.signIn(p, temporary))
	const chosen = "uma senha nova e comprida"
	s.line("choose a new password", "signed in", s.choose(chosen))
	s.line("the user's status", "CONFIRMED", s.status(p))
	s.line("sign in with the new password", "signed in", s.signIn(p, chosen))
	s.line("RESEND to a user who is CONFIRMED", "UnsupportedUserStateException", s.resend(p))
	if t.API != "" {
		s.playHTTP(stranger)
	}
	return s.ok
}

// story is a story under way.
type story struct {
	Target
	ctx     context.Context // of the one call of Play
	tell    func(Line)
	ok      bool
	session *string // of the challenge that waits for an answer
	name    string  // the user name it is for
}

func (s *story) line(step, want, got string) {
	l := Line{Step: step, Want: want, Got: got}
	s.ok = s.ok && l.OK()
	s.tell(l)
}

// refused is what a caller gets for a refusal of the trigger.
func refused(text string) string {
	return "UserLambdaValidationException: PreSignUp failed with error " + text + "."
}

// create makes the original call for p, with its validation data changed.
func (s *story) create(p Person, change func(map[string]string) map[string]string) string {
	data := validationData()
	if change != nil {
		data = change(data)
	}
	out, err := s.Cognito.AdminCreateUser(s.ctx, &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId:             &s.UserPoolID,
		Username:               &p.UserName,
		DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail, types.DeliveryMediumTypeSms},
		ForceAliasCreation:     false,
		MessageAction:          types.MessageActionTypeSuppress,
		UserAttributes:         attributes(map[string]string{"email": p.Email, "phone_number": p.PhoneNumber, "custom:cpf": p.CPF}),
		ValidationData:         attributes(data),
	})
	if err != nil {
		return told(err)
	}
	return string(out.User.UserStatus)
}

// resend asks for a new temporary password, with nothing but what that takes.
func (s *story) resend(p Person) string {
	out, err := s.Cognito.AdminCreateUser(s.ctx, &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId:             &s.UserPoolID,
		Username:               &p.UserName,
		DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail, types.DeliveryMediumTypeSms},
		MessageAction:          types.MessageActionTypeResend,
	})
	if err != nil {
		name, _, _ := strings.Cut(told(err), ":")
		return name
	}
	return string(out.User.UserStatus)
}

// temporaryPassword reads p's newest e-mail as p would.
func (s *story) temporaryPassword(p Person) (password, got string) {
	body, err := s.Mailbox(s.ctx, p.Email)
	if err != nil {
		return "", err.Error()
	}
	if password = passwordIn(body); password == "" {
		return "", "an e-mail without a temporary password"
	}
	return password, "arrived"
}

func (s *story) signIn(p Person, password string) string {
	out, err := s.Cognito.AdminInitiateAuth(s.ctx, &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId: &s.UserPoolID, ClientId: &s.ClientID, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": p.UserName, "PASSWORD": password},
	})
	switch {
	case err != nil:
		return told(err)
	case out.AuthenticationResult != nil:
		return "signed in"
	}
	s.session, s.name = out.Session, out.ChallengeParameters["USER_ID_FOR_SRP"]
	return string(out.ChallengeName)
}

// choose answers the challenge of the last sign-in with a new password.
func (s *story) choose(password string) string {
	out, err := s.Cognito.AdminRespondToAuthChallenge(s.ctx, &cognitoidentityprovider.AdminRespondToAuthChallengeInput{
		UserPoolId: &s.UserPoolID, ClientId: &s.ClientID, ChallengeName: types.ChallengeNameTypeNewPasswordRequired, Session: s.session,
		ChallengeResponses: map[string]string{"USERNAME": s.name, "NEW_PASSWORD": password},
	})
	switch {
	case err != nil:
		return told(err)
	case out.AuthenticationResult != nil:
		return "signed in"
	}
	return string(out.ChallengeName)
}

func (s *story) status(p Person) string {
	out, err := s.Cognito.AdminGetUser(s.ctx, &cognitoidentityprovider.AdminGetUserInput{UserPoolId: &s.UserPoolID, Username: &p.UserName})
	if err != nil {
		return told(err)
	}
	return string(out.UserStatus)
}

// told is an error as the AWS CLI tells it: the exception and its message.
func told(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return fmt.Sprintf("%s: %s", api.ErrorCode(), api.ErrorMessage())
	}
	return err.Error()
}

func attributes(values map[string]string) (list []types.AttributeType) {
	for name, value := range values {
		list = append(list, types.AttributeType{Name: aws.String(name), Value: aws.String(value)})
	}
	return list
}
