// Package metric makes CloudWatch take metrics from log lines. A line in the
// embedded metric format says of itself which of its fields are metrics, so that
// nothing has to be sent and nobody waits:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metric

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Unit is what a metric is counted in, in CloudWatch's words.
type Unit string

// The units.
const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
)

// Metric is a field of a line that is a number, and the sets of fields by which it
// is told apart. Every value of such a set is a metric of its own, which AWS
// charges for: they must be few. A line without one of the fields counts for
// nothing at all.
type Metric struct {
	Name       string
	Unit       Unit
	Dimensions [][]string
}

// Directive is metrics as a line names them, ready to be written.
type Directive struct{ json []byte }

// NewDirective returns the directive of metrics in a namespace.
func NewDirective(namespace string, metrics ...Metric) Directive {
	type definition struct{ Name, Unit string }
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	all := []directive{}
	for _, m := range metrics {
		all = append(all, directive{namespace, m.Dimensions, []definition{{m.Name, string(m.Unit)}}})
	}
	// Strings and lists of them cannot fail.
	text, _ := json.Marshal(all)
	return Directive{text}
}

// ForLine returns the directive of a function's line: it counts once as counted,
// by the fields service and outcome, and by service and each of the fields by; its
// duration_ms is measured and each of also counts, by service alone. The line must
// have all these fields.
func ForLine(namespace, counted string, by []string, also ...string) Directive {
	const service = "service"
	dimensions := [][]string{{service, "outcome"}}
	for _, field := range by {
		dimensions = append(dimensions, []string{service, field})
	}
	metrics := []Metric{
		{Name: counted, Unit: Count, Dimensions: dimensions},
		{Name: "duration_ms", Unit: Milliseconds, Dimensions: [][]string{{service}}},
	}
	for _, name := range also {
		metrics = append(metrics, Metric{Name: name, Unit: Count, Dimensions: [][]string{{service}}})
	}
	return NewDirective(namespace, metrics...)
}

// AddTo makes the fields that d names, which the caller adds, metrics of the time
// at.
func (d Directive) AddTo(line *zerolog.Event, at time.Time) {
	line.Dict("_aws", line.CreateDict().Int64("Timestamp", at.UnixMilli()).RawJSON("CloudWatchMetrics", d.json))
}

// CheckNamespace fails when CloudWatch would not take metrics in a namespace. It
// refuses AWS's own too.
func CheckNamespace(s string) error {
	const most = 255
	if len(s) > most || strings.HasPrefix(s, "AWS/") || !regexp.MustCompile(`^[A-Za-z0-9._/#:-]+$`).MatchString(s) {
		return fmt.Errorf("%q is no namespace of ours: it must have 1 to %d letters, digits or . _ / # : - and not begin with AWS/", s, most)
	}
	return nil
}
