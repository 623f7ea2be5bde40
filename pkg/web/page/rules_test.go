package page_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/web/page"
)

// tabForRules is a tab with a page that has every rule a policy can have.
func tabForRules(t *testing.T) *tab {
	t.Helper()
	s := settings
	s.Rules = rulesOf(everyRule())
	b, d := newTab(t), newDesk(t, s)
	return b.open(d.URL + page.Path)
}

// Point 16: the rules are there before anything is typed, are ticked as one types, by an icon
// and by words, and are read out once one pauses.
func TestRulesAreTicked(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings)
	b.open(d.URL + page.Path)
	const first = "#rules li"
	look := func() []string {
		return eval[[]string](b, `(li => [li.className, li.querySelector('.unseen').textContent,
			getComputedStyle(li.querySelector('.tick')).display, li.innerText.trim().split('\n').pop()])(document.querySelector(%q))`, first)
	}
	if got, want := look(), []string{"", "", "none", "Use pelo menos 12 caracteres"}; !cmp.Equal(got, want) {
		t.Errorf("before: %q, want %q", got, want)
	}
	b.do(focus("#nova-senha"))
	b.press("pratos")
	if got, want := look()[:3], []string{"", "Falta: ", "none"}; !cmp.Equal(got, want) {
		t.Errorf("too short: %q, want %q", got, want)
	}
	b.until("document.querySelector('#status').textContent === 'Falta: Use pelo menos 12 caracteres'")
	b.press(" de trigo")
	if got, want := look()[:3], []string{"met", "Regra atendida: ", "inline"}; !cmp.Equal(got, want) {
		t.Errorf("long enough: %q, want %q", got, want)
	}
	b.until("document.querySelector('#status').textContent === 'Regra atendida: Use pelo menos 12 caracteres'")
	if got := eval[string](b, "document.querySelector('#nova-senha').getAttribute('aria-describedby')"); !slices.Contains(strings.Fields(got), "rules") {
		t.Errorf("the field is described by %q", got)
	}
	if got := eval[int](b, "[...document.querySelectorAll('#rules li')].filter(li => li.checkVisibility()).length"); got != 4 {
		t.Errorf("%d rules are shown, want the four that are upfront", got)
	}
}

// Point 17: the script's verdict is the package's, rule by rule. That the package's is the
// template's is held where the template is tested.
func TestRulesAgree(t *testing.T) {
	b := tabForRules(t)
	live := []string{}
	for _, e := range everyRule().Rules() {
		if e.Live {
			live = append(live, string(e.Rule))
		}
	}
	random := rand.New(rand.NewPCG(5, 17))
	pieces := []string{"a", "z", "A", "Z", "0", "9", "é", "ç", "e\u0301", "ß", "😀", "🌾", " ", "\u00a0", "\u2003", "\u3000", "\t", "\u0085", "\ufeff", "\u200b",
		"^", "$", "*", ".", "[", "]", "{", "}", "(", ")", "?", `"`, "!", "@", "#", "%", "&", "/", `\`, ",", ">", "<", "'", ":", ";", "|", "_", "~", "`", "=", "+", "-", "§", "€", "٣", "trigo"}
	var passwords []string
	for len(passwords) < 10_000 {
		var p strings.Builder
		longest := 20
		if len(passwords)%50 == 0 {
			longest = 300
		}
		for range 1 + random.IntN(longest) {
			p.WriteString(pieces[random.IntN(len(pieces))])
		}
		passwords = append(passwords, p.String())
	}
	b.do(focus("#nova-senha"))
	got := eval[[][]string](b, `%s.map((password) => {
		const field = document.querySelector('#nova-senha')
		field.value = password
		field.dispatchEvent(new InputEvent('input', {bubbles: true}))
		return [...document.querySelectorAll('[data-live]')].filter(li => li.className !== 'met').map(li => li.dataset.code)
	})`, asJSON(passwords))
	for i, p := range passwords {
		var want []string
		for _, rule := range everyRule().Check(p, password.Given{}) {
			if slices.Contains(live, string(rule)) {
				want = append(want, string(rule))
			}
		}
		if slices.Contains(want, string(password.TooLong)) { // then that is all that Check says
			if !slices.Contains(got[i], string(password.TooLong)) {
				t.Fatalf("%q: the page does not find it too long", p)
			}
			continue
		}
		if !cmp.Equal(got[i], want, equateEmpty) {
			t.Fatalf("%q: the page says %q, the package %q", p, got[i], want)
		}
	}
}

// A rule that the server found broken stands so until something is typed.
func TestBrokenRuleStands(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings, weak)
	b.open(d.link())
	b.fill("#nova-senha", wanted)
	b.submit("create")
	b.until("document.querySelector('.problem')")
	classes := func() []string {
		return eval[[]string](b, "[...document.querySelectorAll('#rules li')].filter(li => li.checkVisibility()).map(li => li.className)")
	}
	if got, want := classes(), []string{"met", "broken", "", "broken"}; !cmp.Equal(got, want) {
		t.Errorf("rules %q, want %q", got, want)
	}
	b.do(focus("#nova-senha"))
	b.press("x")
	if got, want := classes(), []string{"met", "", "", ""}; !cmp.Equal(got, want) {
		t.Errorf("after typing %q, want %q", got, want)
	}
}
