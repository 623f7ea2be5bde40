package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/pontte/portaria/cmd/portaria/internal/probe"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
)

// probeCmd asks Cognito what AWS does not document.
type probeCmd struct {
	Kind     probe.Kind    `enum:"email,alias,plain" default:"email" help:"Kind of pool: e-mails are user names (${default}), are aliases (alias), or user names alone (plain)."`
	Role     string        `placeholder:"ARN" xor:"function" required:"" help:"Execution role of the function that is made: AWSLambdaBasicExecutionRole is enough."`
	Function string        `placeholder:"ARN" xor:"function" required:"" help:"Make no function and use this one, which must be this program behind Lambda; goes with --log."`
	Log      string        `placeholder:"FILE" type:"existingfile" help:"Where the function of --function writes its log."`
	Slow     time.Duration `default:"6s" help:"How long the function waits for Cognito to give up on it."`
	Yes      bool          `help:"Do it without asking."`
}

// Help is shown beneath the flags.
func (probeCmd) Help() string {
	return `Makes a user pool with a function as its trigger, asks, and removes both: does RESEND run the trigger, does it run before the duplicate check, how do accents come through, which userName does it see, what happens to a function that does not answer. Prints where Cognito is not as the local stack. One e-mail goes to SES's own simulator; no customer is touched. Takes about a minute and costs nothing worth naming.

It needs a Linux machine, such as CloudShell, and a role for the function:

  portaria probe --role arn:aws:iam::…:role/lambda-basic

Rights: cognito-idp CreateUserPool, DeleteUserPool, AdminCreateUser; lambda CreateFunction, GetFunction, AddPermission, DeleteFunction; iam PassRole on the role; logs FilterLogEvents, DeleteLogGroup. Exit code 3 when something differs.`
}

// Run probes.
func (c *probeCmd) Run(ctx context.Context, term *terminal.Terminal, cfg aws.Config) (err error) {
	if (c.Function == "") != (c.Log == "") {
		return errors.New("--function and --log go together")
	}
	if err := term.Confirm(c.Yes, "This makes a user pool and a function in "+cfg.Region+" and removes them.", "probe"); err != nil {
		return err
	}
	p := &probe.Probe{
		Cognito: idp.NewFromConfig(cfg, func(o *idp.Options) { o.Retryer = aws.NopRetryer{} }),
		Trigger: probe.LogFile{Name: c.Log}, ARN: c.Function, Kind: c.Kind, Slow: c.Slow, Said: term.Progress,
	}
	if c.Function == "" {
		function, arn, failed := probe.Install(ctx, cfg, c.Role)
		if failed != nil {
			return failed
		}
		defer func() {
			left := function.Remove(ctx)
			switch {
			case left == nil:
			case err == nil || errors.Is(err, errFound): // what is left behind matters more
				err = left
			default:
				err = errors.Join(err, left)
			}
		}()
		p.Trigger, p.ARN = function, arn
	}
	answers, failed := p.Run(ctx) // with what was found out before it failed
	differ := 0
	for _, a := range answers {
		if a.Differs {
			differ++
		}
		if err := term.Print(a, func(w io.Writer) { writeAnswer(w, a) }); err != nil {
			return err
		}
	}
	if failed != nil {
		return failed
	}
	if differ > 0 {
		fmt.Fprintf(term.Err, "%d of %d answers are not as the local stack's; please tell the project\n", differ, len(answers))
		return errFound
	}
	return nil
}

func writeAnswer(w io.Writer, a probe.Answer) {
	switch {
	case a.Differs:
		fmt.Fprintf(w, "%s: %s\n  the local stack: %s\n", a.Question, a.Found, a.Local)
	default:
		fmt.Fprintf(w, "%s: %s\n", a.Question, strings.TrimSpace(a.Found))
	}
}
