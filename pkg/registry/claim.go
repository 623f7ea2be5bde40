package registry

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxLooks is how often a claim that was lost to somebody quicker is looked at
// again.
const maxLooks = 3

// Outcome says how an attempt came to hold its CPF.
type Outcome string

// The outcomes.
const (
	Claimed   Outcome = "new"      // nobody had claimed it
	Replayed  Outcome = "replay"   // this very attempt had claimed it before
	TakenOver Outcome = "takeover" // its owner's lease was over and the owner did not exist
)

// ErrTaken says that another account has the CPF, or that this cannot be ruled
// out: then the error is a *DoubtError too.
var ErrTaken = errors.New("CPF is taken")

// ErrInProgress says that an earlier attempt of the same person may still lead
// to a user, until its lease is over.
var ErrInProgress = errors.New("an earlier sign-up of the same person is in progress")

// DoubtError is an ErrTaken for want of knowledge: the owner of the CPF could
// not be looked up, or the claim is not one that this package wrote.
type DoubtError struct{ Cause error }

// Error tells the cause.
func (e *DoubtError) Error() string { return "CPF counts as taken: " + e.Cause.Error() }

// Unwrap gives ErrTaken and the cause.
func (e *DoubtError) Unwrap() []error { return []error{ErrTaken, e.Cause} }

// Claim makes a's user the only one who may come into being with a's CPF.
//
// It checks and claims in one conditional write, so that of all attempts at one
// CPF, however simultaneous, one finds no claim and every other finds that one's.
// Who finds a claim gets the CPF only when judge rules out that its owner exists
// or may yet, and then by a write on condition that the claim is still the one
// that was judged: of two who take over at once, one loses and looks again.
//
// When err is nil the claim is a's and as young as a.At, and stays so: nobody
// takes it over inside the lease. Otherwise err is ErrTaken, ErrInProgress, or
// tells why the table did not answer; then a's user must not be created.
func (t *Table) Claim(ctx context.Context, a Attempt) (Outcome, error) {
	content := content(a)
	for looks := 0; ; looks++ {
		outcome, err := t.write(ctx, a, content)
		held, ok := errors.AsType[*heldError](err)
		if !ok {
			return outcome, err
		}
		verdict, err := t.judge(ctx, a, content, held)
		if err != nil {
			return "", err
		}
		if verdict == own {
			return Replayed, nil
		}
		if looks == maxLooks {
			return "", ErrTaken
		}
		err = t.takeOver(ctx, a, content, held.claim)
		if err == nil {
			return TakenOver, nil
		}
		if _, lost := errors.AsType[*heldError](err); !lost {
			return "", err
		}
	}
}

// Check tells, writing nothing, whether Claim would find a's CPF taken: then
// its error is ErrTaken. It looks at neither phone nor simulation, so that it
// can be asked about an attempt whose simulation is wrong. An error of another
// kind means that the table did not answer.
func (t *Table) Check(ctx context.Context, a Attempt) error {
	err := t.read(ctx, a.CPF)
	held, ok := errors.AsType[*heldError](err)
	if !ok {
		return err
	}
	if _, err := t.judge(ctx, a, unknownContent, held); errors.Is(err, ErrTaken) {
		return err
	}
	return nil
}

// verdict is what judge finds when it lets the attempt go on.
type verdict int

const (
	own  verdict = iota + 1 // the claim is this very attempt's, and younger
	free                    // the claim's owner does not exist and can no longer come into being
)

// judge decides whether a may have the CPF of a claim that is held, in the
// order of this table; its error is ErrTaken or ErrInProgress.
//
//	age of the claim  whose                               owner exists        does not
//	any               same user and content, from later   own                 own
//	inside the lease  same user, other content            ErrInProgress       ErrInProgress
//	inside the lease  same pool and e-mail, other user    ErrTaken            ErrInProgress
//	inside the lease  a stranger's                        ErrTaken            ErrTaken
//	past the lease    anybody's                           ErrTaken            free
//
// The owner is asked for only where the columns differ. Inside the lease not
// even the same person may take over: both attempts might still end in a user.
func (t *Table) judge(ctx context.Context, a Attempt, content string, held *heldError) (verdict, error) {
	if held.malformed != nil {
		return 0, &DoubtError{held.malformed}
	}
	c := held.claim
	inLease := a.At.Sub(time.UnixMilli(c.claimedAt)) < t.lease
	sameContent := content != unknownContent && c.content == content
	samePerson := c.user.PoolID == a.User.PoolID && a.sameEmail(c.email)
	switch {
	case c.user == a.User && sameContent && c.claimedAt > a.At.UnixMilli():
		return own, nil
	case inLease && c.user == a.User:
		return 0, ErrInProgress
	case inLease && !samePerson:
		return 0, ErrTaken
	}
	exists, err := t.owners.Exists(ctx, Owner{CPF: a.CPF, User: c.user, Email: c.email})
	switch {
	case err != nil:
		return 0, &DoubtError{fmt.Errorf("look up the owner: %w", err)}
	case exists:
		return 0, ErrTaken
	case inLease:
		return 0, ErrInProgress
	}
	return free, nil
}
