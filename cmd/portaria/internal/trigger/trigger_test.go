package trigger_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/cmd/portaria/internal/trigger"
	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito/cognitotest"
	"github.com/pontte/portaria/local/lambda"
)

const (
	ours = "arn:aws:lambda:us-east-1:000000000000:function:ours:live"
	old  = "arn:aws:lambda:us-east-1:000000000000:function:g:live" // that of cognitotest.EverySetting
)

// pool is a pool of the local stack with every setting filled, none of them with
// its default, whose answers and requests a test can bend.
type pool struct {
	*idp.Client
	id      string
	updates []*idp.UpdateUserPoolInput
	before  func()                         // runs before an update is sent
	bend    func(*idp.UpdateUserPoolInput) // what an update loses on its way
	token   bool                           // what is described of software tokens
}

func newPool(t *testing.T) *pool {
	t.Helper()
	stack, err := local.Start(t.Context(), local.Config{
		Function: lambda.Func(func(_ context.Context, event []byte) ([]byte, error) { return event, nil }),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stack.Close)
	p := &pool{Client: stack.Cognito(), id: stack.UserPoolID(), token: true}
	if _, err := p.Client.UpdateUserPool(t.Context(), cognitotest.EverySetting(p.id)); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pool) UpdateUserPool(ctx context.Context, in *idp.UpdateUserPoolInput, o ...func(*idp.Options)) (*idp.UpdateUserPoolOutput, error) {
	p.updates = append(p.updates, in)
	if p.bend != nil {
		p.bend(in)
	}
	return p.Client.UpdateUserPool(ctx, in, o...)
}

func (p *pool) DescribeUserPool(ctx context.Context, in *idp.DescribeUserPoolInput, o ...func(*idp.Options)) (*idp.DescribeUserPoolOutput, error) {
	if p.before != nil {
		p.before()
	}
	return p.Client.DescribeUserPool(ctx, in, o...)
}

func (p *pool) GetUserPoolMfaConfig(ctx context.Context, in *idp.GetUserPoolMfaConfigInput, o ...func(*idp.Options)) (*idp.GetUserPoolMfaConfigOutput, error) {
	out, err := p.Client.GetUserPoolMfaConfig(ctx, in, o...)
	if err == nil {
		out.SoftwareTokenMfaConfiguration = &types.SoftwareTokenMfaConfigType{Enabled: p.token}
	}
	return out, err
}

func (p *pool) settings(t *testing.T) *types.UserPoolType {
	t.Helper()
	out, err := p.Client.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: aws.String(p.id)})
	if err != nil {
		t.Fatal(err)
	}
	return out.UserPool
}

func (p *pool) prepare(t *testing.T, c trigger.Change) *trigger.Plan {
	t.Helper()
	plan, err := trigger.Prepare(t.Context(), p, p.id, c)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// inviting gives a pool that invitation, whatever it is.
func inviting(text *types.MessageTemplateType) func(*types.UserPoolType) (*types.MessageTemplateType, error) {
	return func(*types.UserPoolType) (*types.MessageTemplateType, error) { return text, nil }
}

func TestEverySettingSurvives(t *testing.T) {
	p := newPool(t)
	want := p.settings(t)
	if err := p.prepare(t, trigger.Change{PreSignUp: ours, Replace: true}).Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := reflect.ValueOf(p.updates[0]).Elem()
	for i := range sent.NumField() {
		if f := sent.Type().Field(i); f.IsExported() && sent.Field(i).IsZero() {
			t.Errorf("%s was not sent: Cognito would reset it", f.Name)
		}
	}
	got := p.settings(t)
	want.LambdaConfig.PreSignUp = aws.String(ours)
	want.LastModifiedDate = got.LastModifiedDate
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the pool is now %+v, want %+v", got, want)
	}
}

func TestDifferencesAreThoseAskedFor(t *testing.T) {
	p := newPool(t)
	text := &types.MessageTemplateType{EmailSubject: aws.String("Convite"), EmailMessage: aws.String("{username} {####}"), SMSMessage: aws.String("{username} {####} novo")}
	got := p.prepare(t, trigger.Change{PreSignUp: ours, Replace: true, Invitation: inviting(text)}).Differences
	want := []trigger.Difference{
		{Setting: "AdminCreateUserConfig.InviteMessageTemplate.EmailMessage", Before: "<p>Olá & {username}\n{####}</p>", After: "{username} {####}"},
		{Setting: "AdminCreateUserConfig.InviteMessageTemplate.SMSMessage", Before: "{username} {####}", After: "{username} {####} novo"},
		{Setting: "LambdaConfig.PreSignUp", Before: old, After: ours},
	}
	if !slices.Equal(got, want) {
		t.Errorf("differences = %q, want %q", got, want)
	}
	if len(p.updates) > 0 {
		t.Error("Prepare has updated the pool")
	}
}

func TestNothingToDoUpdatesNothing(t *testing.T) {
	p := newPool(t)
	plan := p.prepare(t, trigger.Change{PreSignUp: old})
	if err := plan.Apply(t.Context()); err != nil || len(plan.Differences) > 0 || len(p.updates) > 0 {
		t.Errorf("differences = %q, Apply = %v after %d updates, want none", plan.Differences, err, len(p.updates))
	}
}

func TestAnotherTriggerStays(t *testing.T) {
	p := newPool(t)
	_, err := trigger.Prepare(t.Context(), p, p.id, trigger.Change{PreSignUp: ours})
	if other, ok := errors.AsType[*trigger.OtherTriggerError](err); !ok || other.ARN != old {
		t.Errorf("Prepare = %v, want an *OtherTriggerError of %s", err, old)
	}
}

func TestTriggerIsTakenAway(t *testing.T) {
	p := newPool(t)
	if err := p.prepare(t, trigger.Change{Replace: true, Invitation: inviting(nil)}).Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := p.settings(t)
	if got.LambdaConfig.PreSignUp != nil || got.AdminCreateUserConfig.InviteMessageTemplate != nil {
		t.Errorf("PreSignUp = %v, invitation = %v, want neither", got.LambdaConfig.PreSignUp, got.AdminCreateUserConfig.InviteMessageTemplate)
	}
	if got.LambdaConfig.PostConfirmation == nil || !got.AdminCreateUserConfig.AllowAdminCreateUserOnly {
		t.Error("what stands beside them was taken away too")
	}
}

func TestSettingThatIsLostIsNoticed(t *testing.T) {
	p := newPool(t)
	plan := p.prepare(t, trigger.Change{PreSignUp: ours, Replace: true})
	p.bend = func(in *idp.UpdateUserPoolInput) { in.SmsVerificationMessage, p.token = nil, false }
	err := plan.Apply(t.Context())
	different, ok := errors.AsType[*trigger.DifferentError](err)
	if !ok {
		t.Fatalf("Apply = %v, want a *DifferentError", err)
	}
	var names []string
	for _, d := range different.Settings {
		names = append(names, d.Setting)
	}
	if want := []string{"SmsVerificationMessage", "SoftwareTokenMfaConfiguration.Enabled"}; !slices.Equal(names, want) {
		t.Errorf("settings = %q, want %q", names, want)
	}
}

func TestChangeByAnotherIsNotOverwritten(t *testing.T) {
	p := newPool(t)
	plan := p.prepare(t, trigger.Change{PreSignUp: ours, Replace: true})
	p.before = func() {
		p.before = nil
		in := cognitotest.EverySetting(p.id)
		in.UserPoolTags["team"] = "another"
		if _, err := p.Client.UpdateUserPool(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if err := plan.Apply(t.Context()); !errors.Is(err, trigger.ErrChanged) || len(p.updates) > 0 {
		t.Errorf("Apply = %v after %d updates, want ErrChanged after none", err, len(p.updates))
	}
	if got := p.settings(t).UserPoolTags["team"]; got != "another" {
		t.Errorf("the other's tag is %q", got)
	}
}

func TestSettingThatTheSDKDoesNotKnow(t *testing.T) {
	p := newPool(t)
	newer := *p
	options := p.Client.Options()
	options.HTTPClient = &future{options.HTTPClient}
	newer.Client = idp.New(options)
	_, err := trigger.Prepare(t.Context(), &newer, p.id, trigger.Change{PreSignUp: ours, Replace: true})
	unknown, ok := errors.AsType[*trigger.UnknownSettingsError](err)
	if want := []string{"LambdaConfig.PreBilling", "Shield.Mode"}; !ok || !slices.Equal(unknown.Settings, want) {
		t.Errorf("Prepare = %v, want an *UnknownSettingsError of %q", err, want)
	}
}

// future is a Cognito whose pools have more settings.
type future struct{ idp.HTTPClient }

func (f *future) Do(r *http.Request) (*http.Response, error) {
	resp, err := f.HTTPClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	said := strings.Replace(string(body), `"LambdaConfig":{`, `"Shield":{"Mode":"ON"},"LambdaConfig":{"PreBilling":"x",`, 1)
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(said)), int64(len(said))
	return resp, err
}
