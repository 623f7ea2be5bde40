package signup_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/local/emf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// outcomes are sign-ups of every kind that the metrics tell apart, and what of
// signups and doubts each counts for.
var outcomes = map[string]struct {
	reg    fakeRegistry
	change []string
	counts []string
}{
	"claimed":            {fakeRegistry{outcome: registry.Claimed}, nil, []string{"outcome=allowed", "claim=new"}},
	"replayed":           {fakeRegistry{outcome: registry.Replayed}, nil, []string{"outcome=allowed", "claim=replay"}},
	"taken over":         {fakeRegistry{outcome: registry.TakenOver}, nil, []string{"outcome=allowed", "claim=takeover"}},
	"invalid CPF":        {fakeRegistry{}, []string{"04212286017", "1"}, []string{"outcome=refused", "code=invalid_cpf"}},
	"taken":              {fakeRegistry{claim: registry.ErrTaken}, nil, []string{"outcome=refused", "code=cpf_taken", "claim=conflict"}},
	"in doubt":           {fakeRegistry{claim: &registry.DoubtError{Cause: errors.New("x")}}, nil, []string{"outcome=refused", "code=cpf_taken", "claim=conflict", "doubt"}},
	"no trackCode":       {fakeRegistry{}, []string{"trackCode", "x"}, []string{"outcome=refused", "code=missing_track_code"}},
	"invalid simulation": {fakeRegistry{}, []string{`"180"`, `"0"`}, []string{"outcome=refused", "code=invalid_simulation"}},
	"in progress":        {fakeRegistry{claim: registry.ErrInProgress}, nil, []string{"outcome=refused", "code=signup_in_progress", "claim=conflict"}},
	"the table down":     {fakeRegistry{claim: errors.New("x")}, nil, []string{"outcome=failed", "code=internal"}},
}

// TestMetrics holds that each sign-up counts for what it was and for nothing
// else, at every LOG_LEVEL.
func TestMetrics(t *testing.T) {
	for name, tt := range outcomes {
		want := map[string]float64{"duration_ms{service=pre-signup}": 7}
		for _, count := range tt.counts {
			if count == "doubt" {
				want["doubts{service=pre-signup}"] = 1
				continue
			}
			want["signups{"+count+",service=pre-signup}"] = 1
		}
		for _, level := range []zerolog.Level{zerolog.TraceLevel, zerolog.InfoLevel, zerolog.WarnLevel, zerolog.ErrorLevel} {
			t.Run(fmt.Sprint(name, " at ", level), func(t *testing.T) {
				var log bytes.Buffer
				reg := tt.reg
				h := signup.New(&reg, &fakeUsers{}, zerolog.New(&log).Level(level).With().Str("service", "pre-signup").Logger(), clock(), signup.WithMetrics("Portaria/test"))
				_, _ = h.Invoke(t.Context(), changed(t, tt.change...))
				oneLine(t, log.Bytes())
				got, err := emf.Extract(log.Bytes())
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("metrics of %s: %v (-want +got):\n%s", log.String(), err, diff)
				}
			})
		}
	}
}

// TestMetricsChangeNothingElseInTheLine compares lines with and without.
func TestMetricsChangeNothingElseInTheLine(t *testing.T) {
	for name, tt := range outcomes {
		var lines []map[string]any
		for _, namespace := range []string{"", "Portaria/test"} {
			var log bytes.Buffer
			reg := tt.reg
			h := signup.New(&reg, &fakeUsers{}, zerolog.New(&log), clock(), signup.WithMetrics(namespace))
			_, _ = h.Invoke(t.Context(), changed(t, tt.change...))
			lines = append(lines, oneLine(t, log.Bytes()))
		}
		for _, added := range []string{"_aws", "signups", "doubts"} {
			if _, ok := lines[0][added]; ok {
				t.Errorf("%s: a line without metrics has %s", name, added)
			}
			delete(lines[1], added)
		}
		if diff := cmp.Diff(lines[0], lines[1]); diff != "" {
			t.Errorf("%s: metrics change the line (-without +with):\n%s", name, diff)
		}
	}
}

// TestAQuietLogHasFiguresOnly holds that what LOG_LEVEL leaves out stays out.
func TestAQuietLogHasFiguresOnly(t *testing.T) {
	var log bytes.Buffer
	quiet := zerolog.New(&log).Level(zerolog.ErrorLevel).With().Str("service", "pre-signup").Logger()
	if _, err := signup.New(&fakeRegistry{outcome: registry.Claimed}, &fakeUsers{}, quiet, clock()).Invoke(t.Context(), []byte(original)); err != nil || log.Len() > 0 {
		t.Errorf("without metrics: %v, log %q, want nothing", err, log.String())
	}
	counting := signup.New(&fakeRegistry{claim: registry.ErrTaken}, &fakeUsers{}, quiet, clock(), signup.WithMetrics("Portaria/test"))
	_, err := counting.Invoke(t.Context(), []byte(original))
	wantRefusal(t, nil, err, signup.CPFTaken)
	line := oneLine(t, log.Bytes())
	delete(line, "_aws")
	want := map[string]any{"service": "pre-signup", "outcome": "refused", "code": "cpf_taken", "claim": "conflict", "duration_ms": 7.0, "signups": 1.0}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("line of a refusal at level error (-want +got):\n%s", diff)
	}
}
