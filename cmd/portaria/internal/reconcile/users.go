package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

// usersPage judges a page of users.
func (r *Run) usersPage(ctx context.Context, s *State, pool *census) ([]Finding, error) {
	page, next, err := r.Users.Page(ctx, s.Next)
	if err != nil {
		return nil, err
	}
	var numbers []cpf.CPF
	for _, u := range page {
		if !u.CPF.IsZero() {
			numbers = append(numbers, u.CPF)
		}
	}
	now := r.Now() // before the claims are read
	claims, err := r.Claims.GetMany(ctx, numbers)
	if err != nil {
		return nil, err
	}
	found, err := each(ctx, len(page), func(ctx context.Context, i int) ([]Finding, error) {
		u := page[i]
		return r.user(ctx, u, claims[u.CPF], pool.shared[u.CPF], now)
	})
	if err != nil {
		return found, err
	}
	s.Summary.Users += len(page)
	s.Next = next
	switch {
	case next != "":
	case s.Stamped.IsZero():
		s.Phase = donePhase
	default:
		s.Phase = sweepPhase
	}
	return found, nil
}

// user judges one user: the CPF, and its claim as it was read at now or later.
func (r *Run) user(ctx context.Context, u userpool.Listed, claim registry.Record, sharing []string, now time.Time) ([]Finding, error) {
	var found []Finding
	note := func(code Code, result Result) {
		f := about(code, u)
		f.Result = result
		found = append(found, f)
	}
	switch {
	case u.WrittenCPF == "":
		note(UserWithoutCPF, Open)
		return found, nil
	case u.CPF.IsZero():
		note(UserCPFInvalid, Open)
		return found, nil
	case u.WrittenCPF != u.CPF.Digits():
		note(UserCPFPunctuated, Note)
	}
	if len(sharing) > 1 {
		live, err := r.live(ctx, u.CPF, sharing)
		if err != nil {
			return found, err
		}
		if !slices.Contains(live, u.Name) {
			return nil, nil // deleted since the list was read
		}
		if len(live) > 1 {
			f, err := r.shared(ctx, u, claim, live, now)
			return append(found, f), err
		}
	}
	f, err := r.single(ctx, u, claim, now)
	if f.Code != "" {
		found = append(found, f)
	}
	return found, err
}

// single judges the claim of a CPF that u alone has, as far as is known. The
// finding has no code when nothing is wrong.
func (r *Run) single(ctx context.Context, u userpool.Listed, claim registry.Record, now time.Time) (f Finding, err error) {
	assign := func() error { return r.Claims.Assign(ctx, u.CPF, claim, r.holder(u), r.Now()) }
	switch {
	case claim.IsZero():
		f = about(UserWithoutClaim, u)
		f.Result, err = r.mend(assign)
		return f, err
	case r.elsewhere(claim):
		f = about(ClaimOtherPool, u)
		f.Result, f.Others = Open, []string{claim.User.Name}
		return f, nil
	case claim.Malformed != nil:
		f = about(ClaimOld, u)
		f.Result, err = r.mend(assign)
		return f, err
	case claim.User.Name == u.Name:
		return Finding{}, nil
	}
	owner, err := r.Owners.Holder(ctx, registry.Owner{CPF: u.CPF, User: claim.User, Email: claim.Email})
	switch {
	case err == nil && owner.Name == u.Name:
		f = about(ClaimOtherName, u)
	case err == nil:
		return r.metAnother(ctx, u, owner.Name)
	case errors.Is(err, userpool.ErrNotFound):
		f = about(ClaimWrongOwner, u)
	default:
		return Finding{}, fmt.Errorf("look up the owner of a claim: %w", err)
	}
	f.Others = []string{claim.User.Name}
	if r.inLease(claim.ClaimedAt, now) {
		f.Result = Later
		return f, nil
	}
	live, err := r.live(ctx, u.CPF, []string{u.Name})
	if err != nil || len(live) == 0 {
		return Finding{}, err
	}
	f.Result, err = r.mend(assign)
	return f, err
}

// metAnother is for a claim whose owner exists and is not u: two users have the
// CPF, which the census did not see, unless u is gone.
func (r *Run) metAnother(ctx context.Context, u userpool.Listed, owner string) (Finding, error) {
	live, err := r.live(ctx, u.CPF, []string{u.Name})
	if err != nil || len(live) == 0 {
		return Finding{}, err
	}
	f := about(CPFShared, u)
	f.Result, f.Others = Open, []string{owner}
	return f, nil
}

// shared judges the claim of a CPF that several live users have, u among them.
// It sees to it that the claim closes the CPF, and decides nothing else.
func (r *Run) shared(ctx context.Context, u userpool.Listed, claim registry.Record, live []string, now time.Time) (Finding, error) {
	f := about(CPFShared, u)
	f.Result = Open
	f.Others = slices.DeleteFunc(slices.Clone(live), func(name string) bool { return name == u.Name })
	if !r.Fix {
		return f, nil
	}
	if !claim.IsZero() {
		if claim.Malformed != nil || r.elsewhere(claim) || slices.Contains(live, claim.User.Name) {
			return f, nil
		}
		_, err := r.Owners.Holder(ctx, registry.Owner{CPF: u.CPF, User: claim.User, Email: claim.Email})
		switch {
		case err == nil:
			return f, nil
		case !errors.Is(err, userpool.ErrNotFound):
			return f, fmt.Errorf("look up the owner of a claim: %w", err)
		case r.inLease(claim.ClaimedAt, now):
			return f, nil
		}
	}
	err := r.Claims.Assign(ctx, u.CPF, claim, registry.Holder{}, r.Now())
	if errors.Is(err, registry.ErrChanged) { // by the other user's turn, or a sign-up
		err = nil
	}
	return f, err
}

// live gives those of the names by which the pool, asked now, has a user with c.
func (r *Run) live(ctx context.Context, c cpf.CPF, names []string) ([]string, error) {
	var live []string
	for _, name := range names {
		_, err := r.Owners.Holder(ctx, registry.Owner{CPF: c, User: registry.User{PoolID: r.PoolID, Name: name}})
		switch {
		case err == nil:
			live = append(live, name)
		case !errors.Is(err, userpool.ErrNotFound):
			return nil, fmt.Errorf("look up a user: %w", err)
		}
	}
	return live, nil
}

// holder is u as a claim names them.
func (r *Run) holder(u userpool.Listed) registry.Holder {
	return registry.Holder{
		User:  registry.User{PoolID: r.PoolID, Name: u.Name},
		Email: u.Email, PhoneNumber: u.PhoneNumber, Sub: u.Sub,
	}
}
