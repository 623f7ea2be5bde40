package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
	"github.com/pontte/portaria/pkg/web"
)

// original is the body for the customer of the original call.
const original = `{"email":"Email.Test@gmail.com","phoneNumber":"+5551981980387","cpf":"042.122.860-17","trackCode":"21a81129400fbf441ae138e52eae8778",` +
	`"simulation":{"id":"mHPkDoN3TNqw7G3nxA4GAw","loanValue":"123123","term":180,"installment":2439.02,"loanValueSelected":"123123","phone":"+55 (51) 99999-9999"}}`

func mustCPF(t *testing.T, s string) cpf.CPF {
	t.Helper()
	c, err := cpf.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func nobody() []lookup { return []lookup{{err: userpool.ErrNotFound}} }

func TestRegisterCreatesTheUser(t *testing.T) {
	s := service{pool: pool{lookups: nobody(), created: userpool.User{Name: "a-uuid", Sub: "a-sub", Status: userpool.ForceChangePassword}}}
	response, took := s.call(t, post("/users", original))
	const want = `{"userName":"a-uuid","status":"FORCE_CHANGE_PASSWORD","created":true,"delivered":true}` + "\n"
	if response.Code != http.StatusCreated || response.Body.String() != want || took != 0 {
		t.Errorf("answer = %d %s after %v, want 201 %s at once", response.Code, response.Body, took, want)
	}
	u := s.pool.newUsers[0]
	wantSimulation := map[string]string{
		"trackCode": "21a81129400fbf441ae138e52eae8778", "simulationId": "mHPkDoN3TNqw7G3nxA4GAw", "loanValue": "123123", "term": "180",
		"installment": "2439.02", "loanValueSelected": "123123", "phone": "+55 (51) 99999-9999",
	}
	if diff := cmp.Diff(wantSimulation, u.Simulation); diff != "" {
		t.Errorf("validation data (-want +got):\n%s", diff)
	}
	if u.Email != "email.test@gmail.com" || u.PhoneNumber != "+5551981980387" || u.CPF.Digits() != "04212286017" || u.Suppress ||
		!slices.Equal(u.Mediums, []userpool.Medium{userpool.Email}) {
		t.Errorf("new user = %s %s %s %v %v", u.Email, u.PhoneNumber, u.CPF.Digits(), u.Suppress, u.Mediums)
	}
	if !password.IsMarked(u.TemporaryPassword, "EMAIL") || len(u.TemporaryPassword) < 20 {
		t.Error("the temporary password is short, or not marked as gone by e-mail alone")
	}
	if diff := cmp.Diff([]string{"04212286017 us-east-1_portaria a-uuid a-sub"}, s.claims.bound); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
	if strings.Contains(s.log.String()+response.Body.String(), u.TemporaryPassword) {
		t.Error("the temporary password stands in the answer or the log")
	}
}

func TestRegisterByOtherMediums(t *testing.T) {
	for name, tt := range map[string]struct {
		more      string
		mediums   []userpool.Medium
		suppress  bool
		delivered bool
		marked    bool
	}{
		"SMS":        {`,"mediums":["SMS"]`, []userpool.Medium{userpool.SMS}, false, true, false},
		"both":       {`,"mediums":["EMAIL","SMS"]`, []userpool.Medium{userpool.Email, userpool.SMS}, false, true, false},
		"e-mail":     {`,"mediums":["EMAIL"],"invitation":"send"`, []userpool.Medium{userpool.Email}, false, true, true},
		"suppressed": {`,"invitation":"suppress"`, []userpool.Medium{userpool.Email}, true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := service{pool: pool{lookups: nobody(), created: userpool.User{Name: "a-uuid", Sub: "a-sub"}}}
			response, _ := s.call(t, post("/users", strings.TrimSuffix(original, "}")+tt.more+"}"))
			if response.Code != http.StatusCreated {
				t.Fatalf("answer = %d %s", response.Code, response.Body)
			}
			u := s.pool.newUsers[0]
			if !slices.Equal(u.Mediums, tt.mediums) || u.Suppress != tt.suppress || password.IsMarked(u.TemporaryPassword, "EMAIL") != tt.marked {
				t.Errorf("mediums %v, suppress %v, marked %v, want %+v", u.Mediums, u.Suppress, password.IsMarked(u.TemporaryPassword, "EMAIL"), tt)
			}
			if got := strings.Contains(response.Body.String(), `"delivered":true`); got != tt.delivered {
				t.Errorf("answer = %s, want delivered %v", response.Body, tt.delivered)
			}
		})
	}
}

// TestRegisterTellsWhatCameOfIt is every outcome of the calls to Cognito.
func TestRegisterTellsWhatCameOfIt(t *testing.T) {
	same := userpool.User{Name: "a-uuid", Sub: "a-sub", Status: userpool.ForceChangePassword, CPF: mustCPF(t, "04212286017")}
	confirmed, other := same, same
	confirmed.Status, other.CPF = userpool.Confirmed, mustCPF(t, "52998224725")
	refused := func(c signup.Code) error { return &userpool.RefusedError{Text: c.Text()} }
	for name, tt := range map[string]struct {
		lookups []lookup
		create  error
		status  int
		code    web.Code // "" when it is no problem
		body    string   // a part of it
		calls   int
		bound   int
	}{
		"registered and waiting":      {[]lookup{{user: same}}, nil, 200, "", `"created":false`, 1, 0},
		"registered and confirmed":    {[]lookup{{user: confirmed}}, nil, 409, web.CPFTaken, "", 1, 0},
		"e-mail has another CPF":      {[]lookup{{user: other}}, nil, 409, web.EmailTaken, "", 1, 0},
		"look-up throttled":           {[]lookup{{err: userpool.ErrThrottled}}, nil, 429, web.TooManyRequests, "", 1, 0},
		"look-up not answered":        {[]lookup{{err: userpool.ErrUnavailable}}, nil, 503, web.Unavailable, "", 1, 0},
		"CPF taken":                   {nobody(), refused(signup.CPFTaken), 409, web.CPFTaken, "", 2, 0},
		"in progress":                 {nobody(), refused(signup.SignupInProgress), 409, web.SignupInProgress, "", 2, 0},
		"invalid CPF":                 {nobody(), refused(signup.InvalidCPF), 422, web.InvalidFields, `"/cpf"`, 2, 0},
		"no trackCode":                {nobody(), refused(signup.MissingTrackCode), 422, web.InvalidFields, `"/trackCode"`, 2, 0},
		"simulation wrong":            {nobody(), refused(signup.InvalidSimulation), 422, web.InvalidFields, `"/simulation"`, 2, 0},
		"the trigger's own fault":     {nobody(), refused(signup.Internal), 503, web.Unavailable, "", 2, 0},
		"another trigger's text":      {nobody(), &userpool.RefusedError{Text: "someone@example.com"}, 503, web.Unavailable, "", 2, 0},
		"throttled":                   {nobody(), userpool.ErrThrottled, 429, web.TooManyRequests, "", 2, 0},
		"rejected":                    {nobody(), &userpool.RejectedError{Call: "create user", Code: "InvalidPasswordException"}, 503, web.Unavailable, "", 2, 0},
		"not delivered":               {[]lookup{{err: userpool.ErrNotFound}, {user: same}}, &userpool.DeliveryError{}, 201, "", `"delivered":false`, 3, 1},
		"no clear answer, created":    {[]lookup{{err: userpool.ErrNotFound}, {user: same}}, userpool.ErrUnavailable, 201, "", `"created":true`, 3, 1},
		"no clear answer, other CPF":  {[]lookup{{err: userpool.ErrNotFound}, {user: other}}, userpool.ErrUnavailable, 409, web.EmailTaken, "", 3, 0},
		"no clear answer, no user":    {nobody(), userpool.ErrUnavailable, 503, web.Unavailable, "", 3, 0},
		"no clear answer, no look-up": {[]lookup{{err: userpool.ErrNotFound}, {err: userpool.ErrThrottled}}, userpool.ErrUnavailable, 503, web.Unavailable, "", 3, 0},
		"exists after all, same":      {[]lookup{{err: userpool.ErrNotFound}, {user: same}}, userpool.ErrUserExists, 200, "", `"created":false`, 3, 0},
		"exists after all, other CPF": {[]lookup{{err: userpool.ErrNotFound}, {user: other}}, userpool.ErrUserExists, 409, web.EmailTaken, "", 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := service{pool: pool{lookups: tt.lookups, create: tt.create, created: same}}
			response, _ := s.call(t, post("/users", original))
			if tt.code != "" {
				wantProblem(t, response, tt.status, tt.code)
			} else if response.Code != tt.status {
				t.Errorf("answer = %d %s, want %d", response.Code, response.Body, tt.status)
			}
			if !strings.Contains(response.Body.String(), tt.body) {
				t.Errorf("answer = %s, want it to say %s", response.Body, tt.body)
			}
			if retry := response.Header().Get("Retry-After"); (retry != "") != (tt.status == 429 || tt.status == 503) {
				t.Errorf("Retry-After = %q with %d", retry, tt.status)
			}
			if len(s.pool.asked) != tt.calls || len(s.claims.bound) != tt.bound {
				t.Errorf("calls %v, %d bound, want %d calls, %d bound", s.pool.asked, len(s.claims.bound), tt.calls, tt.bound)
			}
			if strings.Contains(s.log.String(), "example.com") || strings.Contains(response.Body.String(), "PreSignUp") {
				t.Errorf("log %s, answer %s", s.log.String(), response.Body)
			}
		})
	}
}

func TestABindThatFailsChangesNothing(t *testing.T) {
	s := service{pool: pool{lookups: nobody(), created: userpool.User{Name: "a-uuid", Sub: "a-sub"}}, claims: claims{err: errors.New("table is down")}}
	response, _ := s.call(t, post("/users", original))
	if response.Code != http.StatusCreated || !strings.Contains(s.log.String(), `"warning":"table is down"`) {
		t.Errorf("answer = %d, log %s, want 201 and a warning", response.Code, s.log.String())
	}
}

func TestRegisterNamesEveryWrongField(t *testing.T) {
	s := service{}
	response, _ := s.call(t, post("/users", `{"email":"a b@example.com","phoneNumber":"51977776666","cpf":"52998224726","trackCode":" ","mediums":[],`+
		`"invitation":"maybe","simulation":{"id":"","loanValue":"1,5","term":601,"installment":-1,"loanValueSelected":1e3,"phone":"+55 (20) 99999-9999"}}`))
	p := wantProblem(t, response, 422, web.InvalidFields)
	var got []string
	for _, f := range p.Errors {
		got = append(got, f.Pointer+" "+f.Code)
		if f.Detail == "" {
			t.Errorf("%s has no text", f.Pointer)
		}
	}
	want := []string{
		"/cpf check_digits", "/email email", "/invitation format", "/mediums mediums", "/phoneNumber phone_number", "/simulation/id blank",
		"/simulation/installment format", "/simulation/loanValue format", "/simulation/loanValueSelected format", "/simulation/phone area_code",
		"/simulation/term out_of_range", "/trackCode blank",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("wrong fields (-want +got):\n%s", diff)
	}
	if len(s.pool.asked) != 0 {
		t.Errorf("Cognito was asked: %v", s.pool.asked)
	}
	for _, value := range []string{"52998224726", "51977776666", "a b@example.com", "maybe"} {
		if strings.Contains(response.Body.String(), value) {
			t.Errorf("the problem repeats %q", value)
		}
	}

	response, _ = s.call(t, post("/users", `{}`))
	if p := wantProblem(t, response, 422, web.InvalidFields); len(p.Errors) != 5 {
		t.Errorf("%d fields are missing of an empty object, want 5: %v", len(p.Errors), p.Errors)
	}
}

func TestBodiesThatAreRefused(t *testing.T) {
	plain := post("/users", original)
	plain.Header.Set("Content-Type", "text/plain")
	none := post("/users", original)
	none.Header.Del("Content-Type")
	for name, tt := range map[string]struct {
		request *http.Request
		status  int
		code    web.Code
	}{
		"no JSON":               {post("/users", "x"), 400, web.MalformedRequest},
		"nothing":               {post("/users", ""), 400, web.MalformedRequest},
		"an array":              {post("/users", "[]"), 400, web.MalformedRequest},
		"null":                  {post("/users", "null"), 400, web.MalformedRequest},
		"text after":            {post("/users", original+"x"), 400, web.MalformedRequest},
		"an object after":       {post("/users", original+"{}"), 400, web.MalformedRequest},
		"broken off":            {post("/users", original[:100]), 400, web.MalformedRequest},
		"an unknown field":      {post("/users", strings.Replace(original, `{`, `{"admin":true,`, 1)), 400, web.MalformedRequest},
		"a field in other case": {post("/users", strings.Replace(original, `"cpf"`, `"CPF"`, 1)), 400, web.MalformedRequest},
		"an unknown one inside": {post("/users", strings.Replace(original, `"id"`, `"rate":1,"id"`, 1)), 400, web.MalformedRequest},
		"a name twice":          {post("/users", strings.Replace(original, `{`, `{"cpf":"52998224725",`, 1)), 400, web.MalformedRequest},
		"a name twice inside":   {post("/users", strings.Replace(original, `"id"`, `"term":1,"id"`, 1)), 400, web.MalformedRequest},
		"not UTF-8":             {post("/users", strings.Replace(original, "21a8", "\xff", 1)), 400, web.MalformedRequest},
		"another type":          {plain, 415, web.UnsupportedMedia},
		"no type":               {none, 415, web.UnsupportedMedia},
		"over 16 KiB":           {post("/users", strings.Replace(original, "21a8", strings.Repeat("x", 17<<10), 1)), 413, web.TooLarge},
		"another method":        {httptest.NewRequest(http.MethodPut, "/users", nil), 405, web.MethodNotAllowed},
		"another path":          {post("/user", original), 404, web.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			s := service{pool: pool{lookups: nobody()}}
			response, _ := s.call(t, tt.request)
			wantProblem(t, response, tt.status, tt.code)
			if allow := response.Header().Get("Allow"); tt.status == 405 && allow != "POST" {
				t.Errorf("Allow = %q, want POST", allow)
			}
			if len(s.pool.asked) != 0 {
				t.Errorf("Cognito was asked: %v", s.pool.asked)
			}
		})
	}
}

func TestResendForSystems(t *testing.T) {
	for name, tt := range map[string]struct {
		body   string
		err    error
		status int
		code   web.Code
		answer string
	}{
		"sent":          {`{"email":"Maria@example.com"}`, nil, 202, "", `{"delivered":true}`},
		"not delivered": {`{"email":"maria@example.com"}`, &userpool.DeliveryError{}, 202, "", `{"delivered":false}`},
		"unknown":       {`{"email":"maria@example.com"}`, userpool.ErrNotFound, 404, web.UserNotFound, ""},
		"confirmed":     {`{"email":"maria@example.com"}`, userpool.ErrAlreadyConfirmed, 409, web.AlreadyConfirmed, ""},
		"throttled":     {`{"email":"maria@example.com"}`, userpool.ErrThrottled, 429, web.TooManyRequests, ""},
		"no answer":     {`{"email":"maria@example.com"}`, userpool.ErrUnavailable, 503, web.Unavailable, ""},
		"no e-mail":     {`{"email":"maria"}`, nil, 422, web.InvalidFields, ""},
		"bad medium":    {`{"email":"maria@example.com","mediums":["FAX"]}`, nil, 422, web.InvalidFields, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := service{pool: pool{resend: tt.err}}
			response, _ := s.call(t, post("/users/resend", tt.body))
			if tt.code != "" {
				wantProblem(t, response, tt.status, tt.code)
			} else if response.Code != tt.status || strings.TrimSpace(response.Body.String()) != tt.answer {
				t.Errorf("answer = %d %s, want %d %s", response.Code, response.Body, tt.status, tt.answer)
			}
			if tt.status == 202 && !slices.Equal(s.pool.asked, []string{"Resend maria@example.com"}) {
				t.Errorf("calls = %v", s.pool.asked)
			}
		})
	}
}

func TestHealthAndUnknownPaths(t *testing.T) {
	s := service{}
	response, took := s.call(t, httptest.NewRequest(http.MethodGet, "/health", nil))
	if response.Code != 200 || strings.TrimSpace(response.Body.String()) != `{"status":"ok"}` || took > time.Second {
		t.Errorf("health = %d %s", response.Code, response.Body)
	}
	response, _ = s.call(t, httptest.NewRequest(http.MethodGet, "/", nil))
	wantProblem(t, response, 404, web.NotFound)
}
