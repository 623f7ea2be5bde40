// Package recording reads files of recorded PreSignUp events, with what was
// answered to them where that was recorded too.
//
// It reads, gzipped or not: JSON Lines, each an event or {"event", "answer"}; and
// the log of a function that printed its events, as CloudWatch Logs gives it (see
// Read). It keeps no more in memory than one event for each log stream.
package recording

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// maxLine is the most bytes of a line: an event of Lambda's 6 MB, quoted twice.
const maxLine = 16 << 20

// Entry is one recorded event.
type Entry struct {
	Place  Place
	Event  []byte // JSON, as it was recorded; of a Python dict, the JSON that it stands for
	Answer Answer
	At     time.Time // zero when it was not recorded
}

// Place is where in the file something begins.
type Place struct {
	Unit   string // "line" or "log entry"
	Number int    // from 1
}

// String gives "line 17".
func (p Place) String() string { return fmt.Sprintf("%s %d", p.Unit, p.Number) }

// BadError says that one line or log entry cannot be read. Those that follow
// can. It holds nothing of the line.
type BadError struct {
	Place   Place
	Problem string
}

// Error names the place and the problem.
func (e *BadError) Error() string { return e.Place.String() + ": " + e.Problem }

// Stats counts what a file has besides events.
type Stats struct{ Skipped int } // log entries without an event

// Read gives the events of r in its order, those of a log when their invocation
// has ended. An error is a *BadError, after which more follows, or the last: the
// file cannot be read on. What r is shows in its first character:
//
//   - {: JSON Lines, or the JSON of `aws logs filter-log-events`, of
//     get-log-events, or of a log subscription (documents one after the other)
//   - [: the array of log entries in one of those
//   - a time: lines of an export to S3 ("time message"), or of `aws logs tail`
//     ("time stream message")
func Read(r io.Reader, stats *Stats) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		s := &source{stats: stats, yield: yield, log: newLog()}
		err := s.read(r)
		if err == nil && !s.stopped {
			err = s.rest()
		}
		if err != nil && !s.stopped {
			yield(Entry{}, err)
		}
	}
}

// errStopped ends the reading when nobody listens any longer.
var errStopped = errors.New("stopped")

// source is one file that is being read.
type source struct {
	stats   *Stats
	yield   func(Entry, error) bool
	log     *log
	stopped bool
}

func (s *source) give(e Entry, err error) error {
	if !s.yield(e, err) {
		s.stopped = true
		return errStopped
	}
	return nil
}

func (s *source) bad(at Place, problem string) error {
	return s.give(Entry{}, &BadError{Place: at, Problem: problem})
}

func (s *source) read(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("unzip: %w", err)
		}
		in = bufio.NewReaderSize(unzipped, 64<<10)
	}
	head, err := in.Peek(4 << 10)
	if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch head = bytes.TrimLeft(head, " \t\r\n\ufeff"); {
	case len(head) == 0:
		return errors.New("there is nothing in it")
	case head[0] == '[' || isDocument(head):
		return s.readDocuments(in)
	case head[0] == '{':
		return s.readLines(in, s.line)
	case isLogLine(head):
		return s.readLines(in, s.logLine)
	}
	return errors.New("it begins neither like JSON nor like a log: it must be JSON Lines or an export of CloudWatch Logs; see portaria replay --help")
}

// readLines hands every line that is not blank to read.
func (s *source) readLines(in *bufio.Reader, read func(at Place, line []byte) error) error {
	for number := 1; ; number++ {
		at := Place{"line", number}
		line, err := readLine(in)
		last := errors.Is(err, io.EOF)
		switch {
		case errors.Is(err, bufio.ErrTooLong):
			if err := s.bad(at, fmt.Sprintf("longer than %d bytes", maxLine)); err != nil {
				return err
			}
			continue
		case err != nil && !last:
			return fmt.Errorf("%s: %w", at, err)
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if line := bytes.TrimSpace(line); len(line) > 0 {
			if err := read(at, line); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// readLine reads a line. The error is io.EOF with the last one, and
// bufio.ErrTooLong for one that is too long and was read over.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := in.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxLine; !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == nil && tooLong:
			return nil, bufio.ErrTooLong
		case tooLong && errors.Is(err, io.EOF):
			return nil, errors.New("the last line is too long")
		}
		return line, err
	}
}
