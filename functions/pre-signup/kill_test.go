package main

import (
	"errors"
	"sync"
)

// moment is when the binary is killed.
type moment string

const (
	before moment = "before" // the request is never performed
	flying moment = "late"   // the request is performed later, when nobody waits for it
	after  moment = "after"  // the request is performed, the answer goes nowhere
)

// crash kills the binary at a point of its next invocations.
type crash struct {
	process process
	call    int
	moment  moment

	mu     sync.Mutex
	left   int // invocations to crash
	killed int
	flight []func()
	err    error
}

func (c *crash) meddle(x *exchange) {
	if !c.strikes(x) {
		x.pass()
		return
	}
	if c.moment == after {
		x.perform()
	}
	err := c.process.kill(x)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = errors.Join(c.err, err)
}

// strikes says whether the binary dies of x.
func (c *crash) strikes(x *exchange) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x.number != c.call || c.left == 0 {
		return false
	}
	c.left--
	c.killed++
	if c.moment == flying {
		c.flight = append(c.flight, func() { x.perform() })
	}
	return true
}

// disarm ends the killing, and tells whether it went as it should.
func (c *crash) disarm() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = 0
	if c.killed == 0 {
		return errors.New("the binary was not killed")
	}
	return c.err
}

// land has the requests that are under way performed.
func (c *crash) land() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, perform := range c.flight {
		perform()
	}
	c.flight = nil
}
