package signup

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// object is a JSON object whose values are not decoded yet, in the order in which
// they came. It is read out of one text, of which its names and values are parts:
// reading it into a map takes three times as long.
type object []member

// member is a value of an object, as JSON, and its name.
type member struct{ name, value string }

// decodeObject reads an object, or null, which is like an empty one. data must be
// valid JSON.
func decodeObject(data, name string, to *object) error {
	data = strings.Trim(data, space)
	switch {
	case data == "null":
		*to = nil
		return nil
	case data[0] != '{':
		return fmt.Errorf("%s is not a JSON object", name)
	}
	o := make(object, 0, 8) // as many as a sign-up's have
	for rest := skipSpace(data[1:]); rest[0] != '}'; {
		var m member
		m.name, rest = cutValue(rest)
		m.name, _ = decodeText(m.name)
		rest = skipSpace(rest)[len(":"):]
		m.value, rest = cutValue(skipSpace(rest))
		o = append(o, m)
		rest = skipSpace(rest)
		rest = skipSpace(strings.TrimPrefix(rest, ","))
	}
	*to = o
	return nil
}

// find gives the value called name: of several the last, and as a whole.
func (o object) find(name string) (value string, ok bool) {
	for _, m := range slices.Backward(o) {
		if m.name == name {
			return m.value, true
		}
	}
	return "", false
}

// object reads the object called name, which may be absent.
func (o object) object(name string, to *object) error {
	if value, ok := o.find(name); ok {
		return decodeObject(value, name, to)
	}
	return nil
}

// text reads the text called name, which may be absent or null.
func (o object) text(name string, to *string) error {
	value, ok := o.find(name)
	if !ok || value == "null" {
		return nil
	}
	if *to, ok = decodeText(value); !ok {
		return fmt.Errorf("%s is not a text", name)
	}
	return nil
}

// optionalText is the text called name, "" where there is none.
func (o object) optionalText(name string) string {
	value, _ := o.find(name)
	s, _ := decodeText(value)
	return s
}

// texts are all values of o that are texts.
func (o object) texts() map[string]string {
	m := make(map[string]string, len(o))
	for _, each := range o {
		if s, ok := decodeText(each.value); ok {
			m[each.name] = s
		} else {
			delete(m, each.name) // the last of two counts
		}
	}
	return m
}

// decodeText gives the text that a value is, if it is one. One that is written as
// it is read, as nearly all are, stays a part of the event.
func decodeText(value string) (s string, ok bool) {
	if !strings.HasPrefix(value, `"`) {
		return "", false
	}
	if s = value[1 : len(value)-1]; strings.Contains(s, `\`) || !utf8.ValidString(s) {
		return unescape(value), true
	}
	return s, true
}

// unescape gives a text that is written otherwise than it is read.
func unescape(value string) (s string) {
	_ = json.Unmarshal([]byte(value), &s) // it is valid JSON, and a text
	return s
}

const space = " \t\r\n" // of JSON

func skipSpace(s string) string { return strings.TrimLeft(s, space) }

// cutValue takes the value off the front of s, which must be valid JSON from
// there on.
func cutValue(s string) (value, rest string) {
	end, depth := 0, 0
	for {
		switch s[end] {
		case '"':
			end = textEnd(s, end)
		case '{', '[':
			depth++
			end++
		case '}', ']':
			depth--
			end++
		default: // a number or a word, or what stands between values
			end++
			if depth == 0 {
				end = wordEnd(s, end)
			}
		}
		if depth == 0 {
			return s[:end], s[end:]
		}
	}
}

// textEnd is where the text that begins at i is over.
func textEnd(s string, i int) int {
	for i++; s[i] != '"'; i++ {
		if s[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// wordEnd is where the number or word that goes on at i is over.
func wordEnd(s string, i int) int {
	if length := strings.IndexAny(s[i:], space+",]}"); length >= 0 {
		return i + length
	}
	return len(s)
}
