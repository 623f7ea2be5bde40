package metric_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/metric"
)

func TestLine(t *testing.T) {
	d := metric.NewDirective("Portaria/prod",
		metric.Metric{Name: "signups", Unit: metric.Count, Dimensions: [][]string{{"service", "outcome"}, {"service"}}},
		metric.Metric{Name: "duration_ms", Unit: metric.Milliseconds, Dimensions: [][]string{{}}},
	)
	var log bytes.Buffer
	logger := zerolog.New(&log)
	line := logger.Info().Str("service", "pre-signup").Str("outcome", "allowed").Int("signups", 1).Int("duration_ms", 7)
	d.AddTo(line, time.UnixMilli(1773135000007))
	line.Send()
	const want = `{"level":"info","service":"pre-signup","outcome":"allowed","signups":1,"duration_ms":7,"_aws":{"Timestamp":1773135000007,"CloudWatchMetrics":[` +
		`{"Namespace":"Portaria/prod","Dimensions":[["service","outcome"],["service"]],"Metrics":[{"Name":"signups","Unit":"Count"}]},` +
		`{"Namespace":"Portaria/prod","Dimensions":[[]],"Metrics":[{"Name":"duration_ms","Unit":"Milliseconds"}]}]}}` + "\n"
	if log.String() != want {
		t.Errorf("line = %s want   %s", log.String(), want)
	}
}

func TestForLine(t *testing.T) {
	var log bytes.Buffer
	logger := zerolog.New(&log)
	line := logger.Log()
	metric.ForLine("Portaria/prod", "signups", []string{"code", "claim"}, "doubts").AddTo(line, time.UnixMilli(1773135000007))
	line.Send()
	const want = `{"_aws":{"Timestamp":1773135000007,"CloudWatchMetrics":[` +
		`{"Namespace":"Portaria/prod","Dimensions":[["service","outcome"],["service","code"],["service","claim"]],"Metrics":[{"Name":"signups","Unit":"Count"}]},` +
		`{"Namespace":"Portaria/prod","Dimensions":[["service"]],"Metrics":[{"Name":"duration_ms","Unit":"Milliseconds"}]},` +
		`{"Namespace":"Portaria/prod","Dimensions":[["service"]],"Metrics":[{"Name":"doubts","Unit":"Count"}]}]}}` + "\n"
	if log.String() != want {
		t.Errorf("line = %s want   %s", log.String(), want)
	}
}

func TestCheckNamespace(t *testing.T) {
	for namespace, want := range map[string]bool{
		"Portaria/portaria-prod": true, "a": true, "A.b_c#d:e-9/": true, strings.Repeat("n", 255): true,
		"": false, " ": false, "two words": false, "AWS/Lambda": false, "São": false, "a\nb": false, "\"": false, strings.Repeat("n", 256): false,
	} {
		if err := metric.CheckNamespace(namespace); (err == nil) != want {
			t.Errorf("CheckNamespace(%q) = %v, want it taken: %v", namespace, err, want)
		}
	}
}

// BenchmarkAddTo shows what counting adds to a line.
func BenchmarkAddTo(b *testing.B) {
	d := metric.NewDirective("Portaria/prod", metric.Metric{Name: "signups", Unit: metric.Count, Dimensions: [][]string{{"service", "outcome"}}})
	logger, at := zerolog.New(new(discard)), time.UnixMilli(1773135000007)
	b.ReportAllocs()
	for b.Loop() {
		line := logger.Info()
		d.AddTo(line, at)
		line.Send()
	}
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }
