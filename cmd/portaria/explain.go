package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/cmd/portaria/internal/explanation"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
	"github.com/pontte/portaria/pkg/redact"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

// maxEvent is the most bytes of an event: what Lambda takes at once.
const maxEvent = 6 << 20

// explainCmd explains one event.
type explainCmd struct {
	Event string        `arg:"" help:"File with one PreSignUp event, as Cognito sends it; - is standard input."`
	Table string        `placeholder:"NAME" help:"Ask the claims of this table, read only, and Cognito for their owners. Without it rule 2 is not asked."`
	Lease time.Duration `default:"30s" env:"CLAIM_LEASE" help:"How long the gate holds a CPF for an unfinished sign-up."`
}

// Help teaches the command.
func (explainCmd) Help() string {
	return `The answer is the trigger's own, by its own code; then every rule's verdict is shown, those too that come after the one that decides. Nothing is written, with --table or without. Of the person only the masked CPF is shown.

  portaria explain events/cpf-last-digit-wrong.json
  portaria explain --table portaria-claims event.json
  jq .event saved.json | portaria explain --output json -

Verdicts: passes, refuses, unknown (nobody was asked). With --table the event is taken to come now. Rights needed: dynamodb:GetItem on the table, cognito-idp:AdminGetUser on the pool.

JSON: {"answer": allowed|refused|failed, "code", "text" (what the customer reads), "triggerSource", "cpf" (masked), "resend" (passes|refuses|unknown, for an event that may be a RESEND's), "claim" (new|replay|takeover|conflict), "rules": [{"rule", "verdict", "reason"}], "holder": {"userName", "claimedAt"} (of the claim that is in the way)}; what does not apply is left out.

Exit codes: 0 allowed, 3 refused or failed, 1 the event could not be read or AWS not be reached.`
}

// Run explains the event.
func (c *explainCmd) Run(ctx context.Context, all *commands, term *terminal.Terminal, now clock) error {
	payload, err := readEvent(term, c.Event)
	if err != nil {
		return err
	}
	var claims signup.Registry
	var users signup.Users
	var records *registry.Records
	if c.Table != "" {
		if claims, users, records, err = c.aws(ctx, all); err != nil {
			return err
		}
	}
	x := signup.Explain(ctx, claims, users, payload, now())
	if x.Silent != nil {
		return fmt.Errorf("ask the claims in %s: %s", c.Table, redact.Cause(x.Silent))
	}
	report := explanation.New(x)
	if records != nil {
		if err := report.AddHolder(ctx, records); err != nil {
			return err
		}
	}
	if err := term.Print(report, report.WriteTable); err != nil {
		return err
	}
	if report.Answer != explanation.Allowed {
		return errFound
	}
	return nil
}

// aws gives the claims and users to ask. The credentials are fetched first,
// because the trigger's time for an answer is short.
func (c *explainCmd) aws(ctx context.Context, all *commands) (signup.Registry, signup.Users, *registry.Records, error) {
	cfg, err := all.aws(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, nil, nil, fmt.Errorf("get AWS credentials: %w", err)
	}
	client, users := dynamodb.NewFromConfig(cfg), userpool.New(cognitoidentityprovider.NewFromConfig(cfg))
	claims := registry.New(client, c.Table, c.Lease, users).Preview()
	return claims, users, registry.NewRecords(client, c.Table), nil
}

// readEvent reads the event in a file, or on standard input for -.
func readEvent(term *terminal.Terminal, name string) ([]byte, error) {
	in := term.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read the event: %w", err)
		}
		defer func() { _ = f.Close() }() // it is only read
		in = f
	}
	payload, err := io.ReadAll(io.LimitReader(in, maxEvent+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the event: %w", err)
	case len(payload) == 0:
		return nil, errors.New("read the event: there is nothing in it")
	case len(payload) > maxEvent:
		return nil, fmt.Errorf("read the event: it has more than %d bytes; replay reads files of many events", maxEvent)
	}
	return payload, nil
}
