package userpool_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local"
	pools "github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/pkg/userpool"
)

// kinds are the kinds of pool.
var kinds = []struct {
	name   string
	kind   pools.PoolKind
	signIn userpool.SignIn
}{
	{"e-mail user names", pools.EmailUserNames, userpool.ByEmail},
	{"plain user names", pools.PlainUserNames, userpool.ByUserName},
	{"e-mail aliases", pools.EmailAliases, userpool.ByAlias},
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
				walk(t, start(t, local.Config{PoolKind: tt.kind, TriggerOrder: order}))
			})
		}
	}
}

func walk(t *testing.T, s *stage) {
	ctx := t.Context()
	u := original(t)
	u.Suppress, u.Mediums = false, []userpool.Medium{userpool.Email}
	const typed = email // what the customer types as user name

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

// TestNamesWhereEmailsAreAliases holds that the user name there is made of the
// e-mail, tells nothing of it by sight, and is the same in the next attempt.
func TestNamesWhereEmailsAreAliases(t *testing.T) {
	s := start(t, local.Config{PoolKind: pools.EmailAliases})
	u := original(t)
	first, err := s.Create(t.Context(), u)
	check(t, err, "")
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(first.Name) {
		t.Errorf("user name = %q, want a UUID of version 8", first.Name)
	}
	_, err = s.Create(t.Context(), u) // though no alias stands in the way
	check(t, err, "user exists")
	u.Email = "outra@example.com"
	other, err := s.Create(t.Context(), u)
	if check(t, err, ""); other.Name == first.Name {
		t.Error("two e-mails have one user name")
	}
}

// TestVerifiedAliasComesFirst has somebody of another name, whom Portaria did not
// create, prove an e-mail: it is theirs for Cognito, and so it is here.
func TestVerifiedAliasComesFirst(t *testing.T) {
	s := start(t, local.Config{PoolKind: pools.EmailAliases})
	ours, err := s.Create(t.Context(), original(t))
	check(t, err, "")
	const theirs = "maria.silva"
	in := &idp.AdminCreateUserInput{UserPoolId: aws.String(s.stack.UserPoolID()), Username: aws.String(theirs), MessageAction: "SUPPRESS",
		TemporaryPassword: aws.String("temporary-Password-3"), UserAttributes: list("email", email, "email_verified", "true")}
	if _, err := s.stack.Cognito().AdminCreateUser(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	got, err := s.Lookup(t.Context(), email)
	if check(t, err, ""); got.Name != theirs {
		t.Errorf("Lookup = %s, want %s", got.Name, theirs)
	}
	check(t, s.SetPassword(t.Context(), email, temporary, chosen, nil), "invalid credentials")
	check(t, s.SetPassword(t.Context(), email, "temporary-Password-3", chosen, nil), "")
	check(t, s.SetPassword(t.Context(), ours.Name, temporary, chosen, nil), "")
	check(t, s.VerifyEmail(t.Context(), ours.Name), "user exists")
}

// TestKindIsReadWhenItCouldNotBe has the pool's settings answered only the second
// time that somebody is to be created.
func TestKindIsReadWhenItCouldNotBe(t *testing.T) {
	const made = "a-uuid"
	var names []string
	err := error(&types.TooManyRequestsException{})
	f := &fake{
		create: func(in *idp.AdminCreateUserInput) (*idp.AdminCreateUserOutput, error) {
			names = append(names, *in.Username)
			return &idp.AdminCreateUserOutput{User: &types.UserType{Username: aws.String(made)}}, nil
		},
		describe: func() (*idp.DescribeUserPoolOutput, error) {
			return &idp.DescribeUserPoolOutput{UserPool: &types.UserPoolType{AliasAttributes: []types.AliasAttributeType{"email"}}}, err
		},
	}
	p := f.pool()
	for range 3 {
		_, e := p.Create(t.Context(), original(t))
		check(t, e, "")
		err = nil
	}
	if names[0] != email || names[1] == email || names[2] != names[1] {
		t.Errorf("user names %q, want the e-mail while the kind is not known, then one made of it", names)
	}
	if diff := cmp.Diff([]string{"describe " + pool, "create once", "describe " + pool, "create once", "create once"}, f.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
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
