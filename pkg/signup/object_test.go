package signup

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/events"
)

// FuzzObject reads any JSON as encoding/json does into a map, which has the exact
// names and the last of equal ones, and compares the texts and objects in it.
func FuzzObject(f *testing.F) {
	cases, err := events.Cases()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		f.Add(c.Event)
	}
	for _, s := range []string{
		`null`, ` { } `, `[]`, `"{"`, `1`, `-0.5e+3`, `true`, `{"a":{"b":[{},"]"]},"a":null}`, `{"a":"x","a":1}`, `{"a":1,"a":"x"}`,
		`{"\u0061":"\ud800 \"","A":"\\"}`, "{\"\xff\":\"\xff\"}", "\n{\t\"a\" :\r\"b\" , \"c\" : [ 1 , 2 ] }", `{"":""}`, `{"a":"}","b":"\\\"}"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if json.Valid(data) {
			compare(t, string(data))
		}
	})
}

// compare reads data in both ways, and the objects in it.
func compare(t *testing.T, data string) {
	var got object
	var want map[string]json.RawMessage
	gotErr, wantErr := decodeObject(data, "it", &got), json.Unmarshal([]byte(data), &want)
	if (gotErr == nil) != (wantErr == nil) {
		t.Fatalf("decodeObject(%q): %v, want %v", data, gotErr, wantErr)
	}
	texts := map[string]string{}
	for name, value := range want {
		var s *string
		if json.Unmarshal(value, &s) == nil && s != nil {
			texts[name] = *s
		}
		found, ok := got.find(name)
		if !ok || found != string(value) {
			t.Fatalf("%q: find(%q) = %q, %t, want %q", data, name, found, ok, value)
		}
		var text, wantText string
		err, wantErr := got.text(name, &text), json.Unmarshal(value, &wantText)
		if text != wantText || (err == nil) != (wantErr == nil) {
			t.Errorf("%q: text(%q) = %q, %v, want %q, %v", data, name, text, err, wantText, wantErr)
		}
		if optional := got.optionalText(name); optional != texts[name] {
			t.Errorf("%q: optionalText(%q) = %q, want %q", data, name, optional, texts[name])
		}
		compare(t, found)
	}
	for _, m := range got {
		if _, ok := want[m.name]; !ok {
			t.Errorf("%q has no %q", data, m.name)
		}
	}
	if !maps.Equal(got.texts(), texts) {
		t.Errorf("%q: %s", data, cmp.Diff(texts, got.texts()))
	}
}
