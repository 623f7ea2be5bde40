package userpool_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/userpool"
)

var tokens = &types.AuthenticationResultType{IdToken: aws.String("an-id-token")}

// waiting is Cognito's answer to the temporary password of a user who waits.
func waiting() *idp.AdminInitiateAuthOutput {
	return &idp.AdminInitiateAuthOutput{
		ChallengeName: types.ChallengeNameTypeNewPasswordRequired,
		ChallengeParameters: map[string]string{
			"USER_ID_FOR_SRP":    "a-uuid",
			"requiredAttributes": "[]",
			"userAttributes":     `{"custom:cpf":"042.122.860-17","email":"Email.Test@gmail.com","email_verified":"true","phone_number":"+5551981980387"}`,
		},
		Session: aws.String("a-session"),
	}
}

// wantSignIn is the first call for a password.
func wantSignIn(password string) *idp.AdminInitiateAuthInput {
	return &idp.AdminInitiateAuthInput{
		UserPoolId: aws.String(pool), ClientId: aws.String(clientID), AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
		AuthParameters: map[string]string{"USERNAME": email, "PASSWORD": password},
	}
}

// stages answers the calls of SetPassword: the sign-in with the temporary
// password, the chosen one, and the sign-in with that.
type stages struct {
	first    *idp.AdminInitiateAuthOutput
	firstErr error
	second   *idp.AdminRespondToAuthChallengeOutput
	secErr   error
	third    *idp.AdminInitiateAuthOutput
	thirdErr error
}

func (s stages) fake(t *testing.T, chosen string) *fake {
	signIns := 0
	return &fake{
		initiate: func(in *idp.AdminInitiateAuthInput) (*idp.AdminInitiateAuthOutput, error) {
			signIns++
			want, out, err := wantSignIn(temporary), s.first, s.firstErr
			if signIns > 1 {
				want, out, err = wantSignIn(chosen), s.third, s.thirdErr
			}
			if diff := cmp.Diff(want, in, ignoreSerde); diff != "" {
				t.Errorf("sign-in %d (-want +got):\n%s", signIns, diff)
			}
			return out, err
		},
		respond: func(in *idp.AdminRespondToAuthChallengeInput) (*idp.AdminRespondToAuthChallengeOutput, error) {
			want := &idp.AdminRespondToAuthChallengeInput{
				UserPoolId: aws.String(pool), ClientId: aws.String(clientID), ChallengeName: "NEW_PASSWORD_REQUIRED", Session: aws.String("a-session"),
				ChallengeResponses: map[string]string{"USERNAME": "a-uuid", "NEW_PASSWORD": chosen},
			}
			if diff := cmp.Diff(want, in, ignoreSerde); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			return s.second, s.secErr
		},
	}
}

func TestSetPassword(t *testing.T) {
	done := &idp.AdminRespondToAuthChallengeOutput{AuthenticationResult: tokens}
	signedIn := &idp.AdminInitiateAuthOutput{AuthenticationResult: tokens}
	wrong := answered(400, &types.NotAuthorizedException{Message: &said})
	with := func(parameter, value string) *idp.AdminInitiateAuthOutput {
		out := waiting()
		out.ChallengeParameters[parameter] = value
		return out
	}
	weird := answered(400, &types.InvalidParameterException{Message: &said})
	type test struct {
		name   string
		stages stages
		want   string
		calls  string
	}
	tests := []test{
		{"done", stages{first: waiting(), second: done}, "", "initiate respond"},
		{"required attributes are null", stages{first: with("requiredAttributes", "null"), second: done}, "", "initiate respond"},

		{"wrong or expired", stages{firstErr: wrong}, "invalid credentials", "initiate"},
		{"unknown", stages{firstErr: answered(400, &types.UserNotFoundException{Message: &said})}, "invalid credentials", "initiate"},
		{"unconfirmed", stages{firstErr: answered(400, &types.UserNotConfirmedException{})}, "invalid credentials", "initiate"},
		{"password reset", stages{firstErr: answered(400, &types.PasswordResetRequiredException{})}, "invalid credentials", "initiate"},
		{"kept out by a trigger", stages{firstErr: refusal("PreAuthentication failed with error x.")}, "invalid credentials", "initiate"},
		{"confirmed: tokens at once", stages{first: signedIn}, "invalid credentials", "initiate"},

		{"second factor", stages{first: &idp.AdminInitiateAuthOutput{ChallengeName: "SMS_MFA"}}, "other challenge", "initiate"},
		{"required attributes", stages{first: with("requiredAttributes", `["userAttributes.name"]`)}, "other challenge", "initiate"},
		{"attributes that are no JSON", stages{first: with("userAttributes", `{`)}, "unavailable", "initiate"},
		{"required attributes that are no JSON", stages{first: with("requiredAttributes", `{`)}, "unavailable", "initiate"},
		{"second factor afterwards", stages{first: waiting(), second: &idp.AdminRespondToAuthChallengeOutput{ChallengeName: "MFA_SETUP"}}, "other challenge", "initiate respond"},

		{"against the policy", stages{first: waiting(), secErr: answered(400, &types.InvalidPasswordException{Message: &said})}, "weak, used false", "initiate respond"},
		{"used before", stages{first: waiting(), secErr: answered(400, &types.PasswordHistoryPolicyViolationException{Message: &said})}, "weak, used true", "initiate respond"},
		{"another parameter", stages{first: waiting(), secErr: weird}, "rejected InvalidParameterException username", "initiate respond"},
		{"throttled at the second call", stages{first: waiting(), secErr: &types.TooManyRequestsException{}}, "throttled", "initiate respond"},
	}
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"session spent or expired", wrong, "invalid credentials"},
		{"code mismatch", answered(400, &types.CodeMismatchException{}), "invalid credentials"},
		{"code expired", answered(400, &types.ExpiredCodeException{}), "invalid credentials"},
		{"user deleted", answered(400, &types.UserNotFoundException{}), "invalid credentials"},
		{"answer lost", unsent(errors.New("connection reset")), "unavailable"},
		{"later trigger failed", refusal("PostAuthentication failed with error x."), "unavailable"},
	} {
		tests = append(tests,
			test{tt.name + ", password set", stages{first: waiting(), secErr: tt.err, third: signedIn}, "", "initiate respond initiate"},
			test{tt.name + ", password not set", stages{first: waiting(), secErr: tt.err, thirdErr: wrong}, tt.want, "initiate respond initiate"},
			test{tt.name + ", second factor", stages{first: waiting(), secErr: tt.err, third: &idp.AdminInitiateAuthOutput{ChallengeName: "SMS_MFA"}}, tt.want, "initiate respond initiate"},
		)
	}
	for _, tt := range general {
		tests = append(tests, test{tt.name, stages{firstErr: tt.err}, tt.want, "initiate"})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := tt.stages.fake(t, chosen)
			check(t, f.pool().SetPassword(t.Context(), "Email.Test@gmail.com", temporary, chosen, nil), tt.want)
			if got := strings.Join(f.calls, " "); got != tt.calls {
				t.Errorf("calls = %s, want %s", got, tt.calls)
			}
		})
	}
}

func TestSetPasswordWithoutATemporaryOne(t *testing.T) {
	check(t, (&fake{}).pool().SetPassword(t.Context(), email, "", chosen, nil), "invalid credentials")
}

// A password that Cognito calls an invalid parameter is weak only when it has
// not the shape of one.
func TestSetPasswordOfAShapeThatCognitoDoesNotTake(t *testing.T) {
	for _, bad := range []string{"", " leading space", "trailing space ", strings.Repeat("é", 257)} {
		s := stages{first: waiting(), secErr: &types.InvalidParameterException{Message: &said}}
		check(t, s.fake(t, bad).pool().SetPassword(t.Context(), email, temporary, bad, nil), "weak, used false")
	}
}

func TestSetPasswordAsksTheCheckBetweenTheCalls(t *testing.T) {
	refused := errors.New("the check's own error")
	for _, tt := range []struct {
		name  string
		err   error
		calls string
	}{
		{"agrees", nil, "initiate respond"},
		{"does not agree", refused, "initiate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := stages{first: waiting(), second: &idp.AdminRespondToAuthChallengeOutput{AuthenticationResult: tokens}}.fake(t, chosen)
			asked := 0
			err := f.pool().SetPassword(t.Context(), email, temporary, chosen, func(u userpool.User) error {
				asked++
				want := userpool.User{Name: "a-uuid", Status: userpool.ForceChangePassword, CPF: mustCPF(t), Email: email, PhoneNumber: phone, EmailVerified: true}
				if u != want {
					t.Errorf("asked about %+v, want %+v", u, want)
				}
				return tt.err
			})
			if err != tt.err || asked != 1 || strings.Join(f.calls, " ") != tt.calls {
				t.Errorf("SetPassword = %v after %v, asked %d times; want %v itself after %s", err, f.calls, asked, tt.err, tt.calls)
			}
		})
	}
}

func TestSetPasswordAsksNoCheckBeforeThePasswordIsRight(t *testing.T) {
	for name, s := range map[string]stages{
		"wrong":               {firstErr: &types.NotAuthorizedException{}},
		"confirmed":           {first: &idp.AdminInitiateAuthOutput{AuthenticationResult: tokens}},
		"second factor":       {first: &idp.AdminInitiateAuthOutput{ChallengeName: "SMS_MFA"}},
		"Cognito unavailable": {firstErr: context.DeadlineExceeded},
	} {
		err := s.fake(t, chosen).pool().SetPassword(t.Context(), email, temporary, chosen, func(userpool.User) error {
			t.Errorf("%s: the check was asked", name)
			return nil
		})
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
