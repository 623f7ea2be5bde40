package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/cognito"
)

// recorded is a line of a recording: the original event, with pairs of texts
// replaced in it, and what was answered.
func recorded(t *testing.T, answer string, pairs ...string) string {
	t.Helper()
	original, err := os.ReadFile("../../events/admin-create-user.json")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(original), pairs[i]) {
			t.Fatalf("the event has no %s", pairs[i])
		}
	}
	line, err := json.Marshal(map[string]any{
		"event": json.RawMessage(strings.NewReplacer(pairs...).Replace(string(original))), "answer": json.RawMessage(answer),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(line) + "\n"
}

const (
	user        = "1eafd00e-cad6-4b3e-abd3-5f1266df1a70"
	oldTaken    = `{"errorMessage":"Uma conta com esse CPF já existe","errorType":"Exception"}`
	oldNoTrack  = `{"errorMessage":"o parâmetro trackCode não foi enviado","errorType":"Exception"}`
	oldKeyError = `{"errorMessage":"'custom:cpf'","errorType":"KeyError"}`
)

const replayed = `line 2: recorded cpf_taken, Portaria allowed (claim: replay), CPF ***.122.860-**
line 3: recorded allowed, Portaria cpf_taken (line 1 got the account), CPF ***.122.860-**
line 5: recorded allowed, Portaria invalid_simulation (installment: format), CPF ***.982.247-**
line 7: recorded other, Portaria invalid_cpf (custom:cpf: empty)
line 8: not a JSON object with an event
events                10
  allowed             3
  invalid_cpf         1
  cpf_taken           4
  missing_track_code  0
  invalid_simulation  1
  signup_in_progress  0
  internal            1
compared              9
  same                5
  of these assumed    2
  different           4
bad                   1
skipped               0
`

// TestReplayOffline replays what an old function answered, with everything in it
// that the model of the claims has to know.
func TestReplayOffline(t *testing.T) {
	other := []string{"04212286017", "111.444.777-35"}
	recording := recorded(t, `"allowed"`) + // has the account from now on
		recorded(t, oldTaken) + // the second try, which the old function refused
		recorded(t, `"allowed"`, user, "another") + // the old function's race
		recorded(t, oldTaken, other...) + // an account from before the file
		recorded(t, `"allowed"`, "04212286017", maria.cpf, "2439.02", "2439,02") + // a looser old function
		recorded(t, oldTaken, append([]string{user, "third"}, other...)...) + // from before the file too
		recorded(t, oldKeyError, `"custom:cpf": "04212286017"`, `"nothing": ""`) +
		"not an event\n" +
		recorded(t, `null`, "PreSignUp_AdminCreateUser", "PreSignUp_Nothing") + // a broken event
		recorded(t, oldTaken, "04212286017", maria.cpf, user, "fourth", `"trackCode": "21a81129400fbf441ae138e52eae8778",`, "") + // line 5's account, and text 2 comes first
		recorded(t, `"allowed"`, "04212286017", "12345678909", user, "fifth") // nothing wrong
	got := portaria(t, "replay", file(t, recording))
	if diff := cmp.Diff(replayed, got.out); diff != "" || got.status != exitFound || got.err != "" {
		t.Errorf("portaria replay = %d, %q, output (-want +got):\n%s", got.status, got.err, diff)
	}
	for _, secret := range []string{"04212286017", maria.cpf, "email.test", "1981980387", "1799/", user} {
		if strings.Contains(got.out, secret) {
			t.Errorf("the output has %s", secret)
		}
	}
}

// TestReplayJSON holds the shapes that the help documents.
func TestReplayJSON(t *testing.T) {
	recording := recorded(t, `"allowed"`, "04212286017", "04212286018") + "hello\n" + recorded(t, `"allowed"`)
	got := portaria(t, "replay", "--output=json", file(t, recording))
	want := `{"difference":{"place":"line 1","recorded":"allowed","portaria":"invalid_cpf","reason":"custom:cpf: check_digits"}}
{"bad":{"place":"line 2","problem":"not a JSON object with an event"}}
{"summary":{"events":2,"answers":{"allowed":1,"invalid_cpf":1},"compared":2,"same":1,"different":1,"assumed":0,"bad":1,"skipped":0}}
`
	if diff := cmp.Diff(want, got.out); diff != "" || got.status != exitFound {
		t.Errorf("portaria replay = %d, %q, output (-want +got):\n%s", got.status, got.err, diff)
	}
}

// TestReplayEveryEvent replays the events before which nothing stands, with the
// answers that they must have: nothing may differ.
func TestReplayEveryEvent(t *testing.T) {
	cases, err := events.Cases()
	if err != nil {
		t.Fatal(err)
	}
	var alone, same int
	for _, c := range cases {
		if len(c.Given.Claims)+len(c.Given.Items)+len(c.Given.Users) > 0 {
			continue
		}
		answer := `"event"`
		if c.Refusal != nil {
			answer = c.Refusal.ErrorMessage
		}
		line, err := json.Marshal(map[string]string{"event": string(c.Event), "answer": strings.Trim(answer, `"`)})
		if err != nil {
			t.Fatal(err)
		}
		got := portaria(t, "replay", "--output=json", file(t, string(line)))
		alone++
		if got.status == exitOK && strings.Contains(got.out, `"same":1,`) {
			same++
		} else {
			t.Errorf("%s: portaria replay = %+v, want the same answer", c.Name, got)
		}
	}
	if alone < 300 || same != alone {
		t.Errorf("of %d events %d are answered alike, want all of at least 300", alone, same)
	}
}

func TestReplayRetries(t *testing.T) {
	first := recorded(t, `"allowed"`)
	at := func(time string) string {
		return strings.TrimSuffix(first, "}\n") + fmt.Sprintf(`,"at":"2026-03-10T%sZ"}`, time) + "\n"
	}
	for _, c := range []struct{ name, recording, want string }{
		{"no times", first + first, `"allowed":2}`},
		{"inside the lease", at("09:00:00") + at("09:00:29"), `"allowed":2}`},
		{"past the lease", at("09:00:00") + at("09:00:30"), `"allowed":1,"cpf_taken":1}`},
	} {
		got := portaria(t, "replay", "--output=json", file(t, c.recording))
		if !strings.Contains(got.out, c.want) {
			t.Errorf("%s: portaria replay = %+v, want %s", c.name, got, c.want)
		}
	}
}

// TestReplayAgainstTheClaims replays the event that made an account, and one of a
// stranger with its CPF, and holds that nothing but reads goes over the wire.
func TestReplayAgainstTheClaims(t *testing.T) {
	d := newDesk(t, cognito.EmailUserNames)
	userName := d.signUp(maria)
	recording := recorded(t, `"allowed"`, "04212286017", maria.cpf, user, userName) +
		recorded(t, `"allowed"`, "04212286017", maria.cpf) +
		recorded(t, oldTaken, "04212286017", maria.cpf, `"trackCode": "21a81129400fbf441ae138e52eae8778",`, "") +
		recorded(t, oldNoTrack, `"trackCode": "21a81129400fbf441ae138e52eae8778",`, "")
	got := portaria(t, "replay", "--table", d.stack.Table(), file(t, recording))
	want := "line 2: recorded allowed, Portaria cpf_taken, CPF ***.982.247-**\nevents                4\n"
	if got.status != exitFound || !strings.HasPrefix(got.out, want) {
		t.Errorf("portaria replay = %+v, want %q", got, want)
	}
	d.wantAsked(
		"GetItem",
		"GetItem", "GetItem", "AdminGetUser",
		"GetItem", "GetItem", "AdminGetUser",
		"GetItem", "GetItem",
	)
}

func TestReplayWhatCannotBe(t *testing.T) {
	newDesk(t, cognito.PlainUserNames)
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"no such file", []string{"replay", "nowhere"}, "portaria: read the recording: open nowhere: no such file or directory\n"},
		{"nothing on standard input", []string{"replay", "-"}, "portaria: replay -: there is nothing in it\n"},
		{"no event at all", []string{"replay", file(t, "{\n{")}, "not one event could be read\n"},
		{"no such table", []string{"replay", "--table=nowhere", file(t, recorded(t, "null"))}, "line 1: ask the claims: read claim: operation error DynamoDB: GetItem, status 400"},
	} {
		got := portaria(t, c.args...)
		if got.status != exitFailed || !strings.Contains(got.err, c.says) || strings.Contains(got.out, "events") {
			t.Errorf("%s: portaria replay = %+v, want status %d and %q", c.name, got, exitFailed, c.says)
		}
	}
}

// TestReplayIsInterrupted has a log without events, which Replay would read to its
// end.
func TestReplayIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	name := file(t, strings.Repeat("2026-03-10T09:30:00Z START RequestId: x\n", 10))
	var out, errors bytes.Buffer
	status := run(ctx, []string{"replay", name}, &terminal.Terminal{In: strings.NewReader(""), Out: &out, Err: &errors}, func() time.Time { return now })
	if status != exitFailed || !strings.Contains(errors.String(), "context canceled") || out.Len() > 0 {
		t.Errorf("replay = %d, %s%s, want status %d", status, &out, &errors, exitFailed)
	}
}

// TestReplayOfNothing has the log of a function that did not print its events:
// nothing differs because nothing was compared.
func TestReplayOfNothing(t *testing.T) {
	got := portaria(t, "replay", file(t, "2026-03-10T09:30:00Z START RequestId: x\n2026-03-10T09:30:01Z END RequestId: x\n"))
	if got.status != exitFailed || !strings.Contains(got.err, "there is not one event in it") {
		t.Errorf("replay = %+v, want status %d", got, exitFailed)
	}
}
