// Package report makes tables of what the bench measured, and holds it to what
// was promised.
package report

import (
	"math"
	"slices"
)

// Figure is something that is measured.
type Figure string

// The figures. The time of a warm invocation is from handing the event out to
// having the answer.
const (
	Cold    Figure = "cold ms"     // from starting the program to its first answer
	Init    Figure = "init ms"     // from starting the program to its asking for an event
	First   Figure = "first ms"    // the first invocation, once the program has asked for it
	ColdCPU Figure = "cold CPU ms" // processor time until the first answer
	P50     Figure = "p50 µs"      // of the warm invocations
	P99     Figure = "p99 µs"      // of the warm invocations
	CPU     Figure = "CPU µs"      // processor time of one warm invocation
	Memory  Figure = "memory MiB"  // the most that was ever resident, warm runs included
	Zip     Figure = "zip MiB"     // the deployment package
)

// Sample is what one run gives.
type Sample map[Figure]float64

// Samples are the figures of programs, by name. Those of one round have one
// index, whatever the program.
type Samples map[string]map[Figure][]float64

// Add adds a run of the program called name.
func (s Samples) Add(name string, sample Sample) {
	if s[name] == nil {
		s[name] = map[Figure][]float64{}
	}
	for figure, value := range sample {
		s[name][figure] = append(s[name][figure], value)
	}
}

// Spread is the middle of some values, and how far they lie apart.
type Spread struct {
	Median float64 `json:"median"`
	Q1     float64 `json:"q1"`
	Q3     float64 `json:"q3"`
	N      int     `json:"n"`
}

// Of gives the spread of a figure of the program called name; N is 0 when it was
// not measured.
func (s Samples) Of(name string, figure Figure) Spread { return spread(s[name][figure]) }

// Ratio gives the spread, over the rounds, of a figure of one program divided by
// that of another in the same round; N is 0 when either was not measured.
func (s Samples) Ratio(name, over string, figure Figure) Spread {
	return s.compare(name, over, figure, func(a, b float64) float64 { return a / b })
}

// Difference gives the spread, over the rounds, of how much more a figure of one
// program is than that of another in the same round; N is 0 when either was not
// measured.
func (s Samples) Difference(name, over string, figure Figure) Spread {
	return s.compare(name, over, figure, func(a, b float64) float64 { return a - b })
}

func (s Samples) compare(name, over string, figure Figure, how func(a, b float64) float64) Spread {
	a, b := s[name][figure], s[over][figure]
	values := make([]float64, 0, len(a))
	for i := range min(len(a), len(b)) {
		values = append(values, how(a[i], b[i]))
	}
	return spread(values)
}

func spread(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	return Spread{Median: Quantile(sorted, 0.5), Q1: Quantile(sorted, 0.25), Q3: Quantile(sorted, 0.75), N: len(sorted)}
}

// Quantile gives the value that a share q of the sorted values do not exceed,
// between two of them in proportion. There must be at least one.
func Quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low, part := math.Modf(at)
	i := int(low)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + part*(sorted[i+1]-sorted[i])
}
