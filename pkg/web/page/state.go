package page

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A View is what the page is about.
type View string

const (
	Form      View = "form"      // asks for user name, temporary password and new password
	Resend    View = "resend"    // asks for the user name, to send a new temporary password
	Sent      View = "sent"      // a new temporary password was sent, if there is such a user
	Done      View = "done"      // the new password is set
	Elsewhere View = "elsewhere" // the account asks for more than this page can do
)

// A Problem is why what was asked for did not happen. Only Form and Resend can have one.
type Problem string

const (
	None               Problem = ""
	Missing            Problem = "missing"             // the fields in State.Fields are empty
	InvalidCredentials Problem = "invalid_credentials" // unknown user, wrong or expired password: nobody learns which
	WeakPassword       Problem = "weak_password"       // the rules in State.Broken are broken
	TooManyRequests    Problem = "too_many_requests"   // State.Wait says for how long
	Unavailable        Problem = "unavailable"         // our own fault
)

// problems is what may be wrong in each view.
func problems(v View) (all []Problem, ok bool) {
	switch v {
	case Form:
		return []Problem{None, Missing, InvalidCredentials, WeakPassword, TooManyRequests, Unavailable}, true
	case Resend:
		return []Problem{None, Missing, TooManyRequests, Unavailable}, true
	case Sent, Done, Elsewhere:
		return []Problem{None}, true
	}
	return nil, false
}

// A State is what one answer shows. The zero State is the empty form. There is no field
// for a password: none is ever sent back.
type State struct {
	View     View          // Form when empty
	Problem  Problem       // None when empty
	Username string        // as typed, so that it need not be typed again
	Fields   []string      // with Missing: the names of the empty fields
	Broken   []string      // with WeakPassword: codes of Rules; one that is no rule's is passed over
	Wait     time.Duration // with TooManyRequests and Sent: until the next try, rounded up to seconds
}

// settle puts in what is meant by an empty View, and refuses what cannot be.
func (s *State) settle() error {
	if s.View == "" {
		s.View = Form
	}
	all, ok := problems(s.View)
	if !ok {
		return fmt.Errorf("page: no view %q", s.View)
	}
	if !slices.Contains(all, s.Problem) {
		return fmt.Errorf("page: view %q has no problem %q", s.View, s.Problem)
	}
	return nil
}

// view is what the templates ask.
type view struct {
	*Page
	Settings
	State
}

func (v view) ByEmail() bool { return v.SignIn == ByEmail }

func (v view) ByEither() bool { return v.SignIn == ByEither }

func (v view) Home() string { return v.Prefix + Path }

func (v view) ResendTo() string { return v.Prefix + ResendPath }

func (v view) Style() string { return v.Prefix + v.style.path }

func (v view) Script() string { return v.Prefix + v.script.path }

// Back is the address of the form with the user name in it, for the script to read: a
// fragment never leaves the browser.
func (v view) Back() string {
	if v.Username == "" {
		return v.Home()
	}
	return v.Home() + "#u=" + strings.ReplaceAll(url.QueryEscape(v.Username), "+", "%20")
}

// Empty tells whether the field of that name was left empty.
func (v view) Empty(field string) bool {
	return v.Problem == Missing && slices.Contains(v.Fields, field)
}

// Wrong tells whether something must be said at the field of that name.
func (v view) Wrong(field string) bool {
	switch v.Problem {
	case InvalidCredentials:
		return field != FieldNew
	case WeakPassword:
		return field == FieldNew
	}
	return v.Empty(field)
}

// IsBroken tells whether the new password breaks the rule.
func (v view) IsBroken(r Rule) bool {
	return v.Problem == WeakPassword && slices.Contains(v.Broken, r.Code)
}

// BrokenRules is those of the rules that are broken, in their order.
func (v view) BrokenRules() []Rule {
	return slices.DeleteFunc(slices.Clone(v.Rules), func(r Rule) bool { return !v.IsBroken(r) })
}

// Countdown is the wait in parts, nil when there is none. The script counts them down.
func (v view) Countdown() *countdown {
	if v.Wait <= 0 {
		return nil
	}
	s := int((v.Wait + time.Second - 1) / time.Second)
	return &countdown{All: s, Hours: s / 3600, Minutes: s / 60 % 60, Seconds: s % 60}
}

type countdown struct{ All, Hours, Minutes, Seconds int }
