package replay

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"time"

	"github.com/pontte/portaria/cmd/portaria/internal/recording"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// lease is for how long the same event again is Cognito's second or third try.
const lease = 30 * time.Second

// Model stands for the claims when nobody can be asked. The first event of a CPF
// that was let through has the account: by its recorded answer, or by Portaria's
// where none was recorded. From then on the CPF is taken for every other event;
// the same event again within 30 s, or where times were not recorded, is the same
// attempt. An account that a recorded cpf_taken speaks of, and the file does not
// have, is believed to be from before the file. Accounts are never deleted.
type Model struct {
	holders map[uint64]holder // by the CPF's digits
	seed    maphash.Seed

	// The event under way.
	entry   recording.Entry
	hash    uint64
	assumed bool
}

var _ signup.Registry = (*Model)(nil)

// holder is the event that has a CPF's account.
type holder struct {
	event uint64 // hash of the event; 0 for one from before the file
	at    int64  // epoch milliseconds; 0 when not recorded
	line  int    // or log entry
}

// NewModel returns a Model in which nobody has an account.
func NewModel() *Model { return &Model{holders: map[uint64]holder{}, seed: maphash.MakeSeed()} }

func (m *Model) begin(e recording.Entry) {
	m.entry, m.hash, m.assumed = e, maphash.Bytes(m.seed, e.Event), false
}

// settle takes down who has the account after the event. It reports whether the
// recorded answer was believed.
func (m *Model) settle(x signup.Explanation) (assumed bool) {
	if x.CPF.IsZero() {
		return false
	}
	answer := m.entry.Answer
	if answer == recording.Unrecorded && x.Code == "" {
		answer = recording.Allowed
	}
	_, held := m.holders[digits(x.CPF)]
	switch {
	case held:
	case answer == recording.Allowed:
		h := holder{event: m.hash, line: m.entry.Place.Number}
		if !m.entry.At.IsZero() {
			h.at = m.entry.At.UnixMilli()
		}
		m.holders[digits(x.CPF)] = h
	case answer == recording.Answer(signup.CPFTaken):
		m.holders[digits(x.CPF)] = holder{}
	}
	return m.assumed
}

// Claim lets the first through.
func (m *Model) Claim(ctx context.Context, a registry.Attempt) (registry.Outcome, error) {
	if err := m.Check(ctx, a); err != nil {
		return "", err
	}
	if _, held := m.holders[digits(a.CPF)]; held {
		return registry.Replayed, nil
	}
	return registry.Claimed, nil
}

// Check fails for all but the first, and says which event that was.
func (m *Model) Check(_ context.Context, a registry.Attempt) error {
	h, held := m.holders[digits(a.CPF)]
	if !held && m.entry.Answer == recording.Answer(signup.CPFTaken) {
		h, held = holder{}, true
	}
	switch {
	case !held, h.event == m.hash && m.inLease(h):
		return nil
	case h.event == 0:
		m.assumed = m.entry.Answer == recording.Answer(signup.CPFTaken)
		return &registry.DoubtError{Cause: errors.New("the account is from before the file, by a recorded answer")}
	}
	return &registry.DoubtError{Cause: fmt.Errorf("%s got the account", recording.Place{Unit: m.entry.Place.Unit, Number: h.line})}
}

// Renew knows no users.
func (m *Model) Renew(context.Context, cpf.CPF, registry.User, time.Time) error {
	return registry.ErrNotOwner
}

func (m *Model) inLease(h holder) bool {
	return h.at == 0 || m.entry.At.IsZero() || m.entry.At.Sub(time.UnixMilli(h.at)) < lease
}

// digits is a CPF as a number, which takes less room than its text.
func digits(c cpf.CPF) uint64 {
	n, _ := strconv.ParseUint(c.Digits(), 10, 64) // a CPF is digits
	return n
}
