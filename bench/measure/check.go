package measure

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/pontte/portaria/bench/fake"
	"github.com/pontte/portaria/bench/peer"
	"github.com/pontte/portaria/events"
)

// checked are the events that every program must answer as answers.json says,
// before it is measured.
var checked = []string{
	"admin-create-user.json", "sign-up.json", "cpf-spelled-first-dot-second-dot-hyphen.json", "phone-bare-landline.json",
	"cpf-last-digit-wrong.json", "cpf-first-check-digit-wrong.json", "cpf-missing.json", "cpf-repeated-1.json",
	"track-code-missing.json", "track-code-spaces.json",
	"loan-value-comma.json", "loan-value-zero.json", "loan-value-missing.json", "installment-5-decimals.json", "term-zero.json",
	"simulation-id-missing.json", "phone-area-code-20.json", "phone-area-code-missing.json",
}

// Check holds that p does the job of the trigger: the right answer to events of
// all kinds, one write for each sign-up that is allowed and none for others, and
// one complete log line for each.
func (b *Bench) Check(ctx context.Context, p peer.Program) error {
	cases, err := casesCalled(checked)
	if err != nil {
		return err
	}
	if err := b.check(ctx, p, cases); err != nil {
		return fmt.Errorf("%s does not do the job: %w", p.Name, err)
	}
	return nil
}

func casesCalled(names []string) ([]events.Case, error) {
	all, err := events.Cases()
	if err != nil {
		return nil, err
	}
	cases := make([]events.Case, 0, len(names))
	for _, name := range names {
		for _, c := range all {
			if c.Name == name {
				cases = append(cases, c)
			}
		}
	}
	if len(cases) != len(names) {
		return nil, fmt.Errorf("events/ has %d of the %d events to check with", len(cases), len(names))
	}
	return cases, nil
}

func (b *Bench) check(ctx context.Context, p peer.Program, cases []events.Case) error {
	ctx, cancel := context.WithTimeout(ctx, coldWithin)
	defer cancel()
	var payloads [][]byte
	for _, c := range cases {
		payloads = append(payloads, c.Event)
	}
	b.dynamodb.Take()
	var out bytes.Buffer
	pr, err := start(ctx, p, b.environ(p), payloads, &out, nil)
	if err != nil {
		return err
	}
	calls, _, err := pr.wait(ctx)
	pr.stop() // then all it printed is in out
	if err != nil {
		return err
	}
	log := lines(&out)
	if len(log) != len(cases) {
		return fmt.Errorf("%d log lines for %d events:\n%s", len(log), len(cases), &out)
	}
	var allowed []fake.SignUp
	for i, c := range cases {
		if err := checkAnswer(c, calls[i], log[i]); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		if c.Refusal == nil {
			allowed = append(allowed, signUp(c.Event))
		}
	}
	return fake.CheckWrites(b.dynamodb.Take(), allowed)
}

func checkAnswer(c events.Case, call fake.Call, line map[string]any) error {
	got := object(call.Answer)
	if c.Refusal == nil {
		if call.Failed || !contains(got, object(c.Event)) {
			return fmt.Errorf("answer %s, want the event", call.Answer)
		}
		if absent := missingFields(line, "cpf", "claim"); len(absent) > 0 || line["outcome"] != "allowed" {
			return fmt.Errorf("log line %v, want outcome allowed and no field missing, but there is no %v", line, absent)
		}
		return nil
	}
	if !call.Failed || got["errorMessage"] != c.Refusal.ErrorMessage {
		return fmt.Errorf("answer %s, want the error %q", call.Answer, c.Refusal.ErrorMessage)
	}
	if absent := missingFields(line); len(absent) > 0 || line["outcome"] != "refused" || line["code"] != c.Refusal.Code {
		return fmt.Errorf("log line %v, want outcome refused, code %s and no field missing, but there is no %v", line, c.Refusal.Code, absent)
	}
	return nil
}

// contains reports whether got has all that want has, objects within objects
// included. Typed events add fields of their own.
func contains(got, want map[string]any) bool {
	for name, value := range want {
		inner, ok := value.(map[string]any)
		if ok {
			has, _ := got[name].(map[string]any)
			if !contains(has, inner) {
				return false
			}
		} else if !reflect.DeepEqual(got[name], value) {
			return false
		}
	}
	return true
}

// signUp is what must be written of an event that is allowed.
func signUp(event []byte) fake.SignUp {
	var e struct {
		UserName string
		Request  struct{ UserAttributes, ValidationData map[string]string }
	}
	json.Unmarshal(event, &e) // those that are allowed can be read
	attributes, values := e.Request.UserAttributes, e.Request.ValidationData
	return fake.SignUp{
		CPF:    strings.NewReplacer(".", "", "-", "").Replace(attributes["custom:cpf"]),
		Values: []string{e.UserName, attributes["email"], attributes["phone_number"], values["trackCode"], values["simulationId"]},
	}
}

// object reads a JSON object; what is none is nil.
func object(b []byte) map[string]any {
	var o map[string]any
	if json.Unmarshal(b, &o) != nil {
		return nil
	}
	return o
}
