package signup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

// original is the event of the call that must always work.
const original = `{"version":"1","region":"us-east-1","userPoolId":"us-east-1_portaria","userName":"4d5f2e0c-5a3c-4f0e-9d63-0f6a1f4b7a10",` +
	`"callerContext":{"awsSdkVersion":"aws-sdk-go-v2","clientId":"CLIENT_ID_NOT_APPLICABLE"},"triggerSource":"PreSignUp_AdminCreateUser",` +
	`"request":{"userAttributes":{"email":"email.test@gmail.com","phone_number":"+5551981980387","custom:cpf":"04212286017"},` +
	`"validationData":{"trackCode":"21a81129400fbf441ae138e52eae8778","simulationId":"mHPkDoN3TNqw7G3nxA4GAw","loanValue":"123123",` +
	`"term":"180","installment":"2439.02","loanValueSelected":"123123","phone":"+55 (51) 99999-9999"}},` +
	`"response":{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false}}`

// original with one part changed.
func changed(t *testing.T, pairs ...string) []byte {
	t.Helper()
	s := original
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(s, pairs[i]) {
			t.Fatalf("the event has no %s", pairs[i])
		}
		s = strings.Replace(s, pairs[i], pairs[i+1], 1)
	}
	return []byte(s)
}

// fakeRegistry answers as it is told and takes down what it was asked.
type fakeRegistry struct {
	outcome           registry.Outcome
	claim, check, own error
	panics            any
	attempts, checks  []registry.Attempt
	renewed           []registry.User
}

func (f *fakeRegistry) Claim(_ context.Context, a registry.Attempt) (registry.Outcome, error) {
	f.attempts = append(f.attempts, a)
	if f.panics != nil {
		panic(f.panics)
	}
	return f.outcome, f.claim
}

func (f *fakeRegistry) Check(_ context.Context, a registry.Attempt) error {
	f.checks = append(f.checks, a)
	return f.check
}

func (f *fakeRegistry) Renew(_ context.Context, _ cpf.CPF, user registry.User, _ time.Time) error {
	f.renewed = append(f.renewed, user)
	return f.own
}

// fakeUsers finds everybody when err is nil.
type fakeUsers struct {
	err   error
	asked []registry.User
}

func (f *fakeUsers) Find(_ context.Context, user registry.User) error {
	f.asked = append(f.asked, user)
	return f.err
}

var began = time.Date(2026, time.March, 10, 9, 30, 0, 0, time.UTC)

// clock moves on by 7 ms each time it is read.
func clock() func() time.Time {
	at := began.Add(-7 * time.Millisecond)
	return func() time.Time { at = at.Add(7 * time.Millisecond); return at }
}

func newHandler(r signup.Registry, u signup.Users, log *bytes.Buffer) *signup.Handler {
	return signup.New(r, u, zerolog.New(log).With().Str("service", "pre-signup").Logger(), clock())
}

// wantRefusal compares the exact refusal: its code, its text, and that it is bare.
func wantRefusal(t *testing.T, answer []byte, err error, want signup.Code) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("error = %v, want none", err)
		}
		return
	}
	refusal, ok := err.(*signup.Refusal) // bare: not errors.As
	if !ok || answer != nil {
		t.Fatalf("Invoke = %q, %#v, want nothing and a bare *Refusal", answer, err)
	}
	if refusal.Code != want || err.Error() != want.Text() {
		t.Errorf("refusal = %s %q, want %s %q", refusal.Code, err, want, want.Text())
	}
}

// TestTexts are the contract with those who read them, to the letter.
func TestTexts(t *testing.T) {
	got := map[signup.Code]string{}
	for _, c := range []signup.Code{
		signup.InvalidCPF, signup.CPFTaken, signup.MissingTrackCode, signup.InvalidSimulation, signup.SignupInProgress, signup.Internal,
	} {
		got[c] = c.Text()
	}
	want := map[signup.Code]string{
		"invalid_cpf":        "O cpf informado não é válido",
		"cpf_taken":          "Uma conta com esse CPF já existe",
		"missing_track_code": "o parâmetro trackCode não foi enviado",
		"invalid_simulation": "informações da simulação estão erradas",
		"signup_in_progress": "Seu cadastro já está em andamento; aguarde alguns segundos e tente novamente",
		"internal":           "Não foi possível concluir o cadastro agora; tente novamente em instantes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

// TestOrder is all 16 combinations of what the four rules look for. A CPF that
// is invalid cannot be taken: that combination is one whose stranger holds it.
func TestOrder(t *testing.T) {
	for bits := range 16 {
		invalid, taken, noTrackCode, wrongSimulation := bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0
		want, requests := signup.Code(""), 1
		switch {
		case invalid:
			want, requests = signup.InvalidCPF, 0
		case taken:
			want = signup.CPFTaken
		case noTrackCode:
			want = signup.MissingTrackCode
		case wrongSimulation:
			want = signup.InvalidSimulation
		}
		name := fmt.Sprintf("invalid=%v taken=%v noTrackCode=%v wrongSimulation=%v", invalid, taken, noTrackCode, wrongSimulation)
		t.Run(name, func(t *testing.T) {
			var change []string
			if invalid {
				change = append(change, "04212286017", "04212286018")
			}
			if noTrackCode {
				change = append(change, `"trackCode":"21a81129400fbf441ae138e52eae8778",`, "")
			}
			if wrongSimulation {
				change = append(change, `"180"`, `"601"`)
			}
			reg := &fakeRegistry{outcome: registry.Claimed}
			if taken {
				reg.outcome, reg.claim, reg.check = "", registry.ErrTaken, registry.ErrTaken
			}
			event := changed(t, change...)
			answer, err := newHandler(reg, &fakeUsers{}, new(bytes.Buffer)).Invoke(t.Context(), event)
			wantRefusal(t, answer, err, want)
			if want == "" && !bytes.Equal(answer, event) {
				t.Errorf("answer = %s, want the event", answer)
			}
			if got := len(reg.attempts) + len(reg.checks); got != requests {
				t.Errorf("the registry was asked %d times, want %d", got, requests)
			}
			if wrong := noTrackCode || wrongSimulation; wrong && len(reg.attempts) > 0 {
				t.Error("an attempt whose values are wrong claimed the CPF")
			}
		})
	}
}

func TestInProgressNeverComesBeforeTheRules(t *testing.T) {
	reg := &fakeRegistry{claim: registry.ErrInProgress}
	h := newHandler(reg, &fakeUsers{}, new(bytes.Buffer))
	answer, err := h.Invoke(t.Context(), changed(t, `"180"`, `"0"`))
	wantRefusal(t, answer, err, signup.InvalidSimulation)
	answer, err = h.Invoke(t.Context(), []byte(original))
	wantRefusal(t, answer, err, signup.SignupInProgress)
}

func TestClaimCarriesTheSignUp(t *testing.T) {
	reg := &fakeRegistry{outcome: registry.Claimed}
	h := newHandler(reg, &fakeUsers{}, new(bytes.Buffer))
	for _, event := range [][]byte{
		changed(t, "email.test@gmail.com", "Email.Test@Gmail.com", "04212286017", "042.122.860-17"),
		changed(t, `"userName":"4d5f2e0c-5a3c-4f0e-9d63-0f6a1f4b7a10",`, "", "email.test@gmail.com", "Email.Test@Gmail.com"),
	} {
		if _, err := h.Invoke(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	a := reg.attempts[0]
	got := fmt.Sprintln(a.CPF.Digits(), a.User.PoolID, a.User.Name, a.Email, a.PhoneNumber, a.Simulation.TrackCode, a.Simulation.Installment,
		a.Simulation.Phone.E164(), a.TriggerSource, a.At.Equal(began))
	want := fmt.Sprintln("04212286017", "us-east-1_portaria", "4d5f2e0c-5a3c-4f0e-9d63-0f6a1f4b7a10", "email.test@gmail.com", "+5551981980387",
		"21a81129400fbf441ae138e52eae8778", "2439.02", "+5551999999999", "PreSignUp_AdminCreateUser", true)
	if got != want {
		t.Errorf("attempt = %s want %s", got, want)
	}
	if name := reg.attempts[1].User.Name; name != "email.test@gmail.com" {
		t.Errorf("user name of an event without one = %q, want its e-mail", name)
	}
}

func TestOurOwnFaultsAreInternal(t *testing.T) {
	past, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Millisecond))
	defer cancel()
	zero, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	short, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
	defer cancel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	aws := errors.New("operation error DynamoDB: UpdateItem, https response error StatusCode: 500")
	for name, tt := range map[string]struct {
		ctx   context.Context
		reg   *fakeRegistry
		event []byte
		want  string // in the log's error
	}{
		"deadline past":                   {past, &fakeRegistry{}, []byte(original), "no time left"},
		"no time remaining":               {zero, &fakeRegistry{}, []byte(original), "no time left"},
		"less time than the answer takes": {short, &fakeRegistry{}, []byte(original), "no time left"},
		"cancelled":                       {ended, &fakeRegistry{}, []byte(original), "no time left"},
		"the claim not answered":          {t.Context(), &fakeRegistry{claim: aws}, []byte(original), "operation error DynamoDB"},
		"the check not answered":          {t.Context(), &fakeRegistry{check: aws}, changed(t, `"180"`, `"0"`), "operation error DynamoDB"},
		"a panic":                         {t.Context(), &fakeRegistry{panics: "boom"}, []byte(original), "panic: string; in signup_test.(*fakeRegistry).Claim"},
		"a panic of an error":             {t.Context(), &fakeRegistry{panics: errors.New("boom")}, []byte(original), "panic: *errors.errorString"},
		"another source":                  {t.Context(), &fakeRegistry{}, changed(t, "PreSignUp_AdminCreateUser", "PostConfirmation_ConfirmSignUp"), "triggerSource is not one"},
		"not JSON":                        {t.Context(), &fakeRegistry{}, []byte(original[:200]), "the event is not a JSON object"},
		"nothing":                         {t.Context(), &fakeRegistry{}, nil, "the event is not a JSON object"},
		"an array for a request":          {t.Context(), &fakeRegistry{}, changed(t, `"request":{`, `"request":[],"x":{`), "request is not a JSON object"},
		"a number for a user name":        {t.Context(), &fakeRegistry{}, changed(t, `"4d5f2e0c-5a3c-4f0e-9d63-0f6a1f4b7a10"`, "7"), "userName is not a text"},
		"no pool":                         {t.Context(), &fakeRegistry{}, changed(t, `"us-east-1_portaria"`, "null"), "no userPoolId"},
		"neither user name nor e-mail":    {t.Context(), &fakeRegistry{}, changed(t, `"4d5f2e0c-5a3c-4f0e-9d63-0f6a1f4b7a10"`, `""`, `"email"`, `"mail"`), "neither userName nor e-mail"},
		"ten thousand levels":             {t.Context(), &fakeRegistry{}, changed(t, `"version":"1"`, `"version":`+strings.Repeat("[", 10001)+strings.Repeat("]", 10001)), "not a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			answer, err := newHandler(tt.reg, &fakeUsers{}, &log).Invoke(tt.ctx, tt.event)
			wantRefusal(t, answer, err, signup.Internal)
			line := oneLine(t, log.Bytes())
			if line["level"] != "error" || line["outcome"] != "failed" || line["code"] != "internal" {
				t.Errorf("log line = %v, want level error, outcome failed, code internal", line)
			}
			if cause, _ := line["error"].(string); !strings.Contains(cause, tt.want) {
				t.Errorf("logged error = %q, want it to tell %q", cause, tt.want)
			}
		})
	}
}

// TestCallsEndBeforeTheAnswerIsDue holds that what the calls are given to answer
// in leaves time for the answer, both of our own 4 s and of Lambda's deadline.
func TestCallsEndBeforeTheAnswerIsDue(t *testing.T) {
	for name, tt := range map[string]struct {
		remaining time.Duration // 0: no deadline
		most      time.Duration
	}{
		"no deadline":          {0, 3700 * time.Millisecond},
		"a far deadline":       {time.Minute, 3700 * time.Millisecond},
		"Lambda's 5 s":         {5 * time.Second, 3700 * time.Millisecond},
		"2 s left of Lambda's": {2 * time.Second, 1700 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			start, ctx := time.Now(), t.Context()
			if tt.remaining > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, start.Add(tt.remaining))
				defer cancel()
			}
			var deadline time.Time
			reg := claimFunc(func(ctx context.Context) { deadline, _ = ctx.Deadline() })
			if _, err := newHandler(reg, &fakeUsers{}, new(bytes.Buffer)).Invoke(ctx, []byte(original)); err != nil {
				t.Fatal(err)
			}
			// The deadline is counted from a time after start, so allow for a slow machine on one side only.
			if tt.remaining > 0 && tt.remaining < 4*time.Second {
				if got := deadline.Sub(start); got != tt.most {
					t.Errorf("calls may take %v, want %v", got, tt.most)
				}
				return
			}
			if got := time.Until(deadline); deadline.IsZero() || got > tt.most {
				t.Errorf("calls may take %v more, want at most %v", got, tt.most)
			}
		})
	}
}

type claimFunc func(context.Context)

func (f claimFunc) Claim(ctx context.Context, _ registry.Attempt) (registry.Outcome, error) {
	f(ctx)
	return registry.Claimed, nil
}
func (f claimFunc) Check(context.Context, registry.Attempt) error                  { return nil }
func (f claimFunc) Renew(context.Context, cpf.CPF, registry.User, time.Time) error { return nil }

func TestDoubtIsTakenWithAWarning(t *testing.T) {
	for name, event := range map[string][]byte{"all valid": []byte(original), "simulation wrong": changed(t, `"180"`, `"0"`)} {
		var log bytes.Buffer
		doubt := &registry.DoubtError{Cause: errors.New("look up the owner: too many requests")}
		answer, err := newHandler(&fakeRegistry{claim: doubt, check: doubt}, &fakeUsers{}, &log).Invoke(t.Context(), event)
		wantRefusal(t, answer, err, signup.CPFTaken)
		line := oneLine(t, log.Bytes())
		if line["level"] != "warn" || line["claim"] != "conflict" || line["error"] != "look up the owner: too many requests" {
			t.Errorf("%s: log line = %v, want a warning with the cause", name, line)
		}
	}
}

func TestResend(t *testing.T) {
	const noData = `"request":{"userAttributes":{`
	withoutData := func(attributes string) []byte {
		return []byte(`{"userPoolId":"us-east-1_portaria","userName":"maria","triggerSource":"PreSignUp_AdminCreateUser",` +
			noData + attributes + `},"validationData":null}}`)
	}
	const aCPF = `"email":"maria@example.com","custom:cpf":"52998224725"`
	for name, tt := range map[string]struct {
		event   []byte
		find    error
		own     error
		want    signup.Code
		finds   int
		renewed int
	}{
		"of a user, no CPF":               {withoutData(`"email":"maria@example.com"`), nil, nil, "", 1, 0},
		"of a user, no attributes":        {withoutData(``), nil, nil, "", 1, 0},
		"of a user, CPF is theirs":        {withoutData(aCPF), nil, nil, "", 1, 1},
		"of a user, CPF is not theirs":    {withoutData(aCPF), nil, registry.ErrNotOwner, signup.CPFTaken, 1, 1},
		"of a user, claim not answered":   {withoutData(aCPF), nil, errors.New("down"), signup.CPFTaken, 1, 1},
		"of a user, CPF invalid":          {withoutData(`"custom:cpf":"123"`), nil, nil, signup.InvalidCPF, 1, 0},
		"of nobody, no CPF":               {withoutData(``), userpool.ErrNotFound, nil, signup.InvalidCPF, 1, 0},
		"of nobody, with a CPF":           {withoutData(aCPF), userpool.ErrNotFound, nil, signup.CPFTaken, 1, 0},
		"Cognito does not answer, no CPF": {withoutData(``), errors.New("too many requests"), nil, signup.InvalidCPF, 1, 0},
		"a SignUp without data":           {bytes.Replace(withoutData(``), []byte("AdminCreateUser"), []byte("SignUp"), 1), nil, nil, signup.InvalidCPF, 0, 0},
		"with data":                       {[]byte(original), nil, nil, signup.CPFTaken, 0, 0},
		"with data that is no text":       {bytes.Replace(withoutData(``), []byte("null"), []byte(`{"trackCode":7}`), 1), nil, nil, signup.InvalidCPF, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			reg := &fakeRegistry{claim: registry.ErrTaken, check: registry.ErrTaken, own: tt.own}
			users := &fakeUsers{err: tt.find}
			answer, err := newHandler(reg, users, new(bytes.Buffer)).Invoke(t.Context(), tt.event)
			wantRefusal(t, answer, err, tt.want)
			if len(users.asked) != tt.finds || len(reg.renewed) != tt.renewed {
				t.Errorf("%d look-ups, %d renewals, want %d, %d", len(users.asked), len(reg.renewed), tt.finds, tt.renewed)
			}
			if tt.want == "" && len(reg.attempts)+len(reg.checks) > 0 {
				t.Error("a RESEND that is allowed claimed or checked")
			}
		})
	}
}

func TestLogLine(t *testing.T) {
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "79104EXAMPLEB723"})
	//lint:ignore SA1029 the key is the one that Lambda's runtime client uses
	ctx = context.WithValue(ctx, "x-amzn-trace-id", "Root=1-5e1b4151-5ac6c58d4EXAMPLE")
	var log bytes.Buffer
	h := newHandler(&fakeRegistry{outcome: registry.TakenOver}, &fakeUsers{}, &log)
	for range 2 {
		if _, err := h.Invoke(ctx, []byte(original)); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.SplitAfter(log.String(), "\n")
	const want = `{"level":"info","service":"pre-signup","timestamp":"2026-03-10T09:30:00.007Z","cold_start":true,` +
		`"function_request_id":"79104EXAMPLEB723","xray_trace_id":"Root=1-5e1b4151-5ac6c58d4EXAMPLE","trigger_source":"PreSignUp_AdminCreateUser",` +
		`"outcome":"allowed","claim":"takeover","cpf":"***.122.860-**","duration_ms":7,"message":"sign-up allowed"}` + "\n"
	if diff := cmp.Diff(want, lines[0]); diff != "" {
		t.Errorf("first line (-want +got):\n%s", diff)
	}
	if len(lines) != 3 || !strings.Contains(lines[1], `"cold_start":false`) {
		t.Errorf("log = %q, want a second line, of a warm start, and no more", lines)
	}

	log.Reset()
	_, err := h.Invoke(ctx, changed(t, "04212286017", "x"))
	wantRefusal(t, nil, err, signup.InvalidCPF)
	line := oneLine(t, log.Bytes())
	delete(line, "timestamp")
	wantLine := map[string]any{
		"level": "info", "service": "pre-signup", "cold_start": false, "function_request_id": "79104EXAMPLEB723",
		"xray_trace_id": "Root=1-5e1b4151-5ac6c58d4EXAMPLE", "trigger_source": "PreSignUp_AdminCreateUser", "outcome": "refused",
		"code": "invalid_cpf", "duration_ms": 7.0, "message": "sign-up refused",
	}
	if diff := cmp.Diff(wantLine, line); diff != "" {
		t.Errorf("line of a refusal (-want +got):\n%s", diff)
	}
}

// TestCausesAreRedacted puts personal data where AWS's errors might have it.
func TestCausesAreRedacted(t *testing.T) {
	for _, secret := range []string{
		"04212286017", "042.122.860-17", "email.test@gmail.com", "someone.else@example.com", "+5551981980387", "5551981980387",
		"+55 (51) 99999-9999", "529.982.247-25", "52998224725", "4d5f2e0c-5a3c-4f0e-9d63-0f6a1f4b7a10", "21a81129400fbf441ae138e52eae8778",
	} {
		for name, reg := range map[string]*fakeRegistry{
			"error": {claim: fmt.Errorf("value %s is not valid", secret)},
			"doubt": {claim: &registry.DoubtError{Cause: fmt.Errorf("key {%s}", secret)}},
			"panic": {panics: "index of " + secret},
		} {
			var log bytes.Buffer
			_, err := newHandler(reg, &fakeUsers{}, &log).Invoke(t.Context(), []byte(original))
			if err == nil {
				t.Fatal("allowed")
			}
			if strings.Contains(log.String(), secret) || !strings.Contains(log.String(), "[hidden]") && name != "panic" {
				t.Errorf("%s: %s is not hidden in %s", name, secret, log.String())
			}
		}
	}
	var log bytes.Buffer
	const harmless = "operation error DynamoDB: UpdateItem, exceeded maximum number of attempts, 2, https response error StatusCode: 500, RequestID: 1a2b, dial tcp 127.0.0.1:8000"
	if _, err := newHandler(&fakeRegistry{claim: errors.New(harmless)}, &fakeUsers{}, &log).Invoke(t.Context(), []byte(original)); err == nil {
		t.Fatal("allowed")
	}
	if got := oneLine(t, log.Bytes())["error"]; got != harmless {
		t.Errorf("logged error = %q, want it whole: %q", got, harmless)
	}
}

// oneLine reads a log that must be one line of JSON.
func oneLine(t *testing.T, log []byte) map[string]any {
	t.Helper()
	if n := bytes.Count(log, []byte("\n")); n != 1 {
		t.Fatalf("%d lines in the log, want 1: %s", n, log)
	}
	var line map[string]any
	if err := json.Unmarshal(log, &line); err != nil {
		t.Fatalf("log line %s: %v", log, err)
	}
	return line
}
