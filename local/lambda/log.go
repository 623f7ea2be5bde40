package lambda

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// log is where all processes write, one whole line at a time.
type log struct {
	mu sync.Mutex
	w  io.Writer
}

// line writes text and a line feed. What the writer thinks of it is nothing the
// function could help.
func (l *log) line(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.w, text+"\n")
}

// output makes lines of what one process writes into a pipe.
type output struct {
	log     *log
	pipe    *os.File      // the end that is read
	settled chan struct{} // has room for one
	ended   chan struct{} // closed when all is read
	rest    []byte        // a line that has no end yet
}

// newOutput returns an output and the file that the process must write to. The
// caller closes the file once the process has it.
func newOutput(log *log) (*output, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	o := &output{log: log, pipe: r, settled: make(chan struct{}, 1), ended: make(chan struct{})}
	go o.copy()
	return o, w, nil
}

// copy reads until nobody has the other end.
func (o *output) copy() {
	defer close(o.ended)
	buf := make([]byte, 32<<10)
	for {
		n, err := o.pipe.Read(buf)
		o.take(buf[:n])
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			o.pipe.SetReadDeadline(time.Time{})
			o.drain(buf)
			o.settled <- struct{}{}
		case err != nil:
			if len(o.rest) > 0 {
				o.log.line(string(o.rest))
			}
			return
		}
	}
}

// settle returns when the log has all that the process wrote before. One caller
// at a time.
func (o *output) settle() {
	o.pipe.SetReadDeadline(time.Unix(0, 1)) // the past: takes copy out of its read
	select {
	case <-o.settled:
	case <-o.ended:
	}
}

// drain reads what is in the pipe and does not wait for more.
func (o *output) drain(buf []byte) {
	conn, err := o.pipe.SyscallConn()
	if err != nil {
		return // closed
	}
	conn.Read(func(fd uintptr) bool {
		for {
			n, err := syscall.Read(int(fd), buf)
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			if n <= 0 {
				return true
			}
			o.take(buf[:n])
		}
	})
}

func (o *output) take(p []byte) {
	o.rest = append(o.rest, p...)
	for {
		line, rest, found := bytes.Cut(o.rest, []byte("\n"))
		if !found {
			return
		}
		o.log.line(string(line))
		o.rest = rest
	}
}

// close returns when all is read. A process that left its group and still writes
// is read no longer after a moment.
func (o *output) close() {
	moment := time.NewTimer(killDelay)
	defer moment.Stop()
	select {
	case <-o.ended:
	case <-moment.C:
	}
	o.pipe.Close()
	<-o.ended
}
