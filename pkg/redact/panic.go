package redact

import (
	"fmt"
	"runtime"
	"strings"
)

// PanicError is a panic that was caught, and where. Of the panic's value it keeps
// the text only when it is Go's own, such as that of an index out of range, else
// the type: whatever a bug has in its hands may be in the value, and the stack
// names the line that has the words.
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
			return &PanicError{value: describe(recovered), stack: strings.Join(stack, " < ")}
		}
	}
}

func describe(recovered any) string {
	if err, ok := recovered.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", recovered)
}

// Error gives the value and the functions on the stack, innermost first.
func (e *PanicError) Error() string { return "panic: " + e.value + "; in " + e.stack }
