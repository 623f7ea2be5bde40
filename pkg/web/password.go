package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/pontte/portaria/pkg/limit"
	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/userpool"
)

// passwordPace is that of setting a password. A temporary password that is known
// to be right by then is not cut off.
func passwordPace() pace {
	return pace{cutOff: 1300 * time.Millisecond, held: 1500 * time.Millisecond}
}

// resendPace is that of having another temporary password sent.
func resendPace() pace {
	return pace{cutOff: 2300 * time.Millisecond, held: 2500 * time.Millisecond, alike: true}
}

const (
	setPasswordWithin = 10 * time.Second
	verifyWithin      = 2 * time.Second
	// giveBackWithin fits between passwordPace's cut-off and its refusals.
	giveBackWithin = 200 * time.Millisecond
)

// The limits of the public routes.
func requestsPerAddress() limit.Rule {
	return limit.Rule{Name: "public_requests", Limit: 60, Window: time.Minute}
}

func passwordFailures() limit.Rule {
	return limit.Rule{Name: "password_failures", Limit: 5, Window: 15 * time.Minute}
}

func resendsPerUser() []limit.Rule {
	return []limit.Rule{
		{Name: "resends_a_minute", Limit: 1, Window: time.Minute},
		{Name: "resends_an_hour", Limit: 5, Window: time.Hour},
		{Name: "resends_a_day", Limit: 10, Window: 24 * time.Hour},
	}
}

// longestUserName is how many characters Cognito's user names have at most.
const longestUserName = 128

// postPassword is POST /password.
func (a *API) postPassword(r *http.Request) (answer, *Problem) {
	if problem := a.admit(r); problem != nil {
		return answer{}, problem
	}
	o, problem := readObject(r)
	if problem != nil {
		return answer{}, problem
	}
	o.only("username", "temporaryPassword", "newPassword")
	change := passwordChange{
		userName:  o.userName("username"),
		temporary: o.secret("temporaryPassword"),
		chosen:    o.secret("newPassword"),
	}
	if problem := o.problem(); problem != nil {
		return answer{}, problem
	}
	return a.setPassword(r, change)
}

// passwordChange is what a customer asks for.
type passwordChange struct{ userName, temporary, chosen string }

// given is what was typed beside the new password.
func (c passwordChange) given() password.Given {
	return password.Given{Temporary: c.temporary, Words: []string{c.userName}}
}

// userName is the user name called name.
func (o object) userName(name string) string {
	s, ok := o.text(name)
	if ok && (strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > longestUserName) {
		o.fail(name, reasonFormat)
	}
	return s
}

// secret is the password called name, byte for byte.
func (o object) secret(name string) string {
	s, ok := o.text(name)
	if ok && s == "" {
		o.fail(name, reasonMissing)
	}
	return s
}

// admit lets a request to a public route in: from our own pages or a program,
// and not too often from one address.
func (a *API) admit(r *http.Request) *Problem {
	if problem := sameOrigin(r); problem != nil {
		return problem
	}
	return a.take(r.Context(), addressOf(r), a.config.Now(), requestsPerAddress())
}

// take takes a place, or says when there will be one.
func (a *API) take(ctx context.Context, subject string, at time.Time, rules ...limit.Rule) *Problem {
	err := a.config.Limits.Take(ctx, subject, at, rules...)
	if exceeded, ok := errors.AsType[*limit.ExceededError](err); ok {
		return &Problem{Code: TooManyRequests, RetryAfter: exceeded.RetryAfter}
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// giveBack gives a place back, also when ctx has ended.
func (a *API) giveBack(ctx context.Context, subject string, at time.Time, rules ...limit.Rule) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackWithin)
	defer cancel()
	return a.config.Limits.GiveBack(ctx, subject, at, rules...)
}

// setPassword checks what needs no knowledge of the customer first, then the
// temporary password, and only then what does.
func (a *API) setPassword(r *http.Request, c passwordChange) (answer, *Problem) {
	if broken := a.config.Policy.Check(c.chosen, c.given()); len(broken) > 0 {
		return answer{}, weak(broken)
	}
	ctx, at, subject := r.Context(), a.config.Now(), limit.Subject(strings.ToLower(c.userName), addressOf(r))
	if problem := a.take(ctx, subject, at, passwordFailures()); problem != nil {
		return answer{}, problem
	}
	user, err := a.trySetPassword(ctx, c)
	var warning error
	if !errors.Is(err, userpool.ErrInvalidCredentials) {
		warning = a.giveBack(ctx, subject, at, passwordFailures())
	}
	weakPersonal, isPersonal := errors.AsType[*weakError](err)
	_, isWeak := errors.AsType[*userpool.WeakPasswordError](err)
	switch {
	case err == nil:
		return answer{status: http.StatusNoContent, warning: errors.Join(warning, a.verifyEmail(ctx, user, c.temporary))}, nil
	case errors.Is(err, userpool.ErrInvalidCredentials):
		return answer{}, &Problem{Code: InvalidCredentials}
	case errors.Is(err, userpool.ErrOtherChallenge):
		return answer{}, &Problem{Code: SignInElsewhere}
	case isPersonal:
		return answer{}, weak(weakPersonal.broken)
	case isWeak:
		return answer{}, &Problem{Code: WeakPassword, Rules: []string{string(password.NotAccepted)}}
	}
	return answer{}, poolProblem(err)
}

// weakError is a password that holds the customer's own data.
type weakError struct{ broken []password.Rule }

func (*weakError) Error() string { return "the password holds the customer's own data" }

// trySetPassword gives up on a temporary password that is not known to be right
// when undecided ends, so that no answer comes later for one user than for
// another.
func (a *API) trySetPassword(undecided context.Context, c passwordChange) (userpool.User, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(undecided), setPasswordWithin)
	defer cancel()
	var known atomic.Bool
	defer context.AfterFunc(undecided, func() {
		if !known.Load() {
			cancel()
		}
	})()
	var user userpool.User
	err := a.config.Users.SetPassword(ctx, c.userName, c.temporary, c.chosen, func(u userpool.User) error {
		known.Store(true)
		user = u
		customer := password.Customer{CPF: u.CPF.Digits(), PhoneNumber: u.PhoneNumber, Words: []string{u.Name, u.Email}}
		if broken := a.config.Policy.CheckPersonal(c.chosen, c.given(), customer); len(broken) > 0 {
			return &weakError{broken}
		}
		return nil
	})
	return user, err
}

// weak is the problem of broken rules.
func weak(broken []password.Rule) *Problem {
	p := &Problem{Code: WeakPassword}
	for _, rule := range broken {
		p.Rules = append(p.Rules, string(rule))
	}
	return p
}

// verifyEmail marks the e-mail as verified when the temporary password had gone
// by EMAIL alone: who has it reads that e-mail. Its error changes no answer.
func (a *API) verifyEmail(ctx context.Context, user userpool.User, temporary string) error {
	if !password.IsMarked(temporary, emailAlone) || user.EmailVerified {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyWithin)
	defer cancel()
	return a.config.Users.VerifyEmail(ctx, user.Name)
}

// postPasswordResend is POST /password/resend.
func (a *API) postPasswordResend(r *http.Request) (answer, *Problem) {
	if problem := a.admit(r); problem != nil {
		return answer{}, problem
	}
	o, problem := readObject(r)
	if problem != nil {
		return answer{}, problem
	}
	o.only("username")
	userName := o.userName("username")
	if problem := o.problem(); problem != nil {
		return answer{}, problem
	}
	return a.requestResend(r.Context(), userName)
}

// requestResend has a new temporary password sent, if such a user waits for one.
// The answer is the same whatever came of it.
func (a *API) requestResend(ctx context.Context, userName string) (answer, *Problem) {
	if problem := a.take(ctx, strings.ToLower(userName), a.config.Now(), resendsPerUser()...); problem != nil {
		return answer{}, problem
	}
	mediums := []userpool.Medium{userpool.Email}
	temporary, err := a.temporaryPassword(false, mediums)
	if err != nil {
		return answer{}, unavailable(err)
	}
	accepted := answer{status: http.StatusAccepted}
	err = a.config.Users.Resend(ctx, userName, temporary, mediums)
	if !errors.Is(err, userpool.ErrNotFound) && !errors.Is(err, userpool.ErrAlreadyConfirmed) {
		accepted.warning = err
	}
	return accepted, nil
}
