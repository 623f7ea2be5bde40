package setup

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	connectWithin = time.Second
	longestHello  = 1 << 10 // bytes; DynamoDB says "healthy" and the endpoint
)

// Connect makes the connection that the first call of a client with these options
// would otherwise wait for, TLS included, and leaves it in the client's pool. It
// takes a second at most, and a DynamoDB that does not answer is no failure: the
// first call finds out, and has its tries.
//
// It is one GET of the endpoint, unsigned and without a body, so that it needs no
// permission and tells nothing; DynamoDB answers it for load balancers.
func Connect(ctx context.Context, o dynamodb.Options) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	endpoint, err := o.EndpointResolverV2.ResolveEndpoint(ctx, dynamodb.EndpointParameters{
		Region:       aws.String(o.Region),
		Endpoint:     o.BaseEndpoint,
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
	})
	if err != nil {
		return
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint.URI.String(), nil)
	if err != nil {
		return
	}
	response, err := o.HTTPClient.Do(request)
	if err != nil {
		return
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, longestHello) // to its end, or the connection is closed
}
