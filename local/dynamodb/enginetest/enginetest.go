// Package enginetest runs a test on each DynamoDB that can be had here.
package enginetest

import (
	"net/http/httptest"
	"os"
	"testing"

	"github.com/pontte/portaria/local/dynamodb"
)

// The engines' names, as subtests are called.
const (
	Minidyn       = "minidyn"
	DynamoDBLocal = "DynamoDB Local"
)

// OnEach runs test as a subtest on minidyn, empty, and on DynamoDB Local where
// PORTARIA_DYNAMODB_ENDPOINT says that it runs; there each test needs a table
// name of its own. Where PORTARIA_REQUIRE_DYNAMODB_LOCAL is set and it does not
// run, the test fails rather than being left out.
func OnEach(t *testing.T, test func(t *testing.T, endpoint string)) {
	t.Helper()
	t.Run(Minidyn, func(t *testing.T) {
		server := httptest.NewServer(dynamodb.NewHandler())
		t.Cleanup(server.Close)
		test(t, server.URL)
	})
	endpoint := os.Getenv("PORTARIA_DYNAMODB_ENDPOINT")
	if endpoint == "" && os.Getenv("PORTARIA_REQUIRE_DYNAMODB_LOCAL") != "" {
		t.Fatal("PORTARIA_DYNAMODB_ENDPOINT is not set: this test must run on DynamoDB Local too (make contract)")
	}
	if endpoint != "" {
		t.Run(DynamoDBLocal, func(t *testing.T) { test(t, endpoint) })
	}
}
