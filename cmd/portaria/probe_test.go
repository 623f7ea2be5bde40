package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/pontte/portaria/cmd/portaria/internal/probe"
	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
)

// TestMain makes this program the probe's function, as main does, where it is
// started behind a Lambda Runtime API.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		lambda.Start(&probe.Function{Log: os.Stdout, Now: time.Now})
	}
	os.Exit(m.Run())
}

// localTrigger is the function of a local stack.
const localTrigger = "arn:aws:lambda:us-east-1:000000000000:function:portaria-pre-signup:live"

// probed runs a probe against a local stack whose trigger is this program, and
// gives what differs: the question and what was found. A function that is not
// slow differs in two answers, which are taken out.
func probed(t *testing.T, cfg local.Config, kind probe.Kind, slow time.Duration) (result, map[string]string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	cfg.Binary, cfg.Log, cfg.AnswerWithin = program, log, 2*time.Second
	newStack(t, cfg)
	got := portaria(t, "--output=json", "probe", "--kind", string(kind), "--function", localTrigger, "--log", log.Name(), "--slow", slow.String(), "--yes")
	differs := map[string]string{}
	for line := range strings.Lines(got.out) {
		var a probe.Answer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if a.Differs {
			differs[a.Question] = a.Found
		}
	}
	if slow == 0 {
		for question, found := range map[string]string{"tries of a function that does not answer": "1", "what the caller gets": ": "} {
			if differs[question] != found {
				t.Errorf("%s: %q, want %q", question, differs[question], found)
			}
			delete(differs, question)
		}
	}
	if !strings.Contains(got.err, "removed the user pool") {
		t.Errorf("the pool was not removed: %s", got.err)
	}
	return got, differs
}

func TestProbeFindsTheLocalPoolAsItIs(t *testing.T) {
	got, differs := probed(t, local.Config{}, probe.Email, 2500*time.Millisecond)
	if got.status != exitOK || len(differs) > 0 || strings.Count(got.out, "\n") != 13 {
		t.Errorf("probe = %+v, want 13 answers and no difference", got)
	}
	for _, kind := range []probe.Kind{probe.Alias, probe.Plain} {
		if got, differs := probed(t, local.Config{}, kind, 0); len(differs) > 0 || strings.Count(got.out, "\n") != 13 {
			t.Errorf("%s: probe = %+v, want 13 answers and no difference", kind, got)
		}
	}
}

func TestProbeFindsEachDifference(t *testing.T) {
	const order, resend, name = "the trigger runs", "RESEND runs the trigger", "userName in the event"
	for _, c := range []struct {
		cfg  local.Config
		want map[string]string
	}{
		{local.Config{TriggerOrder: cognito.TriggerAfterDuplicateCheck}, map[string]string{order: "after the duplicate check"}},
		{local.Config{ResendRunsTrigger: cognito.ResendTriggerWithRequested}, map[string]string{resend: "yes, with the attributes: "}},
		{local.Config{ResendRunsTrigger: cognito.ResendTriggerWithStored}, map[string]string{resend: "yes, with the attributes: email"}},
		{local.Config{HideFinalUserName: true}, map[string]string{name: "the one asked for"}},
	} {
		got, differs := probed(t, c.cfg, probe.Email, 0)
		if got.status != exitFound || fmt.Sprint(differs) != fmt.Sprint(c.want) {
			t.Errorf("differs = %v with status %d, want %v", differs, got.status, c.want)
		}
	}
}

func TestProbeAsksFirst(t *testing.T) {
	newStack(t, local.Config{})
	got := portaria(t, "probe", "--role", "arn:aws:iam::000000000000:role/basic")
	if got.status != exitUnchanged || !strings.Contains(got.err, "--yes") {
		t.Errorf("probe = %+v, want status %d", got, exitUnchanged)
	}
}

// TestProbeRemovesItsFunction has Lambda take the function and not the permission,
// and then let the function be removed, or not.
func TestProbeRemovesItsFunction(t *testing.T) {
	newStack(t, local.Config{})
	var asked []string
	var stays bool
	account := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what := r.Method + " " + r.URL.Path
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			what = target
		}
		asked = append(asked, strings.Join(strings.Split(what, "portaria-probe-")[:1], ""))
		switch {
		case strings.HasSuffix(what, "/functions") && r.Method == http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"FunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:p"}`)
		case r.Method == http.MethodGet:
			fmt.Fprint(w, `{"Configuration":{"State":"Active"}}`)
		case strings.HasSuffix(what, "/policy"), stays && r.Method == http.MethodDelete:
			w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
			w.WriteHeader(http.StatusForbidden)
		default:
			w.WriteHeader(http.StatusOK)
		}
	}))
	defer account.Close()
	for _, service := range []string{"LAMBDA", "CLOUDWATCH_LOGS"} {
		t.Setenv("AWS_ENDPOINT_URL_"+service, account.URL)
	}
	for _, stays = range []bool{false, true} {
		asked = nil
		got := portaria(t, "probe", "--role", "arn:aws:iam::000000000000:role/basic", "--yes")
		if got.status != exitFailed || !strings.Contains(got.err, "let the pool call the function") || !strings.Contains(got.err, "removed the user pool") {
			t.Errorf("probe = %+v, want the permission that fails, and the pool removed", got)
		}
		if told := strings.Contains(got.err, "which must be done by hand"); told != stays {
			t.Errorf("probe = %+v, want what is left named = %t", got, stays)
		}
		want := "POST /2015-03-31/functions, GET /2015-03-31/functions/, POST /2015-03-31/functions/, DELETE /2015-03-31/functions/, Logs_20140328.DeleteLogGroup"
		if strings.Join(asked, ", ") != want {
			t.Errorf("AWS was asked %s, want %s", strings.Join(asked, ", "), want)
		}
	}
}

// TestProbeTellsWhatItFoundBeforeItFailed cannot remove its pool in the end.
func TestProbeTellsWhatItFoundBeforeItFailed(t *testing.T) {
	d := &desk{t: t}
	op := "DeleteUserPool"
	d.refuse.Store(&op)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	stack := newStack(t, local.Config{Binary: program, Log: log, AnswerWithin: 2 * time.Second})
	t.Setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", d.tap(stack.CognitoURL()))
	got := portaria(t, "--output=json", "probe", "--function", localTrigger, "--log", log.Name(), "--slow", "0s", "--yes")
	if got.status != exitFailed || strings.Count(got.out, "\n") != 13 || !strings.Contains(got.err, "which must be done by hand") {
		t.Errorf("probe = %+v, want 13 answers and status %d", got, exitFailed)
	}
}
