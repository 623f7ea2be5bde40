// Package emf reads log lines as CloudWatch does that looks for metrics in them.
package emf

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Extract gives the metrics of a line: each by its name and dimensions, such as
// "signups{outcome=allowed,service=pre-signup}", dimensions in the order of their
// names, without the namespace. A line that has none gives none. It fails where
// CloudWatch would drop the line: when a metric or a dimension has no field, or
// one of the wrong kind.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func Extract(line []byte) (map[string]float64, error) {
	var root map[string]any
	if err := json.Unmarshal(line, &root); err != nil {
		return nil, fmt.Errorf("read line: %w", err)
	}
	var meta struct {
		AWS *struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal(line, &meta); err != nil {
		return nil, fmt.Errorf("read _aws: %w", err)
	}
	if meta.AWS == nil {
		return nil, nil
	}
	if meta.AWS.Timestamp <= 0 {
		return nil, errors.New("_aws has no Timestamp")
	}
	found := map[string]float64{}
	for _, d := range meta.AWS.CloudWatchMetrics {
		if d.Namespace == "" || len(d.Dimensions) == 0 {
			return nil, errors.New("a directive has no namespace or no dimensions")
		}
		for _, m := range d.Metrics {
			value, ok := root[m.Name].(float64)
			if !ok {
				return nil, fmt.Errorf("the metric %s is not a number of the line", m.Name)
			}
			for _, set := range d.Dimensions {
				series, err := series(root, m.Name, set)
				if err != nil {
					return nil, err
				}
				found[series] += value
			}
		}
	}
	return found, nil
}

func series(root map[string]any, name string, dimensions []string) (string, error) {
	const most = 30
	if len(dimensions) > most {
		return "", fmt.Errorf("%s has over %d dimensions", name, most)
	}
	var pairs []string
	for _, dimension := range slices.Sorted(slices.Values(dimensions)) {
		value, ok := root[dimension].(string)
		if !ok || value == "" {
			return "", fmt.Errorf("the dimension %s of %s is not a text of the line", dimension, name)
		}
		pairs = append(pairs, dimension+"="+value)
	}
	return name + "{" + strings.Join(pairs, ",") + "}", nil
}
