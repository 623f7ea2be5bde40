package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/pontte/portaria/local"
)

// run runs the stack until Ctrl-C or SIGTERM, which is no error. To be asked for
// help is none either.
func run(args []string, getenv func(string) string, out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out = &shared{w: out}
	cfg, err := configure(args, getenv, out)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	for _, function := range []struct {
		name   string
		binary *string
	}{{"pre-signup", &cfg.Binary}, {"api", &cfg.APIBinary}} {
		if *function.binary != "" {
			continue
		}
		fmt.Fprintf(out, "building functions/%s…\n", function.name)
		if *function.binary, err = local.BuildFunction(ctx, function.name); err != nil {
			return unlessEnded(ctx, err)
		}
	}
	cfg.Log, cfg.Mail = out, out
	stack, err := local.Start(ctx, cfg)
	if err != nil {
		return unlessEnded(ctx, err)
	}
	fmt.Fprintf(out, "\n%s\nCtrl-C ends it. Mail, SMS and the function's log follow.\n\n", stack.Summary())
	<-ctx.Done()
	stop() // a second Ctrl-C ends the process at once
	fmt.Fprintln(out, "\nending…")
	stack.Close()
	return nil
}

// unlessEnded forgives what went wrong because somebody wanted it to end.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// shared is a writer for many: the function's log and the mailbox.
type shared struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}
