package page_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
	"github.com/pontte/portaria/pkg/web/page"
)

// Point 23: however often it is pressed, it is sent once, and says that it is.
func TestDoubleSubmit(t *testing.T) {
	for name, twice := range map[string]func(*tab){
		"double click": func(b *tab) { b.do(chromedp.DoubleClick(chromedp.CSS("#create [type=submit]"))) },
		"enter, enter": func(b *tab) {
			b.do(chromedp.Focus(chromedp.CSS("#nova-senha")))
			b.press(kb.Enter + kb.Enter)
		},
		"both forms": func(b *tab) {
			b.click("summary")
			b.submit("create")
			b.submit("resend")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, d := newTab(t), newDesk(t, settings, created).holding()
			b.open(d.link())
			b.fill("#nova-senha", wanted)
			twice(b)
			<-d.came
			b.until("document.querySelector('#create .busy[aria-disabled=true]')")
			if button, aloud := b.text("#create [type=submit]"), b.text("#status"); button != "Criando sua senha…" || aloud != button {
				t.Errorf("the button says %q, aloud %q", button, aloud)
			}
			d.release()
			b.until("document.querySelector('.seal')")
			if got := d.received(); len(got) != 1 || got[0].path != page.Path {
				t.Errorf("%d posts, want 1", len(got))
			}
		})
	}
}

// Point 23: back and once more, without the script, is one more post, and its answer, that
// the temporary password no longer does, shows the way to sign in.
func TestBackAndOnceMore(t *testing.T) {
	b, d := newTab(t, noScript), newDesk(t, settings, created, invalid)
	b.open(d.URL + page.Path)
	b.typeAll(someone, temporary, wanted)
	b.submit("create")
	b.until("document.querySelector('.seal')")
	b.open(d.URL + page.Path)
	b.typeAll(someone, temporary, wanted)
	b.submit("create")
	b.until("document.querySelector('.problem a[href=" + asJSON(settings.SignInURL) + "]')")
}

// Point 24: a network that is slow, gone or answers nonsense is said to be so, what was typed
// stays, and one press tries again.
func TestNetworkTrouble(t *testing.T) {
	for _, c := range []struct {
		name, title string
		options     []option
		answer      answer
		trouble     func(*tab, *desk)
		cure        func(*tab, *desk)
	}{
		{name: "slow", title: "A resposta está demorando", options: []option{shortTimeout}, answer: created,
			trouble: func(b *tab, d *desk) { d.holding() },
			cure: func(b *tab, d *desk) {
				d.release()
				if got := eval[[]int](b, "timeouts"); !cmp.Equal(got, []int{10000}) {
					t.Errorf("it waits %v ms", got)
				}
			}},
		{name: "offline", title: "Sem conexão", answer: created,
			trouble: func(b *tab, d *desk) { b.offline(true) },
			cure:    func(b *tab, d *desk) { b.offline(false) }},
		{name: "cut off", title: "Sem conexão", answer: answer{drop: true}, // which a browser tries again by itself
			cure: func(b *tab, d *desk) { d.answer(created) }},
		{name: "no page but JSON", title: "Não conseguimos atender agora", answer: answer{status: 502, raw: `{"message":"Bad gateway"}`}},
		{name: "no page but text", title: "Não conseguimos atender agora", answer: answer{status: 504, raw: `upstream timed out`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, d := newTab(t, c.options...), newDesk(t, settings, c.answer, created)
			if c.answer.drop {
				d.answer(c.answer)
			}
			b.open(d.link())
			b.fill("#nova-senha", wanted)
			if c.trouble != nil {
				c.trouble(b, d)
			}
			b.submit("create")
			b.until("document.querySelector('.problem')")
			if title, head := eval[string](b, "document.title"), b.text(".problem h2"); head != c.title || title != "Erro: Crie sua senha – Banco Exemplo" || b.focused() != "problem" {
				t.Errorf("%q, title %q, focus on %s", head, title, b.focused())
			}
			if u, p, n := b.value("#usuario"), b.value("#senha-provisoria"), b.value("#nova-senha"); u != someone || p != temporary || n != wanted {
				t.Errorf("left: %q, %q, %q", u, p, n)
			}
			if got := b.text("#create [type=submit]"); got != "Criar senha" || eval[bool](b, "!!document.querySelector('.busy, [aria-disabled]')") {
				t.Errorf("the button is still busy: %q", got)
			}
			if c.cure != nil {
				c.cure(b, d)
			}
			b.click(".problem button")
			b.until("document.querySelector('.seal')")
		})
	}
}
