// Package signup decides, as the PreSignUp trigger of an Amazon Cognito user
// pool, whether a user may be created.
package signup

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/redact"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/simulation"
	"github.com/pontte/portaria/pkg/userpool"
)

// Cognito waits 5 s for an answer, three times, and cannot be told otherwise.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
const (
	answerWithin = 4 * time.Second        // after the invocation began
	margin       = 300 * time.Millisecond // left for the answer when the calls' time is over
	findWithin   = time.Second            // the look-up for the event of a RESEND
)

// Registry keeps who holds which CPF.
type Registry interface {
	// Claim lets a's user be created, or fails with registry.ErrTaken,
	// registry.ErrInProgress or an error that says why it is not known.
	Claim(ctx context.Context, a registry.Attempt) (registry.Outcome, error)

	// Check fails with registry.ErrTaken when Claim would, and otherwise only
	// with an error that says why it is not known.
	Check(ctx context.Context, a registry.Attempt) error

	// Renew fails with registry.ErrNotOwner when user has no claim of c.
	Renew(ctx context.Context, c cpf.CPF, user registry.User, at time.Time) error
}

var _ Registry = (*registry.Table)(nil)

// Users looks users up.
type Users interface {
	// Find fails with userpool.ErrNotFound when there is no such user.
	Find(ctx context.Context, user registry.User) error
}

var _ Users = (*userpool.Users)(nil)

// Handler answers PreSignUp events. It may be used by several invocations at
// once.
type Handler struct {
	registry Registry
	users    Users
	log      zerolog.Logger
	now      func() time.Time
	metrics  *metrics // nil: nothing is counted
	warm     atomic.Bool
}

// New returns a Handler that writes one line to log for each invocation, at its
// end. It tells the time by now.
func New(reg Registry, users Users, log zerolog.Logger, now func() time.Time, options ...Option) *Handler {
	h := &Handler{registry: reg, users: users, log: log, now: now}
	for _, option := range options {
		option(h)
	}
	return h
}

// Invoke answers one event, within 4 s and before ctx's deadline: with the bytes
// of the event, untouched, when the user may be created, otherwise with a bare
// *Refusal. It never panics.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	v := visit{began: h.now(), coldStart: !h.warm.Swap(true)}
	h.decide(ctx, payload, &v)
	h.logVisit(ctx, v)
	if v.code != "" {
		return nil, &Refusal{Code: v.code}
	}
	return payload, nil
}

// visit is one invocation: what it was about and what came of it.
type visit struct {
	began     time.Time
	coldStart bool
	event     event
	cpf       cpf.CPF
	claim     string // how the claim went, "" when none was tried
	code      Code   // "" when the user may be created
	cause     error  // why the code is Internal, or why a CPF counts as taken
}

// decide fills v in. Whatever goes wrong, panics included, ends in a code.
func (h *Handler) decide(ctx context.Context, payload []byte, v *visit) {
	defer func() {
		if r := recover(); r != nil {
			v.code, v.cause = Internal, redact.NewPanicError(r)
		}
	}()
	ctx, cancel := boundCalls(ctx)
	defer cancel()
	if ctx.Err() != nil {
		v.code, v.cause = Internal, errors.New("no time left when the invocation began")
		return
	}
	var err error
	if v.event, err = decodeEvent(payload); err != nil {
		v.code, v.cause = Internal, fmt.Errorf("broken event: %w", err)
		return
	}
	if v.event.resend && h.mayResend(ctx, v) {
		return
	}
	h.applyRules(ctx, v)
}

// boundCalls ends ctx early enough for an answer to be in time.
func boundCalls(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin-margin)
	if deadline, ok := ctx.Deadline(); ok {
		sooner, cancelSooner := context.WithDeadline(ctx, deadline.Add(-margin))
		return sooner, func() { cancelSooner(); cancel() }
	}
	return ctx, cancel
}

// applyRules applies the four rules. The two that need no request run first, so
// that a good sign-up costs one request; the order of the refusals is kept by
// asking whether the CPF is taken before refusing for one of them.
func (h *Handler) applyRules(ctx context.Context, v *visit) {
	var err error
	if v.cpf, err = cpf.Parse(v.event.cpf); err != nil {
		v.code = InvalidCPF
		return
	}
	attempt := registry.Attempt{
		CPF:           v.cpf,
		User:          v.event.user,
		Email:         v.event.email,
		PhoneNumber:   v.event.phoneNumber,
		TriggerSource: v.event.triggerSource,
		At:            v.began,
	}
	attempt.Simulation, err = simulation.Parse(v.event.validationData)
	if invalid, ok := errors.AsType[*simulation.InvalidError](err); ok {
		if v.refuse(h.registry.Check(ctx, attempt)); v.code != "" {
			return
		}
		v.code = InvalidSimulation
		if invalid.Has(simulation.TrackCode) {
			v.code = MissingTrackCode
		}
		return
	}
	outcome, err := h.registry.Claim(ctx, attempt)
	if v.claim = string(outcome); err != nil {
		v.refuse(err)
	}
}

// claimConflict is how a claim went that found another in its way.
const claimConflict = "conflict"

// refuse sets the code for an error of the registry.
func (v *visit) refuse(err error) {
	switch {
	case err == nil:
	case errors.Is(err, registry.ErrTaken):
		v.code, v.claim = CPFTaken, claimConflict
		if doubt, ok := errors.AsType[*registry.DoubtError](err); ok {
			v.cause = doubt.Cause
		}
	case errors.Is(err, registry.ErrInProgress):
		v.code, v.claim = SignupInProgress, claimConflict
	default:
		v.code, v.cause = Internal, err
	}
}

// mayResend reports whether v is a user who exists already and is to be sent a
// new temporary password; then no rule applies. A CPF that comes along must be
// the user's own by its claim, which is renewed as by every allow. AWS does not
// say whether a RESEND runs the trigger at all.
func (h *Handler) mayResend(ctx context.Context, v *visit) bool {
	found, cancel := context.WithTimeout(ctx, findWithin)
	defer cancel()
	if h.users.Find(found, v.event.user) != nil {
		return false
	}
	if v.event.cpf == "" {
		return true
	}
	c, err := cpf.Parse(v.event.cpf)
	if err != nil || h.registry.Renew(ctx, c, v.event.user, v.began) != nil {
		return false
	}
	v.cpf, v.claim = c, string(registry.Replayed)
	return true
}
