package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/pkg/signup"
)

// TestEveryEvent sends each fixture event through the built binary, compares the
// answer to the letter, and looks for the person's data in whatever it printed.
func TestEveryEvent(t *testing.T) {
	cases, err := events.Cases()
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, nil)
	for _, c := range cases {
		t.Run(strings.TrimSuffix(c.Name, ".json"), func(t *testing.T) {
			v, err := r.invoke(c.Event, storeOf(t, r, c), c.Given.Users, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			word, outcome := "allowed", "allowed"
			if c.Refusal != nil {
				word, outcome = c.Refusal.Code, "refused"
				if text := signup.Code(word).Text(); text != c.Refusal.ErrorMessage {
					t.Errorf("the text of %s is %q, want %q", word, text, c.Refusal.ErrorMessage)
				}
			}
			if word == "internal" {
				outcome = "failed"
			}
			if v.word != word || v.said.Outcome != outcome || v.said.Service != "pre-signup" {
				t.Errorf("answer %s, log line %s, want %s, %s", v.word, v.line, word, outcome)
			}
			if err := v.tells(c); err != nil {
				t.Error(err)
			}
			wantFewRequests(t, c, v.calls)
		})
	}
	r.function.Close()
	if more := len(r.log.lines); more != 0 {
		t.Errorf("%d lines too many in the log, the first: %s", more, <-r.log.lines)
	}
}

// storeOf is a table as the case wants it. A claim of the event's own content
// gets the one that the binary gives it: the event makes its claim on an empty
// table first.
func storeOf(t *testing.T, r *rig, c events.Case) *store {
	t.Helper()
	content := ""
	if slices.ContainsFunc(c.Given.Claims, func(c events.Claim) bool { return c.SameContent }) {
		st := fill(t, events.Given{}, "")
		if v, err := r.invoke(c.Event, st, nil, nil, 0); err != nil || v.word != "allowed" {
			t.Fatalf("on an empty table: %s, %v", v.word, err)
		}
		content = contentIn(t, st)
	}
	return fill(t, c.Given, content)
}

func fill(t *testing.T, given events.Given, content string) *store {
	t.Helper()
	st, err := storeWith(given, content)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// storeWith is a table with what is given, and content in the claims that have
// the event's own.
func storeWith(given events.Given, content string) (*store, error) {
	items := slices.Clone(given.Items)
	for _, c := range given.Claims {
		theirs := "of another attempt"
		if c.SameContent {
			theirs = content
		}
		items = append(items, c.Item(time.Now(), theirs))
	}
	return newStore(items...)
}

// contentIn is the content of the one claim that there is.
func contentIn(t *testing.T, st *store) string {
	t.Helper()
	items, err := st.items()
	if err != nil || len(items) != 1 || items[0]["content"].S == "" {
		t.Fatalf("items = %v, %v, want one claim with its content", items, err)
	}
	return items[0]["content"].S
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
func wantFewRequests(t *testing.T, c events.Case, calls []call) {
	t.Helper()
	dynamo, users := requests(calls, dynamoDB), requests(calls, userPool)
	empty := len(c.Given.Claims)+len(c.Given.Items)+len(c.Given.Users) == 0
	resend := strings.Contains(c.Name, "resend")
	switch {
	case resend:
	case c.Refusal == nil && empty: // the good path
		if !slices.Equal(dynamo, []string{"UpdateItem"}) || len(users) != 0 {
			t.Errorf("requests %v %v, want one UpdateItem and none to Cognito", dynamo, users)
		}
	case c.Refusal != nil && (c.Refusal.Code == "invalid_cpf" || c.Refusal.Code == "internal"):
		if noData := len(users) == 1 && len(dynamo) == 0; len(dynamo)+len(users) != 0 && !noData {
			t.Errorf("requests %v %v, want none", dynamo, users)
		}
	case c.Refusal != nil && (c.Refusal.Code == "missing_track_code" || c.Refusal.Code == "invalid_simulation"):
		if !slices.Equal(dynamo, []string{"GetItem"}) {
			t.Errorf("requests %v %v, want one GetItem", dynamo, users)
		}
	}
}

// requests are the operations asked of a service, one for each try.
func requests(calls []call, service string) (ops []string) {
	for _, c := range calls {
		if c.service == service {
			ops = append(ops, slices.Repeat([]string{c.op}, c.tries)...)
		}
	}
	return ops
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
