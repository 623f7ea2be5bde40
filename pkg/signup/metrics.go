package signup

import (
	"time"

	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/metric"
)

// Option changes what New makes.
type Option func(*Handler)

// WithMetrics makes every invocation's line count in CloudWatch, in namespace:
// signups by outcome, code and claim, how long they took, and doubts, which are
// CPFs that count as taken because nobody could tell. They are counted whatever
// the log's level is. An empty namespace counts nothing.
func WithMetrics(namespace string) Option {
	return func(h *Handler) { h.metrics = newMetrics(namespace) }
}

// What a line may have, each a bit of an index into metrics.
const (
	withCode = 1 << iota
	withClaim
	withDoubt
	kinds
)

// metrics are the directives for each kind of line, since a line must have every
// field that its directive names.
type metrics [kinds]metric.Directive

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
		if kind&withClaim != 0 {
			by = append(by, "claim")
		}
		if kind&withDoubt != 0 {
			also = append(also, "doubts")
		}
		all[kind] = metric.ForLine(namespace, "signups", by, also...)
	}
	return &all
}

// addTo makes line, which is v's and has its fields, count. A nil m counts nothing.
func (m *metrics) addTo(line *zerolog.Event, v visit) {
	if m == nil {
		return
	}
	kind := 0
	if v.code != "" {
		kind |= withCode
	}
	if v.claim != "" {
		kind |= withClaim
	}
	line.Int("signups", 1)
	if v.doubtful() {
		kind |= withDoubt
		line.Int("doubts", 1)
	}
	m[kind].AddTo(line, v.began)
}

// doubtful reports whether a CPF counts as taken because nobody could tell.
func (v visit) doubtful() bool { return v.cause != nil && v.code != Internal }

// logFigures writes the line of a visit that LOG_LEVEL leaves out, with nothing
// but what is counted: alarms must not depend on how much is logged.
func (h *Handler) logFigures(v visit, outcome string, took time.Duration) {
	if h.metrics == nil {
		return
	}
	line := h.log.Log().Str("outcome", outcome)
	if v.code != "" {
		line.Str("code", string(v.code))
	}
	if v.claim != "" {
		line.Str("claim", v.claim)
	}
	line.Int64("duration_ms", took.Milliseconds())
	h.metrics.addTo(line, v)
	line.Send()
}
