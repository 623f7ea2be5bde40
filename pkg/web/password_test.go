package web_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/userpool"
	"github.com/pontte/portaria/pkg/web"
	"github.com/pontte/portaria/pkg/web/page"
)

const change = `{"username":"Maria@example.com","temporaryPassword":"provisoria-do-email","newPassword":"uma frase que so eu sei"}`

const refusedAfter, resentAfter = 1500 * time.Millisecond, 2500 * time.Millisecond

// TestSetPassword is every outcome of the sign-in with the temporary password.
func TestSetPassword(t *testing.T) {
	customer := &userpool.User{Name: "a-uuid", CPF: mustCPF(t, "52998224725"), PhoneNumber: "+5551987654321", Email: "maria@example.com"}
	for name, tt := range map[string]struct {
		body       string
		err        error
		challenged *userpool.User
		status     int
		code       web.Code
		rules      []string
		kept       bool // whether the failure stays counted
	}{
		"set":                        {change, nil, customer, 204, "", nil, false},
		"wrong, expired or unknown":  {change, userpool.ErrInvalidCredentials, nil, 401, web.InvalidCredentials, nil, true},
		"another challenge":          {change, userpool.ErrOtherChallenge, nil, 409, web.SignInElsewhere, nil, false},
		"not the pool's policy":      {change, &userpool.WeakPasswordError{}, customer, 422, web.WeakPassword, []string{"not_accepted"}, false},
		"holds the customer's CPF":   {strings.Replace(change, "uma frase que so eu sei", "minha 529.982.247-25", 1), nil, customer, 422, web.WeakPassword, []string{"personal"}, false},
		"holds the customer's phone": {strings.Replace(change, "uma frase que so eu sei", "tel 51987654321", 1), nil, customer, 422, web.WeakPassword, []string{"personal"}, false},
		"Cognito throttles":          {change, userpool.ErrThrottled, nil, 429, web.TooManyRequests, nil, false},
		"Cognito does not answer":    {change, userpool.ErrUnavailable, nil, 503, web.Unavailable, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := service{pool: pool{setPassword: tt.err, challenged: tt.challenged}}
			response, took := s.call(t, post("/password", tt.body))
			if tt.code == "" {
				if response.Code != tt.status || response.Body.Len() != 0 || took != 0 {
					t.Errorf("answer = %d %q after %v, want %d at once", response.Code, response.Body, took, tt.status)
				}
			} else {
				p := wantProblem(t, response, tt.status, tt.code)
				if diff := cmp.Diff(tt.rules, p.Rules); diff != "" {
					t.Errorf("rules (-want +got):\n%s", diff)
				}
				if took != refusedAfter {
					t.Errorf("refused after %v, want %v", took, refusedAfter)
				}
			}
			failure := "password_failures"
			taken := slices.ContainsFunc(s.limits.taken, func(s string) bool { return strings.HasPrefix(s, failure) })
			if !taken || (len(s.limits.given) == 0) != tt.kept {
				t.Errorf("taken %q, given back %q, want the failure kept: %v", s.limits.taken, s.limits.given, tt.kept)
			}
		})
	}
}

// TestWeakPasswordIsSeenFirst holds that what needs no knowledge of the customer
// is checked before the temporary password, and costs no failure.
func TestWeakPasswordIsSeenFirst(t *testing.T) {
	for name, tt := range map[string]struct {
		chosen string
		rule   password.Rule
	}{
		"too short":     {"curta", password.TooShort},
		"common":        {"passwordpassword", password.Common},
		"the temporary": {"provisoria-do-email", password.SameAsTemporary},
		"the user name": {"maria@example.com", password.Personal},
	} {
		s := service{}
		response, took := s.call(t, post("/password", strings.Replace(change, "uma frase que so eu sei", tt.chosen, 1)))
		p := wantProblem(t, response, 422, web.WeakPassword)
		if !slices.Contains(p.Rules, string(tt.rule)) || len(s.pool.asked) != 0 || took != refusedAfter {
			t.Errorf("%s: rules %v, calls %v, after %v", name, p.Rules, s.pool.asked, took)
		}
		if strings.Contains(response.Body.String()+s.log.String(), tt.chosen) {
			t.Errorf("%s: the password stands in the answer or the log", name)
		}
	}
}

// TestPublicAnswersTellNothing compares what a known and an unknown e-mail get,
// however long Cognito takes for each.
func TestPublicAnswersTellNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		path, body string
		known      pool
		unknown    pool
		after      time.Duration
	}{
		"password": {"/password", change,
			pool{setPassword: userpool.ErrInvalidCredentials, takes: 700 * time.Millisecond}, pool{setPassword: userpool.ErrInvalidCredentials, takes: 90 * time.Millisecond}, refusedAfter},
		"password, Cognito slow": {"/password", change,
			pool{setPassword: userpool.ErrInvalidCredentials, takes: 9 * time.Second}, pool{setPassword: userpool.ErrInvalidCredentials, takes: 5 * time.Second}, refusedAfter},
		"resend": {"/password/resend", `{"username":"maria@example.com"}`, pool{takes: time.Second}, pool{resend: userpool.ErrNotFound}, resentAfter},
		"resend, confirmed": {"/password/resend", `{"username":"maria@example.com"}`,
			pool{resend: userpool.ErrAlreadyConfirmed}, pool{resend: userpool.ErrNotFound}, resentAfter},
		"resend, Cognito slow": {"/password/resend", `{"username":"maria@example.com"}`, pool{takes: time.Minute}, pool{resend: userpool.ErrNotFound}, resentAfter},
		"resend, throttled":    {"/password/resend", `{"username":"maria@example.com"}`, pool{resend: userpool.ErrThrottled}, pool{resend: userpool.ErrNotFound}, resentAfter},
	} {
		t.Run(name, func(t *testing.T) {
			known, unknown := service{pool: tt.known}, service{pool: tt.unknown}
			a, tookA := known.call(t, post(tt.path, tt.body))
			b, tookB := unknown.call(t, post(tt.path, tt.body))
			if a.Code != b.Code || a.Body.String() != b.Body.String() || !cmp.Equal(a.Header(), b.Header()) {
				t.Errorf("known: %d %s %v\nunknown: %d %s %v", a.Code, a.Body, a.Header(), b.Code, b.Body, b.Header())
			}
			if tookA != tt.after || tookB != tt.after {
				t.Errorf("known after %v, unknown after %v, want both after %v", tookA, tookB, tt.after)
			}
		})
	}
}

// TestTimesCountFromArrival has the limiter take its time too: what it uses up is
// not there for Cognito, and no refusal leaves later than it would otherwise, or
// at another time for one user than for another.
func TestTimesCountFromArrival(t *testing.T) {
	const resend = `{"username":"maria@example.com"}`
	forms := url.Values{page.FieldUsername: {"maria@example.com"}, page.FieldTemporary: {"provisoria-do-email"}, page.FieldNew: {"uma frase que so eu sei"}}
	requests := map[string]func() *http.Request{
		"password":       func() *http.Request { return post("/password", change) },
		"form":           func() *http.Request { return form(page.Path, forms) },
		"resend":         func() *http.Request { return post("/password/resend", resend) },
		"form of resend": func() *http.Request { return form(page.ResendPath, forms) },
	}
	after := map[string]time.Duration{"password": refusedAfter, "form": refusedAfter, "resend": resentAfter, "form of resend": resentAfter}
	for name, request := range requests {
		for _, limiter := range []time.Duration{0, 300 * time.Millisecond, 649 * time.Millisecond, time.Second, 1400 * time.Millisecond, 2400 * time.Millisecond, time.Hour} {
			for _, cognito := range []time.Duration{0, 100 * time.Millisecond, 650 * time.Millisecond, time.Second, 2 * time.Second, time.Hour} {
				of := func(p pool) (*httptest.ResponseRecorder, time.Duration) {
					s := service{pool: p, limits: limits{takes: limiter}}
					return s.call(t, request())
				}
				known, tookKnown := of(pool{setPassword: userpool.ErrInvalidCredentials, takes: cognito})
				unknown, tookUnknown := of(pool{setPassword: userpool.ErrInvalidCredentials, resend: userpool.ErrNotFound, takes: cognito})
				if tookKnown != after[name] || tookUnknown != after[name] {
					t.Errorf("%s, limiter %v, Cognito %v: known after %v, unknown after %v, want both after %v",
						name, limiter, cognito, tookKnown, tookUnknown, after[name])
				}
				if known.Code != unknown.Code || known.Body.String() != unknown.Body.String() {
					t.Errorf("%s, limiter %v, Cognito %v: known %d, unknown %d, or the bodies differ", name, limiter, cognito, known.Code, unknown.Code)
				}
			}
		}
	}
}

// TestRefusalOfARightPasswordWaitsForNoLimiter holds that giving back the place
// of a failure delays no refusal, and that the answer says so in the log alone.
func TestRefusalOfARightPasswordWaitsForNoLimiter(t *testing.T) {
	s := service{pool: pool{setPassword: userpool.ErrUnavailable, takes: 500 * time.Millisecond}, limits: limits{takes: 400 * time.Millisecond}}
	response, took := s.call(t, post("/password", change))
	if wantProblem(t, response, 503, web.Unavailable); took != refusedAfter {
		t.Errorf("refused after %v, want %v", took, refusedAfter)
	}
}

// TestRightPasswordIsNotCutOff lets Cognito take its time once the temporary
// password is known to be right.
func TestRightPasswordIsNotCutOff(t *testing.T) {
	s := service{pool: pool{challenged: &userpool.User{Name: "a-uuid"}, takes: time.Second}}
	if response, took := s.call(t, post("/password", change)); response.Code != 204 || took != time.Second {
		t.Errorf("answer = %d after %v, want 204 after 1s", response.Code, took)
	}
	s = service{pool: pool{challenged: &userpool.User{Name: "a-uuid"}, takes: time.Second, answers: 3 * time.Second}}
	if response, took := s.call(t, post("/password", change)); response.Code != 204 || took != 4*time.Second {
		t.Errorf("answer = %d after %v, want 204 after 4s", response.Code, took)
	}
}

func TestLimitsOfPublicRoutes(t *testing.T) {
	const resend = `{"username":"Maria@example.com"}`
	for name, tt := range map[string]struct {
		path, body, exceeded string
		err                  error
		status               int
		code                 web.Code
	}{
		"requests per address":     {"/password", change, "public_requests", nil, 429, web.TooManyRequests},
		"failures":                 {"/password", change, "password_failures", nil, 429, web.TooManyRequests},
		"resends, per address":     {"/password/resend", resend, "public_requests", nil, 429, web.TooManyRequests},
		"resends a minute":         {"/password/resend", resend, "resends_a_minute", nil, 429, web.TooManyRequests},
		"resends an hour":          {"/password/resend", resend, "resends_an_hour", nil, 429, web.TooManyRequests},
		"resends a day":            {"/password/resend", resend, "resends_a_day", nil, 429, web.TooManyRequests},
		"the limiter down":         {"/password", change, "", errors.New("table is down"), 503, web.Unavailable},
		"the limiter down, resend": {"/password/resend", resend, "", errors.New("table is down"), 503, web.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s := service{limits: limits{exceeded: tt.exceeded, err: tt.err}}
			response, took := s.call(t, post(tt.path, tt.body))
			wantProblem(t, response, tt.status, tt.code)
			if retry := response.Header().Get("Retry-After"); tt.status == 429 && retry != "42" {
				t.Errorf("Retry-After = %q, want 42", retry)
			}
			if len(s.pool.asked) != 0 || took < refusedAfter {
				t.Errorf("calls %v after %v, want none, and the answer held back", s.pool.asked, took)
			}
		})
	}
	s := service{}
	if response, _ := s.call(t, post("/password/resend", resend)); response.Code != 202 {
		t.Fatalf("answer = %d", response.Code)
	}
	want := []string{"public_requests 192.0.2.7", "resends_a_minute maria@example.com", "resends_an_hour maria@example.com", "resends_a_day maria@example.com"}
	if diff := cmp.Diff(want, s.limits.taken); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

func TestEmailIsVerifiedWhenItAloneCarriedThePassword(t *testing.T) {
	plain := "Provisoria-do-email-22"
	for name, tt := range map[string]struct {
		temporary string
		verify    error
		want      bool
	}{
		"by e-mail alone":         {password.Marked(plain, "EMAIL"), nil, true},
		"by e-mail alone, failed": {password.Marked(plain, "EMAIL"), userpool.ErrThrottled, true},
		"by another way":          {password.Marked(plain, "other"), nil, false},
		"not one of ours":         {plain, nil, false},
	} {
		s := service{pool: pool{challenged: &userpool.User{Name: "a-uuid"}, verify: tt.verify}}
		response, _ := s.call(t, post("/password", strings.Replace(change, "provisoria-do-email", tt.temporary, 1)))
		if got := slices.Contains(s.pool.asked, "VerifyEmail a-uuid"); response.Code != 204 || got != tt.want {
			t.Errorf("%s: answer %d, calls %v, want verified %v", name, response.Code, s.pool.asked, tt.want)
		}
		if warned := strings.Contains(s.log.String(), `"warning":`); warned != (tt.verify != nil) {
			t.Errorf("%s: log %s, want a warning = %t", name, s.log.String(), tt.verify != nil)
		}
	}
}

func TestFormsWarnAsTheRoutesDo(t *testing.T) {
	s := service{pool: pool{challenged: &userpool.User{Name: "a-uuid"}, verify: userpool.ErrThrottled}}
	response, _ := s.call(t, form("/nova-senha", url.Values{
		page.FieldUsername: {"maria@example.com"}, page.FieldTemporary: {password.Marked("Provisoria-do-email-22", "EMAIL")}, page.FieldNew: {"uma frase que so eu sei"},
	}))
	if response.Code != http.StatusOK || !strings.Contains(s.log.String(), `"warning":`) {
		t.Errorf("answer = %d, log %s, want 200 and a warning", response.Code, s.log.String())
	}
}

func TestRequestsOfOtherOriginsAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		headers map[string]string
		allowed bool
	}{
		"a program":                    {nil, true},
		"our own page":                 {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://example.com"}, true},
		"our own form, origin kept":    {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, true},
		"an old browser, our page":     {map[string]string{"Origin": "https://example.com"}, true},
		"another site":                 {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, false},
		"a sister site":                {map[string]string{"Sec-Fetch-Site": "same-site"}, false},
		"an old browser, another site": {map[string]string{"Origin": "https://evil.example"}, false},
		"an old browser, no origin":    {map[string]string{"Origin": "null"}, false},
	} {
		for path, body := range map[string]string{"/password": change, "/password/resend": `{"username":"maria@example.com"}`} {
			s := service{pool: pool{challenged: &userpool.User{}}}
			request := post(path, body)
			for k, v := range tt.headers {
				request.Header.Set(k, v)
			}
			response, _ := s.call(t, request)
			if (response.Code < 300) != tt.allowed {
				t.Errorf("%s, %s: answer = %d, want allowed: %v", name, path, response.Code, tt.allowed)
			}
			if !tt.allowed {
				wantProblem(t, response, 403, web.CrossSite)
			}
		}
	}
}

// form is a form as a browser posts it.
func form(path string, values url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = "192.0.2.7:1234"
	return r
}

// TestForms is the page without its script: each outcome as a whole page.
func TestForms(t *testing.T) {
	whole := url.Values{page.FieldUsername: {"maria@example.com"}, page.FieldTemporary: {"provisoria-do-email"}, page.FieldNew: {"uma frase que só eu sei"}}
	with := func(name, value string) url.Values {
		v := url.Values{}
		maps.Copy(v, whole)
		v.Set(name, value)
		return v
	}
	for name, tt := range map[string]struct {
		path   string
		values url.Values
		pool   pool
		limits limits
		status int
		calls  int
	}{
		"set":                 {page.Path, whole, pool{challenged: &userpool.User{}}, limits{}, 200, 1},
		"invalid credentials": {page.Path, whole, pool{setPassword: userpool.ErrInvalidCredentials}, limits{}, 401, 1},
		"weak":                {page.Path, with(page.FieldNew, "curta"), pool{}, limits{}, 422, 0},
		"nothing typed":       {page.Path, url.Values{}, pool{}, limits{}, 422, 0},
		"elsewhere":           {page.Path, whole, pool{setPassword: userpool.ErrOtherChallenge}, limits{}, 409, 1},
		"too often":           {page.Path, whole, pool{}, limits{exceeded: "password_failures"}, 429, 0},
		"unavailable":         {page.Path, whole, pool{setPassword: userpool.ErrUnavailable}, limits{}, 503, 1},
		"resent":              {page.ResendPath, whole, pool{}, limits{}, 200, 1},
		"resent to nobody":    {page.ResendPath, whole, pool{resend: userpool.ErrNotFound}, limits{}, 200, 1},
		"resend to no one":    {page.ResendPath, with(page.FieldUsername, " "), pool{}, limits{}, 422, 0},
		"resend too often":    {page.ResendPath, whole, pool{}, limits{exceeded: "resends_a_day"}, 429, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := service{pool: tt.pool, limits: tt.limits}
			response, _ := s.call(t, form(tt.path, tt.values))
			if response.Code != tt.status || !strings.HasPrefix(response.Header().Get("Content-Type"), "text/html") {
				t.Errorf("answer = %d of %s, want %d of HTML", response.Code, response.Header().Get("Content-Type"), tt.status)
			}
			if len(s.pool.asked) != tt.calls {
				t.Errorf("calls = %v, want %d", s.pool.asked, tt.calls)
			}
			if response.Header().Get("Content-Security-Policy") == "" || response.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("headers = %v, want those of the page", response.Header())
			}
			for _, secret := range []string{"provisoria-do-email", "frase que só"} {
				if strings.Contains(response.Body.String()+s.log.String(), secret) {
					t.Errorf("%q stands in the page or the log", secret)
				}
			}
		})
	}
}

func TestPageIsReadWithoutEffect(t *testing.T) {
	s := service{}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		response, _ := s.call(t, httptest.NewRequest(method, page.Path, nil))
		if response.Code != 200 || len(s.pool.asked)+len(s.limits.taken) != 0 {
			t.Errorf("%s = %d, calls %v, taken %v", method, response.Code, s.pool.asked, s.limits.taken)
		}
	}
}

// TestAddressOfTheResendFormLeadsToThePage follows it as a browser does, with and
// without a stage before the path.
func TestAddressOfTheResendFormLeadsToThePage(t *testing.T) {
	s := service{}
	response, _ := s.call(t, httptest.NewRequest(http.MethodGet, page.ResendPath, nil))
	for _, prefix := range []string{"", "/prod"} {
		from, err := url.Parse("https://example.com" + prefix + page.ResendPath)
		if err != nil {
			t.Fatal(err)
		}
		to, err := from.Parse(response.Header().Get("Location"))
		if want := "https://example.com" + prefix + page.Path; response.Code != http.StatusSeeOther || err != nil || to.String() != want {
			t.Errorf("answer = %d to %v, %v, want 303 to %s", response.Code, to, err, want)
		}
	}
	if len(s.pool.asked)+len(s.limits.taken) != 0 {
		t.Errorf("calls %v, taken %v, want none", s.pool.asked, s.limits.taken)
	}
}
