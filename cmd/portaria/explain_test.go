package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/cognito"
)

// TestExplainEveryEvent explains each event with nothing but its file. Where
// nothing stands before the event, the answer must be the gate's.
func TestExplainEveryEvent(t *testing.T) {
	cases, err := events.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		got := portaria(t, "explain", "--output=json", "../../events/"+c.Name)
		var report struct {
			Answer, Code, Text string
			Rules              []struct{ Rule string }
		}
		if err := json.Unmarshal([]byte(got.out), &report); err != nil || len(report.Rules) != 6 {
			t.Errorf("%s: portaria explain = %+v: %v, want one object with six rules", c.Name, got, err)
			continue
		}
		if len(c.Given.Claims)+len(c.Given.Items)+len(c.Given.Users) > 0 {
			continue
		}
		status, code, text := exitOK, "", ""
		if c.Refusal != nil {
			status, code, text = exitFound, c.Refusal.Code, c.Refusal.ErrorMessage
		}
		if got.status != status || report.Code != code || report.Text != text {
			t.Errorf("%s: portaria explain = %+v, want status %d, %q, %q", c.Name, got, status, code, text)
		}
	}
}

const explainedRefusal = `answer  refused
code    cpf_taken
text    Uma conta com esse CPF já existe
source  PreSignUp_AdminCreateUser
cpf     ***.982.247-**
claim   conflict
holder  m***@example.com since 2026-03-10T08:30:00Z

rule                verdict  reason
invalid_cpf         passes   -
cpf_taken           refuses  -
missing_track_code  refuses  trackCode: missing
invalid_simulation  refuses  term: out_of_range
signup_in_progress  unknown  an earlier rule refuses
internal            passes   -
`

// TestExplainAgainstTheClaims asks about a CPF that maria has, and about one
// that nobody has, and holds that nothing but reads goes over the wire.
func TestExplainAgainstTheClaims(t *testing.T) {
	d := newDesk(t, cognito.PlainUserNames)
	d.signUp(maria)
	original, err := os.ReadFile("../../events/admin-create-user.json")
	if err != nil {
		t.Fatal(err)
	}
	event := strings.Replace(string(original), "04212286017", maria.cpf, 1)
	event = strings.Replace(event, `"trackCode": "21a81129400fbf441ae138e52eae8778",`, "", 1)
	event = strings.Replace(event, `"180"`, `"0"`, 1)

	got := portaria(t, "explain", "--table", d.stack.Table(), file(t, event))
	if got.status != exitFound || got.out != explainedRefusal || got.err != "" {
		t.Errorf("portaria explain = %+v, want status %d and:\n%s", got, exitFound, explainedRefusal)
	}
	d.wantAsked("GetItem", "AdminGetUser", "GetItem")

	got = portaria(t, "explain", "--output=json", "--table", d.stack.Table(), file(t, event))
	want := `{"answer":"refused","code":"cpf_taken","text":"Uma conta com esse CPF já existe","triggerSource":"PreSignUp_AdminCreateUser","cpf":"***.982.247-**","claim":"conflict","rules":[` +
		`{"rule":"invalid_cpf","verdict":"passes"},{"rule":"cpf_taken","verdict":"refuses"},{"rule":"missing_track_code","verdict":"refuses","reason":"trackCode: missing"},` +
		`{"rule":"invalid_simulation","verdict":"refuses","reason":"term: out_of_range"},{"rule":"signup_in_progress","verdict":"unknown","reason":"an earlier rule refuses"},` +
		`{"rule":"internal","verdict":"passes"}],"holder":{"userName":"m***@example.com","claimedAt":"2026-03-10T08:30:00Z"}}` + "\n"
	if diff := cmp.Diff(want, got.out); diff != "" || got.status != exitFound {
		t.Errorf("portaria explain --output=json = %d, output (-want +got):\n%s", got.status, diff)
	}
	d.wantAsked("GetItem", "AdminGetUser", "GetItem")

	got = portaria(t, "explain", "--table", d.stack.Table(), file(t, string(original)))
	if got.status != exitOK || !strings.Contains(got.out, "cpf_taken           passes   claim: new\n") {
		t.Errorf("portaria explain = %+v, want status %d and a new claim", got, exitOK)
	}
	d.wantAsked("GetItem")
}

func TestExplainWhatCannotBe(t *testing.T) {
	newDesk(t, cognito.PlainUserNames)
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"no such file", []string{"explain", "nowhere.json"}, "portaria: read the event: open nowhere.json: no such file or directory\n"},
		{"nothing on standard input", []string{"explain", "-"}, "portaria: read the event: there is nothing in it\n"},
		{"a file of many events", []string{"explain", file(t, strings.Repeat("x", maxEvent+1))}, "replay reads files of many events"},
		{"no such table", []string{"explain", "--table=nowhere", "../../events/admin-create-user.json"}, "portaria: ask the claims in nowhere: read claim: operation error DynamoDB: GetItem, status 400"},
	} {
		got := portaria(t, c.args...)
		if got.status != exitFailed || !strings.Contains(got.err, c.says) || got.out != "" {
			t.Errorf("%s: portaria %s = %+v, want status %d and %q", c.name, c.args[0], got, exitFailed, c.says)
		}
	}
}

// file is a file with that content.
func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestExplainRepeatsNothingThatAWSSaid refuses the look at the claim that is in
// the way: a message may quote the request.
func TestExplainRepeatsNothingThatAWSSaid(t *testing.T) {
	d := newDesk(t, cognito.PlainUserNames)
	d.signUp(maria)
	original, err := os.ReadFile("../../events/admin-create-user.json")
	if err != nil {
		t.Fatal(err)
	}
	reads := 0
	d.before = func(op string) {
		if reads++; reads == 3 {
			d.refuse.Store(&op)
		}
	}
	got := portaria(t, "explain", "--table", d.stack.Table(), file(t, strings.Replace(string(original), "04212286017", maria.cpf, 1)))
	if want := "portaria: read claim: operation error DynamoDB: GetItem, status 400, AccessDeniedException\n"; got.status != exitFailed || got.err != want {
		t.Errorf("portaria explain = %+v, want %q", got, want)
	}
	d.wantAsked("GetItem", "AdminGetUser", "GetItem")
}
