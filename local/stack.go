package local

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	sdkdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/local/mailbox"
	"github.com/pontte/portaria/pkg/web/page"
)

// Stack is a running local stack.
type Stack struct {
	// Mailbox has what the pool sent.
	Mailbox *mailbox.Box
	// Function is the pre-signup function, as the pool invokes it.
	Function lambda.Function

	cfg      Config
	cognito  *server
	dynamodb *server
	web      *server
	end      context.CancelFunc
	once     sync.Once
	runtime  *lambda.Runtime // nil when the Config brought a Function
	api      *lambda.Runtime // nil without an APIBinary
}

// Start starts everything and returns when all of it answers: the user pool with
// its client, the table, the web pages, and the function ready to be invoked. An
// address that is not loopback, or in use, is an error that names the flag and
// the variable which choose another. When ctx ends everything does; Close must
// be called all the same.
func Start(ctx context.Context, cfg Config) (*Stack, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Stack{cfg: cfg, Mailbox: mailbox.New(cfg.Mail, 0), Function: cfg.Function}
	ctx, s.end = context.WithCancel(ctx)
	if err := s.start(ctx); err != nil {
		s.Close()
		return nil, err
	}
	context.AfterFunc(ctx, s.Close)
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	// All addresses first: the function is told where the others are.
	var err error
	if s.cognito, err = listen(ctx, "cognito", s.cfg.CognitoAddr); err != nil {
		return err
	}
	if s.dynamodb, err = listen(ctx, "dynamodb", s.cfg.DynamoDBAddr); err != nil {
		return err
	}
	if s.web, err = listen(ctx, "web", s.cfg.WebAddr); err != nil {
		return err
	}

	if s.Function == nil {
		s.runtime, err = lambda.Start(ctx, lambda.Config{
			Binary: s.cfg.Binary,
			Name:   functionName,
			ARN:    functionARN,
			Region: Region,
			Env:    s.functionEnv(),
			Log:    s.cfg.Log,
		})
		if err != nil {
			return fmt.Errorf("lambda: %w", err)
		}
		s.Function = s.runtime
	}

	pools, err := cognito.New(cognito.Config{
		Region:            Region,
		Functions:         map[string]lambda.Function{functionARN: s.Function},
		Mailer:            s.Mailbox,
		Now:               s.cfg.Now,
		Rand:              s.cfg.Rand,
		AnswerWithin:      s.cfg.AnswerWithin,
		TriggerOrder:      s.cfg.TriggerOrder,
		ResendRunsTrigger: s.cfg.ResendRunsTrigger,
		HideFinalUserName: s.cfg.HideFinalUserName,
	})
	if err != nil {
		return fmt.Errorf("cognito: %w", err)
	}
	if s.cfg.APIBinary != "" {
		s.api, err = lambda.Start(ctx, lambda.Config{
			Binary: s.cfg.APIBinary, Name: apiName, Region: Region, Timeout: apiTimeout, Env: s.apiEnv(), Log: s.cfg.Log,
		})
		if err != nil {
			return fmt.Errorf("lambda: %w", err)
		}
	}
	if err := pools.CreatePool(s.cfg.pool(s.pageURL())); err != nil {
		return fmt.Errorf("cognito: %w", err)
	}

	s.cognito.serve(pools)
	s.dynamodb.serve(dynamodb.NewHandler())
	s.web.serve(s.pages())
	return errors.Join(
		dynamodb.CreateTable(ctx, s.DynamoDB(), s.cfg.Table),
		dynamodb.CreateLimitsTable(ctx, s.DynamoDB(), s.cfg.Limits),
	)
}

// functionEnv is what template.yaml sets, and where the local AWS is.
func (s *Stack) functionEnv() map[string]string {
	return map[string]string{
		"TABLE_NAME":                s.cfg.Table,
		"CLAIM_LEASE":               s.cfg.Lease.String(),
		"LOG_LEVEL":                 s.cfg.LogLevel,
		"AWS_ENDPOINT_URL_DYNAMODB": s.DynamoDBURL(),
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": s.CognitoURL(),
	}
}

// apiEnv is what template.yaml sets for the api function, and where the local AWS
// is.
func (s *Stack) apiEnv() map[string]string {
	env := s.functionEnv()
	delete(env, "CLAIM_LEASE")
	env["LIMITS_TABLE_NAME"] = s.cfg.Limits
	env["USER_POOL_ID"] = s.cfg.UserPoolID
	env["USER_POOL_CLIENT_ID"] = s.cfg.ClientID
	env["PAGE_URL"] = s.pageURL()
	env["SIGN_IN_URL"] = s.WebURL() + "/"
	return env
}

// pageURL is where the customer sets the new password.
func (s *Stack) pageURL() string { return s.WebURL() + page.Path }

// CognitoURL is the endpoint of Cognito's API.
func (s *Stack) CognitoURL() string { return s.cognito.url() }

// DynamoDBURL is the endpoint of DynamoDB's API.
func (s *Stack) DynamoDBURL() string { return s.dynamodb.url() }

// WebURL is where the pages are, without a slash at its end: the index at /, the
// mailbox at /mailbox.
func (s *Stack) WebURL() string { return s.web.url() }

// UserPoolID is the id of the pool.
func (s *Stack) UserPoolID() string { return s.cfg.UserPoolID }

// ClientID is the id of the pool's client.
func (s *Stack) ClientID() string { return s.cfg.ClientID }

// Table is the name of the claims table.
func (s *Stack) Table() string { return s.cfg.Table }

// DynamoDB returns a client of the stack's DynamoDB.
func (s *Stack) DynamoDB() *sdkdynamodb.Client { return dynamodb.Client(s.DynamoDBURL()) }

// Cognito returns a client of the stack's user pools, which tries each call
// once: what the pool answers is what the caller gets.
func (s *Stack) Cognito() *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region:       Region,
		BaseEndpoint: aws.String(s.CognitoURL()),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		Retryer:      aws.NopRetryer{},
	})
}

// Env is the environment, NAME=value, in which any AWS client and Portaria's own
// programs find this stack and nothing else.
func (s *Stack) Env() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=local",
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_REGION=" + Region,
		"AWS_DEFAULT_REGION=" + Region, // the one that version 1 of the AWS CLI reads
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=" + s.CognitoURL(),
		"AWS_ENDPOINT_URL_DYNAMODB=" + s.DynamoDBURL(),
		"USER_POOL_ID=" + s.UserPoolID(),
		"USER_POOL_CLIENT_ID=" + s.ClientID(),
		"TABLE_NAME=" + s.Table(),
		"LIMITS_TABLE_NAME=" + s.cfg.Limits,
	}
}

// Close ends everything and returns when it has ended: requests under way are
// broken off, the function's processes are gone, the ports are free. It may be
// called more than once.
func (s *Stack) Close() {
	s.once.Do(func() {
		s.end()
		for _, server := range []*server{s.cognito, s.web, s.dynamodb} {
			if server != nil {
				server.close()
			}
		}
		for _, function := range []*lambda.Runtime{s.runtime, s.api} {
			if function != nil {
				function.Close()
			}
		}
	})
}
