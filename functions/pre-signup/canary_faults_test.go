package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/canary"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// TestNoErrorOfAWSLeaksACanary has DynamoDB and Cognito say each canary, in a third
// of its forms and not the same third for each, in the message of an error.
func TestNoErrorOfAWSLeaksACanary(t *testing.T) {
	w := newWiretap(t)
	for i, c := range append(ana.Canaries(), joao.Canaries()...) {
		for j, form := range canary.Forms(c.Value) {
			if j > 0 && (i+j)%3 != 0 {
				continue
			}
			service := []string{"dynamodb", "cognito-idp"}[(i+j/3)%2]
			w.aws.given(claimedBy(joao, time.Hour)) // whose owner must be asked for
			message, _ := json.Marshal("Value '" + form.Text + "' failed to satisfy constraint")
			w.aws.set(service, plain(400, fmt.Sprintf(`{"__type":"ValidationException","message":%s}`, message)))
			answer := w.send(work{name: service + " says the " + c.Name + ", " + form.Name, event: event(ana, nil)})
			if want := codeOutOfOrder[service].Text(); !strings.Contains(answer, want) {
				t.Errorf("%s out of order: answer = %s, want %s", service, answer, want)
			}
		}
	}
	wantNone(t, w.end())
}

// codeOutOfOrder is the answer when a service is out of order.
var codeOutOfOrder = map[string]signup.Code{"dynamodb": signup.Internal, "cognito-idp": signup.CPFTaken}

// TestNoBrokenAnswerOfAWSLeaksACanary has the services answer with what is not
// theirs to answer, and with records of others in a shape that they do not have.
func TestNoBrokenAnswerOfAWSLeaksACanary(t *testing.T) {
	w := newWiretap(t)
	all := fmt.Sprintf("%s %s %s %s", joao.UserName, ana.UserName, joao.TrackCode, joao.CPF)
	said, _ := json.Marshal(all)
	const conflict = `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":`
	for name, order := range map[string]http.Handler{
		"failing":              plain(500, fmt.Sprintf(`{"__type":"InternalServerError","message":%s}`, said)),
		"failing, no JSON":     plain(500, "<html>"+all),
		"unavailable":          plain(503, all),
		"throttling":           plain(400, fmt.Sprintf(`{"__type":"ThrottlingException","message":%s}`, said)),
		"no permission":        plain(400, fmt.Sprintf(`{"__type":"AccessDeniedException","message":%s}`, said)),
		"a code that tells":    plain(400, fmt.Sprintf(`{"__type":%s,"message":"x"}`, said)),
		"rubbish":              plain(200, all),
		"a text":               plain(200, string(said)),
		"half an answer":       half(all),
		"gone halfway":         gone(all),
		"hanging":              hanging(),
		"moved":                http.RedirectHandler("http://elsewhere.invalid/?said="+url.QueryEscape(all), http.StatusTemporaryRedirect),
		"moved to nowhere":     header("Location", ":"+joao.UserName, http.StatusTemporaryRedirect),
		"a header that tells":  header("X-Amzn-RequestId", all, http.StatusBadRequest),
		"a type that tells":    header("X-Amzn-ErrorType", all, http.StatusBadRequest),
		"wrong CRC":            header("X-Amz-Crc32", "1", http.StatusOK),
		"CRC that tells":       header("X-Amz-Crc32", joao.CPF, http.StatusOK),
		"item a text":          plain(400, conflict+string(said)+`}`),
		"values texts":         plain(400, conflict+`{"userName":`+string(said)+`}}`),
		"value a list":         plain(400, conflict+`{"userName":{"S":[`+string(said)+`]}}}`),
		"value of no kind":     plain(400, conflict+`{"userName":{`+string(said)+`:1}}}`),
		"bytes that are none":  plain(400, conflict+`{"userName":{"B":`+string(said)+`}}}`),
		"attributes a text":    plain(200, `{"Username":"x","UserAttributes":`+string(said)+`}`),
		"attribute a text":     plain(200, `{"Username":"x","UserAttributes":[`+string(said)+`]}`),
		"attribute of numbers": plain(200, `{"Username":"x","UserAttributes":[{"Name":`+"1"+joao.CPF+`}]}`),
		"attribute a map":      plain(200, `{"Username":"x","UserAttributes":[{"Name":{"x":`+string(said)+`}}]}`),
		"date a text":          plain(200, `{"Username":"x","UserCreateDate":`+string(said)+`}`),
	} {
		for service := range codeOutOfOrder {
			w.aws.given(claimedBy(joao, time.Hour))
			w.aws.set(service, order)
			w.send(work{name: service + ", " + name, event: event(ana, nil)})
		}
	}
	for name, order := range map[string]http.Handler{
		"item a text":     plain(200, `{"Item":`+string(said)+`}`),
		"values texts":    plain(200, `{"Item":{"userName":`+string(said)+`}}`),
		"capacity a text": plain(200, `{"ConsumedCapacity":`+string(said)+`}`),
		"failing":         plain(500, all),
	} {
		w.aws.given(claimedBy(joao, time.Hour))
		w.aws.set("dynamodb", order)
		w.send(work{name: "read, " + name, event: event(ana, datum("trackCode", nil))})
	}
	wantNone(t, w.end())
}

// half promises more than it says, and gone says nothing more to its client.
func half(said string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "9999")
		_, _ = io.WriteString(w, `{"Item":{"userName":{"S":"`+said)
	})
}

func gone(said string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if conn, buffered, err := http.NewResponseController(w).Hijack(); err == nil {
			_, _ = buffered.WriteString(said + "\r\n\r\n")
			_ = buffered.Flush()
			conn.Close()
		}
	})
}

// hanging answers when its client has given up.
func hanging() http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

func header(name, value string, status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(name, value)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "{}")
	})
}

// TestNoEndOfTheBinaryLeaksACanary breaks the Runtime API under the binary, which
// ends it, in the middle of an invocation.
func TestNoEndOfTheBinaryLeaksACanary(t *testing.T) {
	for name, breaks := range map[string]work{
		"answer refused":            {answer: plain(500, ana.Email)},
		"answer too large":          {answer: plain(413, `{"errorMessage":"`+ana.CPF+`"}`)},
		"connection lost":           {answer: gone("")},
		"answered with rubbish":     {answer: gone(ana.CPF + " " + ana.UserName)},
		"no deadline":               {header: map[string]string{"Lambda-Runtime-Deadline-Ms": "tomorrow"}},
		"broken client context":     {header: map[string]string{"Lambda-Runtime-Client-Context": ana.CPF}},
		"client context of numbers": {header: map[string]string{"Lambda-Runtime-Client-Context": `{"client":1` + ana.CPF + `}`}},
		"broken identity":           {header: map[string]string{"Lambda-Runtime-Cognito-Identity": `{"cognitoIdentityId":1` + ana.CPF + `}`}},
	} {
		for _, change := range []func(*signUp){nil, attribute("custom:cpf", ana.Email)} { // allowed, refused
			w := newWiretap(t)
			breaks.name, breaks.event = name, event(ana, change)
			w.send(breaks)
			wantNone(t, w.end())
		}
	}
}

// TestNoBugLeaksACanary has what is under the handler fail as AWS's client does,
// or panic, with each canary in each form, in turn in each way.
func TestNoBugLeaksACanary(t *testing.T) {
	var all []spoken
	for i, c := range append(ana.Canaries(), joao.Canaries()...) {
		for j, form := range canary.Forms(c.Value) {
			err := fmt.Errorf("update claim: %w", &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "UpdateItem", Err: errors.New(form.Text)})
			bugs := []func() error{
				func() error { return err },
				func() error { return &registry.DoubtError{Cause: err} },
				func() error { panic(form.Text) },
				func() error { panic(err) },
				func() error { panic([]byte(form.Text)) },
				func() error { panic(struct{ Name, Email string }{form.Text, form.Text}) },
				func() error { panic(&events.User{UserName: form.Text}) },
			}
			if j > 0 {
				bugs = bugs[(i+j)%len(bugs):][:1]
			}
			for _, bug := range bugs {
				var log bytes.Buffer
				h := signup.New(buggy{bug}, buggy{bug}, zerolog.New(&log).Level(zerolog.TraceLevel).With().Str("service", "pre-signup").Logger(), time.Now, signup.WithMetrics("Portaria/canary"))
				answer, err := h.Invoke(t.Context(), event(ana, nil))
				name := "a bug with the " + c.Name + ", " + form.Name
				all = append(all, spoken{name, log.String()}, spoken{name, fmt.Sprintf("%s %v %+v %#v", answer, err, err, err)})
			}
		}
	}
	wantNone(t, all)
}

// buggy does what it is told, whatever is asked of it.
type buggy struct{ bug func() error }

func (b buggy) Claim(context.Context, registry.Attempt) (registry.Outcome, error) { return "", b.bug() }
func (b buggy) Check(context.Context, registry.Attempt) error                     { return b.bug() }
func (b buggy) Find(context.Context, registry.User) error                         { return b.bug() }

func (b buggy) Renew(context.Context, cpf.CPF, registry.User, time.Time) error { return b.bug() }
