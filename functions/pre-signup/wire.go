package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

const (
	defaultLease = 30 * time.Second
	shortLease   = 20 * time.Second // three tries of 5 s, 5 s between clocks

	// An invocation must answer within 4 s: two tries of a call, and a pause
	// between them, leave time for the look-up of an owner.
	tries      = 2
	tryWithin  = 1200 * time.Millisecond
	maxBackoff = 50 * time.Millisecond
)

// wire builds the handler from the environment, and logs to out. Its error names
// the variable that is missing or cannot be read.
func wire(ctx context.Context, getenv func(string) string, out io.Writer) (*signup.Handler, error) {
	logger, err := newLogger(getenv, out)
	if err != nil {
		return nil, err
	}
	table := getenv("TABLE_NAME")
	if table == "" {
		return nil, fmt.Errorf("TABLE_NAME is not set: it must name the claims table")
	}
	lease, err := readLease(getenv)
	if err != nil {
		return nil, err
	}
	if lease < shortLease {
		logger.Warn().Str("claim_lease", lease.String()).Msg("CLAIM_LEASE is shorter than Cognito's three tries and the skew of clocks take: 20s")
	}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(tryWithin)),
		config.WithRetryer(newRetryer),
		config.WithLogger(logging.Nop{}),
	)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	users := userpool.New(cognitoidentityprovider.NewFromConfig(cfg))
	claims := registry.New(dynamodb.NewFromConfig(cfg), table, lease, users)
	return signup.New(claims, users, logger, time.Now), nil
}

func newLogger(getenv func(string) string, out io.Writer) (zerolog.Logger, error) {
	level := zerolog.InfoLevel
	if s := getenv("LOG_LEVEL"); s != "" {
		var err error
		if level, err = zerolog.ParseLevel(s); err != nil || level > zerolog.ErrorLevel {
			return zerolog.Logger{}, fmt.Errorf("LOG_LEVEL is %q: it must be trace, debug, info, warn or error", s)
		}
	}
	return zerolog.New(out).Level(level).With().Str("service", "pre-signup").Logger(), nil
}

func readLease(getenv func(string) string) (time.Duration, error) {
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

func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = tries
		o.MaxBackoff = maxBackoff
	})
}

// runtimeLog passes on what Lambda's runtime client prints, but for the errors
// that the handler returns: those stand in the handler's own line already.
type runtimeLog struct{ io.Writer }

func (w runtimeLog) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte(`{"errorMessage":`)) {
		return len(line), nil
	}
	return w.Writer.Write(line)
}
