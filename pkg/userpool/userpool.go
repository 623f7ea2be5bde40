// Package userpool makes the calls that Portaria makes to Amazon Cognito.
package userpool

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
)

// AttributeCPF is the user attribute that holds the CPF.
const AttributeCPF = "custom:cpf"

// AdminGetUser is the part of *cognitoidentityprovider.Client that Users needs.
// For a user who does not exist it must return a *types.UserNotFoundException.
type AdminGetUser interface {
	AdminGetUser(context.Context, *cognitoidentityprovider.AdminGetUserInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminGetUserOutput, error)
}

var _ AdminGetUser = (*cognitoidentityprovider.Client)(nil)

// Users looks users up, in any pool.
type Users struct{ client AdminGetUser }

var _ registry.Owners = (*Users)(nil)

// New returns the users that client can see.
func New(client AdminGetUser) *Users { return &Users{client: client} }

// ErrNotFound says that a pool has no such user.
var ErrNotFound = errors.New("the pool has no such user")

// Exists reports whether o exists: whether its pool has a user of its name, or
// when there is none one of its e-mail, whose custom:cpf is its CPF in any
// spelling. An error means that Cognito did not say.
func (u *Users) Exists(ctx context.Context, o registry.Owner) (bool, error) {
	has, err := u.hasCPF(ctx, o.User, o.CPF)
	if errors.Is(err, ErrNotFound) && o.Email != "" && o.Email != o.User.Name {
		has, err = u.hasCPF(ctx, registry.User{PoolID: o.User.PoolID, Name: o.Email}, o.CPF)
	}
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return has, err
}

// hasCPF reports whether user's custom:cpf is c. Its error is ErrNotFound when
// the pool has no such user.
func (u *Users) hasCPF(ctx context.Context, user registry.User, c cpf.CPF) (bool, error) {
	attributes, err := u.attributes(ctx, user)
	if err != nil {
		return false, err
	}
	for _, a := range attributes {
		if aws.ToString(a.Name) == AttributeCPF {
			theirs, err := cpf.Parse(aws.ToString(a.Value))
			return err == nil && theirs == c, nil
		}
	}
	return false, nil
}

// Find returns nil when user exists and ErrNotFound when the pool has no such
// user; any other error means that Cognito did not say.
func (u *Users) Find(ctx context.Context, user registry.User) error {
	_, err := u.attributes(ctx, user)
	return err
}

// attributes gives user's attributes, or ErrNotFound.
func (u *Users) attributes(ctx context.Context, user registry.User) ([]types.AttributeType, error) {
	out, err := u.client.AdminGetUser(ctx, &cognitoidentityprovider.AdminGetUserInput{
		UserPoolId: aws.String(user.PoolID),
		Username:   aws.String(user.Name),
	})
	if _, ok := errors.AsType[*types.UserNotFoundException](err); ok {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("get user: %w", err)
	}
	return out.UserAttributes, nil
}
