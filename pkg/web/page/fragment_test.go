package page_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/pontte/portaria/pkg/web/page"
)

// Point 21: the link's fragment fills the fields, whatever the template put into it.
func TestLinkFillsTheFields(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings)
	for _, c := range []struct{ name, fragment, username, temporary string }{
		{"as in the invitation", "#u=maria@example.com&c=aB3-_xyz", "maria@example.com", "aB3-_xyz"},
		{"user name escaped", "#u=maria%2Bcasa%40example.com&c=aB3", "maria+casa@example.com", "aB3"},
		{"a plus is a plus", "#u=maria+casa@example.com&c=a+b", "maria+casa@example.com", "a+b"},
		{"user name in UTF-8", "#u=jo%C3%A3o&c=aB3", "joão", "aB3"},
		{"stray percent sign", "#u=100%&c=aB3", "100%", "aB3"},
		{"escape that is none", "#u=a%zzb%4&c=aB3", "a%zzb%4", "aB3"},
		{"escape that is no UTF-8", "#u=a%ffb%40c&c=aB3", "a%ffb@c", "aB3"},
		{"&c= in the user name", "#u=a&c=b&c=aB3", "a&c=b", "aB3"},
		{"password raw to the end", "#u=maria&c=%41&u=x=%zz#&", "maria", "%41&u=x=%zz#&"},
		{"user name only", "#u=maria@example.com", "maria@example.com", ""},
		{"password empty", "#u=maria&c=", "maria", ""},
		{"user name empty", "#u=&c=aB3", "", "aB3"},
		{"another fragment", "#nova-senha", "", ""},
		{"none", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.open("about:blank")
			b.open(d.URL + page.Path + c.fragment)
			if u, p := b.value("#usuario"), b.value("#senha-provisoria"); u != c.username || p != c.temporary {
				t.Errorf("%s gave %q and %q, want %q and %q", c.fragment, u, p, c.username, c.temporary)
			}
			if again := b.value("#usuario-2"); again != c.username {
				t.Errorf("the form to ask again has %q", again)
			}
		})
	}
}

// Point 21: afterwards the secret is in the field and nowhere else.
func TestLinkLeavesNoTrace(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings, created)
	b.open(d.link())
	if got := b.value("#senha-provisoria"); got != temporary {
		t.Fatalf("the field has %q", got)
	}
	if got := eval[string](b, "location.href"); got != d.URL+page.Path {
		t.Errorf("the address is %s", got)
	}
	for _, e := range call(b, cdppage.GetNavigationHistory, cdp.Empty{}).Entries {
		if strings.Contains(e.URL, "&c=") {
			t.Errorf("the history has %s", e.URL)
		}
	}
	b.fill("#nova-senha", wanted)
	b.submit("create")
	b.until("document.querySelector('.seal')")
	for _, request := range d.requests() {
		if strings.Contains(request, temporary) || strings.Contains(request, "%23") || !strings.HasSuffix(request, `from ""`) {
			t.Errorf("a request tells more than its address: %s", request)
		}
	}
	if got := eval[int](b, "localStorage.length + sessionStorage.length + document.cookie.length"); got != 0 {
		t.Errorf("%d things are stored", got)
	}
	if got := eval[string](b, "document.documentElement.outerHTML"); strings.Contains(got, temporary) {
		t.Error("the secret is in the markup")
	}
}

// A second invitation's link, followed in the tab that has the page already, changes no more
// than the fragment of its address.
func TestSecondLinkInTheSameTab(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings)
	b.open(d.link())
	eval[bool](b, "!!(location.href = %q)", d.URL+page.Path+"#u=maria&c=second")
	b.until("document.querySelector('#senha-provisoria')?.value === 'second' && location.hash === ''")
}

// Point 22: scanners and previews read the page as often as they like.
func TestReadingChangesNothing(t *testing.T) {
	d := newDesk(t, settings)
	for range 100 {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			request, err := http.NewRequestWithContext(t.Context(), method, d.URL+page.Path, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := d.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK || len(answer.Cookies()) > 0 {
				t.Fatalf("%s: %s, cookies %v", method, answer.Status, answer.Cookies())
			}
		}
	}
	if got := d.received(); len(got) > 0 {
		t.Errorf("posts: %v", got)
	}
}

// The same, of the link in a browser that runs the script and touches nothing.
func TestOpeningTheLinkSendsNothing(t *testing.T) {
	b, d := newTab(t), newDesk(t, settings)
	for range 10 {
		b.open("about:blank")
		b.open(d.link())
		b.until("document.querySelector('#senha-provisoria').value")
	}
	if got := d.received(); len(got) > 0 {
		t.Errorf("posts: %v", got)
	}
}
