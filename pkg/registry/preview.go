package registry

import (
	"context"
	"errors"
	"time"

	"github.com/pontte/portaria/pkg/cpf"
)

// Preview is a Table that writes nothing: its methods answer what the Table's
// methods of the same names would have answered at that moment, owners looked up
// as they do. An item whose claimedAt is no whole number, which DynamoDB may be
// able to compare, is in doubt here.
type Preview struct{ table *Table }

// Preview gives the Preview of t.
func (t *Table) Preview() *Preview { return &Preview{table: t} }

// Claim tells what a's Claim would come to, were nobody else at it meanwhile.
func (p *Preview) Claim(ctx context.Context, a Attempt) (Outcome, error) {
	it, err := p.table.item(ctx, a.CPF)
	switch {
	case errors.Is(err, ErrNoRecord):
		return Claimed, nil
	case err != nil:
		return "", err
	}
	content, held := content(a), held(it)
	if held.claim.content == content && mayRenew(it, a.User, a.At) {
		return Replayed, nil
	}
	verdict, err := p.table.judge(ctx, a, content, held)
	switch {
	case err != nil:
		return "", err
	case verdict == own:
		return Replayed, nil
	}
	return TakenOver, nil
}

// Check is the Table's.
func (p *Preview) Check(ctx context.Context, a Attempt) error { return p.table.Check(ctx, a) }

// Renew tells what Renew would come to.
func (p *Preview) Renew(ctx context.Context, c cpf.CPF, user User, at time.Time) error {
	it, err := p.table.item(ctx, c)
	switch {
	case errors.Is(err, ErrNoRecord):
		return ErrNotOwner
	case err != nil:
		return err
	}
	held := held(it)
	younger := held.malformed == nil && held.claim.user == user && held.claim.claimedAt > at.UnixMilli()
	if younger || mayRenew(it, user, at) {
		return nil
	}
	return ErrNotOwner
}

// mayRenew reports whether the condition usersOlder holds for it.
func mayRenew(it item, user User, at time.Time) bool {
	r := reader{item: it}
	claimed := r.millis(attrClaimedAt)
	owner := User{PoolID: r.text(attrUserPoolID, required), Name: r.text(attrUserName, required)}
	return r.err == nil && owner == user && claimed <= at.UnixMilli()
}
