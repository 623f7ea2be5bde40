// Command portaria is the operator's: it shows what the gate would decide,
// compares the user pool with the claims, and switches the pool's trigger.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
)

// version is what the linker was told: -ldflags '-X main.version=v1.2.3'.
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], terminal.Standard(), time.Now)
	stop()
	os.Exit(status)
}
