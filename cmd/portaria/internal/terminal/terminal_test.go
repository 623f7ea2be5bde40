package terminal_test

import (
	"bytes"
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
