package main

import (
	"bytes"
	"io"
	"maps"
	"os/exec"
	"strings"
	"testing"
)

// environ makes a getenv of a map.
func environ(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// onLambda is what Lambda sets, with a DynamoDB at which nobody listens.
func onLambda(more map[string]string) map[string]string {
	env := map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1", "TABLE_NAME": "claims",
	}
	maps.Copy(env, more)
	return env
}

func TestWireNamesTheVariable(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		want string
	}{
		"no table":                {map[string]string{}, "TABLE_NAME is not set"},
		"lease not a duration":    {map[string]string{"TABLE_NAME": "claims", "CLAIM_LEASE": "30"}, `CLAIM_LEASE is "30"`},
		"lease of nothing":        {map[string]string{"TABLE_NAME": "claims", "CLAIM_LEASE": "0s"}, `CLAIM_LEASE is "0s"`},
		"negative lease":          {map[string]string{"TABLE_NAME": "claims", "CLAIM_LEASE": "-30s"}, `CLAIM_LEASE is "-30s"`},
		"level unknown":           {map[string]string{"TABLE_NAME": "claims", "LOG_LEVEL": "loud"}, `LOG_LEVEL is "loud"`},
		"metrics in AWS's own":    {map[string]string{"TABLE_NAME": "claims", "METRICS_NAMESPACE": "AWS/Lambda"}, `METRICS_NAMESPACE: "AWS/Lambda"`},
		"level that logs nothing": {map[string]string{"TABLE_NAME": "claims", "LOG_LEVEL": "disabled"}, `LOG_LEVEL is "disabled"`},
		"no region":               {onLambda(map[string]string{"AWS_REGION": ""}), "neither AWS_REGION nor AWS_DEFAULT_REGION is set"},
		"no key":                  {onLambda(map[string]string{"AWS_ACCESS_KEY_ID": ""}), "AWS_ACCESS_KEY_ID is not set"},
		"no secret":               {onLambda(map[string]string{"AWS_SECRET_ACCESS_KEY": ""}), "AWS_SECRET_ACCESS_KEY is not set"},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := wire(t.Context(), environ(tt.env), io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) || h != nil {
				t.Errorf("wire = %v, %v, want an error with %q", h, err, tt.want)
			}
		})
	}
}

func TestWireWarnsOfAShortLease(t *testing.T) {
	for lease, want := range map[string]bool{"19s": true, "20s": false, "": false} {
		var log bytes.Buffer
		if _, err := wire(t.Context(), environ(onLambda(map[string]string{"CLAIM_LEASE": lease})), &log); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), `"level":"warn"`) && strings.Contains(log.String(), "CLAIM_LEASE"); got != want {
			t.Errorf("lease %q: warned %v, want %v: %s", lease, got, want, log.String())
		}
	}
}

// TestBinaryDoesNotStartWithoutItsTable runs the bootstrap as Lambda would.
func TestBinaryDoesNotStartWithoutItsTable(t *testing.T) {
	for name, tt := range map[string]struct {
		env  []string
		want string
	}{
		"no table":         {nil, "TABLE_NAME"},
		"unreadable lease": {[]string{"TABLE_NAME=claims", "CLAIM_LEASE=soon"}, "CLAIM_LEASE"},
	} {
		cmd := exec.CommandContext(t.Context(), binary)
		cmd.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=127.0.0.1:1"}, tt.env...)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), tt.want) {
			t.Errorf("%s: %v, output %q, want a failure that names %s", name, err, out, tt.want)
		}
	}
}
