package page_test

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pontte/portaria/pkg/web/page"
)

//go:embed testdata/words.txt
var reviewed string

// Point 11: every word that a customer can read has been reviewed. One that is not in
// testdata/words.txt is a slip, an English leftover, or to be reviewed and added.
func TestEveryWordIsReviewed(t *testing.T) {
	known := strings.Fields(reviewed)
	s := settings
	s.Rules = rulesOf(everyRule())
	tags := regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`)
	said := regexp.MustCompile(`(?:aria-label|name="description" content|data-(?:hide|hide-label|shown|hidden|busy|met|unmet|error))="([^"]*)"`)
	words := regexp.MustCompile(`\p{L}[\p{L}-]*`)
	seen := map[string]bool{}
	for _, s.SignIn = range []page.SignIn{page.ByEmail, page.ByUsername, page.ByEither} {
		for _, state := range states() {
			html := render(t, newPage(t, s), state)
			if !strings.Contains(html, `<html lang="pt-BR">`) {
				t.Error("the page does not say its language")
			}
			text := tags.ReplaceAllString(html, " ")
			for _, m := range said.FindAllStringSubmatch(html, -1) {
				text += " " + m[1]
			}
			for _, word := range words.FindAllString(text, -1) {
				if word = strings.ToLower(word); !slices.Contains(known, word) && !seen[word] {
					t.Errorf("not reviewed: %s", word)
				}
				seen[word] = true
			}
		}
	}
}
