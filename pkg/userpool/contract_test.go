package userpool_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local"
	pools "github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/pkg/userpool"
)

const aliasPoolName = "maria.silva"

// kinds are the kinds of pool, and the user name to ask for in each.
var kinds = []struct {
	name     string
	kind     pools.PoolKind
	userName string // of NewUser
	signIn   userpool.SignIn
}{
	{"e-mail user names", pools.EmailUserNames, "", userpool.ByEmail},
	{"plain user names", pools.PlainUserNames, "", userpool.ByUserName},
	{"e-mail aliases", pools.EmailAliases, aliasPoolName, userpool.ByAlias},
}

// stage is a local pool reached by the real SDK client.
type stage struct {
	*userpool.Pool
	stack *local.Stack
	now   time.Time // moved by the test alone
}

func start(t *testing.T, cfg local.Config) *stage {
	t.Helper()
	s := &stage{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	cfg.Now = func() time.Time { return s.now }
	if cfg.Function == nil {
		cfg.Function = lambda.Func(func(_ context.Context, event []byte) ([]byte, error) { return event, nil })
	}
	var err error
	if s.stack, err = local.Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stack.Close)
	s.Pool = userpool.NewPool(sdk(t, s.stack.CognitoURL()), s.stack.UserPoolID(), s.stack.ClientID())
	return s
}

// TestFromCreationToPassword is the whole way in each kind of pool.
func TestFromCreationToPassword(t *testing.T) {
	for _, tt := range kinds {
		for _, order := range []pools.TriggerOrder{pools.TriggerBeforeDuplicateCheck, pools.TriggerAfterDuplicateCheck} {
			t.Run(fmt.Sprint(tt.name, ", order ", order), func(t *testing.T) {
				walk(t, start(t, local.Config{PoolKind: tt.kind, TriggerOrder: order}), tt.userName)
			})
		}
	}
}

func walk(t *testing.T, s *stage, userName string) {
	ctx := t.Context()
	u := original(t)
	u.UserName = userName
	u.Suppress, u.Mediums = false, []userpool.Medium{userpool.Email}
	typed := email // what the customer types as user name
	if userName != "" {
		typed = userName
	}

	_, err := s.Lookup(ctx, typed)
	check(t, err, "not found")
	created, err := s.Create(ctx, u)
	check(t, err, "")
	want := userpool.User{Name: created.Name, Sub: created.Sub, Status: userpool.ForceChangePassword, CPF: u.CPF, Email: email, PhoneNumber: phone}
	if created != want || created.Name == "" || created.Sub == "" {
		t.Errorf("created %#v with sub %q and e-mail %q", created, created.Sub, created.Email)
	}
	for _, name := range []string{typed, created.Name} {
		got, err := s.Lookup(ctx, name)
		if check(t, err, ""); got != created {
			t.Errorf("Lookup = %v, want what was created, %v", got, created)
		}
	}
	_, err = s.Create(ctx, u)
	check(t, err, "user exists")

	const second = "temporary-Password-2"
	check(t, s.Resend(ctx, typed, second, u.Mediums), "")
	if mail := s.stack.Mailbox.Messages(); len(mail) != 2 {
		t.Errorf("%d messages, want 2", len(mail))
	}
	check(t, s.SetPassword(ctx, typed, temporary, chosen, nil), "invalid credentials")
	check(t, s.SetPassword(ctx, "nobody@example.com", second, chosen, nil), "invalid credentials")
	check(t, s.SetPassword(ctx, typed, second, "short", nil), "weak, used false")
	personal := errors.New("like the CPF")
	if err := s.SetPassword(ctx, typed, second, chosen, func(userpool.User) error { return personal }); err != personal {
		t.Errorf("SetPassword = %v, want the check's own error", err)
	}

	s.now = s.now.AddDate(0, 0, 3) // as long as the pool's temporary passwords live
	check(t, s.SetPassword(ctx, typed, second, chosen, nil), "invalid credentials")
	check(t, s.Resend(ctx, typed, second, u.Mediums), "")
	var asked userpool.User
	check(t, s.SetPassword(ctx, typed, second, chosen, func(u userpool.User) error { asked = u; return nil }), "")
	want.Sub = ""
	if asked != want {
		t.Errorf("the check was asked about %#v with name %q", asked, asked.Name)
	}
	check(t, s.SetPassword(ctx, typed, second, chosen, nil), "invalid credentials")
	check(t, s.SetPassword(ctx, typed, chosen, "another password", nil), "invalid credentials")
	check(t, s.Resend(ctx, typed, second, u.Mediums), "already confirmed")
	check(t, s.Resend(ctx, "nobody@example.com", second, u.Mediums), "not found")

	check(t, s.VerifyEmail(ctx, typed), "")
	check(t, s.VerifyEmail(ctx, "nobody@example.com"), "not found")
	got, err := s.Lookup(ctx, email) // an alias too, now
	check(t, err, "")
	want = created
	want.Status, want.EmailVerified = userpool.Confirmed, true
	if got != want {
		t.Errorf("in the end %#v, verified %t", got, got.EmailVerified)
	}
}

func TestAliasesAreFoundOnceVerified(t *testing.T) {
	s := start(t, local.Config{PoolKind: pools.EmailAliases})
	u := original(t)
	_, err := s.Create(t.Context(), u)
	check(t, err, "rejected InvalidParameterException username")
	u.UserName = aliasPoolName
	_, err = s.Create(t.Context(), u)
	check(t, err, "")
	_, err = s.Lookup(t.Context(), email)
	check(t, err, "not found")
	check(t, s.VerifyEmail(t.Context(), aliasPoolName), "")
	_, err = s.Lookup(t.Context(), email)
	check(t, err, "")

	u.UserName = "joao"
	_, err = s.Create(t.Context(), u)
	check(t, err, "")
	check(t, s.VerifyEmail(t.Context(), "joao"), "user exists")
}

func TestWhatTheTriggerSees(t *testing.T) {
	var seen struct {
		Request struct {
			UserAttributes, ValidationData map[string]string
		}
	}
	s := start(t, local.Config{Function: lambda.Func(func(_ context.Context, event []byte) ([]byte, error) {
		return event, json.Unmarshal(event, &seen)
	})})
	u := original(t)
	_, err := s.Create(t.Context(), u)
	check(t, err, "")
	delete(u.Simulation, "other")
	if diff := cmp.Diff(u.Simulation, seen.Request.ValidationData); diff != "" {
		t.Errorf("validation data (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"email": email, "phone_number": phone, "custom:cpf": number}, seen.Request.UserAttributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestTriggerFailures(t *testing.T) {
	for _, tt := range []struct {
		name     string
		function lambda.Func
		want     string
	}{
		{"refuses", func(context.Context, []byte) ([]byte, error) {
			return nil, &lambda.FunctionError{Type: "Refusal", Message: "informações da simulação estão erradas"}
		}, "refused: informações da simulação estão erradas"},
		{"cannot be reached", func(context.Context, []byte) ([]byte, error) { return nil, errors.New("AccessDeniedException") }, "unavailable"},
		{"answers nonsense", func(context.Context, []byte) ([]byte, error) { return []byte("{}"), nil }, "unavailable"},
		{"does not answer", func(ctx context.Context, _ []byte) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() }, "unavailable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, local.Config{Function: tt.function, AnswerWithin: time.Millisecond})
			_, err := s.Create(t.Context(), original(t))
			check(t, err, tt.want)
			_, err = s.Lookup(t.Context(), email)
			check(t, err, "not found")
		})
	}
}

func TestSettingsOfTheLocalPools(t *testing.T) {
	for _, tt := range kinds {
		s := start(t, local.Config{PoolKind: tt.kind})
		got, err := s.Settings(t.Context())
		check(t, err, "")
		want := userpool.Settings{SignIn: tt.signIn, Password: userpool.PasswordPolicy{MinimumLength: 12, TemporaryDays: 3}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		other := userpool.NewPool(sdk(t, s.stack.CognitoURL()), "us-east-1_other", s.stack.ClientID())
		_, err = other.Settings(t.Context())
		check(t, err, "rejected ResourceNotFoundException")
		check(t, other.SetPassword(t.Context(), email, temporary, chosen, nil), "rejected ResourceNotFoundException")
	}
}

// TestTwoWithTheSameTemporaryPassword sends one form twice: both get the answer
// that the password is set, whichever Cognito hears first.
func TestTwoWithTheSameTemporaryPassword(t *testing.T) {
	s := start(t, local.Config{})
	_, err := s.Create(t.Context(), original(t))
	check(t, err, "")
	const another = "some other password"
	first := func(chosen string) func(userpool.User) error {
		return func(userpool.User) error { return s.SetPassword(t.Context(), email, temporary, chosen, nil) }
	}
	check(t, s.SetPassword(t.Context(), email, temporary, chosen, first(chosen)), "")

	s = start(t, local.Config{})
	_, err = s.Create(t.Context(), original(t))
	check(t, err, "")
	check(t, s.SetPassword(t.Context(), email, temporary, chosen, first(another)), "invalid credentials")
}
