package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/lambda"
)

// TestEveryEvent sends each fixture event through the built binary, compares the
// answer to the letter, and looks for the person's data in whatever it printed.
func TestEveryEvent(t *testing.T) {
	cases, err := events.Cases()
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(t, nil)
	for _, c := range cases {
		t.Run(strings.TrimSuffix(c.Name, ".json"), func(t *testing.T) {
			g.t = t
			g.clear()
			g.seed(c)
			answer, err := g.function.Invoke(t.Context(), c.Event)
			if c.Refusal == nil {
				if err != nil || !bytes.Equal(answer, c.Event) {
					t.Errorf("answer = %q, %v, want the event byte for byte", answer, err)
				}
			} else {
				want := &lambda.FunctionError{Type: c.Refusal.ErrorType, Message: c.Refusal.ErrorMessage}
				got, _ := errors.AsType[*lambda.FunctionError](err)
				if diff := cmp.Diff(want, got); diff != "" || answer != nil {
					t.Errorf("answer %q, error %v (-want +got):\n%s", answer, err, diff)
				}
			}
			g.wantLine(c)
			g.wantFewRequests(c)
		})
	}
	g.function.Close()
	if more := len(g.log.lines); more != 0 {
		t.Errorf("%d lines too many in the log, the first: %s", more, <-g.log.lines)
	}
}

// seed puts the table and the pool into the state that the case asks for.
func (g *gate) seed(c events.Case) {
	g.t.Helper()
	content := "of another attempt"
	for _, claim := range c.Given.Claims {
		if claim.SameContent {
			content = g.contentOf(c)
		}
	}
	for _, claim := range c.Given.Claims {
		g.putRaw(claim.Item(time.Now(), content))
	}
	for _, item := range c.Given.Items {
		g.putRaw(item)
	}
	g.users.set(c.Given.Users)
	g.forget()
}

// contentOf lets the event make its claim on an empty table, to learn what
// content the binary gives it.
func (g *gate) contentOf(c events.Case) string {
	g.t.Helper()
	if _, err := g.function.Invoke(g.t.Context(), c.Event); err != nil {
		g.t.Fatalf("the event is refused on an empty table: %v", err)
	}
	g.log.next(g.t)
	content, ok := g.items()[0]["content"].(*types.AttributeValueMemberS)
	if !ok {
		g.t.Fatal("the claim has no content")
	}
	g.clear()
	return content.Value
}

// wantLine holds that the binary wrote one JSON line, of the right outcome, with
// nothing of the person in it.
func (g *gate) wantLine(c events.Case) {
	g.t.Helper()
	log := g.log.next(g.t)
	var line struct{ Level, Outcome, Code, Service string }
	if err := json.Unmarshal([]byte(log), &line); err != nil {
		g.t.Fatalf("log line %q: %v", log, err)
	}
	outcome, code := "allowed", ""
	if c.Refusal != nil {
		outcome, code = "refused", c.Refusal.Code
	}
	if code == "internal" {
		outcome = "failed"
	}
	if line.Outcome != outcome || line.Code != code || line.Service != "pre-signup" {
		g.t.Errorf("log line = %s, want outcome %q, code %q", log, outcome, code)
	}
	for _, secret := range secrets(c) {
		if strings.Contains(log, secret) {
			g.t.Errorf("log line %s holds %q", log, secret)
		}
	}
}

// secrets are the values of the event that no log may hold: every text of its
// attributes and validation data that is long enough to mean somebody.
func secrets(c events.Case) (found []string) {
	var event struct {
		UserName any
		Request  struct{ UserAttributes, ValidationData map[string]any }
	}
	if json.Unmarshal(c.Event, &event) != nil {
		return nil
	}
	add := func(v any) {
		if s, ok := v.(string); ok && len(s) > 8 {
			found = append(found, s, strings.NewReplacer(".", "", "-", "", " ", "", "(", "", ")", "").Replace(s))
		}
	}
	add(event.UserName)
	for _, v := range event.Request.UserAttributes {
		add(v)
	}
	for _, v := range event.Request.ValidationData {
		add(v)
	}
	return found
}

// wantFewRequests holds what each answer may cost.
func (g *gate) wantFewRequests(c events.Case) {
	g.t.Helper()
	dynamo, cognito := g.dynamo.take(), g.cognito.take()
	empty := len(c.Given.Claims)+len(c.Given.Items)+len(c.Given.Users) == 0
	resend := strings.Contains(c.Name, "resend")
	switch {
	case resend:
	case c.Refusal == nil && empty: // the good path
		if !slices.Equal(dynamo, []string{"UpdateItem"}) || len(cognito) != 0 {
			g.t.Errorf("requests %v %v, want one UpdateItem and none to Cognito", dynamo, cognito)
		}
	case c.Refusal != nil && (c.Refusal.Code == "invalid_cpf" || c.Refusal.Code == "internal"):
		if noData := len(cognito) == 1 && len(dynamo) == 0; len(dynamo)+len(cognito) != 0 && !noData {
			g.t.Errorf("requests %v %v, want none", dynamo, cognito)
		}
	case c.Refusal != nil && (c.Refusal.Code == "missing_track_code" || c.Refusal.Code == "invalid_simulation"):
		if !slices.Equal(dynamo, []string{"GetItem"}) {
			g.t.Errorf("requests %v %v, want one GetItem", dynamo, cognito)
		}
	}
}
