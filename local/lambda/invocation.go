package lambda

import (
	"crypto/rand"
	"fmt"
	"time"
)

// invocation is one event on its way to a process.
type invocation struct {
	id       string
	payload  []byte
	timeout  time.Duration
	deadline time.Time // set when a process gets it
	arn      string
	trace    string
}

func newInvocation(cfg Config, payload []byte) *invocation {
	return &invocation{
		id:      uuid(),
		payload: payload,
		timeout: cfg.Timeout,
		arn:     cfg.ARN,
		trace:   fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", time.Now().Unix(), random(12), random(8)),
	}
}

// uuid makes a random UUID (RFC 9562, version 4).
func uuid() string {
	b := random(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// answer is what became of an invocation.
type answer struct {
	payload []byte
	err     error
}
