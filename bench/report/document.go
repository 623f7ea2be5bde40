package report

import (
	"fmt"
	"strings"
)

// Replace gives doc with text in place of what stands between the markers
// <!-- name:begin --> and <!-- name:end -->, which must be there once each and in
// that order.
func Replace(doc, name, text string) (string, error) {
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
	before, rest, ok := strings.Cut(doc, begin)
	_, after, ended := strings.Cut(rest, end)
	if !ok || !ended || strings.Count(doc, begin) != 1 || strings.Count(doc, end) != 1 {
		return "", fmt.Errorf("the document must have %s and %s once each, in that order", strings.TrimSpace(begin), end)
	}
	return before + begin + strings.TrimRight(text, "\n") + "\n" + end + after, nil
}
