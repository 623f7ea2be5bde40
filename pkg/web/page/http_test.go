package page_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pontte/portaria/pkg/web/page"
)

// Points 5 and 6.
func TestHeaders(t *testing.T) {
	h := http.Header{}
	page.Headers(h)
	want := http.Header{
		"Content-Type": {"text/html; charset=utf-8"},
		"Content-Security-Policy": {"default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; " +
			"form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; " +
			"require-trusted-types-for 'script'; trusted-types 'none'"},
		"Strict-Transport-Security":    {"max-age=63072000"},
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
		"X-Robots-Tag":                 {"noindex"},
		"Referrer-Policy":              {"no-referrer"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Permissions-Policy":           {"camera=(), display-capture=(), fullscreen=(), geolocation=(), microphone=(), payment=(), usb=()"},
		"Cache-Control":                {"no-store"},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
}

func TestAssets(t *testing.T) {
	p := newPage(t, settings)
	html := render(t, p, page.State{})
	css := regexp.MustCompile(`/nova-senha/page-[0-9a-f]{12}\.css`).FindString(html)
	js := regexp.MustCompile(`/nova-senha/page-[0-9a-f]{12}\.js`).FindString(html)
	for _, c := range []struct {
		path, kind, cache string
		status            int
	}{
		{css, "text/css; charset=utf-8", "public, max-age=31536000, immutable", 200},
		{js, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", 200},
		{"/prod" + js, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", 200},
		{"/nova-senha/page-000000000000.css", "text/css; charset=utf-8", "no-store", 200},
		{"/nova-senha/page.html", "text/plain; charset=utf-8", "", 404},
		{"/nova-senha/page-000000000000.html", "text/plain; charset=utf-8", "", 404},
		{"/nova-senha/reenviar", "text/plain; charset=utf-8", "", 404},
		{"/nova-senha/other.css", "text/plain; charset=utf-8", "", 404},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := get(t, p.Assets(), method, c.path)
			if h := w.Header(); w.Code != c.status || h.Get("Content-Type") != c.kind || h.Get("Cache-Control") != c.cache || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s: %d %v", method, c.path, w.Code, h)
			}
			if c.status == 200 && (w.Body.Len() > 0) != (method == http.MethodGet) {
				t.Errorf("%s %s: %d bytes", method, c.path, w.Body.Len())
			}
		}
	}
}
