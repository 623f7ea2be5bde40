package setup_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/functions/internal/setup"
)

// environ is what Lambda sets in us-east-1, with more in its place or beside it.
func environ(more map[string]string) setup.Getenv {
	env := map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
	}
	maps.Copy(env, more)
	return func(name string) string { return env[name] }
}

// line is where requests end, taken down.
type line struct{ requests []*http.Request }

func (l *line) Do(r *http.Request) (*http.Response, error) {
	l.requests = append(l.requests, r)
	return nil, errors.New("no line")
}

// TestAWSCallsTheEndpointOfTheEnvironment compares with LoadDefaultConfig too.
func TestAWSCallsTheEndpointOfTheEnvironment(t *testing.T) {
	const here, there = "http://127.0.0.1:1", "http://127.0.0.1:2"
	for name, tt := range map[string]struct {
		env             map[string]string
		tables, cognito string
	}{
		"a region": {map[string]string{"AWS_REGION": "sa-east-1"},
			"https://dynamodb.sa-east-1.amazonaws.com", "https://cognito-idp.sa-east-1.amazonaws.com"},
		"the other variable": {map[string]string{"AWS_REGION": "", "AWS_DEFAULT_REGION": "sa-east-1"},
			"https://dynamodb.sa-east-1.amazonaws.com", "https://cognito-idp.sa-east-1.amazonaws.com"},
		"China": {map[string]string{"AWS_REGION": "cn-north-1"},
			"https://dynamodb.cn-north-1.amazonaws.com.cn", "https://cognito-idp.cn-north-1.amazonaws.com.cn"},
		"FIPS": {map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"},
			"https://dynamodb-fips.us-east-1.amazonaws.com", "https://cognito-idp-fips.us-east-1.amazonaws.com"},
		"dual stack": {map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "TRUE"},
			"https://dynamodb.us-east-1.api.aws", "https://cognito-idp.us-east-1.amazonaws.com"},
		"all services":     {map[string]string{"AWS_ENDPOINT_URL": here}, here, here},
		"DynamoDB alone":   {map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": here}, here, "https://cognito-idp.us-east-1.amazonaws.com"},
		"one and the rest": {map[string]string{"AWS_ENDPOINT_URL": there, "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": here}, there, here},
		"ignored": {map[string]string{"AWS_ENDPOINT_URL": there, "AWS_ENDPOINT_URL_DYNAMODB": here, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
			"https://dynamodb.us-east-1.amazonaws.com", "https://cognito-idp.us-east-1.amazonaws.com"},
	} {
		cfg, err := setup.AWS(environ(tt.env), time.Second)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		byDefault := defaultConfig(t, tt.env)
		for service, call := range map[string]struct {
			by   func(aws.Config)
			want string
		}{"DynamoDB": {callDynamoDB, tt.tables}, "Cognito": {callCognito, tt.cognito}} {
			got, sdks := send(cfg, call.by), send(byDefault, call.by)
			if len(got) != setup.Tries {
				t.Fatalf("%s: %s got %d requests, want %d", name, service, len(got), setup.Tries)
			}
			if url := endpoint(got[0]); url != call.want || url != endpoint(sdks[0]) {
				t.Errorf("%s: %s is called at %s, by LoadDefaultConfig at %s, want %s", name, service, url, endpoint(sdks[0]), call.want)
			}
		}
	}
}

// defaultConfig is what the SDK makes of the same environment.
func defaultConfig(t *testing.T, more map[string]string) aws.Config {
	t.Helper()
	getenv := environ(more)
	for _, name := range []string{
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB",
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
	} {
		if t.Setenv(name, getenv(name)); getenv(name) == "" {
			os.Unsetenv(name)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// send gives the requests that a call by cfg comes to.
func send(cfg aws.Config, call func(aws.Config)) []*http.Request {
	var l line
	cfg.HTTPClient = &l
	call(cfg)
	return l.requests
}

func get(ctx context.Context, client *dynamodb.Client) error {
	_, err := client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String("claims"), Key: map[string]types.AttributeValue{"cpf": &types.AttributeValueMemberS{Value: "x"}},
	})
	return err
}

func callDynamoDB(cfg aws.Config) { _ = get(context.Background(), dynamodb.NewFromConfig(cfg)) }

func callCognito(cfg aws.Config) {
	_, _ = cognitoidentityprovider.NewFromConfig(cfg).AdminGetUser(context.Background(), &cognitoidentityprovider.AdminGetUserInput{
		UserPoolId: aws.String("us-east-1_portaria"), Username: aws.String("maria"),
	})
}

func endpoint(r *http.Request) string { return r.URL.Scheme + "://" + r.URL.Host }

func TestAWSSignsWithTheKeysOfTheEnvironment(t *testing.T) {
	cfg, err := setup.AWS(environ(nil), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	header := send(cfg, callDynamoDB)[0].Header
	if signature := header.Get("Authorization"); !strings.Contains(signature, "Credential=AKIDEXAMPLE/") || header.Get("X-Amz-Security-Token") != "token" {
		t.Errorf("signed %q with token %q", signature, header.Get("X-Amz-Security-Token"))
	}
}

func TestAWSNamesWhatIsMissing(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if _, err := setup.AWS(environ(map[string]string{name: ""}), time.Second); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: error %v, want one that names it", name, err)
		}
	}
}
