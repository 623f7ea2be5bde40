package canary

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"unicode/utf16"
)

// Form is one way in which a value may stand in an output.
type Form struct {
	Name string
	Text string
}

// Forms gives the forms of value: those that the encoders of the standard
// library make, the ones that escape more than they must, each base64 as it
// comes out at every place of a longer text, and some of them on top of others.
// None has a line feed.
func Forms(value string) []Form {
	forms := []Form{
		{"as it is", value},
		{"upper case", strings.ToUpper(value)},
		{"in the middle of a word", "x" + value + "x"},
		{"JSON", jsonText(value, false)},
		{"JSON, HTML escaped", jsonText(value, true)},
		{"JSON, slashes escaped", strings.ReplaceAll(jsonText(value, false), "/", `\/`)},
		{"JSON, everything escaped", jsonEscapes(value, `\u%04x`)},
		{"JSON, everything escaped in upper case", jsonEscapes(value, `\u%04X`)},
		{"JSON in JSON", jsonText(jsonEscapes(value, `\u%04x`), true)},
		{"JSON in JSON in JSON", jsonText(jsonText(jsonText(value, true), true), true)},
		{"Go, quoted", fmt.Sprintf("%q", value)},
		{"Go, quoted in ASCII", fmt.Sprintf("%+q", value)},
		{"Go, bytes in decimal", fmt.Sprint([]byte(value))},
		{"Go, bytes in Go syntax", fmt.Sprintf("%#v", []byte(value))},
		{"JSON, bytes in decimal", strings.ReplaceAll(fmt.Sprint([]byte(value)), " ", ",")},
		{"URL query", url.QueryEscape(value)},
		{"URL path", url.PathEscape(value)},
		{"URL, everything escaped", eachByte(value, "%%%02X")},
		{"URL, everything escaped in lower case", eachByte(value, "%%%02x")},
		{"URL twice", url.QueryEscape(url.QueryEscape(value))},
		{"hexadecimal", hex.EncodeToString([]byte(value))},
		{"hexadecimal in upper case", fmt.Sprintf("%X", value)},
		{"hexadecimal, bytes apart", fmt.Sprintf("% x", value)},
		{"hexadecimal, with 0x", fmt.Sprintf("%# x", value)},
		{"hexadecimal after half a byte", "f" + hex.EncodeToString([]byte(value))},
		{"HTML", html.EscapeString(value)},
		{"HTML, everything escaped", eachRune(value, "&#%d;")},
		{"quoted-printable", quotedPrintable(value)},
		{"quoted-printable, everything escaped", eachByte(value, "=%02X")},
		{"JSON in URL", url.QueryEscape(jsonText(value, true))},
		{"URL in JSON", jsonText(url.QueryEscape(value), true)},
		{"base64 in base64", base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(value))))},
	}
	for name, encoding := range map[string]*base64.Encoding{
		"base64": base64.StdEncoding, "base64 of URLs": base64.URLEncoding, "base64 of URLs, no padding": base64.RawURLEncoding,
	} {
		for before := range 3 {
			text := encoding.EncodeToString([]byte("ÿÿ"[:before] + value + "?"))
			at := fmt.Sprintf(", %d bytes in", before)
			forms = append(forms,
				Form{name + at, text},
				Form{name + at + ", in JSON", strings.ReplaceAll(text, "/", `\/`)},
				Form{name + at + ", in URL", url.QueryEscape(text)},
				Form{name + at + ", in a word", "key-" + text})
		}
	}
	return append(forms, Form{"JSON in base64", base64.StdEncoding.EncodeToString([]byte(jsonEscapes(value, `\u%04x`)))})
}

// jsonText is value as it stands between the quotes of a JSON text.
func jsonText(value string, escapeHTML bool) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escapeHTML)
	_ = e.Encode(value) // a string: no error can come
	return b.String()[1 : b.Len()-2]
}

func jsonEscapes(value, format string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(value)) {
		fmt.Fprintf(&b, format, unit)
	}
	return b.String()
}

func eachByte(value, format string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func eachRune(value, format string) string {
	var b strings.Builder
	for _, r := range value {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

// quotedPrintable is value in mail, without the breaks of long lines.
func quotedPrintable(value string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(value)) // into memory: no error can come
	_ = w.Close()
	return strings.ReplaceAll(b.String(), "=\r\n", "")
}
