package recording_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/cmd/portaria/internal/recording"
)

const (
	event  = `{"triggerSource":"PreSignUp_AdminCreateUser","userName":"a","request":{"validationData":null}}`
	second = `{"triggerSource":"PreSignUp_SignUp","userName":"é \"b\"","request":{}}`
	python = `{'triggerSource': 'PreSignUp_SignUp', 'userName': "é \"b\"", 'request': {}}`
	taken  = "Uma conta com esse CPF já existe"
)

// quoted is s as a JSON text.
func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// entries are messages of one stream as the AWS CLI prints them.
func entries(messages ...string) string {
	var list []string
	for i, m := range messages {
		list = append(list, fmt.Sprintf(`{"logStreamName": "s", "timestamp": %d, "message": %s, "ingestionTime": 1}`, 1773135000000+i, quoted(m)))
	}
	return "[\n" + strings.Join(list, ",\n") + "]"
}

// read gives what a file is read as, a line for each event or error.
func read(file io.Reader) (said []string, skipped int) {
	var stats recording.Stats
	for e, err := range recording.Read(file, &stats) {
		if err != nil {
			word := "broken: "
			if _, ok := errors.AsType[*recording.BadError](err); ok {
				word = "bad: "
			}
			said = append(said, word+err.Error())
			continue
		}
		name := map[string]string{event: "event", second: "second"}[compact(e.Event)]
		line := fmt.Sprintf("%s: %s %q", e.Place, name, e.Answer)
		if !e.At.IsZero() {
			line += " " + e.At.UTC().Format("15:04:05.000")
		}
		said = append(said, line)
	}
	return said, stats.Skipped
}

func compact(event []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, event) != nil {
		return "no JSON"
	}
	return b.String()
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       []string
		skipped    int
	}{
		{name: "JSON Lines of events", file: event + "\n\n" + second + "\r\n", want: []string{`line 1: event ""`, `line 3: second ""`}},
		{name: "a byte order mark", file: "\ufeff" + event, want: []string{`line 1: event ""`}},
		{
			name: "events with answers",
			file: `{"event":` + event + `,"answer":"event","at":"2026-03-10T09:30:00Z"}` + "\n" +
				`{"event":` + event + `,"answer":` + event + "}\n" +
				`{"event":` + quoted(second) + `,"answer":{"errorMessage":"` + taken + `","errorType":"Exception"}}` + "\n" +
				`{"event":` + event + `,"answer":"PreSignUp failed with error ` + taken + `."}` + "\n" +
				`{"event":` + event + `,"answer":"missing_track_code"}` + "\n" +
				`{"event":` + event + `,"answer":"'custom:cpf'"}` + "\n" +
				`{"event":` + event + `,"answer":null}`,
			want: []string{
				`line 1: event "allowed" 09:30:00.000`, `line 2: event "allowed"`, `line 3: second "cpf_taken"`, `line 4: event "cpf_taken"`,
				`line 5: event "missing_track_code"`, `line 6: event "other"`, `line 7: event ""`,
			},
		},
		{
			name: "lines that cannot be read",
			file: event + "\nhello\n[]\n{}\n" + `{"event":` + event + `,"answer":5}` + "\n" + `{"event":` + event + `,"at":"noon"}` + "\n" + `{"event":`,
			want: []string{
				`line 1: event ""`, "bad: line 2: not a JSON object with an event", "bad: line 3: not a JSON object with an event",
				"bad: line 4: there is no event in it", "bad: line 5: its answer is neither the event, nor an error, nor a text",
				"bad: line 6: its at is not a time of RFC 3339", "bad: line 7: not a JSON object with an event",
			},
		},
		{
			name: "a line that is too long", file: event + "\n{" + strings.Repeat(" ", 16<<20) + "}\n" + second,
			want: []string{`line 1: event ""`, "bad: line 2: longer than 16777216 bytes", `line 3: second ""`},
		},
		{
			name: "filter-log-events",
			file: `{
    "events": ` + entries("START RequestId: 1 Version: 1\n", "event: "+event+"\n", event, "END RequestId: 1\n", "REPORT RequestId: 1\tDuration: 1 ms\n",
				"START RequestId: 2 Version: 1\n", "[INFO]\t2026-03-10T09:30:00.000Z\t2\t"+python, "[ERROR] Exception: "+taken+"\rTraceback (most recent call last):", "END RequestId: 2", "REPORT RequestId: 2\t") + `,
    "searchedLogStreams": []
}
`,
			want:    []string{`log entry 2: event "allowed" 09:30:00.001`, `log entry 7: second "cpf_taken" 09:30:00.006`},
			skipped: 8,
		},
		{
			name: "get-log-events, one page after the other",
			file: `{"nextForwardToken":"f","events":` + entries(event) + `}{"nextForwardToken":"g","events":` + entries("REPORT RequestId: 1\tStatus: timeout") + `}`,
			want: []string{`log entry 1: event "other" 09:30:00.000`}, skipped: 1,
		},
		{
			name: "a subscription's streams, mixed",
			file: `{"messageType":"DATA_MESSAGE","logStream":"x","logEvents":[{"id":"1","timestamp":1773135000000,"message":` + quoted(event) + `}]}` +
				`{"messageType":"DATA_MESSAGE","logStream":"y","logEvents":[{"id":"1","timestamp":1773135000000,"message":` + quoted(second) + `}]}` +
				`{"messageType":"DATA_MESSAGE","logStream":"x","logEvents":[{"id":"2","timestamp":1773135000000,"message":"[ERROR] Exception: ` + taken + `"},{"id":"3","timestamp":1,"message":"END RequestId: 1"}]}`,
			want: []string{`log entry 1: event "cpf_taken" 09:30:00.000`, `log entry 2: second "" 09:30:00.000`}, skipped: 2,
		},
		{name: "the array of entries alone", file: entries(event), want: []string{`log entry 1: event "" 09:30:00.000`}},
		{
			name: "entries as JSON Lines", file: `{"logStreamName":"s","timestamp":1773135000000,"message":` + quoted(event) + `}`,
			want: []string{`line 1: event "" 09:30:00.000`},
		},
		{
			name: "Lambda's log format JSON",
			file: entries(`{"type":"platform.start","record":{}}`, `{"level":"INFO","message":`+event+`}`, `{"level":"ERROR","errorMessage":"`+taken+`","errorType":"Exception"}`, `{"type":"platform.report","record":{"status":"error"}}`,
				`{"type":"platform.start","record":{}}`, `{"level":"INFO","message":`+quoted(second)+`}`, `{"type":"platform.report","record":{"status":"success"}}`),
			want:    []string{`log entry 2: event "cpf_taken" 09:30:00.001`, `log entry 6: second "allowed" 09:30:00.005`},
			skipped: 5,
		},
		{
			name: "an export to S3",
			file: "2026-03-10T09:30:00.000Z START RequestId: 1 Version: $LATEST\n2026-03-10T09:30:00.001Z {\n  " + event[1:] + "\n" +
				"2026-03-10T09:30:00.002Z [ERROR] Exception: " + taken + "\nTraceback (most recent call last):\n  File \"x.py\", line 7\n" +
				"2026-03-10T09:30:00.003Z END RequestId: 1\n2026-03-10T09:30:00.003Z REPORT RequestId: 1\n",
			want: []string{`line 2: event "cpf_taken" 09:30:00.001`}, skipped: 4,
		},
		{
			name: "aws logs tail, two streams",
			file: "2026-03-10T09:30:00.000000+00:00 2026/03/10/[$LATEST]aa " + event + "\n2026-03-10T09:30:00.000000+00:00 2026/03/10/[$LATEST]bb " + second + "\n" +
				"2026-03-10T09:30:00.000000+00:00 2026/03/10/[$LATEST]aa REPORT RequestId: 1\n2026-03-10T09:30:03Z 2026/03/10/[$LATEST]bb 2026-03-10T09:30:03Z 1 Task timed out after 3.00 seconds\n",
			want: []string{`line 1: event "allowed" 09:30:00.000`, `line 2: second "other" 09:30:00.000`}, skipped: 2,
		},
		{name: "an entry that is none", file: `[{"message":5},{},{"message":` + quoted(event) + "}]",
			want: []string{"bad: log entry 1: no entry of a log: it has no message", "bad: log entry 2: no entry of a log: it has no message", `log entry 3: event ""`}},
		{name: "a document cut off", file: `{"events":` + strings.TrimSuffix(entries(event), "]"), want: []string{"broken: after log entry 1: not the JSON of CloudWatch Logs: unexpected EOF"}},
		{name: "nothing", want: []string{"broken: there is nothing in it"}},
		{name: "another kind of file", file: "a,b\n", want: []string{"broken: it begins neither like JSON nor like a log: it must be JSON Lines or an export of CloudWatch Logs; see portaria replay --help"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, zipped := range []bool{false, true} {
				file := io.Reader(strings.NewReader(c.file))
				if zipped && c.file != "" {
					file = zip(c.file)
				}
				got, skipped := read(file)
				if diff := cmp.Diff(c.want, got); diff != "" || skipped != c.skipped {
					t.Errorf("zipped %v: skipped %d, want %d; entries (-want +got):\n%s", zipped, skipped, c.skipped, diff)
				}
			}
		})
	}
}

func zip(s string) io.Reader {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return &b
}

func TestFileThatBreaksOff(t *testing.T) {
	file := io.MultiReader(strings.NewReader(event+"\n"), failing{})
	got, _ := read(file)
	if diff := cmp.Diff([]string{`line 1: event ""`, "broken: line 2: disk on fire"}, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

// FuzzRead holds that any file is read to its end, and that what it gives has
// its place and, of a log, is JSON.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		event, python, entries(event, "END RequestId: 1"), "2026-03-10T09:30:00Z ", "2026-03-10T09:30:00Z\nx", `{"event":` + event + `,"answer":"x"}`, "2026-03-10T09:30:00Z " + python,
		`{"events":[{"message":"{'triggerSource': 'PreSignUp_\\xe9\\''}"}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		var stats recording.Stats
		broken := 0
		for e, err := range recording.Read(strings.NewReader(file), &stats) {
			bad, isBad := errors.AsType[*recording.BadError](err)
			switch {
			case broken > 0:
				t.Errorf("there is more after an error that ends the file: %v, %v", e, err)
			case err == nil && (e.Place.Number < 1 || e.Place.Unit == "log entry" && !json.Valid(e.Event)):
				t.Errorf("entry = %+v", e)
			case isBad && (bad.Place.Number < 1 || bad.Problem == ""):
				t.Errorf("bad = %+v", bad)
			case err != nil && !isBad:
				broken++
			}
		}
	})
}
