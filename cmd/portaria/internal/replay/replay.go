// Package replay has the trigger answer recorded events, and compares what it
// answers with what was answered then.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pontte/portaria/cmd/portaria/internal/recording"
	"github.com/pontte/portaria/pkg/redact"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// Difference is an event to which Portaria answers otherwise than was recorded.
type Difference struct {
	Place    string           `json:"place"`
	CPF      string           `json:"cpf,omitempty"` // masked
	Recorded recording.Answer `json:"recorded"`
	Portaria recording.Answer `json:"portaria"`
	Reason   string           `json:"reason,omitempty"` // without personal data
}

// Summary counts.
type Summary struct {
	Events    int                      `json:"events"`
	Answers   map[recording.Answer]int `json:"answers"`   // Portaria's, by allowed and the codes
	Compared  int                      `json:"compared"`  // events whose answer was recorded
	Same      int                      `json:"same"`      // of these
	Different int                      `json:"different"` // of these
	Assumed   int                      `json:"assumed"`   // of the same: those for which the recording was taken at its word
	Bad       int                      `json:"bad"`       // lines or log entries that cannot be read
	Skipped   int                      `json:"skipped"`   // log entries without an event
}

// Report is told what is found, as it is found.
type Report interface {
	Difference(Difference) error
	Bad(*recording.BadError) error
	// Progress is called after each event.
	Progress(events int)
}

// Replay replays recordings.
type Replay struct {
	claims *Standing // nil: the model of one file
	users  signup.Users
	now    func() time.Time
}

// Offline returns a Replay that asks nobody. For rule 2 it has the model of
// Model.
func Offline(now func() time.Time) *Replay { return &Replay{now: now} }

// Against returns a Replay that asks claims and users, read only, as they stand
// now.
func Against(claims *registry.Preview, users signup.Users, now func() time.Time) *Replay {
	return &Replay{claims: NewStanding(claims), users: users, now: now}
}

// What says that a file was no recording: nothing was compared, so that nothing is
// known.
var (
	errAllBad   = errors.New("not one event could be read")
	errNoEvents = errors.New("there is not one event in it: did the function print its events?")
)

// Run replays r. It keeps nothing of an event in memory but, offline, less than two
// hundred bytes for each CPF that got an account. An error is of r, of report, or of
// claims that did not answer; the Summary is of what came before it.
func (p *Replay) Run(ctx context.Context, r io.Reader, report Report) (Summary, error) {
	sum := Summary{Answers: map[recording.Answer]int{}}
	model := NewModel()
	var stats recording.Stats
	for entry, err := range recording.Read(r, &stats) {
		sum.Skipped = stats.Skipped
		if ctx.Err() != nil {
			return sum, ctx.Err()
		}
		if bad, ok := errors.AsType[*recording.BadError](err); ok {
			sum.Bad++
			if err := report.Bad(bad); err != nil {
				return sum, err
			}
			continue
		}
		if err != nil {
			return sum, err
		}
		x, assumed, err := p.explain(ctx, model, entry)
		if err != nil {
			return sum, fmt.Errorf("%s: %w", entry.Place, err)
		}
		if err := sum.add(entry, x, assumed, report); err != nil {
			return sum, err
		}
		report.Progress(sum.Events)
	}
	sum.Skipped = stats.Skipped
	switch {
	case sum.Events == 0 && sum.Bad > 0:
		return sum, errAllBad
	case sum.Events == 0:
		return sum, errNoEvents
	}
	return sum, nil
}

// explain answers an event. assumed says that the recorded answer was taken at
// its word, for want of anybody to ask.
func (p *Replay) explain(ctx context.Context, model *Model, e recording.Entry) (x signup.Explanation, assumed bool, err error) {
	if p.claims != nil {
		x = signup.Explain(ctx, p.claims, p.users, e.Event, p.now())
		if x.Silent != nil {
			return x, false, fmt.Errorf("ask the claims: %s", redact.Cause(x.Silent))
		}
		return x, false, nil
	}
	at := e.At
	if at.IsZero() {
		at = p.now()
	}
	model.begin(e)
	x = signup.Explain(ctx, model, nil, e.Event, at)
	if x.Resend == signup.Unknown && e.Answer == recording.Allowed && x.Code != "" {
		x.Code = "" // the user existed, or the old function would have refused
		return x, true, nil
	}
	return x, model.settle(x), nil
}

// add counts one event, and reports it when it differs.
func (s *Summary) add(e recording.Entry, x signup.Explanation, assumed bool, report Report) error {
	answer := recording.Allowed
	if x.Code != "" {
		answer = recording.Answer(x.Code)
	}
	s.Events++
	s.Answers[answer]++
	if e.Answer == recording.Unrecorded {
		return nil
	}
	s.Compared++
	if answer == e.Answer {
		s.Same++
		if assumed {
			s.Assumed++
		}
		return nil
	}
	s.Different++
	return report.Difference(Difference{
		Place: e.Place.String(), CPF: x.CPF.Masked(), Recorded: e.Answer, Portaria: answer, Reason: reason(x),
	})
}

// reason is that of the rule which decided, or that the event is an earlier one's
// second try.
func reason(x signup.Explanation) string {
	if x.Claim == string(registry.Replayed) {
		return "claim: " + x.Claim
	}
	for _, f := range x.Findings {
		if f.Code == x.Code {
			return f.Reason
		}
	}
	return ""
}
