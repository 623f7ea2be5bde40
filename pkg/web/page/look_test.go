package page_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// colours is what the looks below measure with: contrast of two CSS colours, and the colour
// that is behind an element.
const colours = `
	const channels = (css) => css.match(/[\d.]+/g).map(Number)
	const luminance = (css) => {
		const [r, g, b] = channels(css).slice(0, 3).map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		return .2126 * r + .7152 * g + .0722 * b
	}
	const contrast = (a, b) => {
		const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
		return (high + .05) / (low + .05)
	}
	const behind = (e) => {
		for (e = e.parentElement; e; e = e.parentElement) {
			const c = getComputedStyle(e).backgroundColor
			if ((channels(c)[3] ?? 1) === 1) return c
		}
		return 'rgb(255, 255, 255)'
	}
	const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility())`

// measure runs a script that gives a list of complaints.
func measure(b *tab, script string) []string {
	b.t.Helper()
	return eval[[]string](b, "(() => {%s\n%s})()", colours, script)
}

// TestStates looks at every state of the page as it is reached by a customer.
func TestStates(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			b := newTab(t, s.options...)
			d := newDesk(t, settings, s.answers...)
			s.play(b, d)
			for _, c := range []struct {
				name  string
				check func(*testing.T, *tab)
			}{
				{"policy is kept", checkPolicy}, // first: the others bring scripts of their own
				{"axe", checkAxe},
				{"reflow", checkReflow},
				{"focus is visible", checkFocus},
				{"contrast of controls", checkContrast},
				{"forced colours", checkForcedColours},
			} {
				t.Run(c.name, func(t *testing.T) { c.check(t, b) })
			}
		})
	}
}

// Point 3: wherever the keyboard leads, the focus is at least 2 px wide, at least 3:1 against
// what is behind it, and in sight.
func checkFocus(t *testing.T, b *tab) {
	for _, scheme := range []string{"light", "dark"} {
		b.size(320, 640)
		b.media("prefers-color-scheme", scheme)
		stops := eval[int](b, "(document.activeElement.blur(), document.querySelectorAll('a, button, input, summary').length)")
		for range stops {
			b.press(kb.Tab)
			for _, complaint := range measure(b, `
					const e = document.activeElement
					if (e === document.body) return []
					const s = getComputedStyle(e), r = e.getBoundingClientRect(), all = []
					const name = e.outerHTML.slice(0, 80)
					if (s.outlineStyle !== 'solid' || parseFloat(s.outlineWidth) < 2) all.push(name + ': outline ' + s.outline)
					if (contrast(s.outlineColor, behind(e)) < 3) all.push(name + ': contrast ' + contrast(s.outlineColor, behind(e)))
					if (r.top < 0 || r.bottom > innerHeight || r.left < 0 || r.right > innerWidth) all.push(name + ': out of sight')
					const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)
					if (!e.contains(top)) all.push(name + ': behind ' + top?.outerHTML.slice(0, 80))
					return all`) {
				t.Errorf("%s: %s", scheme, complaint)
			}
		}
	}
}

// Points 8 and 10: at 320 px, which is 1280 px at 400 %, and with text twice as large, nothing
// is cut off or needs to be scrolled sideways; whatever can be pressed is 44 px in both
// directions.
func checkReflow(t *testing.T, b *tab) {
	check := func(name string) {
		t.Helper()
		for _, complaint := range measure(b, `
				const all = []
				if (document.documentElement.scrollWidth > innerWidth) all.push('scrolls sideways: ' + document.documentElement.scrollWidth)
				for (const e of shown('body *')) {
					if (e.matches('.unseen, .unseen *, svg *')) continue
					const r = e.getBoundingClientRect()
					if (r.left < 0 || r.right > innerWidth + .5) all.push('sticks out: ' + e.outerHTML.slice(0, 80))
					if (e.tagName !== 'INPUT' && (e.scrollWidth > e.clientWidth + 1) && getComputedStyle(e).overflowX !== 'visible') all.push('is cut off: ' + e.outerHTML.slice(0, 80))
				}
				for (const e of shown('a, button, input, summary')) {
					const r = e.getBoundingClientRect()
					if (r.width < 44 || r.height < 44) all.push('is small: ' + Math.round(r.width) + ' x ' + Math.round(r.height) + ' ' + e.outerHTML.slice(0, 80))
				}
				return all`) {
			t.Errorf("%s: %s", name, complaint)
		}
	}
	for _, width := range []int64{320, 768, 1280} {
		b.size(width, 900)
		check(fmt.Sprintf("%d px", width))
	}
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 320, Height: 256, DeviceScaleFactor: 4})
	check("400 %")
	b.size(640, 900)
	eval[bool](b, "!!(document.documentElement.style.fontSize = '200%%')")
	check("text twice as large")
	eval[bool](b, "!(document.documentElement.style.fontSize = '')")
}

// Point 9: axe measures the text; this, what is not text: the edges of the fields, the marks of
// the rules, the edges of the buttons.
func checkContrast(t *testing.T, b *tab) {
	for _, scheme := range []string{"light", "dark"} {
		b.media("prefers-color-scheme", scheme)
		for _, complaint := range measure(b, `
				const all = []
				for (const e of shown('input, .main, .other')) {
					const ratio = contrast(getComputedStyle(e).borderTopColor, behind(e))
					if (ratio < 3) all.push(ratio + ': ' + e.outerHTML.slice(0, 80))
				}
				for (const e of shown('#rules svg, .seal svg')) {
					const ratio = contrast(getComputedStyle(e).stroke, behind(e))
					if (ratio < 3) all.push(ratio + ': ' + e.outerHTML.slice(0, 80))
				}
				return all`) {
			t.Errorf("%s: %s", scheme, complaint)
		}
	}
}

// Point 9: who asks for less motion gets none; who has not still sees that it is busy.
func TestMotion(t *testing.T) {
	for _, s := range scenes() {
		if s.name != "busy" {
			continue
		}
		b := newTab(t)
		d := newDesk(t, settings, s.answers...)
		s.play(b, d)
		for preference, want := range map[string]int{"reduce": 0, "no-preference": 1} {
			b.media("prefers-reduced-motion", preference)
			if got := eval[int](b, "document.getAnimations().length"); got != want {
				t.Errorf("%s: %d animations, want %d", preference, got, want)
			}
		}
	}
}

// Point 9: in forced colours every field and button still has an edge, the pressed-for button
// stands out, and what is drawn is drawn in the text's colour.
func checkForcedColours(t *testing.T, b *tab) {
	b.media("forced-colors", "active", "prefers-color-scheme", "dark")
	if !eval[bool](b, "matchMedia('(forced-colors: active)').matches") {
		t.Fatal("the browser does not force colours")
	}
	for _, complaint := range measure(b, `
			const all = []
			for (const e of shown('input, .main, .other, .problem')) {
				const s = getComputedStyle(e)
				if (parseFloat(s.borderTopWidth) < 1 || contrast(s.borderTopColor, behind(e)) < 3) all.push('no edge: ' + e.outerHTML.slice(0, 80))
			}
			for (const e of shown('h1, h2, p, li, label, a, button, summary')) {
				const s = getComputedStyle(e), own = channels(s.backgroundColor)[3] === 0 ? behind(e) : s.backgroundColor
				if (contrast(s.color, own) < 4.5) all.push('faint: ' + contrast(s.color, own) + ' ' + e.outerHTML.slice(0, 80))
			}
			for (const e of shown('#rules svg, .seal svg'))
				if (contrast(getComputedStyle(e).stroke, behind(e)) < 3) all.push('not drawn: ' + e.outerHTML.slice(0, 80))
			return all`) {
		t.Error(complaint)
	}
}

// Point 7, as the browser sees it.
func TestRequests(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings)
	b.open(d.link())
	asked := b.asked()
	if len(asked) != 3 {
		t.Errorf("%d requests: %q", len(asked), asked)
	}
	for _, address := range asked {
		if !strings.HasPrefix(address, d.URL+"/") {
			t.Errorf("asked another host: %s", address)
		}
	}
	if got := len(d.requests()); got != 3 {
		t.Errorf("the server saw %d requests: %q", got, d.requests())
	}
}
