package setup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"
)

const (
	// Tries is how often a call is sent at most.
	Tries = 2

	maxBackoff = 50 * time.Millisecond // between them
)

// AWS gives the configuration of AWS's clients by the variables that Lambda sets:
// at most two tries of a call, each of at most that long, and nothing logged. Its
// error names the variable that is missing.
//
// config.LoadDefaultConfig would look for credentials in places that Lambda does
// not have, and links the clients of four more services for it.
func AWS(getenv Getenv, tryWithin time.Duration) (aws.Config, error) {
	const set = "be set, as Lambda does"
	region := getenv("AWS_REGION")
	if region == "" {
		region = getenv("AWS_DEFAULT_REGION")
	}
	if region == "" {
		return aws.Config{}, errors.New("neither AWS_REGION nor AWS_DEFAULT_REGION is set: Lambda sets both to its region")
	}
	id, err := getenv.Required("AWS_ACCESS_KEY_ID", set)
	if err != nil {
		return aws.Config{}, err
	}
	secret, err := getenv.Required("AWS_SECRET_ACCESS_KEY", set)
	if err != nil {
		return aws.Config{}, err
	}
	environment := endpoints{getenv}
	cfg := aws.Config{
		Region:        region,
		Credentials:   credentials.NewStaticCredentialsProvider(id, secret, getenv("AWS_SESSION_TOKEN")),
		HTTPClient:    inOnePiece{awshttp.NewBuildableClient().WithTimeout(tryWithin)},
		Retryer:       newRetryer,
		Logger:        logging.Nop{},
		ConfigSources: []any{environment},
	}
	if url := getenv("AWS_ENDPOINT_URL"); url != "" && !environment.isTrue(ignoreEndpoints) {
		cfg.BaseEndpoint = aws.String(url)
	}
	return cfg, nil
}

// inOnePiece sends a request's headers and body together. net/http sends the
// headers ahead of a body that it does not know to be in memory, and the SDK hides
// that its bodies are: a packet, a TLS record and two wake-ups more for each call.
type inOnePiece struct{ client aws.HTTPClient }

// Do sends r.
func (c inOnePiece) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength <= 0 {
		return c.client.Do(r)
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, body)
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return c.client.Do(r)
}

func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = Tries
		o.MaxBackoff = maxBackoff
	})
}

// endpoints tells AWS's clients what the environment says of the endpoints to
// call. They find its methods by their names.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
type endpoints struct{ getenv Getenv }

const ignoreEndpoints = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"

// GetServiceBaseEndpoint gives what AWS_ENDPOINT_URL_ and the service's name are
// set to.
func (e endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (url string, found bool, err error) {
	url = e.getenv("AWS_ENDPOINT_URL_" + strings.ReplaceAll(strings.ToUpper(service), " ", "_"))
	return url, url != "", nil
}

// GetIgnoreConfiguredEndpoints reports whether no such variable counts.
func (e endpoints) GetIgnoreConfiguredEndpoints(context.Context) (ignore, found bool, err error) {
	ignore = e.isTrue(ignoreEndpoints)
	return ignore, ignore, nil
}

// GetUseFIPSEndpoint reports whether the endpoints are to be those of FIPS 140.
func (e endpoints) GetUseFIPSEndpoint(context.Context) (state aws.FIPSEndpointState, found bool, err error) {
	return aws.FIPSEndpointStateEnabled, e.isTrue("AWS_USE_FIPS_ENDPOINT"), nil
}

// GetUseDualStackEndpoint reports whether the endpoints are to be those that
// speak IPv6 too.
func (e endpoints) GetUseDualStackEndpoint(context.Context) (state aws.DualStackEndpointState, found bool, err error) {
	return aws.DualStackEndpointStateEnabled, e.isTrue("AWS_USE_DUALSTACK_ENDPOINT"), nil
}

func (e endpoints) isTrue(name string) bool { return strings.EqualFold(e.getenv(name), "true") }
