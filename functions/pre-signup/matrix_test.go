package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pontte/portaria/events"
)

// way is a way through the function, by the event that takes it.
type way struct {
	name  string
	file  string
	rules []string // how an event like that of a RESEND may end that is not taken for one

	events.Case
	content string // of the claim that the event makes
	calls   []call // without a fault
	calm    string // the answer without a fault
}

// ways are all ways through the function that make a call.
var ways = []way{
	{name: "new", file: "admin-create-user.json"},
	{name: "replay", file: "claim-inside-lease-same-user-same-content.json"},
	{name: "takeover", file: "claim-past-lease-stranger-gone.json"},
	{name: "conflict inside the lease", file: "claim-inside-lease-of-a-stranger.json"},
	{name: "conflict past the lease", file: "claim-past-lease-stranger-exists.json"},
	{name: "conflict, the owner found by e-mail", file: "claim-past-lease-stranger-found-by-email.json"},
	{name: "in progress", file: "claim-inside-lease-same-email-owner-gone.json"},
	{name: "no trackCode, CPF free", file: "order-no-track-code.json"},
	{name: "no trackCode, the owner gone", file: "order-owner-gone-and-no-track-code.json"},
	{name: "simulation wrong, CPF taken", file: "order-cpf-taken-simulation-wrong.json"},
	{name: "RESEND", file: "resend-shape-with-cpf-of-own-claim.json", rules: []string{"missing_track_code", "cpf_taken"}},
	{name: "RESEND without a CPF", file: "resend-shape-user-has-no-cpf.json", rules: []string{"invalid_cpf"}},
	{name: "RESEND of nobody", file: "resend-shape-with-cpf-user-not-found.json", rules: []string{"missing_track_code"}},
}

// prepare goes the way without a fault.
func (w *way) prepare(t *testing.T, r *rig) {
	t.Helper()
	w.Case = caseOf(t, w.file)
	st := storeOf(t, r, w.Case)
	v, err := r.invoke(w.Event, st, w.Given.Users, nil, 0)
	if err != nil {
		t.Fatalf("%s: %v", w.name, err)
	}
	w.calm, w.calls = v.word, v.calls
	want := "allowed"
	if w.Refusal != nil {
		want = w.Refusal.Code
	}
	if w.calm != want || len(w.calls) == 0 {
		t.Fatalf("%s: %s, %v, want %s after some calls", w.name, w.calm, w.calls, want)
	}
	if w.calm == "allowed" && w.rules == nil {
		w.content = contentIn(t, st)
	}
}

// The tries of a call that a fault strikes.
const (
	first  = iota
	second // the first try fails at once, and does nothing
	all
)

// maxTries is how often a call may be tried.
const maxTries = 2

// everyCall is the number of no call.
const everyCall = 0

// cell is one case of the matrix and its outcome.
type cell struct {
	*way
	fault fault
	call  int
	tries int
	word  string // the answer; with a question mark when it was for want of another's
	err   error
}

// cellsOf are the cells of a way and a fault. One that is not about a call has a
// single cell.
func cellsOf(w *way, f fault) (cells []*cell) {
	for _, call := range w.calls {
		for tries := first; tries <= all && f.left == 0; tries++ {
			cells = append(cells, &cell{way: w, fault: f, call: call.number, tries: tries})
		}
	}
	return append(cells, &cell{way: w, fault: f, call: everyCall, tries: all})
}

func (c *cell) String() string {
	return fmt.Sprintf("%s, call %d, tries %d, %s", c.name, c.call, c.tries, c.fault.name)
}

func (c *cell) meddle(x *exchange) {
	struck := c.call == everyCall || c.call == x.number
	switch {
	case struck && (c.tries == all || c.tries == x.try-1):
		c.fault.serve(x)
	case struck && c.tries == second && x.try == 1:
		failed(500)(x)
	default:
		x.pass()
	}
}

// measure runs the cell, and a sound sign-up after it.
func (c *cell) measure(r *rig, sound []byte) {
	c.word, c.err = c.answer(r)
	if c.err != nil {
		return
	}
	empty, err := newStore()
	if err != nil {
		c.err = err
		return
	}
	v, err := r.invoke(sound, empty, nil, nil, 0)
	if err != nil || v.word != "allowed" || v.said.ColdStart {
		c.err = fmt.Errorf("the next event: %s, %v, in a new process: %t", v.word, err, v.said.ColdStart)
	}
}

func (c *cell) answer(r *rig) (string, error) {
	st, err := storeWith(c.Given, c.content)
	if err != nil {
		return "", err
	}
	was, err := st.items()
	if err != nil {
		return "", err
	}
	v, err := r.invoke(c.Event, st, c.Given.Users, c.meddle, c.fault.left)
	if err != nil {
		return "", err
	}
	is, err := st.items()
	if err != nil {
		return "", err
	}
	word := v.word
	if v.said.Level == "warn" {
		word += "?"
	}
	return word, errors.Join(v.tells(c.Case), c.checkAnswer(v), c.checkTable(v, was, is))
}

// checkAnswer holds what may be answered, and what it may cost and say.
func (c *cell) checkAnswer(v visit) error {
	var errs []error
	if !slices.Contains(c.mayAnswer(), v.word) {
		errs = append(errs, fmt.Errorf("answer %s, want one of %v", v.word, c.mayAnswer()))
	}
	if c.fault.left > margin && (len(v.calls) != 1 || v.calls[0].tries != 1) {
		errs = append(errs, fmt.Errorf("calls %+v, want one try of one, which outlasts the time", v.calls))
	}
	for _, call := range v.calls {
		if c.noTime() {
			errs = append(errs, fmt.Errorf("%s was called, with no time left", call.op))
		}
		if call.tries > maxTries {
			errs = append(errs, fmt.Errorf("%d tries of %s, want at most %d", call.tries, call.op, maxTries))
		}
	}
	level, cause := "info", ""
	switch {
	case v.word == "internal" && c.noTime():
		level, cause = "error", "no time left"
	case v.word == "internal":
		level, cause = "error", "DynamoDB"
	case v.word == "cpf_taken" && v.said.Error != "":
		level, cause = "warn", "look up the owner"
	}
	if v.said.Level != level || !strings.Contains(v.said.Error, cause) || cause == "" && v.said.Error != "" {
		errs = append(errs, fmt.Errorf("log line %s, want level %s and a cause with %q", v.line, level, cause))
	}
	return errors.Join(errs...)
}

// noTime says whether there is no time for a call.
func (c *cell) noTime() bool { return c.fault.left != 0 && c.fault.left <= margin }

// mayAnswer is the answer without a fault, and those that keep a person out when
// the service that the fault is in leaves us in doubt.
func (c *cell) mayAnswer() []string {
	if c.noTime() {
		return []string{"internal"}
	}
	may := append([]string{c.calm}, c.rules...)
	for _, call := range c.calls {
		switch {
		case c.call != everyCall && c.call != call.number:
		case call.service == dynamoDB:
			may = append(may, "internal")
		case c.rules == nil:
			may = append(may, "cpf_taken")
		case c.call == everyCall: // the rules apply, and the table is asked
			may = append(may, "internal")
		}
	}
	return may
}

// checkTable holds that who is let in has the claim, from this invocation on,
// and that nobody touches the claim of another.
func (c *cell) checkTable(v visit, was, is []item) error {
	var event struct {
		UserPoolID, UserName string
		Request              struct {
			UserAttributes map[string]string
		}
	}
	if err := json.Unmarshal(c.Event, &event); err != nil {
		return err
	}
	if c.calm != "allowed" && !reflect.DeepEqual(was, is) {
		return fmt.Errorf("the table was %v and is %v", was, is)
	}
	if v.word != "allowed" || event.Request.UserAttributes["custom:cpf"] == "" {
		return nil
	}
	if len(is) != 1 {
		return fmt.Errorf("let in with %d claims in the table", len(is))
	}
	claim := is[0]
	var at int64
	if _, err := fmt.Sscan(claim["claimedAt"].N, &at); err != nil {
		return err
	}
	mine := claim["userPoolId"].S == event.UserPoolID && claim["userName"].S == event.UserName && (c.rules != nil || claim["content"].S == c.content)
	if !mine || at < v.began.UnixMilli() {
		return fmt.Errorf("let in, while the claim is %v", claim)
	}
	return nil
}
