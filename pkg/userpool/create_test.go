package userpool_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pontte/portaria/pkg/userpool"
)

var ignoreSerde = cmpopts.IgnoreUnexported(idp.AdminCreateUserInput{}, idp.AdminInitiateAuthInput{},
	idp.AdminRespondToAuthChallengeInput{}, idp.AdminUpdateUserAttributesInput{}, types.AttributeType{})

// original is the user of the specification.
func original(t *testing.T) userpool.NewUser {
	return userpool.NewUser{
		Email:       "Email.Test@Gmail.com",
		PhoneNumber: phone,
		CPF:         mustCPF(t),
		Simulation: map[string]string{
			"trackCode": "21a81129400fbf441ae138e52eae8778", "simulationId": "mHPkDoN3TNqw7G3nxA4GAw",
			"loanValue": "123123", "term": "180", "installment": "2439.02", "loanValueSelected": "123123",
			"phone": "+55 (51) 99999-9999", "other": "not sent",
		},
		TemporaryPassword: temporary,
		Suppress:          true,
		Mediums:           []userpool.Medium{userpool.Email, userpool.SMS},
	}
}

func TestCreateSendsTheCallOfTheSpecification(t *testing.T) {
	call := func() *idp.AdminCreateUserInput {
		return &idp.AdminCreateUserInput{
			UserPoolId:             aws.String(pool),
			Username:               aws.String(email),
			DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL", "SMS"},
			MessageAction:          "SUPPRESS",
			TemporaryPassword:      aws.String(temporary),
			UserAttributes:         list("email", email, "phone_number", phone, "custom:cpf", number),
			ValidationData: list("trackCode", "21a81129400fbf441ae138e52eae8778", "simulationId", "mHPkDoN3TNqw7G3nxA4GAw",
				"loanValue", "123123", "term", "180", "installment", "2439.02", "loanValueSelected", "123123", "phone", "+55 (51) 99999-9999"),
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*userpool.NewUser)
		want   func(*idp.AdminCreateUserInput)
	}{
		{"the original", func(*userpool.NewUser) {}, func(*idp.AdminCreateUserInput) {}},
		{"with a message by e-mail", func(u *userpool.NewUser) { u.Suppress, u.Mediums = false, u.Mediums[:1] },
			func(in *idp.AdminCreateUserInput) {
				in.MessageAction, in.DesiredDeliveryMediums = "", in.DesiredDeliveryMediums[:1]
			}},
		{"figures as they were written", func(u *userpool.NewUser) { u.Simulation["loanValue"] = "000123.4500" },
			func(in *idp.AdminCreateUserInput) { in.ValidationData[2].Value = aws.String("000123.4500") }},
		{"a value that is missing", func(u *userpool.NewUser) { delete(u.Simulation, "term") },
			func(in *idp.AdminCreateUserInput) { in.ValidationData[3].Value = aws.String("") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, want := original(t), call()
			tt.change(&u)
			tt.want(want)
			f := &fake{create: func(in *idp.AdminCreateUserInput) (*idp.AdminCreateUserOutput, error) {
				if diff := cmp.Diff(want, in, ignoreSerde); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
				return &idp.AdminCreateUserOutput{User: &types.UserType{
					Username: aws.String("a-uuid"), UserStatus: "FORCE_CHANGE_PASSWORD",
					Attributes: list("sub", "a-sub", "email", email, "phone_number", phone, "custom:cpf", number),
				}}, nil
			}}
			got, err := f.pool().Create(t.Context(), u)
			check(t, err, "")
			created := userpool.User{Name: "a-uuid", Sub: "a-sub", Status: userpool.ForceChangePassword, CPF: u.CPF, Email: email, PhoneNumber: phone}
			if got != created {
				t.Errorf("user = %+v, want %+v", got, created)
			}
			if diff := cmp.Diff([]string{"create once"}, f.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// refusal is what Cognito answers when a trigger failed with a text.
func refusal(message string) error {
	return answered(400, &types.UserLambdaValidationException{Message: &message})
}

var invitation = []struct {
	name string
	err  error
	want string
}{
	{"refused", refusal("PreSignUp failed with error Uma conta com esse CPF já existe."), "refused: Uma conta com esse CPF já existe"},
	{"refused with a full stop of its own", refusal("PreSignUp failed with error Não.."), "refused: Não."},
	{"refused, wrapper twice", refusal("PreSignUp failed with error PreSignUp failed with error x."), "refused: PreSignUp failed with error x"},
	{"refused, no full stop", refusal("PreSignUp failed with error x"), "unavailable"},
	{"refused, no text", refusal("PreSignUp failed with error ."), "unavailable"},
	{"refused, other letters", refusal("presignup failed with error x."), "unavailable"},
	{"another trigger, perhaps when all was done", refusal("CustomMessage failed with error x."), "unavailable"},
	{"no message at all", answered(400, &types.UserLambdaValidationException{}), "unavailable"},
	{"message not delivered", answered(400, &types.CodeDeliveryFailureException{Message: &said}), "not delivered"},
	{"sender's daily limit", answered(400, &types.LimitExceededException{Message: &said}), "unavailable"},
	{"password against the policy", answered(400, &types.InvalidPasswordException{Message: aws.String("Password did not conform with policy: " + temporary)}), "rejected InvalidPasswordException password"},
	{"not authorized", answered(400, &types.NotAuthorizedException{Message: &said}), "rejected NotAuthorizedException username"},
}

func TestCreateOutcomes(t *testing.T) {
	cases := append(slices.Clip(invitation), general...)
	for _, tt := range append(cases, []struct {
		name string
		err  error
		want string
	}{
		{"user exists", answered(400, &types.UsernameExistsException{Message: &said}), "user exists"},
		{"alias exists, which is not in the model", answered(400, unmodelled("AliasExistsException")), "user exists"},
		{"no such user makes no sense", answered(400, &types.UserNotFoundException{Message: &said}), "unavailable"},
		{"user in another state makes no sense", answered(400, &types.UnsupportedUserStateException{Message: &said}), "unavailable"},
	}...) {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{create: func(*idp.AdminCreateUserInput) (*idp.AdminCreateUserOutput, error) { return nil, tt.err }}
			got, err := f.pool().Create(t.Context(), original(t))
			check(t, err, tt.want)
			if got != (userpool.User{}) || len(f.calls) != 1 {
				t.Errorf("user = %+v after %v", got, f.calls)
			}
		})
	}
}

func TestCreateWithoutAUserInTheAnswer(t *testing.T) {
	for _, user := range []*types.UserType{nil, {}} {
		f := &fake{create: func(*idp.AdminCreateUserInput) (*idp.AdminCreateUserOutput, error) {
			return &idp.AdminCreateUserOutput{User: user}, nil
		}}
		_, err := f.pool().Create(t.Context(), original(t))
		check(t, err, "unavailable")
	}
}

func TestResend(t *testing.T) {
	mediums := []userpool.Medium{userpool.Email, userpool.SMS}
	want := &idp.AdminCreateUserInput{
		UserPoolId: aws.String(pool), Username: aws.String(email), MessageAction: "RESEND",
		DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL", "SMS"}, TemporaryPassword: aws.String(temporary),
	}
	cases := append(slices.Clip(invitation), general...)
	for _, tt := range append(cases, []struct {
		name string
		err  error
		want string
	}{
		{"done", nil, ""},
		{"unknown", answered(400, &types.UserNotFoundException{Message: &said}), "not found"},
		{"confirmed", answered(400, &types.UnsupportedUserStateException{Message: &said}), "already confirmed"},
	}...) {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{create: func(in *idp.AdminCreateUserInput) (*idp.AdminCreateUserOutput, error) {
				if diff := cmp.Diff(want, in, ignoreSerde); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
				return &idp.AdminCreateUserOutput{}, tt.err
			}}
			check(t, f.pool().Resend(t.Context(), "Email.Test@gmail.com", temporary, mediums), tt.want)
		})
	}
}

// impossible are texts that Cognito does not take for a user name.
var impossible = []string{"", "a b@example.com", "a\n", "\x00", "\xff", "a\u200e", strings.Repeat("é", 129)}

func TestImpossibleNamesAreNotAskedFor(t *testing.T) {
	for _, name := range impossible {
		p := (&fake{}).pool()
		_, err := p.Lookup(t.Context(), name)
		check(t, err, "not found")
		check(t, p.Resend(t.Context(), name, temporary, nil), "not found")
		check(t, p.VerifyEmail(t.Context(), name), "not found")
		check(t, p.SetPassword(t.Context(), name, temporary, chosen, nil), "invalid credentials")
	}
}

func TestRejectedErrorNamesTheParameter(t *testing.T) {
	for message, want := range map[string]string{
		"Username should be an email.":                                           "username",
		"Username cannot be of email format, since user pool is ...":             "username",
		"Invalid email address format.":                                          "email",
		"Invalid phone number format.":                                           "phone_number",
		"user.custom:cpf: Attribute cannot be updated.":                          "custom:cpf",
		"1 validation error detected: Value at 'temporaryPassword' failed":       "password",
		"1 validation error detected: Value at 'userPoolId' failed":              "userPoolId",
		"ADMIN_USER_PASSWORD_AUTH flow not enabled for this client":              "authFlow",
		"Attributes did not conform to the schema: custom:cpf: is too long":      "custom:cpf",
		"Value '" + email + "' at 'desiredDeliveryMediums' failed to satisfy it": "desiredDeliveryMediums",
		"Something else": "",
	} {
		f := &fake{create: func(*idp.AdminCreateUserInput) (*idp.AdminCreateUserOutput, error) {
			return nil, &types.InvalidParameterException{Message: &message}
		}}
		_, err := f.pool().Create(t.Context(), original(t))
		rejected, ok := errors.AsType[*userpool.RejectedError](err)
		if !ok || rejected.Parameter != want {
			t.Errorf("%s: %v, want parameter %q", message, err, want)
		}
	}
}

func TestUsersPrintedByMistakeShowNothing(t *testing.T) {
	u := userpool.User{Name: email, Status: "CONFIRMED", CPF: mustCPF(t), Email: email, PhoneNumber: phone}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		text := fmt.Sprintf(format, u) + fmt.Sprintf(format, original(t)) + fmt.Sprintf(format, []userpool.User{u})
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %s: %s", format, secret, text)
			}
		}
	}
}
