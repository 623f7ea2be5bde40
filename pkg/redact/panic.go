package redact

import (
	"fmt"
	"runtime"
	"strings"
)

// PanicError is a panic that was caught, and where. Its text may hold whatever
// the panic's value holds: log it through Text.
type PanicError struct {
	value string
	stack string
}

// NewPanicError describes what recover gave. It must be called by the deferred
// function itself, for the stack to begin where the panic was.
func NewPanicError(recovered any) *PanicError {
	pcs := make([]uintptr, 12)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	var stack []string
	for {
		f, more := frames.Next()
		stack = append(stack, fmt.Sprintf("%s:%d", f.Function[strings.LastIndex(f.Function, "/")+1:], f.Line))
		if !more {
			return &PanicError{value: fmt.Sprint(recovered), stack: strings.Join(stack, " < ")}
		}
	}
}

// Error gives the value and the functions on the stack, innermost first.
func (e *PanicError) Error() string { return "panic: " + e.value + "; in " + e.stack }
