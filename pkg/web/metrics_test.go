package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/local/emf"
	"github.com/pontte/portaria/pkg/userpool"
)

// TestMetrics holds that each request counts for what it was and for nothing
// else, at every LOG_LEVEL, and that a quiet log has the figures alone.
func TestMetrics(t *testing.T) {
	created := userpool.User{Name: "a-uuid", Sub: "a-sub", Status: userpool.ForceChangePassword}
	for name, tt := range map[string]struct {
		service service
		request func() *http.Request
		want    map[string]float64
	}{
		"done": {
			service{pool: pool{lookups: nobody(), created: created}}, func() *http.Request { return post("/users", original) },
			map[string]float64{"requests{outcome=done,service=api}": 1},
		},
		"done, with a warning": {
			service{pool: pool{lookups: nobody(), created: created}, claims: claims{err: errors.New("x")}}, func() *http.Request { return post("/users", original) },
			map[string]float64{"requests{outcome=done,service=api}": 1, "warnings{service=api}": 1},
		},
		"refused": {
			service{}, func() *http.Request { return post("/users", `{`) },
			map[string]float64{"requests{outcome=refused,service=api}": 1, "requests{code=malformed_request,service=api}": 1},
		},
		"failed": {
			service{pool: pool{lookups: []lookup{{err: userpool.ErrUnavailable}}}}, func() *http.Request { return post("/users", original) },
			map[string]float64{"requests{outcome=failed,service=api}": 1, "requests{code=unavailable,service=api}": 1},
		},
	} {
		tt.want["duration_ms{service=api}"] = 0
		for _, level := range []zerolog.Level{zerolog.InfoLevel, zerolog.ErrorLevel} {
			t.Run(fmt.Sprint(name, " at ", level), func(t *testing.T) {
				s := service{pool: tt.service.pool, claims: tt.service.claims, level: level, metrics: "Portaria/test"}
				s.call(t, tt.request())
				got, err := emf.Extract(s.log.Bytes())
				if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
					t.Errorf("metrics of %s: %v (-want +got):\n%s", s.log.String(), err, diff)
				}
				var line map[string]any
				if err := json.Unmarshal(s.log.Bytes(), &line); err != nil || bytes.Count(s.log.Bytes(), []byte("\n")) != 1 {
					t.Fatalf("log = %s, want one line of JSON: %v", s.log.String(), err)
				}
				_, told := line["route"]
				if want := level == zerolog.InfoLevel || line["outcome"] == "failed"; told != want {
					t.Errorf("line = %v, has the route: %v, want %v", line, told, want)
				}
			})
		}
	}
}

func TestWithoutMetricsNothingIsCounted(t *testing.T) {
	loud, quiet := service{}, service{level: zerolog.ErrorLevel}
	loud.call(t, post("/users", `{`))
	quiet.call(t, post("/users", `{`))
	if got, err := emf.Extract(loud.log.Bytes()); err != nil || got != nil || bytes.Contains(loud.log.Bytes(), []byte(`"requests"`)) {
		t.Errorf("log = %s, want a line without metrics", loud.log.String())
	}
	if quiet.log.Len() > 0 {
		t.Errorf("log at level error = %s, want nothing", quiet.log.String())
	}
}
