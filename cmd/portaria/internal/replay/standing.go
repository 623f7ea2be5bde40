package replay

import (
	"context"
	"errors"
	"time"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// Standing is the claims as they stand now, asked about events that are past: a
// claim that the event's own user has is the one that this event made.
type Standing struct{ claims *registry.Preview }

var _ signup.Registry = (*Standing)(nil)

// NewStanding returns the Standing of claims.
func NewStanding(claims *registry.Preview) *Standing { return &Standing{claims: claims} }

// Claim tells what a's Claim would come to, unless the claim is a's user's.
func (s *Standing) Claim(ctx context.Context, a registry.Attempt) (registry.Outcome, error) {
	err := s.Renew(ctx, a.CPF, a.User, a.At)
	switch {
	case err == nil:
		return registry.Replayed, nil
	case !errors.Is(err, registry.ErrNotOwner):
		return "", err
	}
	return s.claims.Claim(ctx, a)
}

// Check tells whether a's CPF is taken by another user.
func (s *Standing) Check(ctx context.Context, a registry.Attempt) error {
	err := s.Renew(ctx, a.CPF, a.User, a.At)
	if !errors.Is(err, registry.ErrNotOwner) {
		return err
	}
	return s.claims.Check(ctx, a)
}

// Renew tells whether user has the claim of c.
func (s *Standing) Renew(ctx context.Context, c cpf.CPF, user registry.User, at time.Time) error {
	return s.claims.Renew(ctx, c, user, at)
}
