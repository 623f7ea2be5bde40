package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
)

const (
	gate    = "arn:aws:lambda:us-east-1:000000000000:function:portaria:live"
	oldGate = "arn:aws:lambda:us-east-1:000000000000:function:pre_register_insert"
)

// newStack starts a local stack and makes it the AWS of the commands that the test
// runs.
func newStack(t *testing.T, cfg local.Config) *local.Stack {
	t.Helper()
	if cfg.Function == nil && cfg.Binary == "" {
		cfg.Function = lambda.Func(func(_ context.Context, event []byte) ([]byte, error) { return event, nil })
	}
	stack, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stack.Close)
	for _, variable := range stack.Env() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	return stack
}

// poolBefore gives the stack's pool the trigger and the invitation that a test
// begins with.
func poolBefore(t *testing.T, stack *local.Stack, preSignUp, subject string) {
	t.Helper()
	in := &idp.UpdateUserPoolInput{UserPoolId: aws.String(stack.UserPoolID()), LambdaConfig: &types.LambdaConfigType{PostConfirmation: aws.String(oldGate)}}
	if preSignUp != "" {
		in.LambdaConfig.PreSignUp = aws.String(preSignUp)
	}
	if subject != "" {
		in.AdminCreateUserConfig = &types.AdminCreateUserConfigType{InviteMessageTemplate: &types.MessageTemplateType{EmailSubject: aws.String(subject)}}
	}
	if _, err := stack.Cognito().UpdateUserPool(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// triggerAndSubject gives what attach and detach change.
func triggerAndSubject(t *testing.T, stack *local.Stack) (preSignUp, subject string) {
	t.Helper()
	out, err := stack.Cognito().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: aws.String(stack.UserPoolID())})
	if err != nil {
		t.Fatal(err)
	}
	if out.UserPool.LambdaConfig == nil || aws.ToString(out.UserPool.LambdaConfig.PostConfirmation) != oldGate {
		t.Errorf("the pool has lost its PostConfirmation trigger: %+v", out.UserPool.LambdaConfig)
		return "", ""
	}
	if text := out.UserPool.AdminCreateUserConfig.InviteMessageTemplate; text != nil {
		subject = aws.ToString(text.EmailSubject)
	}
	return aws.ToString(out.UserPool.LambdaConfig.PreSignUp), subject
}

func TestAttachAndBack(t *testing.T) {
	for _, before := range []struct{ trigger, subject string }{{}, {trigger: oldGate, subject: "Bem-vindo"}} {
		t.Chdir(t.TempDir())
		stack := newStack(t, local.Config{})
		poolBefore(t, stack, before.trigger, before.subject)
		attach := []string{"attach", "--user-pool", stack.UserPoolID(), "--function", gate, "--replace", "--page-url", "https://conta.example/nova-senha"}

		if got := portaria(t, attach...); got.status != exitUnchanged || !strings.Contains(got.err, "LambdaConfig.PreSignUp\n  before: "+orNone(before.trigger)+"\n  after:  "+gate) {
			t.Errorf("attach with nobody to ask = %+v, want the difference and status %d", got, exitUnchanged)
		}
		if preSignUp, subject := triggerAndSubject(t, stack); preSignUp != before.trigger || subject != before.subject {
			t.Errorf("unconfirmed: the pool has %q and %q, want %q and %q", preSignUp, subject, before.trigger, before.subject)
		}

		attached := portaria(t, append(attach, "--yes")...)
		_, back, _ := strings.Cut(attached.out, "back again: portaria ")
		if attached.status != exitOK || back == "" {
			t.Fatalf("attach --yes = %+v, want the way back", attached)
		}
		if preSignUp, subject := triggerAndSubject(t, stack); preSignUp != gate || subject != "Seu cadastro: escolha sua senha" {
			t.Errorf("attached: the pool has %q and %q, want %q and our invitation", preSignUp, subject, gate)
		}
		if got := portaria(t, append(attach, "--yes")...); got.status != exitOK || !strings.Contains(got.out, "nothing was changed") {
			t.Errorf("attach again = %+v, want nothing changed", got)
		}

		if got := portaria(t, append(strings.Fields(back), "--yes")...); got.status != exitOK {
			t.Errorf("%s = %+v", back, got)
		}
		if preSignUp, subject := triggerAndSubject(t, stack); preSignUp != before.trigger || subject != before.subject {
			t.Errorf("back: the pool has %q and %q, want %q and %q", preSignUp, subject, before.trigger, before.subject)
		}
	}
}

func TestDetachWithoutAFileLeavesNoTrigger(t *testing.T) {
	stack := newStack(t, local.Config{})
	poolBefore(t, stack, gate, "Bem-vindo")
	if got := portaria(t, "--output=json", "detach", "--user-pool", stack.UserPoolID(), "--yes"); got.status != exitOK ||
		got.out != `{"userPool":"`+stack.UserPoolID()+`","updated":true,"differences":[{"setting":"LambdaConfig.PreSignUp","before":"`+gate+`","after":""}]}`+"\n" {
		t.Errorf("detach = %+v", got)
	}
	if preSignUp, subject := triggerAndSubject(t, stack); preSignUp != "" || subject != "Bem-vindo" {
		t.Errorf("the pool has %q and %q, want no trigger and its invitation", preSignUp, subject)
	}
}

func TestWhatAttachRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	stack := newStack(t, local.Config{})
	poolBefore(t, stack, oldGate, "")
	kept, err := json.Marshal(map[string]any{"Pool": map[string]string{"Id": "us-east-1_another"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"kept.json": string(kept), "rubbish.json": "{}"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := stack.UserPoolID()
	long := "https://conta.example/" + strings.Repeat("a", 100)
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"attach --user-pool " + pool + " --function " + gate + " --yes", exitFailed, "another PreSignUp trigger: " + oldGate + "; pass --replace"},
		{"attach --user-pool " + pool + " --function live --yes", exitFailed, `--function is "live": it must be the ARN`},
		{"attach --user-pool " + pool + " --function " + gate + " --replace --save kept.json --yes", exitFailed, "kept.json exists and is left as it is; pass --save"},
		{"attach --user-pool " + pool + " --function " + gate + " --replace --page-url conta.example --yes", exitFailed, `--page-url is "conta.example": it must be`},
		{"attach --user-pool " + pool + " --function " + gate + " --replace --page-url " + long + " --yes", exitFailed, "140"},
		{"attach --user-pool us-east-1_nobody --function " + gate + " --yes", exitFailed, "ResourceNotFoundException"},
		{"attach --user-pool " + pool, exitUsage, "missing flags: --function=ARN"},
		{"detach --user-pool " + pool + " --restore kept.json --yes", exitFailed, "kept.json was saved of user pool us-east-1_another"},
		{"detach --user-pool " + pool + " --restore rubbish.json --yes", exitFailed, "rubbish.json is not a file that attach has saved"},
		{"detach --user-pool " + pool + " --restore nowhere.json --yes", exitUsage, "nowhere.json"},
	} {
		if got := portaria(t, strings.Fields(c.args)...); got.status != c.status || !strings.Contains(got.err, c.says) {
			t.Errorf("portaria %s = %+v, want status %d and %q", c.args, got, c.status, c.says)
		}
	}
	if preSignUp, _ := triggerAndSubject(t, stack); preSignUp != oldGate {
		t.Errorf("the pool has %q, want %q", preSignUp, oldGate)
	}
	if files, err := filepath.Glob("*"); err != nil || len(files) != 2 {
		t.Errorf("files = %q, %v: want the two of the test", files, err)
	}
}

// TestAttachThatFailsTellsTheWayBack has Cognito give no clear answer to the
// update: the pool may be as before or not.
func TestAttachThatFailsTellsTheWayBack(t *testing.T) {
	t.Chdir(t.TempDir())
	d := newDesk(t, cognito.EmailUserNames)
	op := "UpdateUserPool"
	d.refuse.Store(&op)
	got := portaria(t, "attach", "--region", "us-east-1", "--user-pool", d.stack.UserPoolID(), "--function", gate, "--replace", "--save", "before.json", "--yes")
	back := "the way back is: portaria detach --region us-east-1 --user-pool " + d.stack.UserPoolID() + " --restore before.json\n"
	if got.status != exitFailed || !strings.HasSuffix(got.err, back) {
		t.Errorf("attach = %+v, want status %d and %q", got, exitFailed, back)
	}
	if info, err := os.Stat("before.json"); err != nil || info.Mode() != 0o600 {
		t.Errorf("before.json: %v, %v", info, err)
	}
}
