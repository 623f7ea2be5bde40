package page_test

import (
	"github.com/pontte/portaria/pkg/web/page"
)

// A scene is a state of the page, reached as a customer reaches it.
type scene struct {
	name    string
	answers []answer
	options []option
	play    func(*tab, *desk)
}

// shortTimeout makes the script's ten seconds a twentieth of one, and keeps what it asked for.
var shortTimeout = before(`{
	const own = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, 'timeout')
	window.timeouts = []
	Object.defineProperty(XMLHttpRequest.prototype, 'timeout', {
		get: own.get, set(ms) { timeouts.push(ms); own.set.call(this, timeouts.length > 1 ? ms : 50) },
	})
}`)

func scenes() []scene {
	fromLink := func(then func(*tab, *desk)) func(*tab, *desk) {
		return func(b *tab, d *desk) {
			b.open(d.link())
			b.fill("#nova-senha", wanted)
			then(b, d)
		}
	}
	create := func(until string) func(*tab, *desk) {
		return fromLink(func(b *tab, d *desk) {
			b.submit("create")
			b.until(until)
		})
	}
	askAgain := func(b *tab, d *desk) {
		b.open(d.URL + page.Path + "#u=" + someone)
		b.click("summary")
	}
	resend := func(until string) func(*tab, *desk) {
		return func(b *tab, d *desk) {
			askAgain(b, d)
			b.submit("resend")
			b.until(until)
		}
	}
	problem := "document.querySelector('.problem')"
	return []scene{
		{name: "form", play: func(b *tab, d *desk) { b.open(d.URL + page.Path) }},
		{name: "filled", play: fromLink(func(b *tab, d *desk) {
			b.click("[aria-controls=nova-senha]")
		})},
		{name: "ask-again", play: askAgain},
		{name: "missing", answers: []answer{empty}, play: func(b *tab, d *desk) {
			b.open(d.URL + page.Path)
			b.submit("create")
			b.until(problem)
		}},
		{name: "invalid-credentials", answers: []answer{invalid}, play: create(problem)},
		{name: "weak-password", answers: []answer{weak}, play: create(problem)},
		{name: "too-many-requests", answers: []answer{tooMany}, play: create(problem)},
		{name: "unavailable", answers: []answer{down}, play: create(problem)},
		{name: "gateway-error", answers: []answer{{status: 500, raw: `{"message":"Internal Server Error"}`}}, play: create(problem)},
		{name: "sign-in-elsewhere", answers: []answer{elsewhere}, play: create("!document.querySelector('form')")},
		{name: "busy", answers: []answer{created}, play: fromLink(func(b *tab, d *desk) {
			d.holding()
			b.submit("create")
			b.until("document.querySelector('.busy')")
		})},
		{name: "slow", answers: []answer{created}, options: []option{shortTimeout}, play: fromLink(func(b *tab, d *desk) {
			d.holding()
			b.submit("create")
			b.until(problem)
		})},
		{name: "offline", answers: []answer{created}, play: fromLink(func(b *tab, d *desk) {
			b.offline(true)
			b.submit("create")
			b.until(problem)
		})},
		{name: "done", answers: []answer{created}, play: create("document.querySelector('.seal')")},
		{name: "resend-missing", answers: []answer{noName}, play: resend(problem)},
		{name: "resend-too-many-requests", answers: []answer{tooOften}, play: resend(problem)},
		{name: "sent", answers: []answer{sent}, play: resend("document.querySelector('.steps')")},
	}
}
