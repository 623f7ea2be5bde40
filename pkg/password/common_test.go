package password_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/pontte/portaria/pkg/password"
)

//go:embed common.txt
var list string

// TestListCanBeSearched holds what the search needs of the list, and that it
// finds each entry, in any case, and nothing beside them.
func TestListCanBeSearched(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(list, "\n"), "\n")
	if len(lines) < 10_000 || !strings.HasSuffix(list, "\n") || !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Fatalf("the list has %d lines, want at least 10,000, sorted, each once, each ended", len(lines))
	}
	listed := map[string]bool{}
	for _, line := range lines {
		listed[line] = true
	}
	for _, line := range lines {
		if len(line) < password.MinLength || line != strings.ToLower(line) || strings.TrimSpace(line) != line {
			t.Errorf("entry %q: too short, not lower case or with space at an end", line)
		}
		for _, s := range []string{line, strings.ToUpper(line)} {
			if got := password.Default().Check(s, password.Given{}); !slices.Equal(got, []password.Rule{password.Common}) {
				t.Errorf("Check(%q) = %q, want common", s, got)
			}
		}
		for _, s := range []string{line + "~", line[:len(line)-1] + "~", "~" + line} {
			if got := password.Default().Check(s, password.Given{}); !listed[s] && slices.Contains(got, password.Common) {
				t.Errorf("Check(%q) = %q, want it not to be common", s, got)
			}
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	given := password.Given{Temporary: "kf7Rw-tqXz9_mPaB3sHe", Words: []string{"maria.silva@example.com"}}
	for b.Loop() {
		password.Default().Check(good, given)
	}
}
