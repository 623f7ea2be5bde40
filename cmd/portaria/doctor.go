package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/pontte/portaria/cmd/portaria/internal/doctor"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
)

// doctorCmd looks for what is wrong with a deployment.
type doctorCmd struct {
	UserPool    string `placeholder:"ID" env:"USER_POOL_ID" help:"The user pool."`
	Client      string `placeholder:"ID" env:"USER_POOL_CLIENT_ID" help:"The client by which the page signs customers in."`
	Function    string `placeholder:"ARN" help:"The alias that should be the pool's trigger. By default the trigger that is set is looked at."`
	Table       string `placeholder:"NAME" env:"TABLE_NAME" help:"The claims table."`
	LimitsTable string `placeholder:"NAME" env:"LIMITS_TABLE_NAME" help:"The limits table."`
}

// Help is shown beneath the flags.
func (doctorCmd) Help() string {
	return `Reads what AWS says of the pool, its clients, the function and its permissions, the sender and the tables, and prints what is wrong with a cure for each. Nothing is changed. What is not named is not looked at; what cannot be read is a finding of its own. The stack's outputs have all names.

  portaria doctor --user-pool us-east-1_aBcDeFgHi --client 1h57kf5cpq17m0eml12EXAMPLE --function arn:aws:lambda:…:live --table portaria-claims --limits-table portaria-limits

Exit code 3 when something was found. With --output json each finding is a line {"code","severity","what","cure"}, and the last line is {"checks","findings"}.`
}

// Run looks and prints.
func (c *doctorCmd) Run(ctx context.Context, term *terminal.Terminal, cfg aws.Config) error {
	names := doctor.Names{UserPool: c.UserPool, Client: c.Client, Function: c.Function, Claims: c.Table, Limits: c.LimitsTable}
	if names == (doctor.Names{}) || names == (doctor.Names{Client: c.Client}) {
		return errors.New("nothing is named to look at: pass --user-pool, --function, --table or --limits-table")
	}
	d, findings := doctor.Look(ctx, cfg, names)
	if err := ctx.Err(); err != nil {
		return err
	}
	found, checks := doctor.Examine(d)
	findings = append(found, findings...)
	for _, f := range findings {
		if err := term.Print(f, func(w io.Writer) {
			fmt.Fprintf(w, "%s  %s\n  %s\n  cure: %s\n", f.Severity, f.Code, f.What, f.Cure)
		}); err != nil {
			return err
		}
	}
	summary := struct {
		Checks   int `json:"checks"`
		Findings int `json:"findings"`
	}{checks, len(findings)}
	if err := term.Print(summary, func(w io.Writer) { fmt.Fprintf(w, "%d checks, %d findings\n", checks, len(findings)) }); err != nil {
		return err
	}
	if len(findings) > 0 {
		return errFound
	}
	return nil
}
