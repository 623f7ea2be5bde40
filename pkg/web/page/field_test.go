package page_test

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
	"github.com/pontte/portaria/pkg/web/page"
)

func focus(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Focus(chromedp.CSS(selector))
}

// Point 14, by GOV.UK's manner: hidden at first, shown and hidden by a button that says what
// it does, said aloud, hidden again when sent and when the page comes back from the cache.
func TestReveal(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings, created)
	d.holding()
	b.open(d.link())
	b.fill("#nova-senha", wanted)
	const button = "[aria-controls=nova-senha]"
	look := func() []string {
		return eval[[]string](b, `(e => [document.querySelector('#nova-senha').type, e.type, e.textContent, e.ariaLabel, document.querySelector('#status').textContent])(document.querySelector(%q))`, button)
	}
	hidden := []string{"password", "button", "Mostrar", "Mostrar a nova senha", "A nova senha está oculta."}
	shown := []string{"text", "button", "Ocultar", "Ocultar a nova senha", "A nova senha está visível."}
	if got := look(); !cmp.Equal(got[:4], hidden[:4]) {
		t.Errorf("at first %q, want %q", got, hidden[:4])
	}
	for _, want := range [][]string{shown, hidden, shown} {
		b.click(button)
		if got := look(); !cmp.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := b.value("#nova-senha"); got != wanted {
		t.Errorf("the field has %q", got)
	}
	eval[bool](b, "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
	if got := look(); !cmp.Equal(got[:4], hidden[:4]) {
		t.Errorf("back from the cache %q, want %q", got, hidden[:4])
	}
	b.click(button)
	b.submit("create")
	<-d.came
	if got := look(); !cmp.Equal(got[:4], hidden[:4]) {
		t.Errorf("sent %q, want %q", got, hidden[:4])
	}
	if got := len(d.received()); got != 1 {
		t.Errorf("%d posts; the buttons must send nothing", got)
	}
}

// Point 4: what only the script can do is not offered without it.
func TestRevealNeedsTheScript(t *testing.T) {
	b, d := newTab(t, noScript), newDesk(t, settings)
	b.open(d.URL + page.Path)
	if got := eval[int](b, "[...document.querySelectorAll('.reveal')].filter(e => e.checkVisibility()).length"); got != 0 {
		t.Errorf("%d buttons are shown that do nothing", got)
	}
	if got := b.text("#rules li"); got != "Use pelo menos 12 caracteres" {
		t.Errorf("the first rule is %q", got)
	}
}

// Point 13: nothing stands in the way of paste, drop or a password manager.
func TestPaste(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings)
	b.open(d.URL + page.Path)
	long := ""
	for len(long) < 300 {
		long += "0123456789"
	}
	b.fill("#usuario", long)
	edit := func(command string) {
		call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Process", Commands: []string{command}})
	}
	edit("selectAll")
	edit("copy")
	for _, field := range []string{"#senha-provisoria", "#nova-senha", "#usuario-2"} {
		if field == "#usuario-2" {
			b.click("summary")
		}
		b.do(focus(field))
		edit("selectAll")
		edit("paste")
		if got := b.value(field); got != long {
			t.Errorf("%s has %d characters of what was pasted", field, len(got))
		}
		for _, event := range []string{"paste", "copy", "cut", "dragover", "drop", "contextmenu", "beforeinput"} {
			if !eval[bool](b, "document.querySelector(%q).dispatchEvent(new Event(%q, {bubbles: true, cancelable: true}))", field, event) {
				t.Errorf("%s: %s is blocked", field, event)
			}
		}
	}
}

// Point 2: all of it by keyboard, in reading order, without a trap.
func TestKeyboardOnly(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings, invalid, sent)
	b.open(d.URL + page.Path)
	stops := func(key string, n int, options ...chromedp.KeyOption) []string {
		var all []string
		for range n {
			b.press(key, options...)
			all = append(all, eval[string](b, "(e => e.id || e.getAttribute('aria-controls') || e.textContent.trim() || e.tagName)(document.activeElement)"))
		}
		return all
	}
	forth := []string{"usuario", "senha-provisoria", "senha-provisoria", "nova-senha", "nova-senha", "Criar senha", "A senha provisória venceu ou não chegou?"}
	if got := stops(kb.Tab, len(forth)); !cmp.Equal(got, forth) {
		t.Errorf("forth %q, want %q", got, forth)
	}
	back := []string{"Criar senha", "nova-senha", "nova-senha", "senha-provisoria", "senha-provisoria", "usuario"}
	if got := stops(kb.Tab, len(back), chromedp.KeyModifiers(chromedp.ModifierShift)); !cmp.Equal(got, back) {
		t.Errorf("back %q, want %q", got, back)
	}
	b.press(someone + kb.Tab + "temporary" + kb.Tab)
	b.press(" ") // show it, by the space bar
	if got := eval[string](b, "document.querySelector('#senha-provisoria').type"); got != "text" {
		t.Errorf("the temporary password is %s", got)
	}
	b.press(kb.Tab + "quinze girassois" + kb.Enter) // sent from the field
	b.until("document.activeElement.className === 'problem'")
	want := []string{"Conferir o e-mail", "Conferir a senha provisória", "Pedir nova senha provisória"}
	if got := stops(kb.Tab, len(want)); !cmp.Equal(got, want) {
		t.Errorf("in the message %q, want %q", got, want)
	}
	b.press(kb.Enter)
	b.until("document.querySelector('.steps')")
	want = []string{"Já tenho a nova senha provisória", "Enviar outra vez"}
	if got := stops(kb.Tab, len(want)); !cmp.Equal(got, want) {
		t.Errorf("after it was sent %q, want %q", got, want)
	}
	if got := len(d.received()); got != 2 {
		t.Errorf("%d posts, want 2", got)
	}
}

// The two ways of opening what is folded.
func TestKeyboardOpensTheOtherWay(t *testing.T) {
	for _, key := range []string{kb.Enter, " "} {
		b, d := newTab(t), newDesk(t, settings)
		b.open(d.URL + page.Path)
		b.fill("#usuario", someone)
		b.do(focus("summary"))
		b.press(key)
		b.until("document.querySelector('#usuario-2').checkVisibility() && document.querySelector('#usuario-2').value === " + asJSON(someone))
	}
}
