package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxBody is the most bytes that a request's body may have.
const maxBody = 16 << 10

// readObject reads the body of r: one JSON object of UTF-8, of at most maxBody
// bytes, sent as application/json.
func readObject(r *http.Request) (object, *Problem) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return object{}, &Problem{Code: UnsupportedMedia}
	}
	body, problem := readBody(r)
	if problem != nil {
		return object{}, problem
	}
	o, err := parseObject(body)
	if err != nil {
		return object{}, &Problem{Code: MalformedRequest, cause: err}
	}
	return o, nil
}

// readBody reads the whole body, if it is small enough.
func readBody(r *http.Request) ([]byte, *Problem) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, &Problem{Code: TooLarge}
	}
	if err != nil {
		return nil, &Problem{Code: MalformedRequest, cause: errors.New("the body broke off")}
	}
	return body, nil
}

// object is a JSON object, of which the fields that are read are taken down.
type object struct {
	pointer string // where it stands, "" at the top
	fields  map[string]json.RawMessage
	*findings
}

// findings is what is wrong with a body, of the object and of those inside it.
type findings struct {
	malformed error // not the JSON that the route expects
	wrong     []FieldProblem
}

// parseObject reads an object that has no name twice, and nothing after it. Its
// errors hold nothing of the text.
func parseObject(text []byte) (object, error) {
	if !utf8.Valid(text) {
		return object{}, errors.New("the body is not UTF-8")
	}
	fields, err := parseFields(text)
	if err != nil {
		return object{}, err
	}
	return object{fields: fields, findings: new(findings)}, nil
}

func parseFields(text []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, errors.New("not JSON")
		}
		name, _ := t.(string)
		if _, doubled := fields[name]; doubled {
			return nil, errors.New("a name stands twice")
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil, errors.New("not JSON")
		}
		fields[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, errors.New("not JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("text after the object")
	}
	return fields, nil
}

// only finds the body malformed when o has a field of another name, which is not
// told.
func (o object) only(names ...string) {
	for name := range o.fields {
		if !slices.Contains(names, name) {
			o.malformed = errors.New("a field that the route does not know")
		}
	}
}

// Reasons for which a field is wrong, beside those of the packages that read it.
const (
	reasonMissing = "missing"
	reasonType    = "type"
	reasonFormat  = "format"
)

// fail takes down that the field called name is wrong.
func (o object) fail(name, reason string) {
	o.wrong = append(o.wrong, FieldProblem{Pointer: o.pointer + "/" + name, Code: reason, Detail: reasonText(reason)})
}

// text is the text called name. One that is missing, null or no text is taken
// down as wrong.
func (o object) text(name string) (string, bool) {
	raw, sent := o.fields[name]
	if !sent || string(raw) == "null" {
		o.fail(name, reasonMissing)
		return "", false
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		o.fail(name, reasonType)
		return "", false
	}
	return s, true
}

// figure is the figure called name as it was written, in a text or as a JSON
// number; never through a float.
func (o object) figure(name string) (string, bool) {
	if raw := o.fields[name]; len(raw) > 0 && (raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9') {
		return string(raw), true
	}
	return o.text(name)
}

// choice is the text called name, one of several; the first when it is absent.
func (o object) choice(name string, words ...string) string {
	if _, sent := o.fields[name]; !sent {
		return words[0]
	}
	s, ok := o.text(name)
	if ok && !slices.Contains(words, s) {
		o.fail(name, reasonFormat)
	}
	return s
}

// object is the object called name. One that is missing is taken down as wrong.
func (o object) object(name string) (object, bool) {
	inner := object{pointer: o.pointer + "/" + name, findings: o.findings}
	raw, sent := o.fields[name]
	switch {
	case !sent || string(raw) == "null":
		o.fail(name, reasonMissing)
		return inner, false
	case raw[0] != '{':
		o.fail(name, reasonType)
		return inner, false
	}
	fields, err := parseFields(raw)
	if err != nil {
		o.malformed = err
		return inner, false
	}
	inner.fields = fields
	return inner, true
}

// texts is the list of texts called name; nil when it is absent.
func (o object) texts(name string) []string {
	raw, sent := o.fields[name]
	if !sent {
		return nil
	}
	var list []string
	if json.Unmarshal(raw, &list) != nil || list == nil {
		o.fail(name, reasonType)
	}
	return list
}

// problem is what was found: that the body is malformed, or all wrong fields in
// the order of their pointers; nil when nothing was.
func (f *findings) problem() *Problem {
	switch {
	case f.malformed != nil:
		return &Problem{Code: MalformedRequest, cause: f.malformed}
	case len(f.wrong) == 0:
		return nil
	}
	slices.SortFunc(f.wrong, func(a, b FieldProblem) int { return strings.Compare(a.Pointer, b.Pointer) })
	return &Problem{Code: InvalidFields, Fields: f.wrong}
}
