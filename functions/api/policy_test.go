package main

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/web/page"
)

// TestPolicyOfAnExistingPool goes the whole way in pools that ask for other
// passwords than ours: the page shows their rules, the API and the page refuse by
// them, naming them, and the temporary passwords meet them, or the pool would not
// take them.
func TestPolicyOfAnExistingPool(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pool   cognito.PasswordPolicy
		rules  password.Policy
		weak   string // breaks all that is asked beside length
		short  string // breaks length alone
		broken []any  // the rules that weak breaks
		good   string
	}{
		"14 characters and a symbol": {
			cognito.PasswordPolicy{MinimumLength: 14, RequireSymbols: true}, password.Policy{MinLength: 14, RequireSymbols: true},
			"umafrasequesoeusei", "frase-curta12", []any{"no_symbol"}, "uma-frase-que-so-eu-sei",
		},
		"all kinds, and 40 characters": {
			cognito.PasswordPolicy{MinimumLength: 40, RequireSymbols: true, RequireNumbers: true, RequireLowercase: true, RequireUppercase: true},
			password.Policy{MinLength: 40, RequireSymbols: true, RequireNumbers: true, RequireLowercase: true, RequireUppercase: true},
			"ÇÃÉÍÓÚÂÊÔÀÜÑÇÃÉÍÓÚÂÊÔÀÜÑ你好世界再见朋友大家早上好吗今天天气", "Uma frase-2 que so eu sei e mais nada", []any{"no_lowercase", "no_uppercase", "no_number", "no_symbol"},
			"Uma frase-2 que so eu sei, e ninguem mais sabe",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(c *local.Config) { c.PasswordPolicy = tt.pool })
			shown := h.read(http.Get(h.stack.WebURL() + page.Path))
			for _, e := range tt.rules.Rules() {
				if e.Upfront && !strings.Contains(shown, e.Text) {
					t.Errorf("the page does not show %q", e.Text)
				}
			}
			if ours := password.Default().Text(password.TooShort); strings.Contains(shown, ours) {
				t.Errorf("the page shows a rule of our own pool, %q", ours)
			}

			h.post("/users", registration, http.StatusCreated)
			_, userName, temporary := h.link()
			if broken := tt.rules.Check(temporary, password.Given{}); broken != nil {
				t.Errorf("the temporary password breaks %v", broken)
			}
			for chosen, want := range map[string][]any{tt.weak: tt.broken, tt.short: {"too_short"}} {
				answer := h.post("/password", jsonOf(map[string]string{"username": userName, "temporaryPassword": temporary, "newPassword": chosen}), http.StatusUnprocessableEntity)
				if diff := cmp.Diff(want, answer["rules"]); answer["code"] != "weak_password" || diff != "" {
					t.Errorf("answer = %v, want weak_password by (-want +got):\n%s", answer, diff)
				}
				form := url.Values{page.FieldUsername: {userName}, page.FieldTemporary: {temporary}, page.FieldNew: {chosen}}
				said := h.read(http.PostForm(h.stack.WebURL()+page.Path, form))
				for _, rule := range want {
					text := tt.rules.Text(password.Rule(rule.(string)))
					if !strings.Contains(said, `<a href="#nova-senha">`+html.EscapeString(text)+`</a>`) {
						t.Errorf("the page does not name the broken rule %q", text)
					}
				}
			}
			h.post("/password", jsonOf(map[string]string{"username": userName, "temporaryPassword": temporary, "newPassword": tt.good}), http.StatusNoContent)
			h.wantConfirmed(tt.good)
		})
	}
}

// read gives a whole page.
func (h *house) read(response *http.Response, err error) string {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}
