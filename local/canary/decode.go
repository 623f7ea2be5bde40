package canary

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decoders undo what Forms does, by other means: they take out of a text
// whatever looks encoded, wherever it begins and however mixed it is.
var decoders = []struct {
	name   string
	decode func(text string) []string
}{
	{"JSON", unescape},
	{"URL", unescapeURL},
	{"HTML", func(text string) []string { return []string{html.UnescapeString(text)} }},
	{"quoted-printable", func(text string) []string { return []string{unescapeBytes(quotedByte, text)} }},
	{"base64", decodeBase64},
	{"hexadecimal", decodeHex},
	{"decimal bytes", decodeDecimal},
}

var (
	escape     = regexp.MustCompile(`(?:\\u[0-9a-fA-F]{4})+|\\U[0-9a-fA-F]{8}|\\x[0-9a-fA-F]{2}|\\.`)
	urlByte    = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	quotedByte = regexp.MustCompile(`=[0-9a-fA-F]{2}`)
	base64Run  = regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}`)
	hexRun     = regexp.MustCompile(`(?:(?:0x)?[0-9a-fA-F]{2}[ :,]{0,2}){8,}[0-9a-fA-F]?`)
	byteRun    = regexp.MustCompile(`(?:(?:[0-9]{1,3}|0x[0-9a-fA-F]{1,2})[ ,]{1,2}){8,}(?:[0-9]{1,3}|0x[0-9a-fA-F]{1,2})`)
)

// unescape undoes the escapes of JSON, and of Go, which has some more.
func unescape(text string) []string {
	return []string{escape.ReplaceAllStringFunc(text, func(e string) string {
		switch e[1] {
		case 'u':
			var units []uint16
			for i := 2; i < len(e); i += len(`\u0000`) {
				unit, _ := strconv.ParseUint(e[i:i+4], 16, 16) // as the pattern has it
				units = append(units, uint16(unit))
			}
			return string(utf16.Decode(units))
		case 'U', 'x':
			n, _ := strconv.ParseUint(e[2:], 16, 32)
			if e[1] == 'x' {
				return string([]byte{byte(n)})
			}
			return string(utf8.AppendRune(nil, rune(n)))
		case 'n', 'r', 't', 'b', 'f':
			return " "
		}
		return e[1:]
	})}
}

// unescapeURL undoes the escapes of a query, where + is a space, and of a path.
func unescapeURL(text string) []string {
	return []string{unescapeBytes(urlByte, strings.ReplaceAll(text, "+", " ")), unescapeBytes(urlByte, text)}
}

func unescapeBytes(pattern *regexp.Regexp, text string) string {
	return pattern.ReplaceAllStringFunc(text, func(e string) string {
		n, _ := strconv.ParseUint(e[1:], 16, 8)
		return string([]byte{byte(n)})
	})
}

// decodeBase64 decodes each run of base64 of either alphabet, beginning at each
// of the four places where it may begin.
func decodeBase64(text string) (all []string) {
	for _, run := range base64Run.FindAllString(text, -1) {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
		for begin := range 4 {
			part := run[begin:]
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			if decoded, err := base64.RawStdEncoding.DecodeString(part); err == nil {
				all = append(all, string(decoded))
			}
		}
	}
	return all
}

// decodeHex decodes each run of hexadecimal digits, beginning at the first and
// at the second.
func decodeHex(text string) (all []string) {
	for _, run := range hexRun.FindAllString(text, -1) {
		run = strings.NewReplacer("0x", "", " ", "", ":", "", ",", "").Replace(run)
		for begin := range 2 {
			part := run[begin:]
			if decoded, err := hex.DecodeString(part[:len(part)/2*2]); err == nil {
				all = append(all, string(decoded))
			}
		}
	}
	return all
}

// decodeDecimal decodes bytes as Go prints them, in decimal or with 0x.
func decodeDecimal(text string) (all []string) {
	for _, run := range byteRun.FindAllString(text, -1) {
		var decoded []byte
		for _, number := range strings.FieldsFunc(run, func(r rune) bool { return r == ' ' || r == ',' }) {
			if n, err := strconv.ParseUint(number, 0, 8); err == nil {
				decoded = append(decoded, byte(n))
			}
		}
		all = append(all, string(decoded))
	}
	return all
}
