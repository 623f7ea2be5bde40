package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kong"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
)

// The exit codes, as the help and docs/operations.md have them.
const (
	exitOK        = 0
	exitFailed    = 1 // what was asked could not be done; standard error says why
	exitUsage     = 2 // the command line is wrong
	exitFound     = 3 // done, and something was found that somebody should look at
	exitUnchanged = 4 // nothing was changed, because nobody confirmed it
)

const description = `Portaria's command for operators: see what the gate decides, compare user pool and claims, switch over and back.

AWS is reached as by every AWS client: AWS_PROFILE, AWS_REGION and the rest of the environment count. Nothing is changed without --yes or a typed confirmation.

Exit codes: 0 done, 1 could not be done, 2 wrong command line, 3 done and something was found, 4 nothing changed for want of a confirmation.`

// commands is the command line.
type commands struct {
	Output  terminal.Format  `enum:"table,json" default:"table" help:"How results are printed: table, or json for one JSON object a line."`
	Region  string           `help:"AWS region; the environment's and the profile's by default."`
	Profile string           `help:"Profile of the AWS configuration files."`
	Version kong.VersionFlag `help:"Print the version."`

	Explain   explainCmd   `cmd:"" help:"What the trigger would answer to an event, and why."`
	Replay    replayCmd    `cmd:"" help:"What the trigger would answer to a file of recorded events, and where it was answered otherwise."`
	Reconcile reconcileCmd `cmd:"" help:"Compare the users of a pool with the claims on their CPFs; --fix puts right what it can."`
	Attach    attachCmd    `cmd:"" help:"Make a function the user pool's PreSignUp trigger, and change nothing else of the pool."`
	Detach    detachCmd    `cmd:"" help:"Go back: put the trigger back that attach found, or take it away."`
	Doctor    doctorCmd    `cmd:"" help:"Find what is wrong with a deployment, with a cure for each finding."`
	Probe     probeCmd     `cmd:"" help:"Ask Cognito what AWS does not document, on a pool made for it."`
	Export    exportCmd    `cmd:"" help:"One person's data, by CPF (LGPD)."`
	Erase     eraseCmd     `cmd:"" help:"Delete one person's users and claims, by CPF (LGPD)."`
}

// errFound ends a command with exitFound: what it found is printed already.
var errFound = errors.New("found")

// run carries out one command line and gives the exit code.
func run(ctx context.Context, args []string, term *terminal.Terminal, now func() time.Time) (status int) {
	type exit int
	defer func() { // kong ends the process for --help and --version
		switch p := recover().(type) {
		case nil:
		case exit:
			status = int(p)
		default:
			panic(p)
		}
	}()
	var c commands
	parser, err := kong.New(&c,
		kong.Name("portaria"), kong.Description(description), kong.Vars{"version": version},
		kong.Writers(term.Out, term.Err), kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(term, clock(now)),
		kong.BindToProvider(c.aws),
	)
	if err != nil {
		return fail(term, err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(term.Err, "portaria: %v; see %s --help\n", err, meant(err))
		return exitUsage
	}
	term.Format = c.Output
	term.In = terminal.Interruptible(ctx, term.In)
	err = command.Run()
	term.Clear()
	return fail(term, err)
}

// meant gives the command that a command line with that error asked for, as far
// as that can be told.
func meant(err error) string {
	words := "portaria"
	if wrong, ok := errors.AsType[*kong.ParseError](err); ok {
		if command := wrong.Context.Selected(); command != nil {
			words += " " + command.Name
		}
	}
	return words
}

// clock tells the time.
type clock func() time.Time

// fail prints why a command failed and gives the exit code.
func fail(term *terminal.Terminal, err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFound):
		return exitFound
	}
	fmt.Fprintf(term.Err, "portaria: %v\n", err)
	if errors.Is(err, terminal.ErrNotConfirmed) {
		return exitUnchanged
	}
	return exitFailed
}

// account gives the flags that say which account and region are meant, for another
// command line.
func (c *commands) account() string {
	var flags string
	if c.Profile != "" {
		flags += " --profile " + c.Profile
	}
	if c.Region != "" {
		flags += " --region " + c.Region
	}
	return flags
}

// aws loads the configuration of AWS's clients, for the commands that need one.
func (c *commands) aws(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(c.Region), config.WithSharedConfigProfile(c.Profile),
		config.WithLogger(logging.Nop{})) // the client's words may quote a request; an error has what matters
	if err != nil {
		return aws.Config{}, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return aws.Config{}, errors.New("no AWS region is set: pass --region or set AWS_REGION")
	}
	return cfg, nil
}
