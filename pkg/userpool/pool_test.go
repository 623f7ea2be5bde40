package userpool_test

import (
	"context"
	"errors"
	"slices"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/userpool"
)

func TestLookup(t *testing.T) {
	whole := userpool.User{Name: "a-uuid", Sub: "a-sub", Status: userpool.Confirmed, CPF: mustCPF(t), Email: email, PhoneNumber: phone, EmailVerified: true}
	without := func(change func(*userpool.User)) userpool.User {
		u := whole
		change(&u)
		return u
	}
	attributes := func(number, verified string) []types.AttributeType {
		return list("sub", "a-sub", "email", "Email.Test@gmail.com", "phone_number", phone, "custom:cpf", number, "email_verified", verified)
	}
	for _, tt := range []struct {
		name       string
		attributes []types.AttributeType
		want       userpool.User
	}{
		{"all attributes", attributes("042.122.860-17", "true"), whole},
		{"e-mail not verified", attributes(number, "false"), without(func(u *userpool.User) { u.EmailVerified = false })},
		{"something that is no CPF", attributes("x", "true"), without(func(u *userpool.User) { u.CPF = cpf.CPF{} })},
		{"no attributes", nil, userpool.User{Name: "a-uuid", Status: userpool.Confirmed}},
		{"an attribute of no value", []types.AttributeType{{Name: aws.String("email")}, {}}, userpool.User{Name: "a-uuid", Status: userpool.Confirmed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{get: func(in *idp.AdminGetUserInput) (*idp.AdminGetUserOutput, error) {
				if *in.UserPoolId != pool || *in.Username != email {
					t.Errorf("asked %s for %s", *in.UserPoolId, *in.Username)
				}
				return &idp.AdminGetUserOutput{Username: aws.String("a-uuid"), UserStatus: "CONFIRMED", UserAttributes: tt.attributes}, nil
			}}
			got, err := f.pool().Lookup(t.Context(), "Email.TEST@gmail.com")
			if check(t, err, ""); got != tt.want {
				t.Errorf("Lookup = %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestLookupOutcomes(t *testing.T) {
	for _, tt := range append(slices.Clip(general), []struct {
		name string
		err  error
		want string
	}{
		{"unknown", answered(400, &types.UserNotFoundException{Message: &said}), "not found"},
		{"not authorized", answered(400, &types.NotAuthorizedException{Message: &said}), "rejected NotAuthorizedException username"},
	}...) {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{get: func(*idp.AdminGetUserInput) (*idp.AdminGetUserOutput, error) { return nil, tt.err }}
			got, err := f.pool().Lookup(t.Context(), email)
			if check(t, err, tt.want); got != (userpool.User{}) {
				t.Errorf("Lookup = %+v", got)
			}
		})
	}
}

func TestVerifyEmail(t *testing.T) {
	want := &idp.AdminUpdateUserAttributesInput{UserPoolId: aws.String(pool), Username: aws.String("Maria"), UserAttributes: list("email_verified", "true")}
	for _, tt := range append(slices.Clip(general), []struct {
		name string
		err  error
		want string
	}{
		{"done", nil, ""},
		{"unknown", answered(400, &types.UserNotFoundException{Message: &said}), "not found"},
		{"another user's alias", answered(400, &types.AliasExistsException{Message: &said}), "user exists"},
	}...) {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{update: func(in *idp.AdminUpdateUserAttributesInput) error {
				if diff := cmp.Diff(want, in, ignoreSerde); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
				return tt.err
			}}
			check(t, f.pool().VerifyEmail(t.Context(), "Maria"), tt.want)
		})
	}
}

func TestSettings(t *testing.T) {
	policy := types.PasswordPolicyType{MinimumLength: aws.Int32(12), RequireUppercase: true, RequireNumbers: true, TemporaryPasswordValidityDays: 3}
	full := userpool.PasswordPolicy{MinimumLength: 12, RequireUppercase: true, RequireNumbers: true, TemporaryDays: 3}
	policies := &types.UserPoolPolicyType{PasswordPolicy: &policy}
	phoneNumbers := []types.UsernameAttributeType{"phone_number"}
	for _, tt := range []struct {
		name string
		pool *types.UserPoolType
		want userpool.Settings
		err  string
	}{
		{"e-mail user names", &types.UserPoolType{Policies: policies, UsernameAttributes: append(phoneNumbers, "email")}, userpool.Settings{SignIn: userpool.ByEmail, Password: full}, ""},
		{"e-mail aliases", &types.UserPoolType{Policies: policies, AliasAttributes: []types.AliasAttributeType{"phone_number", "email"}}, userpool.Settings{SignIn: userpool.ByAlias, Password: full}, ""},
		{"other aliases", &types.UserPoolType{Policies: policies, AliasAttributes: []types.AliasAttributeType{"preferred_username"}}, userpool.Settings{SignIn: userpool.ByUserName, Password: full}, ""},
		{"plain", &types.UserPoolType{Policies: policies}, userpool.Settings{SignIn: userpool.ByUserName, Password: full}, ""},
		{"phone numbers", &types.UserPoolType{Policies: policies, UsernameAttributes: phoneNumbers}, userpool.Settings{}, "no email"},
		{"left out", &types.UserPoolType{}, userpool.Settings{SignIn: userpool.ByUserName, Password: userpool.PasswordPolicy{MinimumLength: 8, TemporaryDays: 7}}, ""},
		{"validity where older pools keep it", &types.UserPoolType{AdminCreateUserConfig: &types.AdminCreateUserConfigType{UnusedAccountValidityDays: 5}},
			userpool.Settings{SignIn: userpool.ByUserName, Password: userpool.PasswordPolicy{MinimumLength: 8, TemporaryDays: 5}}, ""},
		{"no pool in the answer", nil, userpool.Settings{}, "unavailable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{describe: func() (*idp.DescribeUserPoolOutput, error) {
				return &idp.DescribeUserPoolOutput{UserPool: tt.pool}, nil
			}}
			got, err := f.pool().Settings(t.Context())
			check(t, err, tt.err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Settings (-want +got):\n%s", diff)
			}
			if f.calls[0] != "describe "+pool {
				t.Errorf("calls = %v", f.calls)
			}
		})
	}
	for _, tt := range general {
		f := &fake{describe: func() (*idp.DescribeUserPoolOutput, error) { return nil, tt.err }}
		_, err := f.pool().Settings(t.Context())
		check(t, err, tt.want)
	}
}

func TestUnavailableTellsWhatMayBeTold(t *testing.T) {
	const unclear = "look user up: no clear answer from Cognito: "
	const operation = "operation error Cognito Identity Provider: x, "
	for _, tt := range []struct {
		err  error
		want string
	}{
		{answered(500, &types.InternalErrorException{Message: &said}), unclear + operation + "status 500, request " + requestID + ", InternalErrorException"},
		{unsent(syscall.ECONNRESET), unclear + operation + "connection reset by peer"},
		{unsent(context.DeadlineExceeded), unclear + "context deadline exceeded"},
		{answered(400, &types.TooManyRequestsException{}), "look user up: too many requests to Cognito: " + operation + "status 400, request " + requestID + ", TooManyRequestsException"},
		{&types.InvalidParameterException{Message: &said}, "look user up: rejected by Cognito: InvalidParameterException: username"},
		{unmodelled("BrandNewException"), unclear + operation + "BrandNewException"},
	} {
		f := &fake{get: func(*idp.AdminGetUserInput) (*idp.AdminGetUserOutput, error) { return nil, tt.err }}
		_, err := f.pool().Lookup(t.Context(), email)
		if err == nil || err.Error() != tt.want {
			t.Errorf("error = %v\nwant    %s", err, tt.want)
		}
		if errors.Is(tt.err, context.DeadlineExceeded) != errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v does not say whether the time was over", err)
		}
	}
}
