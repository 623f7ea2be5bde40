package signup_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestAlarmsAreOnWhatIsCounted holds that each alarm of template.yaml on a metric
// of the trigger's lines can go off: one of an outcome that is spelled otherwise
// never would.
func TestAlarmsAreOnWhatIsCounted(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				MetricName any `yaml:"MetricName"`
				Dimensions []struct {
					Name  string `yaml:"Name"`
					Value string `yaml:"Value"`
				} `yaml:"Dimensions"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	var whole yaml.Node // CloudFormation's own tags are no Go types
	if err := yaml.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	if err := whole.Decode(&template); err != nil {
		t.Fatal(err)
	}
	counted := []string{"doubts{service=pre-signup}"}
	for _, outcome := range outcomes {
		for _, count := range outcome.counts {
			counted = append(counted, "signups{"+count+",service=pre-signup}")
		}
	}
	var alarms int
	for id, r := range template.Resources {
		var pairs []string
		for _, d := range r.Properties.Dimensions {
			pairs = append(pairs, d.Name+"="+d.Value)
		}
		if r.Type != "AWS::CloudWatch::Alarm" || !slices.Contains(pairs, "service=pre-signup") {
			continue
		}
		alarms++
		slices.Sort(pairs)
		if series := fmt.Sprintf("%v{%s}", r.Properties.MetricName, strings.Join(pairs, ",")); !slices.Contains(counted, series) {
			t.Errorf("%s is on %s, which no line counts", id, series)
		}
	}
	if alarms != 3 {
		t.Errorf("%d alarms on the trigger's lines, want 3: failed, takeovers, doubts", alarms)
	}
}
