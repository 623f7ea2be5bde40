package registry

import (
	"context"
	"errors"
	"time"

	"github.com/pontte/portaria/pkg/cpf"
)

// ErrNotOwner says that a CPF's claim is not the user's, or that there is none.
var ErrNotOwner = errors.New("the CPF's claim is not this user's")

// Renew makes user's claim of c as young as at, for a user who already exists
// and is sent a new temporary password. It changes nothing else, and nothing at
// all when the claim is younger already. Its error is ErrNotOwner when there is
// no such claim, or tells why the table did not answer.
func (t *Table) Renew(ctx context.Context, c cpf.CPF, user User, at time.Time) error {
	u := newUpdate()
	u.put(attrClaimedAt, millis(at.UnixMilli()))
	u.identify(user)
	_, err := t.update(ctx, c, u, usersOlder)
	held, ok := errors.AsType[*heldError](err)
	switch {
	case !ok:
		return err
	case held.malformed == nil && held.claim.user == user && held.claim.claimedAt > at.UnixMilli():
		return nil
	}
	return ErrNotOwner
}

// Bind adds sub, the user's id in Cognito, to user's claim of c. It touches
// nothing else, and nothing is ever decided by it: it helps people who read the
// table. Its error is ErrNotOwner when there is no such claim, or tells why the
// table did not answer.
func (t *Table) Bind(ctx context.Context, c cpf.CPF, user User, sub string) error {
	u := newUpdate()
	u.put(attrSub, text(sub))
	u.identify(user)
	_, err := t.update(ctx, c, u, users)
	if _, ok := errors.AsType[*heldError](err); ok {
		return ErrNotOwner
	}
	return err
}

// identify adds the values by which the conditions know a user.
func (u *update) identify(user User) {
	u.values[":userPoolId"] = text(user.PoolID)
	u.values[":userName"] = text(user.Name)
}
