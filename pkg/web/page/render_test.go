package page_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/web/page"
)

func newPage(t *testing.T, s page.Settings) *page.Page {
	t.Helper()
	p, err := page.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func render(t *testing.T, p *page.Page, s page.State) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Render(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// states is every state that makes sense, with all that each can show.
func states() map[string]page.State {
	all := map[string]page.State{}
	for view, problems := range map[page.View][]page.Problem{
		page.Form:      {page.None, page.Missing, page.InvalidCredentials, page.WeakPassword, page.TooManyRequests, page.Unavailable},
		page.Resend:    {page.None, page.Missing, page.TooManyRequests, page.Unavailable},
		page.Sent:      {page.None},
		page.Done:      {page.None},
		page.Elsewhere: {page.None},
	} {
		for _, problem := range problems {
			s := page.State{View: view, Problem: problem, Username: someone, Wait: 3725 * time.Second}
			s.Fields = []string{page.FieldUsername, page.FieldTemporary, page.FieldNew}
			for _, e := range everyRule().Rules() {
				s.Broken = append(s.Broken, string(e.Rule))
			}
			all[fmt.Sprintf("%s %s", view, problem)] = s
		}
	}
	return all
}

// everyRule asks for all that a policy can ask for.
func everyRule() password.Policy {
	return password.Policy{MinLength: 15, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true}
}

func TestSettingsThatCannotBe(t *testing.T) {
	for name, s := range map[string]page.Settings{
		"no sign-in URL":       {},
		"relative sign-in URL": {SignInURL: "/entrar"},
		"script as sign-in":    {SignInURL: "javascript:alert(1)"},
		"prefix without slash": {SignInURL: "https://example.com/", Prefix: "prod"},
		"prefix is a host":     {SignInURL: "https://example.com/", Prefix: "//example.com"},
		"prefix ends in slash": {SignInURL: "https://example.com/", Prefix: "/prod/"},
	} {
		if _, err := page.New(s); err == nil {
			t.Errorf("%s: New gave no error", name)
		}
	}
}

func TestStatesThatCannotBe(t *testing.T) {
	p := newPage(t, settings)
	for name, s := range map[string]page.State{
		"unknown view":                {View: "other"},
		"unknown problem":             {Problem: "other"},
		"done and wrong":              {View: page.Done, Problem: page.Unavailable},
		"weak password without field": {View: page.Resend, Problem: page.WeakPassword},
	} {
		var b bytes.Buffer
		if err := p.Render(&b, s); err == nil || b.Len() > 0 {
			t.Errorf("%s: error %v and %d bytes, want an error and none", name, err, b.Len())
		}
	}
}

// Point 7: a page of at most 50 KB (we hold 25 KiB), uncompressed, in three requests, none to another host.
func TestWeight(t *testing.T) {
	p := newPage(t, settings)
	files := 0
	empty := render(t, p, page.State{})
	for _, path := range regexp.MustCompile(`"(/nova-senha/page-[^"]+)"`).FindAllStringSubmatch(empty, -1) {
		files += len(get(t, p.Assets(), http.MethodGet, path[1]).Body.Bytes())
	}
	for name, s := range states() {
		html := len(render(t, p, s))
		if files+html > 25<<10 {
			t.Errorf("%s: %d bytes", name, files+html)
		}
	}
	t.Logf("files %d, empty form %d bytes", files, len(empty))
}

func get(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestPrefix(t *testing.T) {
	s := settings
	s.Prefix = "/prod"
	html := render(t, newPage(t, s), page.State{})
	for _, address := range regexp.MustCompile(`(?:href|src|action)="(/[^"]*)"`).FindAllStringSubmatch(html, -1) {
		if !strings.HasPrefix(address[1], "/prod/nova-senha") {
			t.Errorf("address %s is not below the prefix", address[1])
		}
	}
}

// Whatever was typed, it comes back as text. No password is in a State, so none can.
func TestNothingTypedIsMarkup(t *testing.T) {
	const typed = `"><script>alert(1)</script>{{.}}'&c=x`
	for name, s := range states() {
		s.Username = typed
		if html := render(t, newPage(t, settings), s); strings.Contains(html, "<script>") || strings.Contains(html, `"">`) {
			t.Errorf("%s: the user name became markup", name)
		}
	}
}

// Point 12, for each kind of pool.
func TestFieldsAreNamedForPasswordManagers(t *testing.T) {
	for signIn, want := range map[page.SignIn][]string{
		page.ByEmail:    {`>E-mail</label>`, `inputmode="email"`},
		page.ByUsername: {`>Nome de usuário</label>`, `inputmode="text"`},
		page.ByEither:   {`>E-mail ou nome de usuário</label>`, `inputmode="text"`},
	} {
		s := settings
		s.SignIn = signIn
		html := render(t, newPage(t, s), page.State{})
		inputs := regexp.MustCompile(`<input [^>]*>`).FindAllString(html, -1)
		completes := []string{"username", "one-time-code", "new-password", "username"}
		if len(inputs) != len(completes) {
			t.Fatalf("%d fields, want %d", len(inputs), len(completes))
		}
		for i, input := range inputs {
			for _, attribute := range []string{`autocomplete="` + completes[i] + `"`, `autocapitalize="none"`, `spellcheck="false"`} {
				if !strings.Contains(input, attribute) {
					t.Errorf("%s lacks %s", input, attribute)
				}
			}
			if strings.Contains(input, "maxlength") { // point 13
				t.Errorf("%s cuts off what is pasted", input)
			}
		}
		// Point 15: one field for the new password, no second one to type it again.
		if n := strings.Count(html, `autocomplete="new-password"`); n != 1 {
			t.Errorf("%d fields for the new password", n)
		}
		for _, w := range want {
			if !strings.Contains(html, w) {
				t.Errorf("%v: no %s", signIn, w)
			}
		}
	}
}

// Point 18, without a browser: what is wrong is in the title, in the summary and at the field.
func TestProblemsAreInTheTitle(t *testing.T) {
	p := newPage(t, settings)
	for name, s := range states() {
		html := render(t, p, s)
		if got := strings.Contains(html, "<title>Erro: "); got != (s.Problem != page.None) {
			t.Errorf("%s: title begins with Erro: %v", name, got)
		}
		if s.Problem == page.WeakPassword {
			for _, r := range settings.Rules {
				if !strings.Contains(html, `<li><a href="#nova-senha">`+r.Text+`</a></li>`) {
					t.Errorf("broken rule %s is not named", r.Code)
				}
			}
		}
	}
}

// Point 19: the server has one way of saying that the credentials do not do.
func TestNothingTellsWhoIsUnknown(t *testing.T) {
	p := newPage(t, settings)
	if a, b := render(t, p, invalid.state), render(t, p, invalid.state); a != b {
		t.Error("two answers differ")
	}
	html := render(t, p, invalid.state)
	if !strings.Contains(html, `form="resend">Pedir nova senha provisória`) {
		t.Error("no way to a new temporary password beside the message")
	}
	// Who sends the form a second time has a password by then.
	if !strings.Contains(html, `Você já criou sua senha? <a href="`+settings.SignInURL+`">Entre na sua conta</a>`) {
		t.Error("no way to the sign-in for whom it is too late")
	}
}
