package password_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/password"
)

func TestRulesHaveOneTextEach(t *testing.T) {
	all := password.Policy{MinLength: 20, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true}
	var codes, live, upfront []string
	texts := map[string]bool{}
	for _, e := range all.Rules() {
		codes = append(codes, string(e.Rule))
		if e.Live {
			live = append(live, string(e.Rule))
		}
		if e.Upfront {
			upfront = append(upfront, string(e.Rule))
		}
		if e.Text == "" || texts[e.Text] || strings.HasSuffix(e.Text, ".") || e.Text != all.Text(e.Rule) {
			t.Errorf("text of %s: %q", e.Rule, e.Text)
		}
		texts[e.Text] = true
	}
	for _, tt := range []struct {
		name, want string
		got        []string
	}{
		{"rules", "too_short too_long edge_space bad_character no_lowercase no_uppercase no_number no_symbol common same_as_temporary personal not_accepted", codes},
		{"live rules", "too_short too_long edge_space no_lowercase no_uppercase no_number no_symbol", live},
		{"rules upfront", "too_short no_lowercase no_uppercase no_number no_symbol common same_as_temporary personal", upfront},
	} {
		if diff := cmp.Diff(tt.want, strings.Join(tt.got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if got, want := all.Text(password.TooShort), "Use pelo menos 20 caracteres"; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
	if got, want := (password.Policy{}).Text(password.TooShort), "Use pelo menos 12 caracteres"; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
	if got := password.Default().Text(password.NoSymbol); got != "" {
		t.Errorf("text of a rule that the policy does not have = %q", got)
	}
}

// TestExamplesAreRefused holds that the passwords that a text names are common.
func TestExamplesAreRefused(t *testing.T) {
	for word := range strings.FieldsSeq(password.Default().Text(password.Common)) {
		if len(word) >= password.MinLength && strings.ContainsAny(word, "0123456789") {
			if got := password.Default().Check(word, password.Given{}); !slices.Equal(got, []password.Rule{password.Common}) {
				t.Errorf("Check(%q) = %q, want common alone", word, got)
			}
		}
	}
}
