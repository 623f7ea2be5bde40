package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
	"github.com/pontte/portaria/cmd/portaria/internal/trigger"
	"github.com/pontte/portaria/pkg/userpool"
	"github.com/pontte/portaria/pkg/web/page"
)

// attachCmd sets a pool's trigger.
type attachCmd struct {
	UserPool string `required:"" env:"USER_POOL_ID" placeholder:"ID" help:"The user pool."`
	Function string `required:"" placeholder:"ARN" help:"The function that is to be the PreSignUp trigger: its alias, the stack's output PreSignUpFunctionArn."`
	Replace  bool   `help:"Replace another trigger that is set, such as the old function."`
	PageURL  string `placeholder:"URL" help:"Set the invitation too, with links to the page at this address."`
	Save     string `placeholder:"FILE" help:"Where the pool's settings before are kept for the way back; must not exist. By default the pool's id and the time, in this folder."`
	Yes      bool   `help:"Do it without asking."`
}

// Help is shown beneath the flags.
func (attachCmd) Help() string {
	return `The pool is described, the change is shown, every setting is sent back with it, and the pool is described again: UpdateUserPool resets what it is not given, so nothing may be left out. Run it again at any time: a trigger that is set already is left alone.

  portaria attach --user-pool us-east-1_aBcDeFgHi --function arn:aws:lambda:…:function:portaria-pre-signup:live --replace

The way back is one command, and attach prints it:

  portaria detach --user-pool us-east-1_aBcDeFgHi --restore us-east-1_aBcDeFgHi-20260310T093000Z.json`
}

// Run attaches the trigger.
func (c *attachCmd) Run(ctx context.Context, all *commands, term *terminal.Terminal, now clock, cfg aws.Config) error {
	if parsed, err := arn.Parse(c.Function); err != nil || parsed.Service != "lambda" {
		return fmt.Errorf("--function is %q: it must be the ARN of a Lambda function or its alias", c.Function)
	}
	change := trigger.Change{PreSignUp: c.Function, Replace: c.Replace}
	if c.PageURL != "" {
		change.Invitation = c.invitation
	}
	plan, err := trigger.Prepare(ctx, idp.NewFromConfig(cfg), c.UserPool, change)
	if other, ok := errors.AsType[*trigger.OtherTriggerError](err); ok {
		return fmt.Errorf("%w; pass --replace to put this one in its place", other)
	}
	if err != nil {
		return err
	}
	if c.Save == "" {
		c.Save = c.UserPool + "-" + now().UTC().Format("20060102T150405Z") + ".json"
	}
	back := fmt.Sprintf("portaria detach%s --user-pool %s --restore %s", all.account(), c.UserPool, c.Save)
	return update(ctx, term, c.UserPool, plan, c.Yes, func() (string, error) { return back, save(c.Save, plan.Before) })
}

// maxSMS is how long Cognito lets an invitation by SMS be.
const maxSMS = 140

// invitation is ours, for the page at PageURL and the pool as it is.
func (c *attachCmd) invitation(pool *types.UserPoolType) (*types.MessageTemplateType, error) {
	if u, err := url.Parse(c.PageURL); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Fragment != "" {
		return nil, fmt.Errorf("--page-url is %q: it must be the page's whole address, https://…/nova-senha", c.PageURL)
	}
	text := page.NewInvitation(c.PageURL, userpool.NewPasswordPolicy(pool).TemporaryDays)
	if len(text.SMSMessage) > maxSMS {
		return nil, fmt.Errorf("--page-url is too long by %d letters: an SMS of Cognito's has at most %d", len(text.SMSMessage)-maxSMS, maxSMS)
	}
	return &types.MessageTemplateType{
		EmailSubject: aws.String(text.EmailSubject), EmailMessage: aws.String(text.EmailMessage), SMSMessage: aws.String(text.SMSMessage),
	}, nil
}

// detachCmd takes a pool's trigger away.
type detachCmd struct {
	UserPool string `required:"" env:"USER_POOL_ID" placeholder:"ID" help:"The user pool."`
	Restore  string `placeholder:"FILE" type:"existingfile" help:"Put back the trigger and the invitation that attach found: the file that it saved."`
	Yes      bool   `help:"Do it without asking."`
}

// Help is shown beneath the flags.
func (detachCmd) Help() string {
	return `With --restore the pool gets back the trigger and the invitation that it had before attach; all its other settings stay as they are now. Without it the pool is left with no PreSignUp trigger: then nothing checks who signs up.

  portaria detach --user-pool us-east-1_aBcDeFgHi --restore us-east-1_aBcDeFgHi-20260310T093000Z.json`
}

// Run detaches the trigger.
func (c *detachCmd) Run(ctx context.Context, term *terminal.Terminal, cfg aws.Config) error {
	change := trigger.Change{Replace: true}
	if c.Restore != "" {
		before, err := load(c.Restore, c.UserPool)
		if err != nil {
			return err
		}
		if before.LambdaConfig != nil {
			change.PreSignUp = aws.ToString(before.LambdaConfig.PreSignUp)
		}
		var was *types.MessageTemplateType
		if before.AdminCreateUserConfig != nil {
			was = before.AdminCreateUserConfig.InviteMessageTemplate
		}
		change.Invitation = func(*types.UserPoolType) (*types.MessageTemplateType, error) { return was, nil }
	}
	plan, err := trigger.Prepare(ctx, idp.NewFromConfig(cfg), c.UserPool, change)
	if err != nil {
		return err
	}
	return update(ctx, term, c.UserPool, plan, c.Yes, func() (string, error) { return "", nil })
}

// updated is what attach and detach print.
type updated struct {
	UserPool    string               `json:"userPool"`
	Updated     bool                 `json:"updated"`
	Differences []trigger.Difference `json:"differences"`
	WayBack     string               `json:"wayBack,omitempty"`
}

// update shows a plan, asks, and carries it out. Before that it calls keep, which
// gives the command that leads back.
func update(ctx context.Context, term *terminal.Terminal, pool string, plan *trigger.Plan, yes bool, keep func() (string, error)) error {
	if len(plan.Differences) == 0 {
		return term.Print(updated{UserPool: pool, Differences: []trigger.Difference{}}, func(w io.Writer) {
			fmt.Fprintf(w, "%s is as asked already; nothing was changed\n", pool)
		})
	}
	writeDifferences(term.Err, plan.Differences)
	if err := term.Confirm(yes, fmt.Sprintf("This updates user pool %s (%s).", aws.ToString(plan.Before.Pool.Name), pool), pool); err != nil {
		return err
	}
	back, err := keep()
	if err != nil {
		return err
	}
	err = plan.Apply(ctx)
	if different, ok := errors.AsType[*trigger.DifferentError](err); ok {
		writeDifferences(term.Err, different.Settings)
	}
	if err != nil && back != "" && !errors.Is(err, trigger.ErrChanged) {
		return fmt.Errorf("%w; should the pool have changed, the way back is: %s", err, back)
	}
	if err != nil {
		return err
	}
	return term.Print(updated{UserPool: pool, Updated: true, Differences: plan.Differences, WayBack: back}, func(w io.Writer) {
		fmt.Fprintf(w, "%s is updated, and every other setting is as it was\n", pool)
		if back != "" {
			fmt.Fprintf(w, "back again: %s\n", back)
		}
	})
}

func writeDifferences(w io.Writer, differences []trigger.Difference) {
	for _, d := range differences {
		fmt.Fprintf(w, "%s\n  before: %s\n  after:  %s\n", d.Setting, orNone(d.Before), orNone(d.After))
	}
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// save keeps a description, and never writes over one that is kept already.
func save(file string, d *trigger.Description) error {
	encoded, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the settings before: %w", err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists and is left as it is; pass --save with another name", file)
	}
	if err != nil {
		return fmt.Errorf("keep the settings before: %w", err)
	}
	_, err = f.Write(append(encoded, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keep the settings before: %w", err)
	}
	return nil
}

// load reads a description of the pool that save has kept.
func load(file, pool string) (*types.UserPoolType, error) {
	encoded, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var d trigger.Description
	if err := json.Unmarshal(encoded, &d); err != nil || d.Pool == nil {
		return nil, fmt.Errorf("%s is not a file that attach has saved", file)
	}
	if kept := aws.ToString(d.Pool.Id); kept != pool {
		return nil, fmt.Errorf("%s was saved of user pool %s, not of %s", file, kept, pool)
	}
	return d.Pool, nil
}
