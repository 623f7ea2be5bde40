package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/cmd/portaria/internal/recording"
	"github.com/pontte/portaria/cmd/portaria/internal/replay"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

// replayCmd replays a file of recorded events.
type replayCmd struct {
	File  string        `arg:"" help:"Recorded events, gzipped or not; - is standard input."`
	Table string        `placeholder:"NAME" help:"For rule 2 ask the claims of this table as they stand now, read only, and Cognito for their owners."`
	Lease time.Duration `default:"30s" env:"CLAIM_LEASE" help:"How long the gate holds a CPF for an unfinished sign-up (with --table)."`
}

// Help teaches the command.
func (replayCmd) Help() string {
	return `Has the trigger answer every event of the file, counts the answers, and compares them with the recorded ones where there are any. Nothing is written. Every difference is listed, without personal data but the masked CPF.

  aws logs filter-log-events --log-group-name /aws/lambda/pre_register_insert --start-time 1770000000000 >log.json
  portaria replay log.json
  zcat export/*/*.gz | portaria replay -
  portaria replay --table portaria-claims --output json events.jsonl

The file is one of:
  - JSON Lines, each line an event, or {"event": ..., "answer": ..., "at": "2026-03-10T09:30:00Z"}. answer is the event that came back (or "allowed"), the error as Lambda gives it ({"errorMessage": ...}), its text, as thrown or as Cognito passed it on, or a code; answer and at may be left out.
  - the log of a function that printed its events (as JSON, or as Python prints a dict): the JSON of aws logs filter-log-events, get-log-events or a subscription, an export to S3, or what aws logs tail prints. The answer is taken from the log too: an exception's text, or an end without one.

Rule 2 (cpf_taken), without --table: the first event of a CPF that was let through has the account, by its recorded answer, or by Portaria's where none was recorded; other events of that CPF are refused; the same event again within 30 s is Cognito's second try. What the file cannot know, the recorded answer is believed: an account from before the file, the user of a RESEND (counted as assumed). Accounts that were deleted meanwhile show as differences.
With --table: a CPF counts as taken when its claim is another user's than the event's; useful once reconcile has written the claims. Rights needed: dynamodb:GetItem, cognito-idp:AdminGetUser.

JSON, one object a line: {"difference": {"place", "cpf", "recorded", "portaria", "reason"}} and {"bad": {"place", "problem"}} as they are found, at last {"summary": {"events", "answers": {"allowed": 1, ...}, "compared", "same", "different", "assumed", "bad", "skipped"}}. recorded is allowed, a code, or other for an error of any other text.

Lines that cannot be read are named, counted as bad, and passed over. Exit codes: 0 no differences, 3 differences or bad lines, 1 the file could not be read, or no event stands in it.`
}

// Run replays the file.
func (c *replayCmd) Run(ctx context.Context, all *commands, term *terminal.Terminal, now clock) error {
	in := term.In
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("read the recording: %w", err)
		}
		defer func() { _ = f.Close() }()    // it is only read
		in = terminal.Interruptible(ctx, f) // a log may have much and not one event
	}
	player := replay.Offline(now)
	if c.Table != "" {
		cfg, err := all.aws(ctx)
		if err != nil {
			return err
		}
		users := userpool.New(cognitoidentityprovider.NewFromConfig(cfg))
		player = replay.Against(registry.New(dynamodb.NewFromConfig(cfg), c.Table, c.Lease, users).Preview(), users, now)
	}
	sum, err := player.Run(ctx, in, &replayReport{term})
	if err != nil {
		return fmt.Errorf("replay %s: %w", c.File, err)
	}
	if err := term.Print(map[string]any{"summary": sum}, func(w io.Writer) { writeSummary(w, sum) }); err != nil {
		return err
	}
	if sum.Different+sum.Bad > 0 {
		return errFound
	}
	return nil
}

// replayReport prints what a replay finds.
type replayReport struct{ term *terminal.Terminal }

// Difference prints a difference.
func (r *replayReport) Difference(d replay.Difference) error {
	return r.term.Print(map[string]any{"difference": d}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: recorded %s, Portaria %s", d.Place, d.Recorded, d.Portaria)
		if d.Reason != "" {
			fmt.Fprintf(w, " (%s)", d.Reason)
		}
		if d.CPF != "" {
			fmt.Fprintf(w, ", CPF %s", d.CPF)
		}
		fmt.Fprintln(w)
	})
}

// Bad prints what cannot be read.
func (r *replayReport) Bad(bad *recording.BadError) error {
	v := map[string]any{"bad": map[string]string{"place": bad.Place.String(), "problem": bad.Problem}}
	return r.term.Print(v, func(w io.Writer) { fmt.Fprintln(w, bad) })
}

// Progress prints how far it is, every 10,000 events.
func (r *replayReport) Progress(events int) {
	if events%10_000 == 0 {
		r.term.Progress("%d events replayed", events)
	}
}

func writeSummary(w io.Writer, sum replay.Summary) {
	fmt.Fprintf(w, "events\t%d\n", sum.Events)
	for _, answer := range []recording.Answer{
		recording.Allowed, recording.Answer(signup.InvalidCPF), recording.Answer(signup.CPFTaken), recording.Answer(signup.MissingTrackCode),
		recording.Answer(signup.InvalidSimulation), recording.Answer(signup.SignupInProgress), recording.Answer(signup.Internal),
	} {
		fmt.Fprintf(w, "  %s\t%d\n", answer, sum.Answers[answer])
	}
	fmt.Fprintf(w, "compared\t%d\n  same\t%d\n  of these assumed\t%d\n  different\t%d\nbad\t%d\nskipped\t%d\n",
		sum.Compared, sum.Same, sum.Assumed, sum.Different, sum.Bad, sum.Skipped)
}
