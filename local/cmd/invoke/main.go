// The invoke command answers one event as Lambda would: it builds the pre-signup
// function, starts a local stack of its own on free ports, puts into it what
// events/answers.json gives before that event, invokes the function once and
// prints its answer. The function's log goes to standard error.
//
// The exit status is 0 when an answer came, a refusal or a crash included, as
// with `sam local invoke`: read the answer.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "invoke:", err)
		os.Exit(1)
	}
}
