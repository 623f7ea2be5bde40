package web

import (
	"time"

	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/metric"
)

// What the line of a request may have, each a bit of an index into metrics.
const (
	withCode = 1 << iota
	withWarning
	kinds
)

// metrics are the directives for each kind of line, since a line must have every
// field that its directive names: requests by outcome and code, how long they
// took, and warnings, which are faults that changed no answer.
type metrics [kinds]metric.Directive

// newMetrics returns the metrics of a namespace; nil, which counts nothing, when
// there is none.
func newMetrics(namespace string) *metrics {
	if namespace == "" {
		return nil
	}
	var all metrics
	for kind := range all {
		var by, also []string
		if kind&withCode != 0 {
			by = append(by, "code")
		}
		if kind&withWarning != 0 {
			also = append(also, "warnings")
		}
		all[kind] = metric.ForLine(namespace, "requests", by, also...)
	}
	return &all
}

// addTo makes line, which has the fields of a request that began then, count. A
// nil m counts nothing.
func (m *metrics) addTo(line *zerolog.Event, began time.Time, ans answer, problem *Problem) {
	if m == nil {
		return
	}
	kind := 0
	if problem != nil {
		kind |= withCode
	}
	line.Int("requests", 1)
	if ans.warning != nil {
		kind |= withWarning
		line.Int("warnings", 1)
	}
	m[kind].AddTo(line, began)
}

// logFigures writes the line of a request that LOG_LEVEL leaves out, with nothing
// but what is counted: alarms must not depend on how much is logged.
func (a *API) logFigures(began, ended time.Time, outcome string, ans answer, problem *Problem) {
	if a.metrics == nil {
		return
	}
	line := a.config.Log.Log().Str("outcome", outcome)
	if problem != nil {
		line.Str("code", string(problem.Code))
	}
	line.Int64("duration_ms", ended.Sub(began).Milliseconds())
	a.metrics.addTo(line, began, ans, problem)
	line.Send()
}
