// Package terminal is where a command of portaria talks to the person who runs
// it, or to the script: results, progress and questions.
package terminal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/mattn/go-isatty"
)

// Format is how results are printed.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json" // one object a line
)

// Terminal is the standard streams of a command.
type Terminal struct {
	In          io.Reader
	Out         io.Writer // results, nothing else
	Err         io.Writer // progress, questions and errors
	Interactive bool      // whether a person can answer a question
	Format      Format

	progress bool // the line that Progress has written stands there still
}

// Standard is the process's own streams. A person can answer when standard input
// and standard error are terminals.
func Standard() *Terminal {
	return &Terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Interactive: isTerminal(os.Stdin) && isTerminal(os.Stderr), Format: Table}
}

func isTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) }

// Print writes a result: v as one line of JSON, or what table writes, its cells
// set off by tabs and aligned.
func (t *Terminal) Print(v any, table func(w io.Writer)) error {
	t.Clear()
	if t.Format == JSON {
		e := json.NewEncoder(t.Out)
		e.SetEscapeHTML(false)
		return e.Encode(v)
	}
	return align(t.Out, table)
}

// Show writes what a question is about, as Print's table. Where results are JSON
// it goes to Err.
func (t *Terminal) Show(table func(w io.Writer)) error {
	t.Clear()
	if t.Format == JSON {
		return align(t.Err, table)
	}
	return align(t.Out, table)
}

func align(to io.Writer, table func(w io.Writer)) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	table(w)
	return w.Flush()
}

// Plain is s, quoted where it would move a terminal's cursor or part a table's
// cells: people chose the texts that are shown.
func Plain(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// Progress says how far long work has come. It goes to Err, on a terminal over
// the line before; it is gone when something else is printed.
func (t *Terminal) Progress(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if t.Interactive {
		fmt.Fprint(t.Err, clearLine, line)
		t.progress = true
		return
	}
	fmt.Fprintln(t.Err, line)
}

const clearLine = "\r\x1b[K"

// Clear takes the line of Progress away, so that what comes next has a line of
// its own.
func (t *Terminal) Clear() {
	if t.progress {
		fmt.Fprint(t.Err, clearLine)
		t.progress = false
	}
}

// ErrNotConfirmed says that nothing was changed because nobody confirmed it.
var ErrNotConfirmed = errors.New("nothing was changed")

// Confirm asks for word to be typed before something is changed, or takes yes
// for the answer. Its error is an ErrNotConfirmed, which says what to do.
func (t *Terminal) Confirm(yes bool, question, word string) error {
	if yes {
		return nil
	}
	if !t.Interactive {
		return fmt.Errorf("%w: %s Pass --yes to do it", ErrNotConfirmed, question)
	}
	t.Clear()
	fmt.Fprintf(t.Err, "%s Type %s to go on: ", question, word)
	answer, err := bufio.NewReader(t.In).ReadString('\n')
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: interrupted", ErrNotConfirmed)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the confirmation: %w", err)
	}
	if strings.TrimSpace(answer) != word {
		return fmt.Errorf("%w: what was typed is not %s", ErrNotConfirmed, word)
	}
	return nil
}
