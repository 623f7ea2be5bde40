package web

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/web/page"
)

// resendCoolDown is what the page shows after a resend: the shortest of the
// limits' windows.
const resendCoolDown = time.Minute

// getPage is GET /nova-senha: the same for everybody, whatever is asked how often.
func (a *API) getPage(w http.ResponseWriter, _ *http.Request) {
	a.render(w, http.StatusOK, page.State{})
}

// getResendForm is GET /nova-senha/reenviar, which stands in a browser's address
// after that form was posted without the script: it leads to the page. The
// address is relative, because only the page knows what stands before its path.
func getResendForm(w http.ResponseWriter, _ *http.Request) {
	page.Headers(w.Header())
	w.Header().Set("Location", ".."+page.Path)
	w.WriteHeader(http.StatusSeeOther)
}

// form answers a form of the page: with the state to show when nothing is wrong,
// and with that to show beside the problem when something is. Of the answer only
// the warning counts.
type form func(r *http.Request) (page.State, answer, *Problem)

// servePage makes a handler of a form. Its refusals and answers are held back
// and logged as those of serve are.
func (a *API) servePage(p pace, f form) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := a.config.Now()
		var state page.State
		ans, problem := a.run(r, p, func(r *http.Request) (ans answer, problem *Problem) {
			state, ans, problem = f(r)
			return ans, problem
		})
		if problem != nil || p.alike {
			hold(r.Context(), p.held-a.config.Now().Sub(began))
		}
		ans.status = http.StatusOK
		if problem != nil {
			ans.status = kindOf(problem.Code).status
			state = problemState(state, problem)
		}
		a.logRequest(r, began, ans, problem)
		a.render(w, ans.status, state)
	})
}

// problemState shows a problem on the page.
func problemState(s page.State, p *Problem) page.State {
	switch p.Code {
	case InvalidCredentials:
		s.Problem = page.InvalidCredentials
	case WeakPassword:
		s.Problem, s.Broken = page.WeakPassword, p.Rules
	case TooManyRequests:
		s.Problem, s.Wait = page.TooManyRequests, p.RetryAfter
	case SignInElsewhere:
		return page.State{View: page.Elsewhere}
	case InvalidFields:
		s.Problem = page.Missing
	default:
		s.Problem = page.Unavailable
	}
	return s
}

// render writes the page, or where it cannot be made, that it cannot.
func (a *API) render(w http.ResponseWriter, status int, s page.State) {
	var body bytes.Buffer
	if err := a.config.Page.Render(&body, s); err != nil {
		a.config.Log.Error().Err(err).Msg("page not rendered")
		unavailable(err).write(w)
		return
	}
	page.Headers(w.Header())
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}

// postForm is POST /nova-senha.
func (a *API) postForm(r *http.Request) (page.State, answer, *Problem) {
	if problem := a.admit(r); problem != nil {
		return page.State{}, answer{}, problem
	}
	values, problem := readForm(r)
	if problem != nil {
		return page.State{}, answer{}, problem
	}
	change := passwordChange{values.Get(page.FieldUsername), values.Get(page.FieldTemporary), values.Get(page.FieldNew)}
	state := page.State{Username: change.userName}
	if state.Fields = missing(values, page.FieldUsername, page.FieldTemporary, page.FieldNew); len(state.Fields) > 0 {
		return state, answer{}, &Problem{Code: InvalidFields}
	}
	ans, problem := a.setPassword(r, change)
	if problem != nil {
		return state, ans, problem
	}
	return page.State{View: page.Done}, ans, nil
}

// postResendForm is POST /nova-senha/reenviar.
func (a *API) postResendForm(r *http.Request) (page.State, answer, *Problem) {
	state := page.State{View: page.Resend}
	if problem := a.admit(r); problem != nil {
		return state, answer{}, problem
	}
	values, problem := readForm(r)
	if problem != nil {
		return state, answer{}, problem
	}
	state.Username = values.Get(page.FieldUsername)
	if state.Fields = missing(values, page.FieldUsername); len(state.Fields) > 0 {
		return state, answer{}, &Problem{Code: InvalidFields}
	}
	ans, problem := a.requestResend(r.Context(), state.Username)
	if problem != nil {
		return state, ans, problem
	}
	return page.State{View: page.Sent, Username: state.Username, Wait: resendCoolDown}, ans, nil
}

// readForm reads the body of a form, byte for byte.
func readForm(r *http.Request) (url.Values, *Problem) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/x-www-form-urlencoded" {
		return nil, &Problem{Code: UnsupportedMedia}
	}
	body, problem := readBody(r)
	if problem != nil {
		return nil, problem
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &Problem{Code: MalformedRequest, cause: errors.New("not a form")}
	}
	return values, nil
}

// missing names the fields that are empty, and a user name that is blank or too
// long.
func missing(values url.Values, names ...string) (empty []string) {
	for _, name := range names {
		s := values.Get(name)
		if s == "" || name == page.FieldUsername && (strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > longestUserName) {
			empty = append(empty, name)
		}
	}
	return empty
}

// PageRules gives the rules of a policy as the page shows them.
func PageRules(p password.Policy) []page.Rule {
	var rules []page.Rule
	for _, e := range p.Rules() {
		rules = append(rules, page.Rule{Code: string(e.Rule), Text: e.Text, Upfront: e.Upfront, Live: e.Live, Limit: e.Limit})
	}
	return rules
}
