package emf_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/emf"
)

const line = `{"service":"api","outcome":"done","requests":2,"ms":7.5,"_aws":{"Timestamp":1,"CloudWatchMetrics":[` +
	`{"Namespace":"n","Dimensions":[["service","outcome"],[]],"Metrics":[{"Name":"requests","Unit":"Count"}]},` +
	`{"Namespace":"n","Dimensions":[["service"]],"Metrics":[{"Name":"ms","Unit":"Milliseconds"}]}]}}`

func TestExtract(t *testing.T) {
	got, err := emf.Extract([]byte(line))
	want := map[string]float64{"requests{outcome=done,service=api}": 2, "requests{}": 2, "ms{service=api}": 7.5}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Extract: %v (-want +got):\n%s", err, diff)
	}
	if got, err := emf.Extract([]byte(`{"level":"info"}`)); got != nil || err != nil {
		t.Errorf("Extract of a line without metrics = %v, %v, want nothing", got, err)
	}
}

func TestExtractRefusesWhatCloudWatchDrops(t *testing.T) {
	for name, pair := range map[string][2]string{
		"no JSON":                {`"service"`, `service`},
		"no timestamp":           {`"Timestamp":1,`, ``},
		"no namespace":           {`"Namespace":"n",`, ``},
		"no dimensions":          {`"Dimensions":[["service"]],`, ``},
		"_aws a text":            {`"_aws":{`, `"_aws":"x","x":{`},
		"metric without a field": {`"ms":7.5,`, ``},
		"metric a text":          {`"ms":7.5`, `"ms":"7.5"`},
		"dimension missing":      {`"outcome":"done",`, ``},
		"dimension a number":     {`"outcome":"done"`, `"outcome":1`},
		"dimension empty":        {`"outcome":"done"`, `"outcome":""`},
		"31 dimensions":          {`["service","outcome"]`, `["service"` + strings.Repeat(`,"service"`, 30) + `]`},
	} {
		changed := strings.Replace(line, pair[0], pair[1], 1)
		if changed == line {
			t.Fatalf("%s: the line has no %s", name, pair[0])
		}
		if got, err := emf.Extract([]byte(changed)); err == nil {
			t.Errorf("%s: Extract = %v, want an error", name, got)
		}
	}
}
