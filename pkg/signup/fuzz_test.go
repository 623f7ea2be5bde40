package signup_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// FuzzInvoke holds, for any bytes and any answer of the registry, that there is
// one answer of those that there are, one line in the log, and no person in it.
func FuzzInvoke(f *testing.F) {
	cases, err := events.Cases()
	if err != nil {
		f.Fatal(err)
	}
	for i, c := range cases {
		f.Add(c.Event, i%5)
	}
	f.Add([]byte(strings.Replace(original, "21a8", strings.Repeat("x", 1<<20), 1)), 0)
	answers := []error{nil, registry.ErrTaken, registry.ErrInProgress, errors.New("down"), &registry.DoubtError{Cause: errors.New("down")}}
	wholeCPF := regexp.MustCompile(`\b(\d{3}\.?\d{3}\.?\d{3}-?\d{2})\b`)
	f.Fuzz(func(t *testing.T, event []byte, pick int) {
		err := answers[uint(pick)%uint(len(answers))]
		var log bytes.Buffer
		h := newHandler(&fakeRegistry{claim: err, check: err, outcome: registry.Claimed}, &fakeUsers{}, &log)
		came := bytes.Clone(event)
		answer, err := h.Invoke(t.Context(), event)
		switch refusal, ok := err.(*signup.Refusal); {
		case err == nil:
			if !bytes.Equal(answer, came) {
				t.Errorf("answer = %q, want the event as it came", answer)
			}
		case !ok || answer != nil || refusal.Code == "":
			t.Errorf("Invoke = %q, %#v, want nothing and a bare *Refusal", answer, err)
		}
		line := log.Bytes()
		if bytes.Count(line, []byte("\n")) != 1 || !json.Valid(line) {
			t.Errorf("log = %q, want one line of JSON", line)
		}
		if found := wholeCPF.Find(line); found != nil {
			t.Errorf("log line %s holds %s", line, found)
		}
	})
}
