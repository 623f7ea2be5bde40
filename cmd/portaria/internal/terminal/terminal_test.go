package terminal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
)

func TestPrint(t *testing.T) {
	row := struct {
		Name  string `json:"name"`
		Count int    `json:"count"`
	}{"<two>", 2}
	for format, want := range map[terminal.Format]string{
		terminal.Table: "name   count\n<two>  2\n",
		terminal.JSON:  `{"name":"<two>","count":2}` + "\n",
	} {
		var out bytes.Buffer
		err := (&terminal.Terminal{Out: &out, Format: format}).Print(row, func(w io.Writer) {
			fmt.Fprintf(w, "name\tcount\n%s\t%d\n", row.Name, row.Count)
		})
		if out.String() != want || err != nil {
			t.Errorf("%s: Print = %v and %q, want %q", format, err, out.String(), want)
		}
	}
}

func TestConfirm(t *testing.T) {
	for _, c := range []struct {
		name        string
		yes         bool
		interactive bool
		typed       string
		confirmed   bool
		says        string // in the error
	}{
		{name: "--yes", yes: true, confirmed: true},
		{name: "the word", interactive: true, typed: "erase\n", confirmed: true},
		{name: "the word, no newline", interactive: true, typed: " erase", confirmed: true},
		{name: "another word", interactive: true, typed: "yes\n", says: "is not erase"},
		{name: "nothing", interactive: true, says: "is not erase"},
		{name: "nobody there to answer", typed: "erase\n", says: "--yes"},
	} {
		var said bytes.Buffer
		term := &terminal.Terminal{In: strings.NewReader(c.typed), Err: &said, Interactive: c.interactive}
		err := term.Confirm(c.yes, "This erases one claim.", "erase")
		if (err == nil) != c.confirmed {
			t.Errorf("%s: Confirm = %v, want confirmed = %v", c.name, err, c.confirmed)
		}
		if err != nil && (!errors.Is(err, terminal.ErrNotConfirmed) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: Confirm = %v, want an ErrNotConfirmed that says %q", c.name, err, c.says)
		}
		if asked := strings.Contains(said.String(), "This erases one claim. Type erase"); asked != c.interactive {
			t.Errorf("%s: asked %q", c.name, said.String())
		}
	}
}

// TestProgressMakesRoom has a result, a question and the end of a command come
// after progress: none may stand on its line.
func TestProgressMakesRoom(t *testing.T) {
	for name, next := range map[string]func(*terminal.Terminal){
		"a result":   func(term *terminal.Terminal) { _ = term.Print(nil, func(w io.Writer) { fmt.Fprintln(w, "next") }) },
		"a question": func(term *terminal.Terminal) { _ = term.Confirm(false, "next", "yes") },
		"the end":    func(term *terminal.Terminal) { term.Clear(); fmt.Fprint(term.Err, "next") },
	} {
		var screen bytes.Buffer
		term := &terminal.Terminal{In: strings.NewReader(""), Out: &screen, Err: &screen, Interactive: true}
		term.Progress("%d users", 1)
		term.Progress("%d users", 2)
		next(term)
		if want := "\r\x1b[K1 users\r\x1b[K2 users\r\x1b[Knext"; !strings.HasPrefix(screen.String(), want) {
			t.Errorf("%s: the screen got %q, want it to begin with %q", name, screen.String(), want)
		}
	}
}

// TestInterruptedQuestion has somebody at the terminal who never types.
func TestInterruptedQuestion(t *testing.T) {
	in, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	term := &terminal.Terminal{In: terminal.Interruptible(ctx, in), Err: cancelOnWrite(cancel), Interactive: true}
	if err := term.Confirm(false, "This erases one claim.", "erase"); !errors.Is(err, terminal.ErrNotConfirmed) || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("Confirm = %v, want an ErrNotConfirmed that says that it was interrupted", err)
	}
}

// cancelOnWrite interrupts as soon as something is asked.
type cancelOnWrite func()

func (c cancelOnWrite) Write(p []byte) (int, error) {
	c()
	return len(p), nil
}

func TestInterruptibleReads(t *testing.T) {
	got, err := io.ReadAll(terminal.Interruptible(t.Context(), strings.NewReader("all of it")))
	if string(got) != "all of it" || err != nil {
		t.Errorf("ReadAll = %q, %v", got, err)
	}
}
