// Package probe asks Cognito what AWS does not document, on a user pool that it
// makes for this and removes: when the PreSignUp trigger runs, and what it sees.
// What Portaria rests on does not depend on the answers; they tell how far the
// local pool is from the real one.
package probe

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
)

// Kind is a kind of user pool.
type Kind string

// The kinds.
const (
	Email Kind = "email" // e-mails are user names
	Alias Kind = "alias" // e-mails are aliases
	Plain Kind = "plain" // user names alone
)

// Cognito is the part of *cognitoidentityprovider.Client that a probe uses. It
// must try each call once.
type Cognito interface {
	CreateUserPool(context.Context, *idp.CreateUserPoolInput, ...func(*idp.Options)) (*idp.CreateUserPoolOutput, error)
	DeleteUserPool(context.Context, *idp.DeleteUserPoolInput, ...func(*idp.Options)) (*idp.DeleteUserPoolOutput, error)
	AdminCreateUser(context.Context, *idp.AdminCreateUserInput, ...func(*idp.Options)) (*idp.AdminCreateUserOutput, error)
}

var _ Cognito = (*idp.Client)(nil)

// Trigger is a Function where Cognito can call it.
type Trigger interface {
	// Allow lets the pool call the function.
	Allow(ctx context.Context, poolARN string) error
	// Seen gives what the function saw of attempt, oldest first, once it has
	// seen at least that much or has had the time to.
	Seen(ctx context.Context, attempt string, atLeast int) ([]Seen, error)
}

// Probe is one probe.
type Probe struct {
	Cognito Cognito
	Trigger Trigger
	ARN     string // the trigger's
	Kind    Kind
	Slow    time.Duration // how long the function waits so that Cognito gives up
	Said    func(format string, args ...any)

	pool string
}

// Answer is what was found out about one question.
type Answer struct {
	Question string `json:"question"`
	Local    string `json:"local"` // what the local pool does, "" where it is measured only
	Found    string `json:"found"`
	Differs  bool   `json:"differs"`
}

// tidyWithin is how long the removal of the pool may take.
const tidyWithin = 30 * time.Second

// accents is a text with every accent of Portuguese, as our refusals have them.
const accents = "Não é válido: àáâã ç éê í óôõ ú ÀÁÂÃ Ç ÉÊ Í ÓÔÕ Ú"

// Run makes the pool, asks, and removes the pool whatever happens. Its error
// names the pool where that could not be removed; the answers that came before it
// are given all the same.
func (p *Probe) Run(ctx context.Context) (answers []Answer, err error) {
	in := &idp.CreateUserPoolInput{
		PoolName:              aws.String("portaria-probe-" + strings.ToLower(rand.Text())),
		LambdaConfig:          &types.LambdaConfigType{PreSignUp: aws.String(p.ARN)},
		AdminCreateUserConfig: &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true},
	}
	switch p.Kind {
	case Email:
		in.UsernameAttributes = []types.UsernameAttributeType{types.UsernameAttributeTypeEmail}
	case Alias:
		in.AliasAttributes = []types.AliasAttributeType{types.AliasAttributeTypeEmail}
	}
	pool, err := p.Cognito.CreateUserPool(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("create the pool %s: %w", *in.PoolName, err)
	}
	p.pool = aws.ToString(pool.UserPool.Id)
	p.Said("made the user pool %s (%s)", p.pool, *in.PoolName)
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
		defer cancel()
		if _, gone := p.Cognito.DeleteUserPool(ctx, &idp.DeleteUserPoolInput{UserPoolId: aws.String(p.pool)}); gone != nil {
			err = errors.Join(err, fmt.Errorf("delete the user pool %s, which must be done by hand: %w", p.pool, gone))
			return
		}
		p.Said("removed the user pool %s", p.pool)
	}()
	if err := p.Trigger.Allow(ctx, aws.ToString(pool.UserPool.Arn)); err != nil {
		return nil, fmt.Errorf("let the pool call the function: %w", err)
	}
	for _, ask := range []func(context.Context) ([]Answer, error){p.texts, p.userName, p.duplicate, p.resend, p.nullMetadata, p.tries} {
		found, err := ask(ctx)
		if err != nil {
			return answers, err
		}
		answers = append(answers, found...)
	}
	return answers, nil
}

// attempt creates a user, or tries to. Its error is a *refused when Cognito said
// no.
func (p *Probe) attempt(ctx context.Context, userName, email string, data map[string]string) (*types.UserType, error) {
	in := &idp.AdminCreateUserInput{
		UserPoolId: aws.String(p.pool), Username: aws.String(userName), MessageAction: types.MessageActionTypeSuppress,
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(email)}},
	}
	for name, value := range data {
		in.ValidationData = append(in.ValidationData, types.AttributeType{Name: aws.String(name), Value: aws.String(value)})
	}
	return p.create(ctx, in)
}

func (p *Probe) create(ctx context.Context, in *idp.AdminCreateUserInput) (*types.UserType, error) {
	out, err := p.Cognito.AdminCreateUser(ctx, in)
	if said, ok := errors.AsType[smithy.APIError](err); ok {
		return nil, &refused{code: said.ErrorCode(), message: said.ErrorMessage()}
	}
	if err != nil {
		return nil, fmt.Errorf("create a user: %w", err)
	}
	return out.User, nil
}

// refused is what Cognito said instead of creating a user.
type refused struct{ code, message string }

func (r *refused) Error() string { return r.code + ": " + r.message }

// refusal gives a refusal's code and message, "" for none; any other error is
// passed on.
func refusal(err error) (code, message string, other error) {
	if r, ok := errors.AsType[*refused](err); ok {
		return r.code, r.message, nil
	}
	return "", "", err
}

// somebody gives a user name and e-mail that nobody has. Mail to them ends in
// SES's own simulator.
func (p *Probe) somebody() (userName, email string) {
	id := strings.ToLower(rand.Text())
	email = "success+" + id + "@simulator.amazonses.com"
	if p.Kind == Alias {
		return id, email
	}
	return email, email
}

func compare(question, local, found string) Answer {
	return Answer{Question: question, Local: local, Found: found, Differs: local != found}
}

// texts asks how a refusal's text reaches the caller.
func (p *Probe) texts(ctx context.Context) ([]Answer, error) {
	var answers []Answer
	for _, text := range []struct{ question, text string }{
		{"accents in a refusal", accents},
		{"a refusal of 300 letters", strings.Repeat("abcdefghi ", 29) + "abcdefghij"},
		{"a line break in a refusal", "one\ntwo"},
	} {
		userName, email := p.somebody()
		_, err := p.attempt(ctx, userName, email, map[string]string{dataAttempt: "text", dataRefuse: text.text})
		code, message, err := refusal(err)
		if err != nil {
			return nil, err
		}
		wrapped := "PreSignUp failed with error " + text.text + "."
		answers = append(answers, compare(text.question, strconv.Quote("UserLambdaValidationException: "+wrapped), strconv.Quote(code+": "+message)))
	}
	return answers, nil
}

// userName asks which user name the trigger sees.
func (p *Probe) userName(ctx context.Context) ([]Answer, error) {
	asked, email := p.somebody()
	attempt := rand.Text()
	user, err := p.attempt(ctx, asked, email, map[string]string{dataAttempt: attempt})
	if err != nil {
		return nil, err
	}
	seen, err := p.Trigger.Seen(ctx, attempt, 1)
	if err != nil {
		return nil, err
	}
	if len(seen) == 0 {
		return nil, errors.New("the function's log does not show that it was called: it must be one that `portaria probe` made, or portaria itself")
	}
	kind := func(name string) string {
		switch name {
		case aws.ToString(user.Username):
			return "the user's final one"
		case asked:
			return "the one asked for"
		}
		return "another"
	}
	return []Answer{
		compare("userName in the event", "the user's final one", kind(seen[0].UserName)),
		compare("invocations for one AdminCreateUser", "1", strconv.Itoa(len(seen))),
		compare("clientMetadata in the event when none was sent", "absent", seen[0].Metadata),
	}, nil
}

// duplicate asks whether the trigger runs before Cognito looks for a user of the
// same name.
func (p *Probe) duplicate(ctx context.Context) ([]Answer, error) {
	userName, email := p.somebody()
	if _, err := p.attempt(ctx, userName, email, map[string]string{dataAttempt: "first"}); err != nil {
		return nil, err
	}
	_, err := p.attempt(ctx, userName, email, map[string]string{dataAttempt: "second", dataRefuse: "ran"})
	code, message, err := refusal(err)
	if err != nil {
		return nil, err
	}
	found := "not at all: " + code
	switch {
	case strings.Contains(message, "error ran"):
		found = "before the duplicate check"
	case code == "UsernameExistsException":
		found = "after the duplicate check"
	}
	return []Answer{compare("the trigger runs", "before the duplicate check", found)}, nil
}

// resend asks whether RESEND runs the trigger.
func (p *Probe) resend(ctx context.Context) ([]Answer, error) {
	userName, email := p.somebody()
	if _, err := p.attempt(ctx, userName, email, map[string]string{dataAttempt: "waiting"}); err != nil {
		return nil, err
	}
	_, err := p.create(ctx, &idp.AdminCreateUserInput{
		UserPoolId: aws.String(p.pool), Username: aws.String(userName), MessageAction: types.MessageActionTypeResend,
		DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
	})
	code, message, err := refusal(err)
	if err != nil {
		return nil, err
	}
	found := "no"
	if _, attributes, ran := strings.Cut(message, "attributes: "); ran {
		found = "yes, with the attributes: " + strings.TrimSuffix(attributes, ".")
	} else if code != "" {
		found = "no: " + code
	}
	return []Answer{compare("RESEND runs the trigger", "no", found)}, nil
}

// nullMetadata asks whether Cognito takes an answer in which an absent
// clientMetadata has become null, as typed events make of it.
func (p *Probe) nullMetadata(ctx context.Context) ([]Answer, error) {
	userName, email := p.somebody()
	_, err := p.attempt(ctx, userName, email, map[string]string{dataAttempt: "null", dataNull: "yes"})
	code, _, err := refusal(err)
	if err != nil {
		return nil, err
	}
	return []Answer{compare("an answer with clientMetadata null", "taken", cmp.Or(code, "taken"))}, nil
}

// tries asks what Cognito does with a function that does not answer in time.
func (p *Probe) tries(ctx context.Context) ([]Answer, error) {
	userName, email := p.somebody()
	attempt := rand.Text()
	p.Said("waiting for Cognito to give up on a slow function…")
	_, err := p.attempt(ctx, userName, email, map[string]string{
		dataAttempt: attempt, dataWait: strconv.FormatInt(p.Slow.Milliseconds(), 10),
	})
	code, message, err := refusal(err)
	if err != nil {
		return nil, err
	}
	seen, err := p.Trigger.Seen(ctx, attempt, 3)
	if err != nil {
		return nil, err
	}
	same, begun := "yes", make([]string, len(seen))
	for i, s := range seen {
		if s.UserName != seen[0].UserName {
			same = "no"
		}
		begun[i] = s.At.Sub(seen[0].At).Round(10 * time.Millisecond).String()
	}
	return []Answer{
		compare("tries of a function that does not answer", "3", strconv.Itoa(len(seen))),
		compare("the same userName in each", "yes", same),
		compare("what the caller gets", "UnexpectedLambdaException: PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.", code+": "+message),
		{Question: "when the tries began, after the first", Found: strings.Join(begun, ", ")},
	}, nil
}
