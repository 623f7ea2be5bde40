// Package mailbox keeps the mail and SMS that the local user pool sends, prints
// them and shows them on a page. It is a tool for development and tests: what
// it shows are passwords, so nothing but a loopback address may serve it.
package mailbox

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/pontte/portaria/local/cognito"
)

// DefaultKeep is how many messages a Box keeps when not told.
const DefaultKeep = 200

// Box keeps messages in memory, the newest first. It is safe for concurrent
// use. New makes one.
type Box struct {
	keep int

	mu       sync.Mutex
	out      io.Writer
	received []letter // the newest last
	count    int      // of letters ever received
}

// letter is a message with the number under which the page finds it.
type letter struct {
	cognito.Message
	Number int
}

var _ cognito.Mailer = (*Box)(nil)

// New returns an empty Box that prints every message to out as it comes (nil:
// prints none) and keeps the newest keep of them (zero or less: DefaultKeep).
func New(out io.Writer, keep int) *Box {
	if out == nil {
		out = io.Discard
	}
	return &Box{out: out, keep: cmp.Or(max(keep, 0), DefaultKeep)}
}

// Send keeps and prints m. Its error is always nil: a message that cannot be
// printed is kept all the same.
func (b *Box) Send(_ context.Context, m cognito.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
	b.received = append(b.received, letter{m, b.count})
	if len(b.received) > b.keep {
		b.received = slices.Delete(b.received, 0, len(b.received)-b.keep)
	}
	io.WriteString(b.out, text(m))
	return nil
}

// Messages returns what is kept, the newest first.
func (b *Box) Messages() []cognito.Message {
	messages := []cognito.Message{}
	for _, l := range b.letters() {
		messages = append(messages, l.Message)
	}
	return messages
}

func (b *Box) letters() []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	letters := slices.Clone(b.received)
	slices.Reverse(letters)
	return letters
}

// text returns m as it is printed, its body set in. Control characters in it
// cannot reach the terminal.
func text(m cognito.Message) string {
	heading := fmt.Sprintf("%s to %s", m.Medium, m.To)
	if m.Subject != "" {
		heading += ": " + m.Subject
	}
	var lines strings.Builder
	fmt.Fprintf(&lines, "✉ %s\n", printable(heading))
	for line := range strings.Lines(m.Body) {
		fmt.Fprintf(&lines, "  │ %s\n", printable(strings.TrimRight(line, "\r\n")))
	}
	return lines.String()
}

func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, line)
}
