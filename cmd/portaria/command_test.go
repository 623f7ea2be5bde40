package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
)

// now is when the commands of the tests are run.
var now = time.Date(2026, time.March, 10, 9, 30, 0, 0, time.UTC)

// result is what a command line did.
type result struct {
	status   int
	out, err string
}

// portaria runs a command line at now with nobody at the terminal.
func portaria(t *testing.T, args ...string) result {
	t.Helper()
	var out, errors bytes.Buffer
	term := &terminal.Terminal{In: strings.NewReader(""), Out: &out, Err: &errors}
	status := run(t.Context(), args, term, func() time.Time { return now })
	return result{status: status, out: out.String(), err: errors.String()}
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args     string
		status   int
		out, err string // parts of them
	}{
		{args: "--help", out: "Exit codes: 0 done"},
		{args: "--version", out: "development\n"},
		{args: "--colour", status: exitUsage, err: "portaria: unknown flag --colour; see portaria --help"},
		{args: "--output=xml --help", out: "Exit codes"},
		{args: "open", status: exitUsage, err: "unexpected argument open"},
		{args: "explain", status: exitUsage, err: `portaria: expected "<event>"; see portaria explain --help`},
		{args: "explain --colour event.json", status: exitUsage, err: "see portaria explain --help"},
	} {
		got := portaria(t, strings.Fields(c.args)...)
		if got.status != c.status || !strings.Contains(got.out, c.out) || !strings.Contains(got.err, c.err) {
			t.Errorf("portaria %s = %+v, want status %d, %q and %q", c.args, got, c.status, c.out, c.err)
		}
	}
}
