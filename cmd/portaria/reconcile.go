package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
	"golang.org/x/time/rate"

	"github.com/pontte/portaria/cmd/portaria/internal/reconcile"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
	"github.com/pontte/portaria/pkg/redact"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

const (
	shortestLease  = 20 * time.Second // in which a sign-up that was allowed becomes a user: three tries of 5 s, 5 s between clocks
	maxSkew        = 5 * time.Second  // of the clocks that leases are reckoned by
	reconcileTries = 10               // of one call: throttling is waited for, not given up on
	progressEvery  = 10_000           // users and claims
)

// reconcileCmd is `portaria reconcile`.
type reconcileCmd struct {
	UserPool     string        `required:"" env:"USER_POOL_ID" placeholder:"ID" help:"The user pool."`
	Table        string        `required:"" env:"TABLE_NAME" placeholder:"NAME" help:"The claims table."`
	Fix          bool          `help:"Write missing claims and owners, remove orphans past their lease. Users are never touched."`
	BeforeSwitch bool          `help:"The old function is still the trigger: leave its items where it looks for them."`
	Yes          bool          `help:"Do not ask before --fix."`
	State        string        `type:"path" placeholder:"FILE" help:"Keep here how far the run has come, and go on from there; gone when it is done."`
	Lease        time.Duration `default:"30s" env:"CLAIM_LEASE" help:"CLAIM_LEASE of the functions, or longer."`
	Rate         float64       `default:"20" help:"Requests a second to Cognito. An account has 30 for lists of users and 120 for single ones, sign-ins included."`
	TableRate    float64       `default:"200" help:"Requests a second to the table."`
	Unmasked     bool          `help:"Print CPFs and user names whole."`
}

// Help is shown by portaria reconcile --help.
func (*reconcileCmd) Help() string {
	var b strings.Builder
	b.WriteString("Compares the users of a pool with the claims on their CPFs: one line per finding, then a summary. It can run beside live sign-ups. What it finds:\n\n")
	for _, k := range reconcile.Kinds {
		fmt.Fprintf(&b, "%s: %s. %s.\n\n", k.Code, k.Meaning, k.Cure)
	}
	b.WriteString("Results: mended (--fix put it right), mendable (--fix would), later (a lease is not over, or a sign-up was quicker: run again), open (somebody must decide), note (nothing is wrong). Exit code 3 when anything but mended and note remains.")
	return b.String()
}

// Validate refuses what makes no sense.
func (c *reconcileCmd) Validate() error {
	switch {
	case c.Rate <= 0 || c.TableRate <= 0:
		return errors.New("--rate and --table-rate must be above zero")
	case c.Lease <= 0:
		return errors.New("--lease must be above zero, such as 30s")
	}
	return nil
}

// Run compares, and mends if it was asked to.
func (c *reconcileCmd) Run(ctx context.Context, term *terminal.Terminal, now clock, cfg aws.Config) error {
	cognito := cognitoidentityprovider.NewFromConfig(cfg, func(o *cognitoidentityprovider.Options) {
		o.Retryer, o.HTTPClient, o.Logger = patient(), pace(o.HTTPClient, c.Rate), logging.Nop{}
	})
	table := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.Retryer, o.HTTPClient, o.Logger = patient(), pace(o.HTTPClient, c.TableRate), logging.Nop{}
	})
	if err := checkClock(ctx, cognito, c.UserPool, now); err != nil {
		return err
	}
	state, err := c.load()
	if err != nil {
		return err
	}
	if c.Fix {
		if err := term.Confirm(c.Yes, fmt.Sprintf("This writes to table %s.", c.Table), "fix"); err != nil {
			return err
		}
	}
	if c.Fix && c.Lease < shortestLease {
		fmt.Fprintf(term.Err, "--lease is below %s: a claim whose sign-up is still under way may be taken from it\n", shortestLease)
	}
	progress := 0
	run := reconcile.Run{
		PoolID: c.UserPool, Fix: c.Fix, BeforeSwitch: c.BeforeSwitch, Lease: c.Lease,
		Users:  userpool.NewList(cognito, c.UserPool),
		Owners: userpool.New(cognito),
		Claims: registry.NewRecords(table, c.Table),
		Now:    now, Wait: wait,
		Report: func(f reconcile.Finding) error { return c.print(term, f) },
		Save:   c.save,
		Progress: func(s reconcile.State) {
			if seen := s.Summary.Claims + s.Summary.Users; term.Interactive || seen/progressEvery > progress {
				progress = seen / progressEvery
				term.Progress("%s: %d claims and %d users seen, %d findings remain", s.Phase, s.Summary.Claims, s.Summary.Users, s.Summary.Remaining())
			}
		},
		Restart: func() { fmt.Fprintln(term.Err, "Cognito no longer takes the saved place in its list: beginning anew") },
	}
	if state, err = run.Do(ctx, state); err != nil {
		return c.interrupted(err)
	}
	if c.State != "" {
		if err := os.Remove(c.State); err != nil {
			return fmt.Errorf("remove the state, which is done with: %w", err)
		}
	}
	return c.summary(term, state.Summary)
}

func (c *reconcileCmd) load() (reconcile.State, error) {
	if c.State == "" {
		return reconcile.Begin(c.UserPool, c.Table, c.Fix), nil
	}
	return reconcile.Load(c.State, c.UserPool, c.Table, c.Fix)
}

func (c *reconcileCmd) save(s reconcile.State) error {
	if c.State == "" {
		return nil
	}
	return s.Save(c.State)
}

// interrupted says what to do about a run that did not come to its end. What AWS
// said stays out: it may quote the request.
func (c *reconcileCmd) interrupted(err error) error {
	if c.State == "" {
		return fmt.Errorf("not finished: %s; run again (with --state FILE a run goes on where it stopped)", redact.Cause(err))
	}
	return fmt.Errorf("not finished: %s; run again to go on from %s", redact.Cause(err), c.State)
}

// line is a finding as it is printed.
type line struct {
	Kind string `json:"kind"`
	reconcile.Finding
}

func (c *reconcileCmd) print(term *terminal.Terminal, f reconcile.Finding) error {
	if !c.Unmasked {
		f = f.Masked()
	}
	return term.Print(line{"finding", f}, func(w io.Writer) {
		fmt.Fprintf(w, "%-8s  %-20s  %-14s  %s", f.Result, f.Code, terminal.Plain(f.CPF), terminal.Plain(f.User))
		if f.Sub != "" && f.Sub != f.User {
			fmt.Fprintf(w, " (sub %s)", f.Sub)
		}
		if len(f.Others) > 0 {
			fmt.Fprintf(w, " <> %s", terminal.Plain(strings.Join(f.Others, " ")))
		}
		fmt.Fprintln(w)
	})
}

// total is the summary as it is printed.
type total struct {
	Kind string `json:"kind"`
	reconcile.Summary
	Remaining int                       `json:"remaining"`
	Cures     map[reconcile.Code]string `json:"cures"` // of what was found
}

// summary prints what was found, and how it is cured.
func (c *reconcileCmd) summary(term *terminal.Terminal, s reconcile.Summary) error {
	t := total{"summary", s, s.Remaining(), map[reconcile.Code]string{}}
	for _, k := range reconcile.Kinds {
		if s.Count(k.Code) > 0 {
			t.Cures[k.Code] = k.Cure
		}
	}
	err := term.Print(t, func(w io.Writer) {
		fmt.Fprintf(w, "\n%d users, %d claims (%d of other pools); %d findings remain\n", s.Users, s.Claims, s.Elsewhere, t.Remaining)
		for _, k := range reconcile.Kinds {
			if s.Count(k.Code) == 0 {
				continue
			}
			fmt.Fprintf(w, "\n%s: %d\n", k.Code, s.Count(k.Code))
			for _, result := range []reconcile.Result{reconcile.Mended, reconcile.Mendable, reconcile.Later, reconcile.Open, reconcile.Note} {
				if n := s.Count(k.Code, result); n > 0 {
					fmt.Fprintf(w, "  %s: %d\n", result, n)
				}
			}
			fmt.Fprintf(w, "  what: %s\n  cure: %s\n", k.Meaning, k.Cure)
		}
	})
	if err == nil && t.Remaining > 0 {
		err = errFound
	}
	return err
}

// patient retries a call for minutes rather than end a long run.
func patient() aws.Retryer {
	return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.StandardOptions = append(o.StandardOptions, func(o *retry.StandardOptions) { o.MaxAttempts = reconcileTries })
	})
}

// paced is a client that sends no more requests a second than it may, retries
// among them.
type paced struct {
	client interface {
		Do(*http.Request) (*http.Response, error)
	}
	limiter *rate.Limiter
}

func pace(client aws.HTTPClient, perSecond float64) paced {
	return paced{client, rate.NewLimiter(rate.Limit(perSecond), 1)}
}

// Do waits for the request's turn and sends it. All of the body but Read is
// hidden: the SDK closes it as soon as the head of an answer is there, and a body
// that net/http then finds closed in its WriteTo costs the connection, under a
// long answer that came fast.
func (p paced) Do(r *http.Request) (*http.Response, error) {
	if err := p.limiter.Wait(r.Context()); err != nil {
		return nil, err
	}
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return p.client.Do(r)
}

// checkClock fails when this machine's clock is not AWS's: leases are reckoned by
// it. It fails, too, when the pool cannot be listed.
func checkClock(ctx context.Context, cognito userpool.ListUsers, pool string, now clock) error {
	out, err := cognito.ListUsers(ctx, &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(pool), Limit: aws.Int32(1)})
	if err != nil {
		return fmt.Errorf("list the users of %s: %s", pool, redact.Cause(err))
	}
	theirs, ok := awsmiddleware.GetServerTime(out.ResultMetadata)
	if !ok {
		return errors.New("an answer of Cognito does not tell the time, so that leases cannot be reckoned")
	}
	if skew := now().Sub(theirs); skew.Abs() > maxSkew {
		return fmt.Errorf("this machine's clock is off by %v: set it, because leases are reckoned by it", skew.Round(time.Second))
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
