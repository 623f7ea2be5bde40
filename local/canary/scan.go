package canary

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// What counts as found: so many characters of a text in a row, or digits of a
// number, since an output may be cut off anywhere. A masked CPF shows six.
const (
	fewestCharacters = 10
	fewestDigits     = 9

	// layers is how many encodings may lie on top of each other.
	layers = 3
)

// Find is a canary that was found. It does not hold the canary's value.
type Find struct {
	Line   int    // from 1
	Canary string // its name
	Form   string // how it was decoded, the outermost encoding first; "as it is" when it was not
}

// String says where and what, and not the value.
func (f Find) String() string { return fmt.Sprintf("line %d: %s, %s", f.Line, f.Canary, f.Form) }

// Scanner finds canaries.
type Scanner struct {
	texts   map[string]string // of every fewestCharacters in a row, in lower case: the name of the canary
	numbers map[string]string // of every fewestDigits in a row
}

// NewScanner returns a Scanner for canaries. It refuses one that is too short to
// be told from chance.
func NewScanner(canaries ...Canary) (*Scanner, error) {
	s := &Scanner{texts: map[string]string{}, numbers: map[string]string{}}
	for _, c := range canaries {
		value, length, parts := lower(c.Value), fewestCharacters, s.texts
		if isNumber(c.Value) {
			value, length, parts = onlyDigits(c.Value), fewestDigits, s.numbers
		}
		if len(value) < length {
			return nil, fmt.Errorf("canary %s: shorter than %d characters", c.Name, length)
		}
		for i := range len(value) - length + 1 {
			parts[value[i:i+length]] = c.Name
		}
	}
	return s, nil
}

// Scan reads r to its end and gives what it found, each canary once a line.
func (s *Scanner) Scan(r io.Reader) ([]Find, error) {
	var found []Find
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadString('\n')
		seen := map[string]bool{}
		s.look(line, "", layers, map[string]bool{}, func(name, form string) {
			if !seen[name] {
				seen[name] = true
				found = append(found, Find{n, name, form})
			}
		})
		switch {
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return found, fmt.Errorf("read line %d: %w", n, err)
		}
	}
}

// look tells of every canary in text, and in what text decodes to. form is how
// text was come by.
func (s *Scanner) look(text, form string, deeper int, looked map[string]bool, tell func(name, form string)) {
	if looked[text] {
		return
	}
	looked[text] = true
	told := form
	if told == "" {
		told = "as it is"
	}
	for name := range within(lower(text), fewestCharacters, s.texts) {
		tell(name, told)
	}
	for _, number := range numbersIn(text) {
		for name := range within(number, fewestDigits, s.numbers) {
			tell(name, told)
		}
	}
	if deeper == 0 {
		return
	}
	for _, d := range decoders {
		for _, decoded := range d.decode(text) {
			through := d.name
			if form != "" {
				through = form + ", then " + d.name
			}
			s.look(decoded, through, deeper-1, looked, tell)
		}
	}
}

// lower is s with the letters of ASCII in lower case. Everything else stays byte
// for byte: s may be cut off inside a letter, or be no text at all.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + ('a' - 'A')
		}
	}
	return string(b)
}

// within yields the names of the parts that stand in text.
func within(text string, length int, parts map[string]string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range max(0, len(text)-length+1) {
			if name, ok := parts[text[i:i+length]]; ok && !yield(name) {
				return
			}
		}
	}
}

// isNumber reports whether s is written as a number with marks, such as a CPF, a
// phone or an amount.
func isNumber(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !isDigit(r) && !strings.ContainsRune("+-.() /", r) })
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, s)
}

// numbersIn gives the runs of digits in s, whatever marks, up to three in a row,
// stand between them. Letters and digits of other scripts end a run.
func numbersIn(s string) (runs []string) {
	const mostMarks = 3
	var run []byte
	marks := 0
	end := func() {
		if len(run) >= fewestDigits {
			runs = append(runs, string(run))
		}
		run, marks = nil, 0
	}
	for _, r := range s {
		switch {
		case isDigit(r):
			run, marks = append(run, byte(r)), 0
		case r >= 0x80 || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || marks == mostMarks:
			end()
		default:
			marks++
		}
	}
	end()
	return runs
}
