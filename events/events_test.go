package events_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pontte/portaria/events"
)

// texts are the six of the contract, written here once more on purpose.
var texts = map[string]string{
	"invalid_cpf":        "O cpf informado não é válido",
	"cpf_taken":          "Uma conta com esse CPF já existe",
	"missing_track_code": "o parâmetro trackCode não foi enviado",
	"invalid_simulation": "informações da simulação estão erradas",
	"signup_in_progress": "Seu cadastro já está em andamento; aguarde alguns segundos e tente novamente",
	"internal":           "Não foi possível concluir o cadastro agora; tente novamente em instantes",
}

func cases(t *testing.T) []events.Case {
	t.Helper()
	all, err := events.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func code(c events.Case) string {
	if c.Refusal == nil {
		return ""
	}
	return c.Refusal.Code
}

func TestEverySituationOccurs(t *testing.T) {
	all := cases(t)
	if len(all) < 45 {
		t.Errorf("%d cases, want at least 45", len(all))
	}
	seen := map[string]int{}
	count := func(key string, m map[string]any, field string) {
		switch v, ok := m[field]; {
		case !ok:
			seen[key+" absent"]++
		case v == nil:
			seen[key+" null"]++
		default:
			o, isObject := v.(map[string]any)
			switch {
			case isObject && len(o) == 0:
				seen[key+" empty"]++
			case isObject:
				seen[key+" filled"]++
			default:
				s, _ := v.(string)
				seen[key+" "+s]++
			}
		}
	}
	for _, c := range all {
		seen["code "+code(c)]++
		ev := decode(c.Event)
		if ev == nil {
			continue
		}
		count("source", ev, "triggerSource")
		count("validationData", object(ev, "request"), "validationData")
		count("clientMetadata", object(ev, "request"), "clientMetadata")
		count("clientId", object(ev, "callerContext"), "clientId")
	}
	want := []string{
		"source PreSignUp_SignUp", "source PreSignUp_AdminCreateUser", "source PreSignUp_ExternalProvider",
		"validationData null", "validationData absent", "validationData empty", "validationData filled",
		"clientMetadata null", "clientMetadata absent", "clientMetadata empty", "clientMetadata filled",
		"clientId null", "clientId CLIENT_ID_NOT_APPLICABLE", "clientId 4exampleclientid0portaria0",
		"code ",
	}
	for c := range texts {
		want = append(want, "code "+c)
	}
	for _, w := range want {
		if seen[w] == 0 {
			t.Errorf("no event with %s", w)
		}
	}
}

func TestEveryAnswerIsOneOfTheTexts(t *testing.T) {
	for _, c := range cases(t) {
		if c.Refusal == nil {
			continue
		}
		if want, ok := texts[c.Refusal.Code]; !ok || c.Refusal.ErrorMessage != want {
			t.Errorf("%s: %s is %q, want %q", c.Name, c.Refusal.Code, c.Refusal.ErrorMessage, want)
		}
	}
}

// All 16 combinations of what can be wrong are there, are what their names say, and
// are answered by the first wrong thing.
func TestFirstWrongThingIsTheAnswer(t *testing.T) {
	byName := map[string]events.Case{}
	for _, c := range cases(t) {
		byName[c.Name] = c
	}
	parts := []struct{ name, code string }{
		{"cpf-invalid", "invalid_cpf"},
		{"cpf-taken", "cpf_taken"},
		{"no-track-code", "missing_track_code"},
		{"simulation-wrong", "invalid_simulation"},
	}
	for combination := range 16 {
		want, name := "", "order"
		for i, p := range parts {
			if combination&(1<<i) == 0 {
				continue
			}
			name += "-" + p.name
			if want == "" {
				want = p.code
			}
		}
		if combination == 0 {
			name = "order-nothing-wrong"
		}
		c, ok := byName[name+".json"]
		if !ok {
			t.Errorf("%s.json is missing", name)
			continue
		}
		request := object(decode(c.Event), "request")
		cpf, data := text(object(request, "userAttributes"), "custom:cpf"), object(request, "validationData")
		wrong := []bool{!validCPF(cpf), taken(c, cpf), missingTrackCode(data), wrongSimulation(data)}
		for i, p := range parts {
			if named := combination&(1<<i) != 0; wrong[i] != named {
				t.Errorf("%s: %s is %t in the event, %t in its name", c.Name, p.name, wrong[i], named)
			}
		}
		if got := code(c); got != want {
			t.Errorf("%s: answer %q, want %q", c.Name, got, want)
		}
	}
}

// What the pure rules say of each event agrees with its answer.
func TestRulesWithoutTableAgreeWithAnswers(t *testing.T) {
	for _, c := range cases(t) {
		ev, got := decode(c.Event), code(c)
		if got == "internal" {
			continue
		}
		if ev == nil {
			t.Errorf("%s: not an object, yet answered %q", c.Name, got)
			continue
		}
		request := object(ev, "request")
		data := object(request, "validationData")
		cpf := text(object(request, "userAttributes"), "custom:cpf")
		if cpf == "" && resendShape(c, ev) && got == "" {
			continue
		}
		if invalid := !validCPF(cpf); invalid != (got == "invalid_cpf") {
			t.Errorf("%s: CPF %q is invalid: %t, answer %q", c.Name, cpf, invalid, got)
		}
		if got == "" && resendShape(c, ev) {
			continue
		}
		var want []string
		switch {
		case missingTrackCode(data):
			want = []string{"invalid_cpf", "cpf_taken", "missing_track_code"}
		case wrongSimulation(data):
			want = []string{"invalid_cpf", "cpf_taken", "invalid_simulation"}
		default:
			want = []string{"", "invalid_cpf", "cpf_taken", "signup_in_progress"}
		}
		if !slices.Contains(want, got) {
			t.Errorf("%s: answer %q, want one of %q", c.Name, got, want)
		}
	}
}

// A refusal by the table needs something in the table.
func TestTableRefusesNobodyWhenEmpty(t *testing.T) {
	for _, c := range cases(t) {
		if got := code(c); got != "cpf_taken" && got != "signup_in_progress" {
			continue
		}
		cpf := digits(text(object(object(decode(c.Event), "request"), "userAttributes"), "custom:cpf"))
		held := slices.ContainsFunc(c.Given.Claims, func(claim events.Claim) bool { return claim.CPF == cpf })
		for _, item := range c.Given.Items {
			held = held || text(object(decode(item), "cpf"), "S") == cpf
		}
		if !held {
			t.Errorf("%s: answer %s, but nothing given has its CPF", c.Name, code(c))
		}
	}
}

var address = regexp.MustCompile(`[^\s"'<>(),:;@\\]+@([A-Za-z0-9.-]+)`)

func TestPersonsAreInvented(t *testing.T) {
	check := func(where, s string) {
		for _, m := range address.FindAllStringSubmatch(s, -1) {
			switch domain := strings.ToLower(m[1]); {
			case domain == "example.com", domain == "example.com.br":
			case m[0] == "email.test@gmail.com" && strings.HasPrefix(where, "admin-create-user"):
			default:
				t.Errorf("%s: %q is no example address", where, m[0])
			}
		}
	}
	var walk func(where string, v any)
	walk = func(where string, v any) { // past the escapes
		switch v := v.(type) {
		case string:
			check(where, v)
		case []any:
			for _, e := range v {
				walk(where, e)
			}
		case map[string]any:
			for k, e := range v {
				check(where, k)
				walk(where, e)
			}
		}
	}
	for _, c := range cases(t) {
		check(c.Name, string(c.Event))
		walk(c.Name, decode(c.Event))
		for _, claim := range c.Given.Claims {
			check(c.Name, claim.Email+" "+claim.UserName)
		}
		for _, u := range c.Given.Users {
			check(c.Name, u.Email+" "+u.UserName)
		}
		for _, item := range c.Given.Items {
			check(c.Name, string(item))
		}
	}
}

// An implementation that decodes and encodes again must be found out by many events.
func TestEchoIsNotWhatGoWouldWrite(t *testing.T) {
	differ, invalid := 0, 0
	for _, c := range cases(t) {
		if c.Refusal != nil {
			continue
		}
		if again, err := json.Marshal(decode(c.Event)); err != nil || !bytes.Equal(again, c.Event) {
			differ++
		}
		if !utf8.Valid(c.Event) {
			invalid++
		}
	}
	if differ < 45 || invalid == 0 {
		t.Errorf("%d events differ from Go's own spelling, want at least 45; %d are not UTF-8, want one", differ, invalid)
	}
}
