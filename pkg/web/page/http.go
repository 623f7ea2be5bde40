package page

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// policy lets the page load its own style and script and talk to its own host, nothing
// else. The one exception is the mark in the browser's tab: a data: image can run nothing,
// and saves a fourth request.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// Headers sets the headers that every answer with the page must carry: HTML, not to be
// stored, framed, sniffed or talked to from other sites.
//
// Referrer-Policy no-referrer makes browsers send "Origin: null" with a form that is posted
// without the script; Sec-Fetch-Site still says same-origin.
func Headers(h http.Header) {
	common(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
}

func common(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	// Without includeSubDomains: the host is the lender's, and may be one whose
	// other names are not ours to speak for.
	h.Set("Strict-Transport-Security", "max-age=63072000")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), display-capture=(), fullscreen=(), geolocation=(), microphone=(), payment=(), usb=()")
}

// An asset is a file of the page, at an address that changes with what is in it.
type asset struct {
	path string
	kind string
	body []byte
}

func load(name, kind string) (asset, error) {
	body, err := assets.ReadFile("assets/" + name)
	if err != nil {
		return asset{}, err
	}
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	address := Path + "/" + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
	return asset{address, kind, body}, nil
}

// Assets serves the style and the script to GET and HEAD, by the last element of the path,
// so that it does not matter what stands before it: mount it at "GET /nova-senha/{file}".
// Anything else is 404. A file may be kept for a year. One of another release of the page,
// asked for while a deployment is under way, is answered by this release's, not to be kept.
func (p *Page) Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		for _, file := range []asset{p.style, p.script} {
			if !strings.HasPrefix(name, "page-") || path.Ext(name) != path.Ext(file.path) {
				continue
			}
			common(w.Header())
			w.Header().Set("Content-Type", file.kind)
			w.Header().Set("Content-Length", strconv.Itoa(len(file.body)))
			w.Header().Set("Cache-Control", "no-store")
			if name == path.Base(file.path) {
				w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			}
			if r.Method != http.MethodHead {
				w.Write(file.body)
			}
			return
		}
		http.NotFound(w, r)
	})
}
