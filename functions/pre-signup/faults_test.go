package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/pkg/signup"
)

// answerWithin is the contract: Cognito gives up after 5 s.
const answerWithin = 4 * time.Second

// answer gives an HTTP answer that DynamoDB or Cognito could give.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// hang never answers; it ends when the client has given up, which a server
// notices only once it has read the request.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// reset closes the connection without an answer.
func reset(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		conn.Close()
	}
}

// half promises more than it sends.
func half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	fmt.Fprint(w, `{"Attributes":{"cpf":`)
}

// TestStoreThatFails lets nobody in, within 4 s, and tells nothing of AWS.
func TestStoreThatFails(t *testing.T) {
	const wrongValue, taken = "loan-value-a-list.json", "admin-create-user.json"
	for name, store := range map[string]http.HandlerFunc{
		"slow":           hang,
		"resetting":      reset,
		"half an answer": half,
		"throttling":     answer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down 04212286017"}`),
		"no table":       answer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"table not found"}`),
		"no permission":  answer(400, `{"__type":"com.amazon.coral.service#AccessDeniedException","message":"User: arn:aws:sts::0:assumed-role/x is not authorized"}`),
		"failing":        answer(500, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"oops"}`),
		"out of service": answer(503, `Service Unavailable`),
		"rubbish":        answer(200, `<html>hello 04212286017</html>`),
		"rubbish 400":    answer(400, "\x00\xff"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(store)
			t.Cleanup(server.Close)
			g := newGate(t, map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": server.URL})
			for _, file := range []string{taken, wrongValue} {
				g.wantInternal(file)
			}
		})
	}
	t.Run("down", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		g := newGate(t, map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": server.URL})
		g.wantInternal(taken)
	})
}

// wantInternal sends an event and wants the text for our own faults, in time.
func (g *gate) wantInternal(file string) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), answerWithin)
	defer cancel()
	answer, err := g.function.Invoke(ctx, eventOf(g.t, file))
	want := &lambda.FunctionError{Type: "Refusal", Message: signup.Internal.Text()}
	got, ok := errors.AsType[*lambda.FunctionError](err)
	if !ok || answer != nil {
		g.t.Fatalf("%s: answer = %q, %v, want %q", file, answer, err, want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		g.t.Errorf("%s: error (-want +got):\n%s", file, diff)
	}
	var line struct{ Level, Error string }
	text := g.log.next(g.t)
	if err := json.Unmarshal([]byte(text), &line); err != nil || line.Level != "error" || !strings.Contains(line.Error, "DynamoDB") {
		g.t.Errorf("%s: log line = %s, want the cause at level error", file, text)
	}
	if strings.Contains(text, "04212286017") {
		g.t.Errorf("%s: log line %s holds the CPF", file, text)
	}
}

// TestOwnerWhoCannotBeLookedUp keeps the CPF for its holder, within 4 s.
func TestOwnerWhoCannotBeLookedUp(t *testing.T) {
	for name, cognito := range map[string]http.HandlerFunc{
		"slow":          hang,
		"resetting":     reset,
		"throttling":    answer(400, `{"__type":"TooManyRequestsException","message":"Rate exceeded"}`),
		"no permission": answer(400, `{"__type":"AccessDeniedException","message":"not authorized"}`),
		"failing":       answer(500, `{"__type":"InternalErrorException"}`),
		"rubbish":       answer(200, `<html>`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(cognito)
			t.Cleanup(server.Close)
			g := newGate(t, map[string]string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": server.URL})
			g.seed(caseOf(t, "claim-past-lease-stranger-exists.json"))
			ctx, cancel := context.WithTimeout(t.Context(), answerWithin)
			defer cancel()
			_, err := g.function.Invoke(ctx, eventOf(t, "claim-past-lease-stranger-exists.json"))
			want := &lambda.FunctionError{Type: "Refusal", Message: signup.CPFTaken.Text()}
			got, _ := errors.AsType[*lambda.FunctionError](err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
			var line struct{ Level, Claim, Error string }
			text := g.log.next(t)
			if err := json.Unmarshal([]byte(text), &line); err != nil || line.Level != "warn" || !strings.Contains(line.Error, "look up the owner") {
				t.Errorf("log line = %s, want a warning with the cause", text)
			}
		})
	}
}

// TestAtMostTwoTries counts what a store that throttles is asked.
func TestAtMostTwoTries(t *testing.T) {
	throttled := newRecorder(t, answer(400, `{"__type":"ThrottlingException","message":"slow down"}`))
	g := newGate(t, map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": throttled.url})
	g.wantInternal("admin-create-user.json")
	if got, want := throttled.take(), []string{"UpdateItem", "UpdateItem"}; !cmp.Equal(got, want) {
		t.Errorf("requests = %v, want %v", got, want)
	}
}

func caseOf(t *testing.T, file string) events.Case {
	t.Helper()
	cases, err := events.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Name == file {
			return c
		}
	}
	t.Fatalf("no event %s", file)
	return events.Case{}
}

func eventOf(t *testing.T, file string) []byte {
	t.Helper()
	return caseOf(t, file).Event
}
