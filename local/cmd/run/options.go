package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
)

// configure reads the flags and, for those not given, the environment: each flag
// has a variable, PORTARIA_ and its name in capitals. Help is printed to out and
// is flag.ErrHelp; any other mistake is an error that names the flag or the
// variable.
func configure(args []string, getenv func(string) string, out io.Writer) (local.Config, error) {
	var cfg local.Config
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.StringVar(&cfg.CognitoAddr, "cognito-addr", "127.0.0.1:9229", "`address` of Cognito; port 0 is a free one")
	flags.StringVar(&cfg.DynamoDBAddr, "dynamodb-addr", "127.0.0.1:8000", "`address` of DynamoDB")
	flags.StringVar(&cfg.WebAddr, "web-addr", "127.0.0.1:8080", "`address` of the HTTP API, the page and the mailbox")
	flags.StringVar(&cfg.UserPoolID, "user-pool-id", local.DefaultUserPoolID, "`id` of the user pool")
	flags.StringVar(&cfg.ClientID, "client-id", local.DefaultClientID, "`id` of the pool's client")
	flags.StringVar(&cfg.Table, "table", local.DefaultTable, "`name` of the claims table")
	flags.Var(&choice[cognito.PoolKind]{&cfg.PoolKind, []string{"email", "plain", "alias"}}, "pool-kind",
		"what people sign in with: `email`, plain (user names) or alias (user names and e-mail)")
	flags.Var(&choice[cognito.TriggerOrder]{&cfg.TriggerOrder, []string{"before", "after"}}, "trigger-order",
		"when the trigger runs: `before` or after the duplicate check")
	flags.Var(&choice[cognito.ResendTrigger]{&cfg.ResendRunsTrigger, []string{"no", "requested", "stored"}}, "resend-trigger",
		"whether RESEND runs the trigger: `no`, with the requested or with the stored attributes")
	flags.BoolVar(&cfg.SelfSignUp, "self-sign-up", false, "let people sign up by themselves")
	flags.DurationVar(&cfg.Lease, "lease", local.DefaultLease, "how long a CPF is held for an unfinished sign-up")
	flags.StringVar(&cfg.LogLevel, "log-level", local.DefaultLogLevel, "least `level` that the function logs")
	flags.StringVar(&cfg.Binary, "function", "", "`file` of the trigger's binary; built when not given")
	flags.StringVar(&cfg.APIBinary, "api-function", "", "`file` of the HTTP API's binary; built when not given")

	var help strings.Builder
	flags.SetOutput(&help)
	flags.Usage = func() {
		fmt.Fprintln(&help, "usage: go run ./local/cmd/run [flags]\n\nEach flag can be given as a variable too: --cognito-addr as PORTARIA_COGNITO_ADDR.")
		flags.PrintDefaults()
	}
	var err error
	flags.VisitAll(func(f *flag.Flag) {
		name := "PORTARIA_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value := getenv(name); value != "" && err == nil {
			if wrong := f.Value.Set(value); wrong != nil {
				err = fmt.Errorf("%s=%s: %w", name, value, wrong)
			}
		}
	})
	if err != nil {
		return cfg, err
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		io.WriteString(out, help.String())
		return cfg, err
	case err != nil:
		return cfg, fmt.Errorf("%w (--help lists the flags)", err)
	case flags.NArg() > 0:
		return cfg, fmt.Errorf("unexpected argument %q (--help lists the flags)", flags.Arg(0))
	}
	return cfg, nil
}

// choice is a flag.Value: one word of several, each standing for its place among
// them.
type choice[T ~int] struct {
	chosen *T
	words  []string
}

// String gives the word chosen.
func (c *choice[T]) String() string {
	if c.chosen == nil { // as the flag package asks
		return ""
	}
	return c.words[*c.chosen]
}

// Set refuses what is none of the words.
func (c *choice[T]) Set(word string) error {
	for i, w := range c.words {
		if w == word {
			*c.chosen = T(i)
			return nil
		}
	}
	return fmt.Errorf("want one of %s", strings.Join(c.words, ", "))
}
