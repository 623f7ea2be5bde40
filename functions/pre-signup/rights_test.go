package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/demo"
	"github.com/pontte/portaria/local/lambda"
)

// rights are actions by what they are done to: the logical id that it has in
// template.yaml. Actions are sorted, each once.
type rights map[string][]string

func (r rights) add(resource, action string) {
	if i, found := slices.BinarySearch(r[resource], action); !found {
		r[resource] = slices.Insert(r[resource], i, action)
	}
}

// resource is the logical id of what a request names.
func resource(tableName, userPoolID string) string {
	switch {
	case tableName == claimsTable && userPoolID == "":
		return "ClaimsTable"
	case tableName == "" && userPoolID == events.PoolID:
		return "UserPool"
	}
	return "neither: " + tableName + userPoolID
}

// TestRightsAreThoseOfTheRequests takes the function through all it does and
// compares what it asked AWS for, at the wire, with rights.json. The rights that
// template.yaml gives are compared with that file by .ci/rights.
func TestRightsAreThoseOfTheRequests(t *testing.T) {
	text, err := os.ReadFile("rights.json")
	if err != nil {
		t.Fatal(err)
	}
	var want rights
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatalf("rights.json: %v", err)
	}
	got := rights{}
	for _, asked := range []rights{askedByTheEvents(t), askedOutOfOrder(t), askedByTheStory(t)} {
		for on, actions := range asked {
			for _, action := range actions {
				got.add(on, action)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is asked for (-rights.json +at the wire):\n%s", diff)
	}
}

// askedByTheEvents sends every event of events/, in the state that it asks for.
func askedByTheEvents(t *testing.T) rights {
	cases, err := events.Cases()
	if err != nil {
		t.Fatal(err)
	}
	w := newWiretap(t)
	for _, c := range cases {
		w.aws.given(c.Given)
		w.send(work{name: c.Name, event: c.Event})
	}
	w.end()
	return w.aws.asked
}

// askedOutOfOrder sends what asks for the most while each service fails in the
// ways that have a client try again, go elsewhere or look for other credentials.
func askedOutOfOrder(t *testing.T) rights {
	w := newWiretap(t)
	for _, service := range []string{"dynamodb", "cognito-idp"} {
		for name, order := range map[string]http.Handler{
			"throttling":        plain(400, `{"__type":"ThrottlingException","message":"slow down"}`),
			"failing":           plain(500, `{"__type":"InternalErrorException"}`),
			"token expired":     plain(400, `{"__type":"ExpiredTokenException","message":"expired"}`),
			"signature refused": plain(403, `{"__type":"InvalidSignatureException","message":"Signature expired"}`),
			"elsewhere":         plain(421, `{"__type":"InvalidEndpointException"}`),
			"moved":             http.RedirectHandler("http://elsewhere.invalid/", http.StatusTemporaryRedirect),
		} {
			w.aws.given(ownerExists(claimedBy(joao, time.Hour), ana.CPF))
			w.aws.set(service, order)
			w.send(work{name: service + " " + name, event: event(ana, nil)})
			w.send(work{name: service + " " + name + ", no trackCode", event: event(ana, datum("trackCode", nil))})
		}
	}
	w.end()
	return w.aws.asked
}

// askedByTheStory plays the demo with the function, whichever way RESEND treats
// the trigger, and takes down what the function asks for, not the backend.
func askedByTheStory(t *testing.T) rights {
	all := newCloud(t, func(*http.Request) {})
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	for _, resend := range []cognito.ResendTrigger{cognito.ResendWithoutTrigger, cognito.ResendTriggerWithRequested, cognito.ResendTriggerWithStored} {
		env := map[string]string{}
		for _, pair := range all.env() {
			name, value, _ := strings.Cut(pair, "=")
			env[name] = value
		}
		function, err := lambda.Start(t.Context(), lambda.Config{Binary: binary, Env: env})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(function.Close)
		stack, err := local.Start(t.Context(), local.Config{Function: function, ResendRunsTrigger: resend})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stack.Close)
		all.set("dynamodb", proxy(t, stack.DynamoDBURL()))
		all.set("cognito-idp", proxy(t, stack.CognitoURL()))
		target := demo.Target{
			Cognito: stack.Cognito(), UserPoolID: stack.UserPoolID(), ClientID: stack.ClientID(),
			Mailbox: func(_ context.Context, to string) (string, error) {
				for _, m := range stack.Mailbox.Messages() {
					if m.To == to {
						return m.Body, nil
					}
				}
				return "", errors.New("no e-mail came")
			},
		}
		demo.Play(t.Context(), target, demo.Original(), func(l demo.Line) {
			if !l.OK() {
				t.Errorf("%s: %s, want %s", l.Step, l.Got, l.Want)
			}
		})
	}
	return all.asked
}

func proxy(t *testing.T, to string) http.Handler {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	return httputil.NewSingleHostReverseProxy(target)
}
