package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
)

// run answers the event in the file that args names. An answer, whatever it
// says, is no error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) != 1 || strings.HasPrefix(args[0], "-") {
		return errors.New("usage: go run ./local/cmd/invoke events/x.json")
	}
	c, err := readCase(args[0], stderr)
	if err != nil {
		return err
	}
	fmt.Fprintln(stderr, "building functions/pre-signup…")
	binary, err := local.BuildFunction(ctx, "pre-signup")
	if err != nil {
		return err
	}
	return answer(ctx, c, binary, stdout, stderr)
}

// answer prints what the function in binary answers to c.
func answer(ctx context.Context, c events.Case, binary string, stdout, stderr io.Writer) error {
	stack, err := local.Start(ctx, local.Config{
		Binary: binary, Log: stderr, LogLevel: "debug", PoolKind: poolKind(c.Given), Untriggered: true,
	})
	if err != nil {
		return err
	}
	defer stack.Close()
	if err := seed(ctx, stack, binary, c); err != nil {
		return fmt.Errorf("what stands before %s: %w", c.Name, err)
	}
	got, err := stack.Function.Invoke(ctx, c.Event)
	failed, ok := errors.AsType[*lambda.FunctionError](err)
	switch {
	case ok:
		got = errorJSON(failed)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s\n", got)
	return err
}

// readCase reads an event and what answers.json beside it says of it. An event
// that nothing is said of stands alone, which stderr is told.
func readCase(file string, stderr io.Writer) (events.Case, error) {
	event, err := os.ReadFile(file)
	if err != nil {
		return events.Case{}, err
	}
	name := filepath.Base(file)
	cases, err := events.Read(os.DirFS(filepath.Dir(file)))
	for _, c := range cases {
		if c.Name == name {
			return c, nil
		}
	}
	if err == nil {
		err = errors.New("not there")
	}
	fmt.Fprintf(stderr, "%s: an empty table and pool stand before it, for in answers.json: %v\n", name, err)
	return events.Case{Name: name, Event: event}, nil
}

// poolKind is the kind of pool in which every given user can live under its own
// user name, and be found by e-mail too where Cognito can do both.
func poolKind(given events.Given) cognito.PoolKind {
	for _, u := range given.Users {
		if strings.Contains(u.UserName, "@") {
			return cognito.PlainUserNames // the other kinds refuse such a user name
		}
	}
	return cognito.EmailAliases
}

// errorJSON is how Lambda prints an error: the message first.
func errorJSON(failed *lambda.FunctionError) []byte {
	b, _ := json.Marshal(struct { // two strings: no error can come
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}{failed.Message, failed.Type})
	return b
}
