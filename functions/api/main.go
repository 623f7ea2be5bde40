// Command api is the Lambda function behind the HTTP API and the page for the new
// password.
package main

import (
	"context"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/pontte/portaria/functions/internal/setup"
)

func main() {
	handler, err := wire(context.Background(), os.Getenv, os.Stdout)
	if err != nil {
		log.Fatalf("api: %v", err)
	}
	log.SetFlags(0)
	log.SetOutput(setup.RuntimeLog{Writer: os.Stderr})
	lambda.Start(handler)
}
