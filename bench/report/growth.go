package report

import (
	"fmt"
	"strings"
)

// Level is what many invocations at once came to.
type Level struct {
	Concurrent int     // invocations at any time, each in a process of its own
	PerSecond  float64 // claims
	P50, P99   float64 // ms of one invocation
}

// GrowthTable says how claims grow with concurrency.
func GrowthTable(levels []Level) string {
	var b strings.Builder
	b.WriteString("| concurrent | claims/s | p50 ms | p99 ms |\n|---:|---:|---:|---:|\n")
	for _, l := range levels {
		fmt.Fprintf(&b, "| %d | %.0f | %.2f | %.2f |\n", l.Concurrent, l.PerSecond, l.P50, l.P99)
	}
	return b.String()
}
