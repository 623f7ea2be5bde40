package page_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pontte/portaria/pkg/web/page"
)

// each runs a test with the script and without.
func each(t *testing.T, test func(t *testing.T, b *tab, script bool)) {
	t.Run("with script", func(t *testing.T) { test(t, newTab(t), true) })
	t.Run("without script", func(t *testing.T) { test(t, newTab(t, noScript), false) })
}

// typeAll fills the form by hand.
func (b *tab) typeAll(username, temporary, wanted string) {
	b.t.Helper()
	b.fill("#usuario", username)
	b.fill("#senha-provisoria", temporary)
	b.fill("#nova-senha", wanted)
}

// Points 4 and 25: typed by hand, with the script and without, the form is sent byte for byte,
// from its own page, and the answer says what happened and where to go.
func TestCreate(t *testing.T) {
	const odd = " três\tpratos 🌾 de trigo &+=%41 <b> e\u0301 "
	each(t, func(t *testing.T, b *tab, script bool) {
		d := newDesk(t, settings, created)
		b.open(d.URL + page.Path)
		b.typeAll(someone, temporary, odd)
		b.submit("create")
		b.until("document.querySelector('.seal')")

		posts := d.received()
		if len(posts) != 1 || posts[0].path != page.Path {
			t.Fatalf("posts: %v", posts)
		}
		want := url.Values{page.FieldUsername: {someone}, page.FieldTemporary: {temporary}, page.FieldNew: {odd}}
		if diff := cmp.Diff(want, posts[0].form); diff != "" {
			t.Error(diff)
		}
		origin := "null" // a form that is posted from a page without referrers
		if script {
			origin = d.URL
		}
		if h := posts[0].header; h.Get("Origin") != origin || h.Get("Sec-Fetch-Site") != "same-origin" || h.Get("Referer") != "" || h.Get("Cookie") != "" {
			t.Errorf("the form came with Origin %q, Sec-Fetch-Site %q, Referer %q, Cookie %q", h.Get("Origin"), h.Get("Sec-Fetch-Site"), h.Get("Referer"), h.Get("Cookie"))
		}
		if got := b.text("h1"); got != "Sua senha foi criada" || b.focused() != "H1" {
			t.Errorf("the answer is %q, the focus on %s", got, b.focused())
		}
		if got := eval[string](b, "document.title"); got != "Sua senha foi criada – Banco Exemplo" {
			t.Errorf("the title is %q", got)
		}
		if got := eval[string](b, "document.querySelector('main a').href"); got != settings.SignInURL {
			t.Errorf("the way to sign in is %s", got)
		}
		if got := eval[string](b, "location.pathname"); got != page.Path {
			t.Errorf("the page went on to %s", got)
		}
		if got := eval[int](b, "document.querySelectorAll('input, meta[http-equiv]').length"); got != 0 {
			t.Errorf("%d fields or redirects are left", got)
		}
	})
}

// Points 18 and 19.
func TestProblemIsShown(t *testing.T) {
	for _, c := range []struct {
		name    string
		answer  answer
		invalid []string // fields marked as wrong
		links   []string
	}{
		{"missing", empty, []string{"usuario", "senha-provisoria", "nova-senha"}, []string{"#usuario", "#senha-provisoria", "#nova-senha"}},
		{"invalid credentials", invalid, []string{"usuario", "senha-provisoria"}, []string{"#usuario", "#senha-provisoria", settings.SignInURL}},
		{"weak password", weak, []string{"nova-senha"}, []string{"#nova-senha", "#nova-senha"}},
		{"too many requests", tooMany, nil, nil},
		{"unavailable", down, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, b *tab, script bool) {
				d := newDesk(t, settings, c.answer)
				b.open(d.URL + page.Path)
				b.typeAll(someone, "typed", "also typed")
				b.submit("create")
				b.until("document.querySelector('.problem') && document.readyState === 'complete'")

				if got := eval[string](b, "document.title"); got != "Erro: Crie sua senha – Banco Exemplo" {
					t.Errorf("the title is %q", got)
				}
				b.until("document.activeElement.className === 'problem'")
				if got := eval[[]string](b, "Array.from(document.querySelectorAll('[aria-invalid=true]'), e => e.id)"); !cmp.Equal(got, c.invalid, equateEmpty) {
					t.Errorf("marked as wrong: %q, want %q", got, c.invalid)
				}
				if got := eval[[]string](b, "Array.from(document.querySelectorAll('.problem a'), e => e.getAttribute('href'))"); !cmp.Equal(got, c.links, equateEmpty) {
					t.Errorf("links: %q, want %q", got, c.links)
				}
				for _, id := range c.invalid { // the first description of a wrong field is what is wrong
					if got := eval[string](b, "document.getElementById(document.getElementById(%q).getAttribute('aria-describedby').split(' ')[0]).className", id); got != "error" {
						t.Errorf("%s is described by %q", id, got)
					}
				}
				for _, id := range c.invalid {
					b.click(".problem a[href='#" + id + "']")
					if b.focused() != id {
						t.Errorf("the link to %s leads to %s", id, b.focused())
					}
				}
				user, secret := someone, ""
				if c.name == "missing" {
					user = ""
				}
				if script {
					secret = "also typed" // it never left the page
				}
				if u, n := b.value("#usuario"), b.value("#nova-senha"); u != user || n != secret {
					t.Errorf("user name %q and new password %q are left, want %q and %q", u, n, user, secret)
				}
			})
		})
	}
}

var equateEmpty = cmp.Transformer("empty", func(s []string) []string { return append([]string{}, s...) })

// Point 19: the way out stands beside the message, with the user name known.
func TestResendFromTheMessage(t *testing.T) {
	each(t, func(t *testing.T, b *tab, script bool) {
		d := newDesk(t, settings, invalid, sent)
		b.open(d.URL + page.Path)
		b.typeAll(someone, "wrong", wanted)
		b.submit("create")
		b.until("document.querySelector('.problem')")
		b.click(".problem button")
		b.until("document.querySelector('.steps')")
		if got := d.received()[1]; got.path != page.ResendPath || !cmp.Equal(got.form, url.Values{page.FieldUsername: {someone}}) {
			t.Errorf("sent: %v", got)
		}
	})
}

// Point 20: from a link with only the user name, two actions ask for a new message; the
// confirmation is neutral, and counts down to the next one.
func TestAskAgain(t *testing.T) {
	each(t, func(t *testing.T, b *tab, script bool) {
		short := sent
		short.state.Wait = 2 * time.Second
		d := newDesk(t, settings, short)
		b.open(d.URL + page.Path + "#u=" + someone)
		b.click("summary") // the first action
		if !script {
			b.fill("#usuario-2", someone)
		}
		b.submit("resend") // the second
		b.until("document.querySelector('.steps')")
		if got := b.text("main .lead"); got != "Se esse e-mail estiver em um cadastro que espera a primeira senha, acabamos de enviar uma nova senha provisória." {
			t.Errorf("the confirmation is %q", got)
		}
		if script {
			b.submit("resend") // too early
			b.until("document.querySelector('[role=timer]').innerText === '1 s'")
			b.until("!document.querySelector('#resend [aria-disabled]')")
			if got := b.text(".wait"); got != "Você já pode tentar de novo." || b.text("#status") != got {
				t.Errorf("at the end it says %q, aloud %q", got, b.text("#status"))
			}
		} else if got := b.text(".wait"); got != "Você pode tentar de novo em 2 s." {
			t.Errorf("it says %q", got)
		}
		if got := len(d.received()); got != 1 {
			t.Errorf("%d posts, want 1", got)
		}
		b.submit("resend")
		<-d.came
		<-d.came
		for _, got := range d.received() {
			if got.path != page.ResendPath || !cmp.Equal(got.form, url.Values{page.FieldUsername: {someone}}) {
				t.Errorf("sent: %v", got)
			}
		}
	})
}

// The way back from the confirmation keeps the user name.
func TestBackToTheForm(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings, sent)
	b.open(d.URL + page.Path + "#u=" + someone)
	b.click("summary")
	b.submit("resend")
	b.until("document.querySelector('.steps')")
	b.click(".after a")
	b.until("document.querySelector('#usuario')?.value === " + asJSON(someone) + " && location.hash === ''")
}
