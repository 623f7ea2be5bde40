// Package reconcile compares the users of a pool with the claims on their CPFs
// and puts right what can be put right without deciding anything for anybody.
//
// It runs beside live sign-ups. What keeps it from ever freeing the CPF of a
// live user, or from giving one to two:
//
//   - Every write is conditional: on there being no claim, or on the claim's
//     pool, user, time and sub being as they were read. A sign-up that claims,
//     renews, takes over or binds in between makes the write fail, and the
//     finding is left to a later run.
//   - A claim is taken from its owner, or removed, only as a sign-up may take it
//     over: its lease is over, by the time before the owner is looked up, and the
//     pool has nobody of the owner's name, nor of the e-mail, with the CPF. Who
//     was allowed by this claim and was not created a lease later never will be;
//     who is allowed later than that changes the claim first. So the look-up's
//     "no" stays true as long as the claim is as it was read.
//   - An item without an owner has no lease. It is removed only when the whole
//     pool was listed, beginning a lease after the item was seen as it is, and
//     nobody has its CPF. An item without a time is given one, which is how a
//     later look tells that it has not been written anew.
//   - The list of users lags behind the pool. Nobody is judged absent by it: an
//     owner is always asked for by name. That somebody listed is there still is
//     asked before a claim is taken from another; a claim written for one who is
//     gone meanwhile closes the CPF for one lease and then counts for nothing.
//   - A CPF that two users have is made out to neither. If nothing closes it, a
//     claim to nobody does, until one of the two is deleted.
//
// What it rests on is what the claims rest on: clocks, this machine's among
// them, within seconds of each other, and no creation later than a lease after
// its allow. It never writes to the pool.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

const (
	claimsPage = 250 // items of a page of claims: well below the 1 MB that DynamoDB reads at once
	workers    = 8   // findings of one page that are judged at once
)

// List is the list of a pool's users.
type List interface {
	// Page fails with userpool.ErrTokenRefused when the list cannot go on
	// where token points.
	Page(ctx context.Context, token string) ([]userpool.Listed, string, error)
}

var _ List = (*userpool.List)(nil)

// Owners finds the owners of claims.
type Owners interface {
	// Holder fails with userpool.ErrNotFound when the owner's pool has neither
	// a user of its name nor of its e-mail with its CPF.
	Holder(ctx context.Context, o registry.Owner) (userpool.User, error)
}

var _ Owners = (*userpool.Users)(nil)

// Run is one comparison. All but the bools must be set.
type Run struct {
	PoolID string
	Users  List
	Owners Owners
	Claims *registry.Records
	Fix    bool
	Lease  time.Duration // at least that of the functions

	// BeforeSwitch says that the old function is still the trigger: its items
	// stay where it looks for them, and none is removed.
	BeforeSwitch bool

	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error

	Report   func(Finding) error // gets each finding, page by page
	Save     func(State) error   // gets the state after each page
	Progress func(State)         // hears of each page
	Restart  func()              // hears that the list of users has to be read from its beginning
}

// Do runs from s on to the end and gives the last state. When it fails, what was
// saved last is where to go on: what was found on the page that was under way is
// found again, unless it was mended already.
func (r *Run) Do(ctx context.Context, s State) (State, error) {
	saved := s.Phase == usersPhase && s.Next != "" // the token may have grown old
	var pool *census
	for s.Phase != donePhase {
		if pool == nil {
			var err error
			if pool, err = r.takeCensus(ctx, s); err != nil {
				return s, err
			}
		}
		next, err := r.page(ctx, s, pool)
		if saved && errors.Is(err, userpool.ErrTokenRefused) {
			r.Restart()
			next = Begin(s.PoolID, s.Table, s.Fix)
		} else if err != nil {
			return s, err
		}
		if next.Phase == sweepPhase && s.Phase != sweepPhase {
			pool = nil // the sweep judges by a census of its own
		}
		s, saved = next, false
		if err := r.Save(s); err != nil {
			return s, err
		}
		r.Progress(s)
	}
	return s, nil
}

// outwait returns when a lease has passed since t.
func (r *Run) outwait(ctx context.Context, t time.Time) error {
	if left := t.Add(r.Lease).Sub(r.Now()); left > 0 {
		return r.Wait(ctx, left)
	}
	return nil
}

// page does one page of s's phase and gives the state after it.
func (r *Run) page(ctx context.Context, s State, pool *census) (State, error) {
	do := r.claimsPage
	if s.Phase == usersPhase {
		do = r.usersPage
	}
	s.Summary = s.Summary.clone()
	findings, err := do(ctx, &s, pool)
	for _, f := range findings { // of a page that failed, too
		s.Summary.add(f)
		if err := r.Report(f); err != nil {
			return s, err
		}
	}
	return s, err
}

// census is what was learned by reading the whole list of users once or twice.
type census struct {
	began  time.Time
	cpfs   *seen                // every CPF that a user has
	shared map[cpf.CPF][]string // names of the users, of CPFs that more than one have
}

// takeCensus reads the whole list. A second reading, if any CPF seems to have
// come twice, finds out whose they are.
func (r *Run) takeCensus(ctx context.Context, s State) (*census, error) {
	if s.Phase == sweepPhase {
		if err := r.outwait(ctx, s.Stamped); err != nil {
			return nil, err
		}
	}
	c := &census{began: r.Now(), cpfs: newSeen(), shared: map[cpf.CPF][]string{}}
	suspects := map[cpf.CPF]map[string]bool{}
	err := r.everyUser(ctx, func(u userpool.Listed) {
		if !u.CPF.IsZero() && c.cpfs.add(u.CPF) {
			suspects[u.CPF] = map[string]bool{}
		}
	})
	if err != nil || len(suspects) == 0 || s.Phase == sweepPhase {
		return c, err
	}
	err = r.everyUser(ctx, func(u userpool.Listed) {
		if names := suspects[u.CPF]; names != nil && !names[u.Name] {
			names[u.Name] = true
			c.shared[u.CPF] = append(c.shared[u.CPF], u.Name)
		}
	})
	for number, names := range c.shared {
		if len(names) < 2 {
			delete(c.shared, number)
		}
	}
	return c, err
}

func (r *Run) everyUser(ctx context.Context, do func(userpool.Listed)) error {
	for token := ""; ; {
		page, next, err := r.Users.Page(ctx, token)
		if err != nil {
			return fmt.Errorf("census: %w", err)
		}
		for _, u := range page {
			do(u)
		}
		if token = next; token == "" {
			return nil
		}
	}
}

// each judges n things at once and gives the findings in their order.
func each(ctx context.Context, n int, judge func(ctx context.Context, i int) ([]Finding, error)) ([]Finding, error) {
	found := make([][]Finding, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i := range n {
		group.Go(func() (err error) {
			found[i], err = judge(ctx, i)
			return err
		})
	}
	err := group.Wait()
	var all []Finding
	for _, f := range found {
		all = append(all, f...)
	}
	return all, err
}

// inLease reports whether the lease of a claim made at t is not over at now. A
// claim from the future is in its lease.
func (r *Run) inLease(t, now time.Time) bool { return now.Sub(t) < r.Lease }

// written says what became of a write that was to mend something.
func written(err error) (Result, error) {
	switch {
	case err == nil:
		return Mended, nil
	case errors.Is(err, registry.ErrChanged):
		return Later, nil
	}
	return "", err
}
