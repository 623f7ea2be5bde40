package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

// claimsPage judges a page of claims. The sweep, which comes after a second
// census, judges those alone that have no owner.
func (r *Run) claimsPage(ctx context.Context, s *State, pool *census) ([]Finding, error) {
	page, next, err := r.Claims.Page(ctx, s.Next, claimsPage)
	if err != nil {
		return nil, err
	}
	sweep := s.Phase == sweepPhase
	stamps := make([]time.Time, len(page))
	found, err := each(ctx, len(page), func(ctx context.Context, i int) ([]Finding, error) {
		if sweep {
			return r.old(ctx, page[i], pool, nil)
		}
		return r.claim(ctx, page[i], pool, &stamps[i])
	})
	if err != nil {
		return found, err
	}
	if !sweep {
		s.Summary.Claims += len(page)
		for i, c := range page {
			if r.elsewhere(c) {
				s.Summary.Elsewhere++
			}
			if stamps[i].After(s.Stamped) {
				s.Stamped = stamps[i]
			}
		}
	}
	s.Next = next
	switch {
	case next != "":
	case sweep:
		s.Phase = donePhase
	default:
		s.Phase = usersPhase
	}
	return found, nil
}

// elsewhere reports whether a claim names a user of another pool.
func (r *Run) elsewhere(c registry.Record) bool {
	return c.User.PoolID != "" && c.User.PoolID != r.PoolID
}

// claim judges one claim. Where a user has the CPF, that user's turn will come.
func (r *Run) claim(ctx context.Context, c registry.Record, pool *census, stamp *time.Time) ([]Finding, error) {
	switch {
	case c.CPF.IsZero():
		return []Finding{{Code: ClaimKeyInvalid, Result: Open, CPF: c.Key}}, nil
	case r.elsewhere(c):
		return nil, nil
	case c.Key != c.CPF.Digits() && pool.cpfs.has(c.CPF):
		result, err := r.rekey(ctx, c)
		return []Finding{r.aboutClaim(ClaimKeyPunctuated, result, c)}, err
	case pool.cpfs.has(c.CPF):
		return nil, nil
	case ownerless(c):
		return r.old(ctx, c, pool, stamp)
	}
	inLease := r.inLease(c.ClaimedAt, r.Now()) // before the owner is asked for
	_, err := r.Owners.Holder(ctx, registry.Owner{CPF: c.CPF, User: c.User, Email: c.Email})
	switch {
	case err == nil:
		return nil, nil
	case !errors.Is(err, userpool.ErrNotFound):
		return nil, fmt.Errorf("look up the owner of a claim: %w", err)
	case inLease:
		return []Finding{r.aboutClaim(ClaimInLease, Note, c)}, nil
	}
	result, err := r.mend(func() error { return r.Claims.Remove(ctx, c) })
	return []Finding{r.aboutClaim(ClaimOrphan, result, c)}, err
}

// ownerless reports whether c is none that a sign-up can judge: it counts as
// taken, for good, or no sign-up meets it.
func ownerless(c registry.Record) bool { return c.Malformed != nil || c.Key != c.CPF.Digits() }

// old judges an item without an owner whose CPF no user had at the census. In
// the first look, which has a stamp to fill in, it puts off what a later census
// must decide; in the sweep nothing is put off.
func (r *Run) old(ctx context.Context, c registry.Record, pool *census, stamp *time.Time) ([]Finding, error) {
	if c.CPF.IsZero() || !ownerless(c) || r.elsewhere(c) || pool.cpfs.has(c.CPF) {
		return nil, nil
	}
	if name := cmp.Or(c.User.Name, c.Email); name != "" { // who the list may have missed
		_, err := r.Owners.Holder(ctx, registry.Owner{CPF: c.CPF, User: registry.User{PoolID: r.PoolID, Name: name}, Email: c.Email})
		if !errors.Is(err, userpool.ErrNotFound) {
			return nil, err
		}
	}
	result, err := Mendable, error(nil)
	switch now := r.Now(); {
	case !r.Fix:
	case r.BeforeSwitch, c.ClaimedAt.After(now):
		result = Later
	case !c.ClaimedAt.IsZero() && pool.began.Sub(c.ClaimedAt) >= r.Lease:
		result, err = written(r.Claims.Remove(ctx, c))
	case stamp == nil: // written anew since the first look
		result = Later
	case !c.ClaimedAt.IsZero():
		*stamp = c.ClaimedAt
		return nil, nil
	default:
		result, err = written(r.Claims.Stamp(ctx, c, now))
		if result == Mended {
			*stamp = now
			return nil, nil
		}
	}
	return []Finding{r.aboutClaim(ClaimOldOrphan, result, c)}, err
}

// rekey puts a claim under the eleven digits of its CPF.
func (r *Run) rekey(ctx context.Context, c registry.Record) (Result, error) {
	if !r.Fix {
		return Mendable, nil
	}
	err := r.Claims.Copy(ctx, c)
	if err == nil && r.BeforeSwitch {
		return Later, nil
	}
	if err == nil {
		err = r.Claims.Remove(ctx, c)
	}
	return written(err)
}

// mend writes, if that was asked for, and says what became of it.
func (r *Run) mend(write func() error) (Result, error) {
	if !r.Fix {
		return Mendable, nil
	}
	return written(write())
}

func (r *Run) aboutClaim(code Code, result Result, c registry.Record) Finding {
	f := Finding{Code: code, Result: result, CPF: c.Key}
	if name := cmp.Or(c.User.Name, c.Email); name != "" {
		f.Others = []string{name}
	}
	return f
}
