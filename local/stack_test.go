package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "local")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		os.Setenv("TEST_FUNCTION", filepath.Join(dir, "bootstrap"))
		if err := lambda.Build(context.Background(), ".", "./lambda/testdata/function", os.Getenv("TEST_FUNCTION")); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// allow lets everybody in.
func allow(_ context.Context, event []byte) ([]byte, error) { return event, nil }

func start(t *testing.T, cfg local.Config) *local.Stack {
	t.Helper()
	if cfg.Binary == "" && cfg.Function == nil {
		cfg.Function = lambda.Func(allow)
	}
	stack, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stack.Close)
	return stack
}

// createUser makes the bare call of the specification for userName.
func createUser(ctx context.Context, stack *local.Stack, userName string) error {
	_, err := stack.Cognito().AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: aws.String(stack.UserPoolID()),
		Username:   aws.String(userName),
		UserAttributes: []cognitotypes.AttributeType{
			{Name: aws.String("email"), Value: aws.String("ana@example.com")},
			{Name: aws.String("custom:cpf"), Value: aws.String("04212286017")},
		},
		DesiredDeliveryMediums: []cognitotypes.DeliveryMediumType{cognitotypes.DeliveryMediumTypeEmail},
	})
	return err
}

func TestEverythingAnswers(t *testing.T) {
	var mail strings.Builder
	var invoked atomic.Int32
	stack := start(t, local.Config{
		Mail: &mail,
		Function: lambda.Func(func(_ context.Context, event []byte) ([]byte, error) {
			invoked.Add(1)
			return event, nil
		}),
	})
	if err := createUser(t.Context(), stack, "ana@example.com"); err != nil {
		t.Fatal(err)
	}
	if invoked.Load() != 1 {
		t.Errorf("the trigger ran %d times, want once", invoked.Load())
	}
	if got := len(stack.Mailbox.Messages()); got != 1 {
		t.Errorf("the mailbox has %d messages, want 1", got)
	}
	if !strings.Contains(mail.String(), "ana@example.com") {
		t.Errorf("printed mail = %q, want the invitation", mail.String())
	}
	out, err := stack.DynamoDB().Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(stack.Table())})
	if err != nil || len(out.Items) != 0 {
		t.Errorf("Scan = %v, %v, want an empty table", out, err)
	}
	for path, want := range map[string]string{"/": stack.Summary()[:20], "/mailbox": "ana@example.com", "/mailbox.json": "ana@example.com"} {
		if got := getPage(t, stack.WebURL()+path); !strings.Contains(got, want) {
			t.Errorf("GET %s = %s, want it to have %q", path, got, want)
		}
	}
	if resp, err := http.Get(stack.WebURL() + "/nothing"); err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("GET /nothing = %v, %v, want 404", resp, err)
	}
}

func getPage(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s = %s, %v", url, resp.Status, err)
	}
	return string(body)
}

func TestRefusalReachesTheCaller(t *testing.T) {
	stack := start(t, local.Config{Function: lambda.Func(func(context.Context, []byte) ([]byte, error) {
		return nil, &lambda.FunctionError{Type: "Refusal", Message: "O cpf informado não é válido"}
	})})
	err := createUser(t.Context(), stack, "ana@example.com")
	refused, ok := errors.AsType[*cognitotypes.UserLambdaValidationException](err)
	if !ok || refused.ErrorMessage() != "PreSignUp failed with error O cpf informado não é válido." {
		t.Errorf("AdminCreateUser = %v, want UserLambdaValidationException with the text", err)
	}
}

func TestFunctionThatIsTooSlow(t *testing.T) {
	var tries atomic.Int32
	stack := start(t, local.Config{
		AnswerWithin: time.Millisecond,
		Function: lambda.Func(func(ctx context.Context, _ []byte) ([]byte, error) {
			tries.Add(1)
			<-ctx.Done()
			return nil, ctx.Err()
		}),
	})
	err := createUser(t.Context(), stack, "ana@example.com")
	if _, ok := errors.AsType[*cognitotypes.UnexpectedLambdaException](err); !ok || tries.Load() != 3 {
		t.Errorf("AdminCreateUser = %v after %d tries, want UnexpectedLambdaException after 3", err, tries.Load())
	}
}

func TestKindOfPool(t *testing.T) {
	tests := []struct {
		name    string
		cfg     local.Config
		user    string
		refused string
	}{
		{"e-mail in the default pool", local.Config{}, "ana@example.com", ""},
		{"plain name in the default pool", local.Config{}, "ana", "InvalidParameterException"},
		{"plain name in a plain pool", local.Config{PoolKind: cognito.PlainUserNames}, "ana", ""},
		{"plain name in an alias pool", local.Config{PoolKind: cognito.EmailAliases}, "ana", ""},
		{"e-mail in an alias pool", local.Config{PoolKind: cognito.EmailAliases}, "ana@example.com", "InvalidParameterException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if api, ok := errors.AsType[smithy.APIError](createUser(t.Context(), start(t, tt.cfg), tt.user)); ok {
				got = api.ErrorCode()
			}
			if got != tt.refused {
				t.Errorf("AdminCreateUser(%s) = %q, want %q", tt.user, got, tt.refused)
			}
		})
	}
}

func TestSelfSignUp(t *testing.T) {
	for _, open := range []bool{false, true} {
		t.Run(fmt.Sprint(open), func(t *testing.T) {
			stack := start(t, local.Config{SelfSignUp: open})
			_, err := stack.Cognito().SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
				ClientId: aws.String(stack.ClientID()), Username: aws.String("ana@example.com"), Password: aws.String("correct-horse-battery"),
			})
			_, refused := errors.AsType[*cognitotypes.NotAuthorizedException](err)
			if refused == open || err != nil && !refused {
				t.Errorf("SignUp = %v, want it allowed: %t", err, open)
			}
		})
	}
}

func TestUntriggered(t *testing.T) {
	stack := start(t, local.Config{Untriggered: true, Function: lambda.Func(func(context.Context, []byte) ([]byte, error) {
		t.Error("the trigger ran")
		return nil, nil
	})})
	if err := createUser(t.Context(), stack, "ana@example.com"); err != nil {
		t.Error(err)
	}
}

func TestFunctionIsToldWhereTheStackIs(t *testing.T) {
	stack := start(t, local.Config{Binary: os.Getenv("TEST_FUNCTION"), Table: "claims", Lease: 42 * time.Second, LogLevel: "debug"})
	got := facts(t, stack)
	for _, want := range []string{
		"TABLE_NAME=claims", "CLAIM_LEASE=42s", "LOG_LEVEL=debug", "AWS_REGION=us-east-1",
		"AWS_ENDPOINT_URL_DYNAMODB=" + stack.DynamoDBURL(),
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=" + stack.CognitoURL(),
	} {
		if !slices.Contains(got.Env, want) {
			t.Errorf("the function's environment lacks %s:\n%s", want, strings.Join(got.Env, "\n"))
		}
	}
	if !strings.HasSuffix(got.ARN, ":function:portaria-pre-signup:live") {
		t.Errorf("ARN = %s, want the alias's", got.ARN)
	}
}

func TestEnvLeadsToTheStack(t *testing.T) {
	stack := start(t, local.Config{UserPoolID: "us-east-1_other", ClientID: "other", Table: "claims"})
	want := []string{
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=" + stack.CognitoURL(), "AWS_ENDPOINT_URL_DYNAMODB=" + stack.DynamoDBURL(),
		"USER_POOL_ID=us-east-1_other", "USER_POOL_CLIENT_ID=other", "TABLE_NAME=claims", "LIMITS_TABLE_NAME=portaria-limits",
	}
	if got := stack.Env(); !slices.Equal(got, want) {
		t.Errorf("Env() = %q, want %q", got, want)
	}
	if err := createUser(t.Context(), stack, "ana@example.com"); err != nil {
		t.Error(err)
	}
}

type functionFacts struct {
	Env []string
	PID int
	ARN string
}

func facts(t *testing.T, stack *local.Stack) functionFacts {
	t.Helper()
	answer, err := stack.Function.Invoke(t.Context(), []byte(`{"do":"facts"}`))
	if err != nil {
		t.Fatal(err)
	}
	var got functionFacts
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	return got
}
