package terminal

import (
	"context"
	"io"
)

// Interruptible reads from in until ctx ends. Then Read returns ctx's error, even
// while in is waited for: a person who is asked something must be able to leave.
func Interruptible(ctx context.Context, in io.Reader) io.Reader {
	return &interruptible{ctx: ctx, in: in}
}

type interruptible struct {
	ctx context.Context
	in  io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	type read struct {
		n   int
		err error
	}
	done := make(chan read, 1)
	own := make([]byte, len(p)) // in may write to it when p is the caller's again
	go func() {
		n, err := r.in.Read(own)
		done <- read{n, err}
	}()
	select {
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	case got := <-done:
		return copy(p, own[:got.n]), got.err
	}
}
