package page_test

import (
	"strings"
	"testing"

	"github.com/pontte/portaria/pkg/web/page"
)

// Point 5: in no state, and on no way to it, does the page do what its policy forbids, or say
// anything else in the console.
func checkPolicy(t *testing.T, b *tab) {
	for _, complaint := range b.complaints() {
		if !strings.Contains(complaint, "net::ERR_") { // a network that fails is said to
			t.Error(complaint)
		}
	}
}

// Point 5: the policy holds: what is put into the page does not run.
func TestPolicyHolds(t *testing.T) {
	for name, attack := range map[string]string{
		"inline script":  `(s => { s.text = 'window.ran = 1'; document.body.append(s) })(document.createElement('script'))`,
		"foreign script": `(s => { s.src = 'https://example.com/x.js'; document.body.append(s) })(document.createElement('script'))`,
		"markup":         `document.body.innerHTML = '<img src=x onerror="window.ran = 1">'`,
		"handler":        `document.body.setAttribute('onclick', 'window.ran = 1'), document.body.click()`,
		"inline style":   `document.body.setAttribute('style', 'color: red')`,
		"foreign image":  `new Image().src = 'https://example.com/x.png'`,
		"foreign post":   `fetch('https://example.com/', {method: 'POST'}).catch(() => {})`,
		"frame":          `(f => { f.src = 'https://example.com/'; document.body.append(f) })(document.createElement('iframe'))`,
		"base":           `(f => { f.href = 'https://example.com/'; document.head.append(f) })(document.createElement('base'))`,
		"foreign form":   `(f => { f.action = 'https://example.com/'; document.body.append(f); HTMLFormElement.prototype.submit.call(f) })(document.createElement('form'))`,
	} {
		t.Run(name, func(t *testing.T) {
			b, d := newTab(t), newDesk(t, settings)
			b.open(d.URL + page.Path)
			eval[bool](b, `new Promise((resolve) => {
				document.addEventListener('securitypolicyviolation', () => resolve(true))
				try { %s } catch {}
			})`, attack)
			if eval[bool](b, "!!window.ran") {
				t.Error("it ran")
			}
			for _, address := range b.asked() {
				if !strings.HasPrefix(address, d.URL) && name != "foreign script" && name != "foreign image" && name != "foreign post" {
					t.Errorf("it asked for %s", address)
				}
			}
		})
	}
}
