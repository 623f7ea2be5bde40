// Command portaria is the operator's: it shows what the gate would decide,
// compares the user pool with the claims, and switches the pool's trigger.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/pontte/portaria/cmd/portaria/internal/probe"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
)

// version is what the linker was told: -ldflags '-X main.version=v1.2.3'.
var version = "development"

func main() {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" { // a probe has put this program there
		lambda.Start(&probe.Function{Log: os.Stdout, Now: time.Now})
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who interrupts twice does not wait
	status := run(ctx, os.Args[1:], terminal.Standard(), time.Now)
	stop()
	os.Exit(status)
}
