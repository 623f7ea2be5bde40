package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/demo"
)

// errStory says that a line of the story did not come out as it must.
var errStory = errors.New("not every line came out as it must")

// run plays the story once and prints it to out; what goes on besides goes to log.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(log)
	running := flags.Bool("running", false, "play against the stack of `make run`, not one of its own")
	endpoint := flags.String("cognito-url", "http://127.0.0.1:9229", "with -running: where Cognito is")
	web := flags.String("web-url", "http://127.0.0.1:8080", "with -running: where the HTTP API and the mailbox are")
	pool := flags.String("user-pool-id", local.DefaultUserPoolID, "with -running: `id` of the user pool")
	client := flags.String("client-id", local.DefaultClientID, "with -running: `id` of its client")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q (-help lists the flags)", flags.Arg(0))
	}
	if !*running {
		fmt.Fprintln(log, "building the functions…")
		preSignUp, err := local.BuildFunction(ctx, "pre-signup")
		if err != nil {
			return err
		}
		api, err := local.BuildFunction(ctx, "api")
		if err != nil {
			return err
		}
		stack, err := local.Start(ctx, local.Config{Binary: preSignUp, APIBinary: api, LogLevel: "warn", Log: log})
		if err != nil {
			return err
		}
		defer stack.Close()
		*endpoint, *web, *pool, *client = stack.CognitoURL(), stack.WebURL(), stack.UserPoolID(), stack.ClientID()
	}
	target := demo.Target{Cognito: newClient(*endpoint), UserPoolID: *pool, ClientID: *client, API: *web, Mailbox: mailboxAt(*web)}
	person, err := somebodyNew(ctx, target, out)
	if err != nil {
		return err
	}
	table := newTable(out)
	ok := demo.Play(ctx, target, person, table.add)
	table.end()
	if !ok {
		return errStory
	}
	return nil
}

// somebodyNew is the person of the original call, or where the pool has that
// user already, an invented one.
func somebodyNew(ctx context.Context, t demo.Target, out io.Writer) (demo.Person, error) {
	p := demo.Original()
	_, err := t.Cognito.AdminGetUser(ctx, &cognitoidentityprovider.AdminGetUserInput{UserPoolId: &t.UserPoolID, Username: &p.UserName})
	if _, ok := errors.AsType[*types.UserNotFoundException](err); ok {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("no local stack answers (make run starts one): %w", err)
	}
	fmt.Fprintln(out, "The pool has the customer of the original call already: this is the story of another one.")
	return demo.Invented(rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))), nil
}

func newClient(endpoint string) *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region: local.Region, BaseEndpoint: aws.String(endpoint), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// mailboxAt reads the mailbox that a local stack serves at url.
func mailboxAt(url string) func(context.Context, string) (string, error) {
	return func(ctx context.Context, to string) (string, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/mailbox.json", nil)
		if err != nil {
			return "", err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return "", fmt.Errorf("read the mailbox: %w", err)
		}
		defer response.Body.Close()
		var messages []cognito.Message
		if err := json.NewDecoder(response.Body).Decode(&messages); err != nil {
			return "", fmt.Errorf("read the mailbox: %w", err)
		}
		for _, m := range messages {
			if m.Medium == cognito.MediumEmail && m.To == to {
				return m.Body, nil
			}
		}
		return "", errors.New("no e-mail came")
	}
}
