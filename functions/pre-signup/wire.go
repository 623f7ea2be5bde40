package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/functions/internal/setup"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

const (
	defaultLease = 30 * time.Second
	shortLease   = 20 * time.Second // three tries of 5 s, 5 s between clocks

	// An invocation must answer within 4 s: two tries of a call leave time for
	// the look-up of an owner.
	tries     = setup.Tries
	tryWithin = 1200 * time.Millisecond
)

// wire builds the handler from the environment, and logs to out. Its error names
// the variable that is missing or cannot be read.
func wire(ctx context.Context, getenv setup.Getenv, out io.Writer) (*signup.Handler, error) {
	logger, err := setup.Logger(getenv, "pre-signup", out)
	if err != nil {
		return nil, err
	}
	table, err := getenv.Required("TABLE_NAME", "name the claims table")
	if err != nil {
		return nil, err
	}
	lease, err := readLease(getenv)
	if err != nil {
		return nil, err
	}
	if lease < shortLease {
		logger.Warn().Str("claim_lease", lease.String()).Msg("CLAIM_LEASE is shorter than Cognito's three tries and the skew of clocks take: 20s")
	}
	namespace, err := setup.Metrics(getenv)
	if err != nil {
		return nil, err
	}
	cfg, err := setup.AWS(getenv, tryWithin)
	if err != nil {
		return nil, err
	}
	tables := dynamodb.NewFromConfig(cfg)
	setup.Connect(ctx, tables.Options())
	users := userpool.New(cognitoidentityprovider.NewFromConfig(cfg))
	claims := registry.New(tables, table, lease, users)
	return signup.New(claims, users, logger, time.Now, signup.WithMetrics(namespace)), nil
}

func readLease(getenv setup.Getenv) (time.Duration, error) {
	s := getenv("CLAIM_LEASE")
	if s == "" {
		return defaultLease, nil
	}
	lease, err := time.ParseDuration(s)
	if err != nil || lease <= 0 {
		return 0, fmt.Errorf("CLAIM_LEASE is %q: it must be a duration above zero, such as 30s", s)
	}
	return lease, nil
}
