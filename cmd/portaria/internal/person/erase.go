package person

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

// ErrInProgress says that a sign-up of the person may be under way: a claim is
// inside its lease.
var ErrInProgress = errors.New("a sign-up with this CPF may be under way; nothing was erased")

// Erasable returns ErrInProgress while a claim of p is inside its lease. Its user
// may come into being after a claim is gone, and then another's could too.
func Erasable(p Person, lease time.Duration, now time.Time) error {
	for _, claim := range p.Claims {
		if now.Sub(claim.ClaimedAt) < lease {
			return ErrInProgress
		}
	}
	return nil
}

// Erased counts what was erased.
type Erased struct {
	Users  int `json:"users"`
	Claims int `json:"claims"`
}

// Erase deletes p's users, then p's claims. As long as a user exists a claim
// keeps others off the CPF; a claim without a user keeps off nobody, and is gone
// with the next run should this one end early. A user who is gone already, or whose
// name is another person's by now, counts for nothing: p may have been found long
// before somebody confirmed it. A claim that is no longer as it was found stays: the CPF has been
// claimed anew since.
func (a *Archive) Erase(ctx context.Context, p Person) (Erased, error) {
	var done Erased
	for _, u := range p.Users {
		now, err := a.user(ctx, u.PoolID, u.Name)
		if errors.Is(err, userpool.ErrNotFound) || err == nil && !hasCPF(now, p.CPF) {
			continue
		}
		if err != nil {
			return done, err
		}
		_, err = a.Cognito.AdminDeleteUser(ctx, &cognitoidentityprovider.AdminDeleteUserInput{UserPoolId: aws.String(u.PoolID), Username: aws.String(u.Name)})
		if _, gone := errors.AsType[*types.UserNotFoundException](err); gone {
			continue
		}
		if err != nil {
			return done, fmt.Errorf("delete user: %w", err)
		}
		done.Users++
	}
	for _, claim := range p.Claims {
		err := a.Records.Remove(ctx, claim)
		if errors.Is(err, registry.ErrChanged) {
			return done, errors.New("the claim has changed since it was read: it is gone, or the CPF was claimed anew")
		}
		if err != nil {
			return done, err
		}
		done.Claims++
	}
	return done, nil
}
