package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/canary"
	"github.com/pontte/portaria/pkg/signup"
)

// The people of these tests: who signs up, and who has the claim already.
var (
	ana  = canary.NewPerson("who signs up", 1)
	joao = canary.NewPerson("the owner", 2)
)

// secret is what nothing of the product may let out.
func secret(t *testing.T) *canary.Scanner {
	t.Helper()
	s, err := canary.NewScanner(append(ana.Canaries(), joao.Canaries()...)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wantNone fails the test for every canary in what was said. It does not show
// the line.
func wantNone(t *testing.T, all []spoken) {
	t.Helper()
	scanner := secret(t)
	looked := map[string]bool{} // most headers are the same in every request
	for _, s := range all {
		if looked[s.line] {
			continue
		}
		looked[s.line] = true
		found, err := scanner.Scan(strings.NewReader(s.line))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%s: the binary lets out the %s, %s", s.during, f.Canary, f.Form)
		}
	}
}

// signUp is p's event in full: with passwords and tokens too, which Cognito
// hands on when a caller puts them into validation data or client metadata.
type signUp struct {
	source, pool, name string
	attributes, data   map[string]any
	metadata           map[string]any
}

func signUpOf(p canary.Person) signUp {
	return signUp{
		source: "PreSignUp_AdminCreateUser", pool: events.PoolID, name: p.UserName,
		attributes: map[string]any{"email": p.Email, "phone_number": p.PhoneNumber, "custom:cpf": p.CPF, "name": p.UserName, "address": p.Password},
		data: map[string]any{
			"trackCode": p.TrackCode, "simulationId": p.SimulationID, "loanValue": p.LoanValue, "term": "180", "installment": p.LoanValue,
			"loanValueSelected": p.LoanValue, "phone": p.Phone, "password": p.Password, "token": p.Token,
		},
		metadata: map[string]any{"session": p.Session, "password": p.Password},
	}
}

func (s signUp) json() []byte {
	b, _ := json.Marshal(map[string]any{ // strings and maps: no error can come
		"version": "1", "region": "us-east-1", "userPoolId": s.pool, "userName": s.name, "triggerSource": s.source,
		"callerContext": map[string]any{"awsSdkVersion": "aws-sdk-js-2", "clientId": s.data["token"]},
		"request":       map[string]any{"userAttributes": s.attributes, "validationData": s.data, "clientMetadata": s.metadata},
		"response":      map[string]any{"autoConfirmUser": false},
	})
	return b
}

// event is p's, with a change.
func event(p canary.Person, change func(*signUp)) []byte {
	s := signUpOf(p)
	if change != nil {
		change(&s)
	}
	return s.json()
}

func attribute(name string, value any) func(*signUp) {
	return func(s *signUp) { s.attributes[name] = value }
}

func datum(name string, value any) func(*signUp) {
	return func(s *signUp) { s.data[name] = value }
}

// claimedBy is a claim of ana's CPF by p.
func claimedBy(p canary.Person, age time.Duration) events.Given {
	return events.Given{Claims: []events.Claim{{CPF: ana.CPF, UserPoolID: events.PoolID, UserName: p.UserName, Email: p.Email, Age: age}}}
}

func ownerExists(g events.Given, cpf string) events.Given {
	g.Users = []events.User{{UserName: g.Claims[0].UserName, Email: g.Claims[0].Email, CPF: cpf}}
	return g
}

// TestNoAnswerLeaksACanary takes the binary through every answer.
func TestNoAnswerLeaksACanary(t *testing.T) {
	w := newWiretap(t)
	own := joao
	own.UserName, own.Email = ana.UserName, ana.Email
	sameEmail := joao
	sameEmail.Email = ana.Email
	for _, tt := range []struct {
		name  string
		given events.Given
		event []byte
		want  signup.Code
	}{
		{"allowed", events.Given{}, event(ana, nil), ""},
		{"CPF wrong", events.Given{}, event(ana, attribute("custom:cpf", ana.CPF+"0")), signup.InvalidCPF},
		{"CPF with spaces", events.Given{}, event(ana, attribute("custom:cpf", " "+ana.CPF+" ")), signup.InvalidCPF},
		{"CPF a number", events.Given{}, event(ana, attribute("custom:cpf", json.Number(strings.TrimLeft(ana.CPF, "0")))), signup.InvalidCPF},
		{"CPF a list of e-mails", events.Given{}, event(ana, attribute("custom:cpf", []string{ana.Email})), signup.InvalidCPF},
		{"CPF a password", events.Given{}, event(ana, attribute("custom:cpf", ana.Password)), signup.InvalidCPF},
		{"taken", claimedBy(joao, time.Second), event(ana, nil), signup.CPFTaken},
		{"taken past the lease", ownerExists(claimedBy(joao, time.Hour), ana.CPF), event(ana, nil), signup.CPFTaken},
		{"taken, the CPF spelled with marks", ownerExists(claimedBy(joao, time.Hour), canary.Spellings(ana.CPF)[7]), event(ana, nil), signup.CPFTaken},
		{"taken over", claimedBy(joao, time.Hour), event(ana, nil), ""},
		{"taken over from one with another CPF", ownerExists(claimedBy(joao, time.Hour), joao.CPF), event(ana, nil), ""},
		{"in progress", claimedBy(sameEmail, time.Second), event(ana, nil), signup.SignupInProgress},
		{"in progress, other content", claimedBy(own, time.Second), event(ana, nil), signup.SignupInProgress},
		{"no trackCode", events.Given{}, event(ana, datum("trackCode", " ")), signup.MissingTrackCode},
		{"trackCode too long", events.Given{}, event(ana, datum("trackCode", strings.Repeat(ana.CPF+ana.Email, 20))), signup.MissingTrackCode},
		{"trackCode an object", events.Given{}, event(ana, datum("trackCode", map[string]any{"email": ana.Email})), signup.MissingTrackCode},
		{"loanValue a password", events.Given{}, event(ana, datum("loanValue", ana.Password)), signup.InvalidSimulation},
		{"installment a CPF with a comma", events.Given{}, event(ana, datum("installment", ana.CPF+",00")), signup.InvalidSimulation},
		{"term a CPF", events.Given{}, event(ana, datum("term", ana.CPF)), signup.InvalidSimulation},
		{"phone an e-mail", events.Given{}, event(ana, datum("phone", ana.Email)), signup.InvalidSimulation},
		{"simulationId too long", events.Given{}, event(ana, datum("simulationId", strings.Repeat(ana.Token, 3))), signup.InvalidSimulation},
		{"taken, and no trackCode", claimedBy(joao, time.Second), event(ana, datum("trackCode", nil)), signup.CPFTaken},
		{"resend shape, no such user", events.Given{}, event(ana, func(s *signUp) { s.data = nil }), signup.MissingTrackCode},
		{"resend shape", ownerExists(claimedBy(own, time.Hour), ana.CPF), event(ana, func(s *signUp) { s.data = nil }), ""},
		{"item without user name", odd(map[string]any{"email": s(joao.Email)}), event(ana, nil), signup.CPFTaken},
		{"item of wrong types", odd(map[string]any{"userName": list(joao.UserName), "claimedAt": s(joao.Password), "email": n(joao.CPF)}), event(ana, nil), signup.CPFTaken},
		{"item whose time is a loan", odd(map[string]any{"userName": s(joao.UserName), "userPoolId": s(events.PoolID), "content": s("x"), "claimedAt": n(joao.LoanValue)}), event(ana, nil), signup.CPFTaken},
	} {
		w.aws.given(tt.given)
		if got, want := w.send(work{name: tt.name, event: tt.event}), answerOf(tt.want); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: answer = %s, want %s", tt.name, got, want)
		}
	}
	w.aws.given(events.Given{})
	for _, spelling := range canary.Spellings(ana.CPF) {
		if got := w.send(work{name: "allowed in every spelling", event: event(ana, attribute("custom:cpf", spelling))}); got != "" {
			t.Errorf("a spelling of the CPF: answer = %s, want the event", got)
		}
	}
	wantNone(t, w.end())
	if got, want := len(w.printedLines()), len(w.sent)+1; got != want {
		t.Errorf("%d lines printed, want one for each invocation and one at the end: %d", got, want)
	}
}

// answerOf is what the caller reads for a code.
func answerOf(code signup.Code) string {
	if code == "" {
		return ""
	}
	return code.Text()
}

func odd(item map[string]any) events.Given {
	item = maps.Clone(item)
	item["cpf"] = s(ana.CPF)
	b, _ := json.Marshal(item) // strings and maps: no error can come
	return events.Given{Items: []json.RawMessage{b}}
}

func s(v string) any    { return map[string]any{"S": v} }
func n(v string) any    { return map[string]any{"N": v} }
func list(v string) any { return map[string]any{"L": []any{s(v)}} }

// TestNoBrokenEventLeaksACanary cuts an event off everywhere, and puts canaries
// where Cognito has none.
func TestNoBrokenEventLeaksACanary(t *testing.T) {
	w := newWiretap(t)
	whole := event(ana, nil)
	broken := map[string][]byte{
		"nothing":           {},
		"a text":            []byte(fmt.Sprintf("%q", ana.CPF)),
		"a number":          []byte("1" + ana.CPF),
		"no JSON":           []byte(ana.Email + " " + ana.CPF),
		"a list":            append(append([]byte("["), whole...), ']'),
		"NUL after it":      append(slices.Clip(whole), 0),
		"another source":    event(ana, func(s *signUp) { s.source = ana.UserName }),
		"no pool":           event(ana, func(s *signUp) { s.pool = "" }),
		"no name":           event(ana, func(s *signUp) { s.name = ""; delete(s.attributes, "email") }),
		"userName a number": []byte(strings.Replace(string(whole), `"userName":`, `"userName":`+"1"+ana.CPF+`,"was":`, 1)),
		"request a text":    []byte(strings.Replace(string(whole), `"request":`, fmt.Sprintf(`"request":%q,"was":`, ana.Email), 1)),
		"attributes a list": []byte(strings.Replace(string(whole), `"userAttributes":`, fmt.Sprintf(`"userAttributes":[%q],"was":`, ana.Email), 1)),
		"no UTF-8":          []byte(strings.Replace(string(whole), ana.Email, ana.Email+"\xff\xfe", 1)),
	}
	for cut := 1; cut < len(whole); cut += 7 {
		broken[fmt.Sprintf("cut off after %d bytes", cut)] = whole[:cut]
	}
	for name, event := range broken {
		w.send(work{name: name, event: event})
	}
	wantNone(t, w.end())
}
