package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/lambda"
)

// answerWithin is the contract: Cognito gives up after 5 s.
const answerWithin = 4 * time.Second

// rig is the real binary behind a Lambda Runtime API, one process of it, with
// taps to a DynamoDB and a Cognito that are new for each event. It may be used
// outside the test's own goroutine.
type rig struct {
	function *lambda.Runtime
	log      *lineLog
	aws      *taps
	clock    *clock
}

// newRig makes a rig, with env added to the binary's environment.
func newRig(t *testing.T, env map[string]string) *rig {
	t.Helper()
	process := newProcess(t)
	r := &rig{log: newLineLog(), aws: new(taps), clock: newClock(t, process)}
	all := map[string]string{
		"TABLE_NAME":                table,
		"LOG_LEVEL":                 "trace",
		"PROCESS_FILE":              process.file,
		"RUNTIME_API":               r.clock.url,
		"AWS_ENDPOINT_URL_DYNAMODB": r.aws.listen(t, dynamoDB, nil),
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": r.aws.listen(t, userPool, nil),
	}
	maps.Copy(all, env)
	r.function = startFunction(t, r.log, all)
	return r
}

// visit is what came of one invocation.
type visit struct {
	word  string // "allowed" or the code of the refusal
	began time.Time
	calls []call
	line  string // what the binary printed
	said  struct {
		Level, Outcome, Code, Service, Error string
		ColdStart                            bool `json:"cold_start"`
	}
}

// invoke has the binary answer an event, with st and users as AWS and meddle on
// the lines (nil: nobody), while Lambda says that so much time is left (0: all).
// Its error says how the answer or the log are none that the binary may give.
func (r *rig) invoke(event []byte, st *store, users []events.User, meddle func(*exchange), left time.Duration) (v visit, err error) {
	pool := new(directory)
	pool.set(users)
	var flying sync.RWMutex // held by every exchange under way
	over := make(chan struct{})
	r.aws.begin(func(x *exchange) {
		flying.RLock()
		defer flying.RUnlock()
		x.over = over
		if x.to = st; x.service == userPool {
			x.to = pool
		}
		if meddle == nil {
			x.pass()
			return
		}
		meddle(x)
	})
	r.clock.left.Store(int64(left))
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	v.began = time.Now().Truncate(time.Millisecond)
	answer, err := r.function.Invoke(ctx, event)
	v.calls = r.aws.made()
	close(over)
	flying.Lock()
	defer flying.Unlock() // all that was late is done
	// There is a line for every invocation, an answer or none.
	line, unread := r.log.read()
	if err := errors.Join(v.read(event, answer, err), unread); err != nil {
		return v, err
	}
	v.line = line
	if err := json.Unmarshal([]byte(v.line), &v.said); err != nil {
		return v, fmt.Errorf("log line %q: %w", v.line, err)
	}
	if v.word != "allowed" && v.said.Code != v.word || v.word == "allowed" && v.said.Outcome != v.word {
		return v, fmt.Errorf("answer %s, log line %s", v.word, v.line)
	}
	return v, nil
}

// read takes an answer for what it is, to the letter.
func (v *visit) read(event, answer []byte, err error) error {
	if err == nil {
		v.word = "allowed"
		if !bytes.Equal(answer, event) {
			return fmt.Errorf("answer %q is not the event", answer)
		}
		return nil
	}
	failed, ok := errors.AsType[*lambda.FunctionError](err)
	if !ok {
		return fmt.Errorf("no answer: %w", err)
	}
	for _, code := range codes {
		if *failed == (lambda.FunctionError{Type: "Refusal", Message: code.Text()}) {
			v.word = string(code)
			return nil
		}
	}
	return fmt.Errorf("answer %v", failed)
}

// tells says what of the person of c, or of another who has a claim, stands in
// the log, or that something broke.
func (v visit) tells(c events.Case) error {
	secret := secrets(c)
	for _, claim := range c.Given.Claims {
		secret = append(secret, claim.Email)
	}
	i := slices.IndexFunc(secret, func(s string) bool { return strings.Contains(v.line, s) })
	switch {
	case i >= 0:
		return fmt.Errorf("log line %s holds %q", v.line, secret[i])
	case strings.Contains(v.line, "panic"):
		return fmt.Errorf("log line %s", v.line)
	}
	return nil
}
