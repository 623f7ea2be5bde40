package events_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/pontte/portaria/events"
)

func TestReadNamesTheFile(t *testing.T) {
	const taken = `"answer": {"errorType": "Refusal", "errorMessage": "x"}, "code": "cpf_taken"`
	const claim = `{"cpf": "1", "userName": "u", "email": "e"`
	tests := []struct{ name, answers, want string }{
		{"event without answer", `{}`, "a.json: no answer in answers.json"},
		{"answer without event", `{"a.json": {"answer": "event"}, "b.json": {"answer": "event"}}`, "b.json: answered in answers.json, but there is no such event"},
		{"answered twice", `{"a.json": {"answer": "event"}, "a.json": {"answer": "event"}}`, "answers.json: a.json: answered twice"},
		{"env.json answered", `{"a.json": {"answer": "event"}, "env.json": {"answer": "event"}}`, "env.json: answered in answers.json, but there is no such event"},
		{"not an object", `[]`, "answers.json: not an object"},
		{"text after", `{"a.json": {"answer": "event"}} x`, "answers.json: text after the object"},
		{"cut short", `{"a.json": {"answer": "event"}`, "answers.json: EOF"},
		{"unknown field", `{"a.json": {"answr": "event"}}`, `answers.json: a.json: json: unknown field "answr"`},
		{"event with code", `{"a.json": {"answer": "event", "code": "cpf_taken"}}`, `answers.json: a.json: the event comes back, yet there is a code, "cpf_taken"`},
		{"refusal without code", `{"a.json": {"answer": {"errorType": "Refusal", "errorMessage": "x"}}}`, "answers.json: a.json: a refusal needs code, errorType Refusal and errorMessage"},
		{"refusal of another type", `{"a.json": {"answer": {"errorType": "errorString", "errorMessage": "x"}, "code": "internal"}}`, "answers.json: a.json: a refusal needs code, errorType Refusal and errorMessage"},
		{"no answer", `{"a.json": {}}`, "answers.json: a.json: answer: unexpected end of JSON input"},
		{"age missing", `{"a.json": {"given": {"claims": [` + claim + `}]}, ` + taken + `}}`, `answers.json: a.json: age of a claim: time: invalid duration ""`},
		{"content unknown", `{"a.json": {"given": {"claims": [` + claim + `, "age": "1s", "content": "x"}]}, ` + taken + `}}`, `answers.json: a.json: content of a claim is "x", want "event" or none`},
		{"claim without owner", `{"a.json": {"given": {"claims": [{"cpf": "1", "age": "1s"}]}, ` + taken + `}}`, "answers.json: a.json: a claim needs cpf, userName and email"},
		{"user without e-mail", `{"a.json": {"given": {"users": [{"userName": "u"}]}, ` + taken + `}}`, "answers.json: a.json: a user needs userName and email"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := events.Read(fstest.MapFS{
				"a.json":       {Data: []byte("{}")},
				"env.json":     {Data: []byte("{}")},
				"answers.json": {Data: []byte(tt.answers)},
			})
			if err == nil || err.Error() != tt.want {
				t.Errorf("Read() = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestClaimBecomesAnItem(t *testing.T) {
	claim := events.Claim{CPF: "04212286017", UserPoolID: events.PoolID, UserName: "u", Email: "e", Age: 10 * time.Second}
	item := decode(claim.Item(time.UnixMilli(1_700_000_010_000), "content"))
	for name, want := range map[string]string{"cpf": claim.CPF, "userPoolId": claim.UserPoolID, "userName": "u", "email": "e", "content": "content"} {
		if got := text(object(item, name), "S"); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if got := text(object(item, "claimedAt"), "N"); got != "1700000000000" {
		t.Errorf("claimedAt = %q, want ten seconds before now", got)
	}
}
