package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/functions/internal/setup"
	"github.com/pontte/portaria/pkg/limit"
	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/redact"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
	"github.com/pontte/portaria/pkg/web"
	"github.com/pontte/portaria/pkg/web/gateway"
	"github.com/pontte/portaria/pkg/web/page"
)

const (
	tableTryWithin = 1200 * time.Millisecond
	// poolTryWithin is no bound of its own: creating a user takes as long as the
	// trigger's three tries, and every other call has its own time.
	poolTryWithin  = 20 * time.Second
	settingsWithin = 5 * time.Second
	noLease        = 0 // nothing is claimed here
)

// variables are what the function is told.
type variables struct{ table, limits, poolID, clientID, pageURL, signInURL, metrics string }

// wire builds the handler from the environment and the pool's settings, and logs
// to out. Its error names the variable that is missing or cannot be read.
func wire(ctx context.Context, getenv setup.Getenv, out io.Writer) (*gateway.Handler, error) {
	logger, err := setup.Logger(getenv, "api", out)
	if err != nil {
		return nil, err
	}
	var v variables
	for _, required := range []struct {
		to         *string
		name, what string
	}{
		{&v.table, "TABLE_NAME", "name the claims table"},
		{&v.limits, "LIMITS_TABLE_NAME", "name the limits table"},
		{&v.poolID, "USER_POOL_ID", "be the id of the user pool"},
		{&v.clientID, "USER_POOL_CLIENT_ID", "be the id of the pool's client"},
		{&v.pageURL, "PAGE_URL", "be the address of the page, ending in " + page.Path},
		{&v.signInURL, "SIGN_IN_URL", "be the address where customers sign in"},
	} {
		if *required.to, err = getenv.Required(required.name, required.what); err != nil {
			return nil, err
		}
	}
	if v.metrics, err = setup.Metrics(getenv); err != nil {
		return nil, err
	}
	tables, err := setup.AWS(getenv, tableTryWithin)
	if err != nil {
		return nil, err
	}
	pools, err := setup.AWS(getenv, poolTryWithin)
	if err != nil {
		return nil, err
	}
	return newHandler(ctx, v, logger, tables, pools)
}

// newHandler builds the handler of clients of those configurations.
func newHandler(ctx context.Context, v variables, logger zerolog.Logger, tables, pools aws.Config) (*gateway.Handler, error) {
	pool := userpool.NewPool(cognitoidentityprovider.NewFromConfig(pools), v.poolID, v.clientID)
	policy, shown, err := settings(ctx, pool, v, logger)
	if err != nil {
		return nil, err
	}
	client := dynamodb.NewFromConfig(tables)
	handler := web.New(web.Config{
		Users: pool, Claims: registry.New(client, v.table, noLease, nil), Limits: limit.New(client, v.limits), PoolID: v.poolID,
		Policy: policy, Page: shown, Log: logger, Now: time.Now, Rand: rand.Reader,
		Metrics: v.metrics,
	})
	report := func(_ context.Context, err error) {
		logger.Error().Str("error", redact.Cause(err)).Msg("request failed")
	}
	return gateway.New(handler, gateway.WithReport(report)), nil
}

// settings reads what the pool asks of passwords and how people sign in, and
// makes the page that shows it. Where the pool does not answer, the rules are
// those of our own pool: Cognito still holds to its own.
func settings(ctx context.Context, pool *userpool.Pool, v variables, logger zerolog.Logger) (password.Policy, *page.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, settingsWithin)
	defer cancel()
	policy, signIn := password.Default(), page.ByEmail
	switch found, err := pool.Settings(ctx); {
	case errors.Is(err, userpool.ErrNoEmail):
		return policy, nil, fmt.Errorf("USER_POOL_ID: %w", err)
	case err != nil:
		logger.Warn().Str("error", redact.Cause(err)).Msg("the pool's settings could not be read; those of our own pool are shown")
	default:
		policy = password.Policy{
			MinLength: found.Password.MinimumLength, RequireLowercase: found.Password.RequireLowercase,
			RequireUppercase: found.Password.RequireUppercase, RequireNumbers: found.Password.RequireNumbers, RequireSymbols: found.Password.RequireSymbols,
		}
		switch found.SignIn {
		case userpool.ByAlias:
			signIn = page.ByEither
		case userpool.ByUserName:
			signIn = page.ByUsername
		}
	}
	prefix, err := pagePrefix(v.pageURL)
	if err != nil {
		return policy, nil, err
	}
	shown, err := page.New(page.Settings{SignInURL: v.signInURL, SignIn: signIn, Rules: web.PageRules(policy), Prefix: prefix})
	if err != nil {
		return policy, nil, fmt.Errorf("SIGN_IN_URL: %w", err)
	}
	return policy, shown, nil
}

// pagePrefix is the path that stands before the page's own in its address.
func pagePrefix(pageURL string) (string, error) {
	u, err := url.Parse(pageURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || !strings.HasSuffix(u.Path, page.Path) {
		return "", fmt.Errorf("PAGE_URL is %q: it must be an http or https address that ends in %s", pageURL, page.Path)
	}
	return strings.TrimSuffix(u.Path, page.Path), nil
}
