package cognito_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
)

func registration(pairs ...string) *idp.SignUpInput {
	return &idp.SignUpInput{
		ClientId: aws.String(clientID), Username: aws.String(email), Password: aws.String(final),
		UserAttributes: attributes(pairs...),
	}
}

func TestSignUp(t *testing.T) {
	var event []byte
	s := newStage(t, withTrigger(func(_ context.Context, e []byte) ([]byte, error) {
		event = e
		return e, nil
	}))
	in := registration("custom:cpf", "04212286017")
	in.ValidationData = attributes("trackCode", "abc")
	out, err := s.SignUp(s.ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	if out.UserConfirmed {
		t.Error("UserConfirmed = true, want false")
	}
	for path, want := range map[string]string{"triggerSource": "PreSignUp_SignUp", "userName": *out.UserSub} {
		if got := field(t, event, path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	if got := field(t, event, "callerContext", "clientId"); got != clientID {
		t.Errorf("clientId = %q", got)
	}
	if got := field(t, event, "request", "validationData", "trackCode"); got != "abc" {
		t.Errorf("trackCode = %q", got)
	}
	if u, _ := s.get(email); u.UserStatus != types.UserStatusTypeUnconfirmed {
		t.Errorf("status = %s", u.UserStatus)
	}
	_, err = s.signIn(email, "wrong")
	checkRefusal(t, err, incorrect)
	_, err = s.signIn(email, final)
	checkRefusal(t, err, "UserNotConfirmedException: User is not confirmed.")

	confirm := &idp.AdminConfirmSignUpInput{UserPoolId: aws.String(poolID), Username: aws.String(email)}
	if _, err := s.AdminConfirmSignUp(s.ctx, confirm); err != nil {
		t.Fatal(err)
	}
	if done, err := s.signIn(email, final); err != nil || done.AuthenticationResult == nil {
		t.Errorf("sign-in = %v, %v; want tokens", done, err)
	}
	_, err = s.AdminConfirmSignUp(s.ctx, confirm)
	checkRefusal(t, err, "NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED")
}

func TestSignUpHeedsTheTriggersFlags(t *testing.T) {
	answer := func(flags string) option {
		return withTrigger(func(context.Context, []byte) ([]byte, error) {
			return []byte(`{"response":{` + flags + `}}`), nil
		})
	}
	t.Run("confirm and verify", func(t *testing.T) {
		s := newStage(t, answer(`"autoConfirmUser":true,"autoVerifyEmail":true`))
		out, err := s.SignUp(s.ctx, registration())
		if err != nil || !out.UserConfirmed {
			t.Fatalf("SignUp = %+v, %v; want a confirmed user", out, err)
		}
		u, _ := s.get(email)
		if u.UserStatus != types.UserStatusTypeConfirmed || asMap(u.UserAttributes)["email_verified"] != "true" {
			t.Errorf("user = %s %v", u.UserStatus, asMap(u.UserAttributes))
		}
	})
	t.Run("verify what the user does not have", func(t *testing.T) {
		s := newStage(t, answer(`"autoVerifyPhone":true`))
		_, err := s.SignUp(s.ctx, registration())
		if got := code(err); got != "InvalidLambdaResponseException" {
			t.Errorf("SignUp = %q, want InvalidLambdaResponseException", got)
		}
	})
	t.Run("verify an alias that another user has", func(t *testing.T) {
		s := newStage(t, withKind(cognito.EmailAliases), answer(`"autoVerifyEmail":true`))
		s.create(invitationWith("maria", "email", email, "email_verified", "true"))
		in := registration("email", email)
		in.Username = aws.String("ana")
		_, err := s.SignUp(s.ctx, in)
		checkRefusal(t, err, "AliasExistsException: An account with the given email already exists.")
	})
}

func TestSignUpRefused(t *testing.T) {
	tests := []struct {
		name    string
		options []option
		change  func(*idp.SignUpInput)
		want    string
	}{
		{"by the trigger", []option{withTrigger(func(context.Context, []byte) ([]byte, error) {
			return nil, &lambda.FunctionError{Message: "Uma conta com esse CPF já existe"}
		})}, nil, "UserLambdaValidationException: PreSignUp failed with error Uma conta com esse CPF já existe."},
		{"in a pool for administrators", []option{withPool(func(p *cognito.PoolSettings) { p.AdminsOnly = true })}, nil,
			"NotAuthorizedException: SignUp is not permitted for this user pool"},
		{"a weak password", nil, func(in *idp.SignUpInput) { in.Password = aws.String("short") },
			"InvalidPasswordException: Password did not conform with policy: Password not long enough"},
		{"an unknown client", nil, func(in *idp.SignUpInput) { in.ClientId = aws.String("nobody") },
			"ResourceNotFoundException: User pool client nobody does not exist."},
		{"verifying oneself", nil, func(in *idp.SignUpInput) { in.UserAttributes = attributes("email_verified", "true") },
			"NotAuthorizedException: A client attempted to write unauthorized attribute"},
		{"a secret hash", nil, func(in *idp.SignUpInput) { in.SecretHash = aws.String("x") },
			"InvalidParameterException: The local user pool does not support the parameter SecretHash."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, tt.options...)
			in := registration()
			if tt.change != nil {
				tt.change(in)
			}
			_, err := s.SignUp(s.ctx, in)
			checkRefusal(t, err, tt.want)
		})
	}
	t.Run("a duplicate", func(t *testing.T) {
		s := newStage(t)
		s.create(invitation(email))
		_, err := s.SignUp(s.ctx, registration())
		checkRefusal(t, err, "UsernameExistsException: An account with the given email already exists.")
	})
}

func TestClientWritesAndReadsOnlyWhatItMay(t *testing.T) {
	s := newStage(t)
	made, err := s.CreateUserPoolClient(s.ctx, &idp.CreateUserPoolClientInput{
		UserPoolId: aws.String(poolID), ClientName: aws.String("narrow"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
		WriteAttributes:   []string{"email", "name"}, ReadAttributes: []string{"email"},
		AccessTokenValidity: aws.Int32(10),
		TokenValidityUnits:  &types.TokenValidityUnitsType{AccessToken: types.TimeUnitsTypeMinutes},
	})
	if err != nil {
		t.Fatal(err)
	}
	in := registration("custom:cpf", "04212286017")
	in.ClientId = made.UserPoolClient.ClientId
	_, err = s.SignUp(s.ctx, in)
	checkRefusal(t, err, "NotAuthorizedException: A client attempted to write unauthorized attribute")

	s.create(original())
	s.create(&idp.AdminCreateUserInput{UserPoolId: aws.String(poolID), Username: aws.String(email),
		MessageAction: types.MessageActionTypeResend, TemporaryPassword: aws.String(temp)})
	s.confirm(email, temp, final)
	done, err := s.InitiateAuth(s.ctx, &idp.InitiateAuthInput{
		ClientId: made.UserPoolClient.ClientId, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": email, "PASSWORD": final},
	})
	if err != nil {
		t.Fatal(err)
	}
	if done.AuthenticationResult.ExpiresIn != 600 {
		t.Errorf("ExpiresIn = %d, want 600", done.AuthenticationResult.ExpiresIn)
	}
	checkClaims(t, *done.AuthenticationResult.IdToken, map[string]any{"email": email, "custom:cpf": nil})
}
