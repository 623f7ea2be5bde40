package userpool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Cognito's own settings, for those that a pool leaves out.
const (
	defaultMinimumLength = 8
	defaultValidityDays  = 7
)

// DescribeUserPool is what Settings needs of a Client. For a pool that does not
// exist it must return a *types.ResourceNotFoundException.
type DescribeUserPool interface {
	DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error)
}

// SignIn says what the people of a pool type as their user name.
type SignIn string

// The ways to sign in.
const (
	ByEmail    SignIn = "email"     // e-mails are user names; the final one is a UUID
	ByAlias    SignIn = "alias"     // the user name, which is no e-mail, or a verified e-mail
	ByUserName SignIn = "user_name" // the user name, which may be an e-mail
)

// PasswordPolicy is what a pool asks of passwords.
type PasswordPolicy struct {
	MinimumLength    int // characters
	RequireUppercase bool
	RequireLowercase bool
	RequireNumbers   bool
	RequireSymbols   bool
	TemporaryDays    int // days for which a temporary password works
}

// Settings is what the API and the page must know of a pool.
type Settings struct {
	SignIn   SignIn
	Password PasswordPolicy
}

// ErrNoEmail says that a pool's user names are phone numbers, so that nobody can
// be created under an e-mail.
var ErrNoEmail = errors.New("the pool takes phone numbers for user names, and no e-mails")

// Settings gives the pool's settings as they are now. Its error is ErrNoEmail
// for a pool that Portaria cannot serve.
func (p *Pool) Settings(ctx context.Context) (Settings, error) {
	out, err := p.client.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: aws.String(p.id)})
	switch {
	case err != nil:
		return Settings{}, failure("describe user pool", err)
	case out.UserPool == nil:
		return Settings{}, fmt.Errorf("describe user pool: %w: the answer has none", ErrUnavailable)
	}
	s := Settings{SignIn: ByUserName, Password: NewPasswordPolicy(out.UserPool)}
	switch {
	case slices.Contains(out.UserPool.UsernameAttributes, types.UsernameAttributeTypeEmail):
		s.SignIn = ByEmail
	case len(out.UserPool.UsernameAttributes) > 0:
		return Settings{}, ErrNoEmail
	case slices.Contains(out.UserPool.AliasAttributes, types.AliasAttributeTypeEmail):
		s.SignIn = ByAlias
	}
	p.kind.Store(s.SignIn)
	return s, nil
}

// NewPasswordPolicy reads what a pool, as Cognito describes it, asks of passwords;
// what it leaves out is Cognito's own default.
func NewPasswordPolicy(pool *types.UserPoolType) PasswordPolicy {
	var policy types.PasswordPolicyType
	if pool.Policies != nil && pool.Policies.PasswordPolicy != nil {
		policy = *pool.Policies.PasswordPolicy
	}
	var legacy int32 // where older pools keep the validity
	if pool.AdminCreateUserConfig != nil {
		legacy = pool.AdminCreateUserConfig.UnusedAccountValidityDays
	}
	return PasswordPolicy{
		MinimumLength:    int(cmp.Or(aws.ToInt32(policy.MinimumLength), defaultMinimumLength)),
		RequireUppercase: policy.RequireUppercase,
		RequireLowercase: policy.RequireLowercase,
		RequireNumbers:   policy.RequireNumbers,
		RequireSymbols:   policy.RequireSymbols,
		TemporaryDays:    int(cmp.Or(policy.TemporaryPasswordValidityDays, legacy, defaultValidityDays)),
	}
}
