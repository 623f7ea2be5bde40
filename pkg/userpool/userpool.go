// Package userpool makes the calls that Portaria makes to Amazon Cognito.
package userpool

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

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

// Exists reports whether o exists, as Holder does. An error means that Cognito
// did not say.
func (u *Users) Exists(ctx context.Context, o registry.Owner) (bool, error) {
	_, err := u.Holder(ctx, o)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Holder gives the user who is o: the one of its name, or when its pool has none
// the one of its e-mail, if their custom:cpf is its CPF in any spelling. Its
// error is ErrNotFound when nobody is; any other means that Cognito did not say.
func (u *Users) Holder(ctx context.Context, o registry.Owner) (User, error) {
	user, err := u.get(ctx, o.User)
	if errors.Is(err, ErrNotFound) && o.Email != "" && o.Email != o.User.Name {
		user, err = u.get(ctx, registry.User{PoolID: o.User.PoolID, Name: o.Email})
	}
	if err == nil && user.CPF != o.CPF {
		err = ErrNotFound
	}
	if err != nil {
		return User{}, err
	}
	return user, nil
}

// Find returns nil when user exists and ErrNotFound when the pool has no such
// user; any other error means that Cognito did not say.
func (u *Users) Find(ctx context.Context, user registry.User) error {
	_, err := u.get(ctx, user)
	return err
}

// get gives the user, or ErrNotFound.
func (u *Users) get(ctx context.Context, user registry.User) (User, error) {
	out, err := u.client.AdminGetUser(ctx, &cognitoidentityprovider.AdminGetUserInput{
		UserPoolId: aws.String(user.PoolID),
		Username:   aws.String(user.Name),
	})
	if _, ok := errors.AsType[*types.UserNotFoundException](err); ok {
		return User{}, ErrNotFound
	}
	if err != nil {
		return User{}, fmt.Errorf("get user: %w", err)
	}
	return newUser(out.Username, Status(out.UserStatus), attributeMap(out.UserAttributes)), nil
}
