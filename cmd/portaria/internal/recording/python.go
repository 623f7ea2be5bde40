package recording

import (
	"encoding/json"
	"strconv"
	"strings"
)

// fromPython gives the JSON of the dict at the beginning of s, written as Python
// prints one: texts in either quotes, None, True and False. It knows what an
// event can have, and nothing else of Python.
func fromPython(s string) (found json.RawMessage, ok bool) {
	var out strings.Builder
	for depth := 0; s != ""; {
		switch c := s[0]; {
		case c == '\'' || c == '"':
			text, rest, ok := pythonText(s)
			if !ok {
				return nil, false
			}
			quoted, err := json.Marshal(text)
			if err != nil {
				return nil, false
			}
			out.Write(quoted)
			s = rest
			continue
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if word, json := pythonWord(s); word != "" {
			out.WriteString(json)
			s = s[len(word):]
			continue
		}
		out.WriteByte(s[0])
		s = s[1:]
		if depth == 0 {
			break
		}
	}
	found = json.RawMessage(out.String())
	return found, json.Valid(found)
}

// pythonWord finds a word of Python's at the beginning of s, and JSON's for it.
func pythonWord(s string) (word, inJSON string) {
	for _, w := range [][2]string{{"None", "null"}, {"True", "true"}, {"False", "false"}} {
		if strings.HasPrefix(s, w[0]) {
			return w[0], w[1]
		}
	}
	return "", ""
}

// pythonText reads the text at the beginning of s, and gives what follows it.
func pythonText(s string) (text, rest string, ok bool) {
	quote := s[0]
	var b strings.Builder
	for s = s[1:]; s != ""; {
		if s[0] == quote {
			return b.String(), s[1:], true
		}
		// Go's escapes are Python's, but that \' needs no double quote here.
		if strings.HasPrefix(s, `\'`) || strings.HasPrefix(s, `\"`) {
			b.WriteByte(s[1])
			s = s[2:]
			continue
		}
		r, multibyte, tail, err := strconv.UnquoteChar(s, 0)
		if err != nil {
			return "", "", false
		}
		if !multibyte && r >= 0x80 {
			r &= 0xff // \xe9 is é to Python
		}
		b.WriteRune(r)
		s = tail
	}
	return "", "", false
}
