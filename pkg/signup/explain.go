package signup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/redact"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/simulation"
	"github.com/pontte/portaria/pkg/userpool"
)

// Verdict is what a rule says of an event.
type Verdict string

// The verdicts.
const (
	Passes  Verdict = "passes"
	Refuses Verdict = "refuses"
	Unknown Verdict = "unknown" // nobody was asked, or an earlier verdict leaves nothing to ask
)

// Finding is what one rule says of an event, whether or not another decides.
type Finding struct {
	Code    Code // the refusal that the rule may end in
	Verdict Verdict
	Reason  string // why, without any person's data; may be ""
}

// Explanation is the answer to an event and how it comes about.
type Explanation struct {
	Code          Code   // "" when the user may be created
	Claim         string // how the claim went: new, replay, takeover, conflict; "" when there was none
	TriggerSource string // "?" when it is none of Cognito's
	User          registry.User
	CPF           cpf.CPF // zero when the event has none that is valid
	// Resend is Passes when the event was let through as that of a RESEND, to
	// which the rules do not apply. It is "" when it cannot be one.
	Resend   Verdict
	Findings []Finding // one for each Code, in the order of the rules
	Silent   error     // why reg did not answer, when Code is Internal for that
}

// Explain tells what a Handler with reg and users answers to an event that comes
// at that time, and what each of its rules says. The answer is the Handler's own,
// within its time, so reg must be one that writes nothing when nothing is to be
// written. Without reg, nil, no claim stands in the way; without users nobody
// exists; both are said to be unknown.
func Explain(ctx context.Context, reg Registry, users Users, payload []byte, at time.Time) Explanation {
	asked := &witness{registry: reg}
	h := &Handler{registry: asked, users: users, now: func() time.Time { return at }}
	if users == nil {
		h.users = nobody{}
	}
	v := visit{began: at}
	h.decide(ctx, payload, &v)
	x := Explanation{
		Code: v.code, Claim: v.claim, TriggerSource: loggable(v.event.triggerSource), User: v.event.user, CPF: v.cpf,
		Resend: resend(v, asked, users != nil),
	}
	if reg == nil {
		x.Claim = ""
	}
	if v.code == Internal && asked.err != nil {
		x.Silent = asked.err
	}
	x.Findings = findings(&v, asked)
	return x
}

// resend is the verdict on an event that may be that of a RESEND.
func resend(v visit, asked *witness, looked bool) Verdict {
	switch {
	case !v.event.resend:
		return ""
	case !looked:
		return Unknown
	case v.code == "" && !asked.claimed:
		return Passes // no rule lets an event through without a claim
	}
	return Refuses
}

// findings has every rule's verdict, by the functions that the handler calls.
func findings(v *visit, asked *witness) []Finding {
	rules := []Finding{{Code: InvalidCPF}, {Code: CPFTaken}, {Code: MissingTrackCode}, {Code: InvalidSimulation}, {Code: SignupInProgress}, {Code: Internal}}
	broken := v.code == Internal && !asked.claimed && !asked.checked
	for i := range rules {
		f := &rules[i]
		switch {
		case f.Code == Internal:
			f.Verdict = Passes
			if v.code == Internal {
				f.Verdict, f.Reason = Refuses, redact.Cause(v.cause, v.event.secrets()...)
			}
		case broken:
			f.Verdict, f.Reason = Unknown, "the event came to no rule"
		case f.Code == InvalidCPF:
			f.Verdict, f.Reason = judgeCPF(v.event.cpf)
		case f.Code == MissingTrackCode, f.Code == InvalidSimulation:
			f.Verdict, f.Reason = judgeSimulation(v.event.validationData, f.Code)
		default:
			f.Verdict, f.Reason = asked.verdict(f.Code, v)
		}
	}
	return rules
}

func judgeCPF(s string) (Verdict, string) {
	_, err := cpf.Parse(s)
	if invalid, ok := errors.AsType[*cpf.InvalidError](err); ok {
		return Refuses, "custom:cpf: " + string(invalid.Reason)
	}
	return Passes, ""
}

// judgeSimulation names what is wrong with the values that code is about.
func judgeSimulation(values map[string]string, code Code) (Verdict, string) {
	_, err := simulation.Parse(values)
	invalid, ok := errors.AsType[*simulation.InvalidError](err)
	if !ok {
		return Passes, ""
	}
	var wrong []string
	for _, f := range invalid.Fields {
		if (f.Name == simulation.TrackCode) == (code == MissingTrackCode) {
			wrong = append(wrong, fmt.Sprintf("%s: %s", f.Name, f.Reason))
		}
	}
	if wrong == nil {
		return Passes, ""
	}
	return Refuses, strings.Join(wrong, ", ")
}

// witness is a Registry that remembers what it said. Without one behind it
// nothing is in anybody's way.
type witness struct {
	registry         Registry
	claimed, checked bool // what it was asked
	outcome          registry.Outcome
	err              error
}

// Claim asks for the claim.
func (w *witness) Claim(ctx context.Context, a registry.Attempt) (registry.Outcome, error) {
	w.claimed = true
	if w.registry == nil {
		return registry.Claimed, nil
	}
	w.outcome, w.err = w.registry.Claim(ctx, a)
	return w.outcome, w.err
}

// Check asks whether the CPF is taken.
func (w *witness) Check(ctx context.Context, a registry.Attempt) error {
	w.checked = true
	if w.registry != nil {
		w.err = w.registry.Check(ctx, a)
	}
	return w.err
}

// Renew asks whose the claim is.
func (w *witness) Renew(ctx context.Context, c cpf.CPF, user registry.User, at time.Time) error {
	if w.registry == nil {
		return registry.ErrNotOwner
	}
	return w.registry.Renew(ctx, c, user, at)
}

// verdict is what the registry's answer means for code, one of the two that
// follow from it.
func (w *witness) verdict(code Code, v *visit) (Verdict, string) {
	refuses := map[Code]error{CPFTaken: registry.ErrTaken, SignupInProgress: registry.ErrInProgress}[code]
	switch {
	case !w.claimed && !w.checked && v.code == InvalidCPF:
		return Unknown, "there is no CPF to ask about"
	case w.registry == nil, !w.claimed && !w.checked:
		return Unknown, "the claims were not asked"
	case errors.Is(w.err, refuses) && v.cause != nil:
		return Refuses, redact.Cause(v.cause, v.event.secrets()...)
	case errors.Is(w.err, refuses):
		return Refuses, ""
	case w.err != nil && v.code == Internal:
		return Unknown, "the claims did not answer"
	case code == SignupInProgress && !w.claimed:
		return Unknown, "an earlier rule refuses"
	case w.outcome != "":
		return Passes, "claim: " + string(w.outcome)
	}
	return Passes, ""
}

// nobody is a pool without users.
type nobody struct{}

// Find finds nobody.
func (nobody) Find(context.Context, registry.User) error { return userpool.ErrNotFound }
