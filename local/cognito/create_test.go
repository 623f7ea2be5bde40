package cognito_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
)

const uuid4 = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`

// original is the call that the project was started for, to the letter.
func original() *idp.AdminCreateUserInput {
	return &idp.AdminCreateUserInput{
		UserPoolId:             aws.String(poolID),
		Username:               aws.String(email),
		DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL", "SMS"},
		ForceAliasCreation:     false,
		MessageAction:          types.MessageActionTypeSuppress,
		UserAttributes:         attributes("email", email, "phone_number", phone, "custom:cpf", "04212286017"),
		ValidationData: attributes("trackCode", "21a81129400fbf441ae138e52eae8778", "simulationId", "mHPkDoN3TNqw7G3nxA4GAw",
			"loanValue", "123123", "term", "180", "installment", "2439.02", "loanValueSelected", "123123",
			"phone", "+55 (51) 99999-9999"),
	}
}

func TestAdminCreateUserMakesTheUser(t *testing.T) {
	tests := []struct {
		name     string
		kind     cognito.PoolKind
		username string
		final    string // pattern of the final user name
	}{
		{"a UUID in a pool of e-mails", cognito.EmailUserNames, email, uuid4},
		{"the name itself in a plain pool", cognito.PlainUserNames, email, "^email.test@gmail.com$"},
		{"the name itself in a pool with aliases", cognito.EmailAliases, "maria", "^maria$"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, withKind(tt.kind), withTrigger(echo))
			in := original()
			in.Username = &tt.username
			u := s.create(in)
			if !regexp.MustCompile(tt.final).MatchString(*u.Username) {
				t.Errorf("Username = %q, want it to match %s", *u.Username, tt.final)
			}
			got := asMap(u.Attributes)
			if !regexp.MustCompile(uuid4).MatchString(got["sub"]) {
				t.Errorf("sub = %q, want a UUID", got["sub"])
			}
			if tt.kind == cognito.EmailUserNames && got["sub"] != *u.Username {
				t.Errorf("sub = %q, want the user name %q", got["sub"], *u.Username)
			}
			delete(got, "sub")
			if diff := cmp.Diff(map[string]string{"email": email, "phone_number": phone, "custom:cpf": "04212286017"}, got); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if u.UserStatus != types.UserStatusTypeForceChangePassword || !u.Enabled {
				t.Errorf("status %s, enabled %v; want FORCE_CHANGE_PASSWORD, true", u.UserStatus, u.Enabled)
			}
			if !u.UserCreateDate.Equal(s.clock.Now()) || !u.UserLastModifiedDate.Equal(s.clock.Now()) {
				t.Errorf("dates = %v, %v; want %v", u.UserCreateDate, u.UserLastModifiedDate, s.clock.Now())
			}
			if len(s.mail.sent) != 0 {
				t.Errorf("SUPPRESS sent %v", s.mail.sent)
			}
		})
	}
}

func TestEveryAttemptGetsANewUUID(t *testing.T) {
	var seen []string
	s := newStage(t, withTrigger(func(_ context.Context, event []byte) ([]byte, error) {
		seen = append(seen, field(t, event, "userName"))
		return nil, &lambda.FunctionError{Message: "no"}
	}))
	for range 2 {
		s.AdminCreateUser(s.ctx, original())
	}
	if len(seen) != 2 || seen[0] == seen[1] {
		t.Errorf("user names = %q, want two different ones", seen)
	}
}

func TestEmailPoolSetsEmailFromTheUserName(t *testing.T) {
	s := newStage(t)
	u := s.create(invitation("Some.One@Example.com"))
	if got := asMap(u.Attributes)["email"]; got != "Some.One@Example.com" {
		t.Errorf("email = %q", got)
	}
}

func TestDuplicateIsRefused(t *testing.T) {
	tests := []struct {
		name  string
		kind  cognito.PoolKind
		first *idp.AdminCreateUserInput
		again *idp.AdminCreateUserInput
		want  string
	}{
		{"same e-mail in a pool of e-mails", cognito.EmailUserNames, invitation(email), invitation(email),
			"UsernameExistsException: An account with the given email already exists."},
		{"same e-mail in other letters", cognito.EmailUserNames, invitation(email), invitation("EMAIL.test@Gmail.com"),
			"UsernameExistsException: An account with the given email already exists."},
		{"same name", cognito.PlainUserNames, invitation("maria"), invitation("maria"),
			"UsernameExistsException: User account already exists"},
		{"same name in other letters", cognito.PlainUserNames, invitation("maria"), invitation("MARIA"),
			"UsernameExistsException: User account already exists"},
		{"same e-mail in a plain pool is no duplicate", cognito.PlainUserNames,
			invitationWith("maria", "email", email, "email_verified", "true"),
			invitationWith("ana", "email", email, "email_verified", "true"), ""},
		{"same verified alias", cognito.EmailAliases,
			invitationWith("maria", "email", email, "email_verified", "true"),
			invitationWith("ana", "email", "EMAIL.TEST@gmail.com", "email_verified", "true"),
			"AliasExistsException: An account with the given email already exists."},
		{"unverified alias of the first", cognito.EmailAliases, invitationWith("maria", "email", email),
			invitationWith("ana", "email", email, "email_verified", "true"), ""},
		{"unverified alias of the second", cognito.EmailAliases,
			invitationWith("maria", "email", email, "email_verified", "true"), invitationWith("ana", "email", email), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, withKind(tt.kind))
			s.create(tt.first)
			_, err := s.AdminCreateUser(s.ctx, tt.again)
			checkRefusal(t, err, tt.want)
		})
	}
}

func TestNamesDifferInCaseWhereThePoolIsCaseSensitive(t *testing.T) {
	s := newStage(t, withKind(cognito.PlainUserNames), withPool(func(p *cognito.PoolSettings) { p.CaseSensitive = true }))
	s.create(invitation("maria"))
	s.create(invitation("MARIA"))
	if _, got := s.get("Maria"); got != "UserNotFoundException" {
		t.Errorf("AdminGetUser(Maria) = %q, want UserNotFoundException", got)
	}
}

func TestForceAliasCreationTakesTheAlias(t *testing.T) {
	s := newStage(t, withKind(cognito.EmailAliases))
	s.create(invitationWith("maria", "email", email, "email_verified", "true"))
	in := invitationWith("ana", "email", email, "email_verified", "true")
	in.ForceAliasCreation = true
	s.create(in)
	if u, _ := s.get(email); u == nil || *u.Username != "ana" {
		t.Errorf("the alias leads to %v, want ana", u)
	}
	former, _ := s.get("maria")
	if got := asMap(former.UserAttributes)["email_verified"]; got != "false" {
		t.Errorf("email_verified of the former owner = %q, want false", got)
	}
}

// The trigger runs before the duplicate check or after it, and both run before
// the password policy.
func TestOrderOfTheChecks(t *testing.T) {
	for _, order := range []cognito.TriggerOrder{cognito.TriggerBeforeDuplicateCheck, cognito.TriggerAfterDuplicateCheck} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			refuse := false
			s := newStage(t, withOrder(order), withTrigger(func(_ context.Context, event []byte) ([]byte, error) {
				if refuse {
					return nil, &lambda.FunctionError{Message: "no"}
				}
				return event, nil
			}))
			s.create(invitation(email))

			weak := func(name string) *idp.AdminCreateUserInput {
				in := invitation(name)
				in.TemporaryPassword = aws.String("short")
				return in
			}
			_, err := s.AdminCreateUser(s.ctx, weak(email))
			if got := code(err); got != "UsernameExistsException" {
				t.Errorf("duplicate with a weak password = %q, want UsernameExistsException", got)
			}
			_, err = s.AdminCreateUser(s.ctx, weak("new@example.com"))
			checkRefusal(t, err, "InvalidPasswordException: Password did not conform with policy: Password not long enough")

			refuse = true
			_, err = s.AdminCreateUser(s.ctx, weak("new@example.com"))
			if got := code(err); got != "UserLambdaValidationException" {
				t.Errorf("refused with a weak password = %q, want UserLambdaValidationException", got)
			}
			want := "UserLambdaValidationException"
			if order == cognito.TriggerAfterDuplicateCheck {
				want = "UsernameExistsException"
			}
			_, err = s.AdminCreateUser(s.ctx, weak(email))
			if got := code(err); got != want {
				t.Errorf("refused duplicate = %q, want %s", got, want)
			}
			in := weak(email)
			in.UserAttributes = attributes("email", "no address")
			_, err = s.AdminCreateUser(s.ctx, in)
			checkRefusal(t, err, "InvalidParameterException: Invalid email address format.")
		})
	}
}

// Both creations pass the duplicate check while both triggers run; only one
// may be inserted.
func TestOfTwoAtOnceOneWins(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	s := newStage(t, withTrigger(func(_ context.Context, event []byte) ([]byte, error) {
		both.Done()
		both.Wait()
		return event, nil
	}))
	results := make(chan string, 2)
	for range 2 {
		go func() {
			_, err := s.AdminCreateUser(s.ctx, invitation(email))
			results <- code(err)
		}()
	}
	got := []string{<-results, <-results}
	if got[0] != "" {
		got[0], got[1] = got[1], got[0]
	}
	if diff := cmp.Diff([]string{"", "UsernameExistsException"}, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

// The pool answers other calls, about its users too, while a trigger runs.
func TestTheTriggerRunsWithoutLocks(t *testing.T) {
	var s *stage
	s = newStage(t, withTrigger(func(_ context.Context, event []byte) ([]byte, error) {
		if _, got := s.get(email); got != "UserNotFoundException" {
			return nil, &lambda.FunctionError{Message: "AdminGetUser: " + got}
		}
		return event, nil
	}))
	s.create(invitation(email))
}

func TestResend(t *testing.T) {
	resend := &idp.AdminCreateUserInput{
		UserPoolId:             aws.String(poolID),
		Username:               aws.String(email),
		DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL", "SMS"},
		MessageAction:          types.MessageActionTypeResend,
	}
	t.Run("an unknown user is not created", func(t *testing.T) {
		s := newStage(t)
		_, err := s.AdminCreateUser(s.ctx, resend)
		checkRefusal(t, err, "UserNotFoundException: User does not exist.")
	})
	t.Run("a confirmed user is in no state for it", func(t *testing.T) {
		s := newStage(t)
		s.create(invitation(email))
		s.confirm(email, temp, final)
		_, err := s.AdminCreateUser(s.ctx, resend)
		if got := code(err); got != "UnsupportedUserStateException" {
			t.Errorf("RESEND = %q, want UnsupportedUserStateException", got)
		}
	})
	t.Run("the password is new, its validity too, and the message goes out", func(t *testing.T) {
		s := newStage(t)
		s.create(original())
		s.clock.advance(8 * 24 * time.Hour)
		u := s.create(resend)
		if u.UserStatus != types.UserStatusTypeForceChangePassword {
			t.Errorf("status = %s", u.UserStatus)
		}
		if len(s.mail.sent) != 2 {
			t.Fatalf("sent %d messages, want an e-mail and an SMS", len(s.mail.sent))
		}
		password := passwordIn(t, s.mail.sent[0])
		if other := passwordIn(t, s.mail.sent[1]); other != password {
			t.Errorf("the two media carry different passwords")
		}
		s.clock.advance(7*24*time.Hour - time.Second)
		s.confirm(email, password, final)
	})
	t.Run("the former password is void", func(t *testing.T) {
		s := newStage(t)
		s.create(invitation(email))
		s.create(resend)
		_, err := s.signIn(email, temp)
		checkRefusal(t, err, "NotAuthorizedException: Incorrect username or password.")
	})
}

func TestResendRunsTheTriggerWhenTold(t *testing.T) {
	tests := []struct {
		name    string
		setting cognito.ResendTrigger
		want    []string // the attributes that the trigger sees, none: it does not run
	}{
		{"never", cognito.ResendWithoutTrigger, nil},
		{"with the attributes of the request", cognito.ResendTriggerWithRequested,
			[]string{`{"phone_number":"+5551900000000"}`}},
		{"with the stored attributes", cognito.ResendTriggerWithStored,
			[]string{`{"custom:cpf":"04212286017","email":"email.test@gmail.com","phone_number":"+5551981980387"}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var events [][]byte
			s := newStage(t, withConfig(func(c *cognito.Config) { c.ResendRunsTrigger = tt.setting }),
				withTrigger(func(_ context.Context, event []byte) ([]byte, error) {
					events = append(events, event)
					return event, nil
				}))
			u := s.create(original())
			events = nil
			s.create(&idp.AdminCreateUserInput{
				UserPoolId: aws.String(poolID), Username: aws.String(email), MessageAction: types.MessageActionTypeResend,
				UserAttributes: attributes("phone_number", "+5551900000000"),
			})
			var got []string
			for _, e := range events {
				got = append(got, field(t, e, "request", "userAttributes"))
				if name := field(t, e, "userName"); name != *u.Username {
					t.Errorf("userName = %q, want %q", name, *u.Username)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInvitation(t *testing.T) {
	const template = "Olá {username}, senha {####}"
	custom := withPool(func(p *cognito.PoolSettings) {
		p.Invitation = cognito.Invitation{EmailSubject: "Bem-vindo", EmailMessage: template, SMSMessage: "SMS " + template}
	})
	both := []types.DeliveryMediumType{"EMAIL", "SMS"}
	tests := []struct {
		name    string
		options []option
		media   []types.DeliveryMediumType
		attrs   []types.AttributeType
		want    []cognito.Message
	}{
		{"SMS is the default", nil, nil, attributes("phone_number", phone),
			[]cognito.Message{{Medium: "SMS", To: phone, Body: "Your username is " + email + " and temporary password is " + temp + "."}}},
		{"once, though the medium is named twice", nil, []types.DeliveryMediumType{"EMAIL", "EMAIL"}, nil,
			[]cognito.Message{{Medium: "EMAIL", To: email, Subject: "Your temporary password",
				Body: "Your username is " + email + " and temporary password is " + temp + "."}}},
		{"by both, in the pool's words", []option{custom}, both, attributes("phone_number", phone),
			[]cognito.Message{
				{Medium: "EMAIL", To: email, Subject: "Bem-vindo", Body: "Olá " + email + ", senha " + temp},
				{Medium: "SMS", To: phone, Body: "SMS Olá " + email + ", senha " + temp},
			}},
		{"not to a number that the user does not have", nil, both, nil,
			[]cognito.Message{{Medium: "EMAIL", To: email, Subject: "Your temporary password",
				Body: "Your username is " + email + " and temporary password is " + temp + "."}}},
		{"not in a text without the password's place", []option{withPool(func(p *cognito.PoolSettings) {
			p.Invitation.EmailMessage = "Hello {username}"
		})}, []types.DeliveryMediumType{"EMAIL"}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, tt.options...)
			in := invitation(email)
			in.MessageAction = ""
			in.DesiredDeliveryMediums = tt.media
			in.UserAttributes = tt.attrs
			u := s.create(in)
			for i := range tt.want {
				tt.want[i].At = s.clock.Now()
				tt.want[i].PoolID = poolID
				tt.want[i].UserName = *u.Username
			}
			if diff := cmp.Diff(tt.want, s.mail.sent); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheUserExistsEvenIfItsMailFails(t *testing.T) {
	s := newStage(t)
	s.mail.err = errors.New("no route to the server")
	in := original()
	in.MessageAction = ""
	_, err := s.AdminCreateUser(s.ctx, in)
	checkRefusal(t, err, "CodeDeliveryFailureException: Failed to deliver the invitation by EMAIL: no route to the server")
	if u, _ := s.get(email); u == nil || u.UserStatus != types.UserStatusTypeForceChangePassword {
		t.Errorf("the user is %v, want it in FORCE_CHANGE_PASSWORD", u)
	}
}

func TestGeneratedPasswordMeetsAnyPolicy(t *testing.T) {
	s := newStage(t, withPool(func(p *cognito.PoolSettings) {
		p.PasswordPolicy = cognito.PasswordPolicy{MinimumLength: 30, RequireLowercase: true, RequireUppercase: true,
			RequireNumbers: true, RequireSymbols: true}
	}))
	seen := make(map[string]bool)
	for i := range 20 {
		in := invitation(fmt.Sprintf("user%d@example.com", i))
		in.MessageAction, in.TemporaryPassword = "", nil
		in.DesiredDeliveryMediums = []types.DeliveryMediumType{"EMAIL"}
		s.create(in)
		password := passwordIn(t, s.mail.sent[i])
		if seen[password] || len(password) < 30 {
			t.Errorf("password %d has %d letters or stood in an earlier mail", i, len(password))
		}
		seen[password] = true
		s.confirm(*in.Username, password, strings.Repeat(final+"!", 2))
	}
}

func invitationWith(name string, pairs ...string) *idp.AdminCreateUserInput {
	in := invitation(name)
	in.UserAttributes = attributes(pairs...)
	return in
}

// passwordIn returns the password that Cognito's own invitation carries.
func passwordIn(t *testing.T, m cognito.Message) string {
	t.Helper()
	_, rest, ok := strings.Cut(m.Body, "temporary password is ")
	password, ends := strings.CutSuffix(rest, ".")
	if !ok || !ends {
		t.Fatalf("no password in %q", m.Body)
	}
	return password
}

// What the trigger was asked about can be gone, or in another state, when it
// answers.
func TestWhatHappensWhileTheTriggerRuns(t *testing.T) {
	tests := []struct {
		name      string
		meanwhile func(s *stage)
		resend    bool
		want      string
	}{
		{"the pool is deleted", func(s *stage) {
			s.DeleteUserPool(s.ctx, &idp.DeleteUserPoolInput{UserPoolId: aws.String(poolID)})
		}, false, "ResourceNotFoundException: User pool us-east-1_portaria does not exist."},
		{"the invited user is deleted", func(s *stage) {
			s.AdminDeleteUser(s.ctx, &idp.AdminDeleteUserInput{UserPoolId: aws.String(poolID), Username: aws.String(email)})
		}, true, "UserNotFoundException: User does not exist."},
		{"the invited user signs in", func(s *stage) { s.confirm(email, temp, final) }, true,
			"UnsupportedUserStateException: Resend not possible. The user's status is CONFIRMED, not FORCE_CHANGE_PASSWORD."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s *stage
			armed := !tt.resend
			s = newStage(t, withConfig(func(c *cognito.Config) { c.ResendRunsTrigger = cognito.ResendTriggerWithStored }),
				withTrigger(func(_ context.Context, event []byte) ([]byte, error) {
					if armed {
						tt.meanwhile(s)
					}
					return event, nil
				}))
			in := invitation(email)
			if tt.resend {
				s.create(invitation(email))
				armed = true
				in.MessageAction = types.MessageActionTypeResend
			}
			_, err := s.AdminCreateUser(s.ctx, in)
			checkRefusal(t, err, tt.want)
			if len(s.mail.sent) != 0 {
				t.Errorf("sent %v", s.mail.sent)
			}
		})
	}
}
