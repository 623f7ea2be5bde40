package mailbox

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

//go:embed mailbox.html
var pageSource string

//go:embed mailbox.css
var style string

// pagePolicy lets the page do nothing but look as it does and frame what the
// Box serves.
const pagePolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// mailPolicy is for the HTML of a mail: no script, nothing loaded, no form;
// links open outside.
const mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// ServeHTTP answers GET /mailbox (a page for developers), GET /mailbox.json
// (the messages, a JSON array of cognito.Message, newest first),
// GET /mailbox/style.css and GET /mailbox/{number}.html (the body of a mail,
// which the page frames).
func (b *Box) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "the mailbox is only read", http.StatusMethodNotAllowed)
		return
	}
	switch r.URL.Path {
	case "/mailbox", "/mailbox/":
		b.servePage(w)
	case "/mailbox.json":
		b.serveJSON(w)
	case "/mailbox/style.css":
		header.Set("Content-Type", "text/css; charset=utf-8")
		w.Write([]byte(style))
	default:
		b.serveMail(w, r)
	}
}

func (b *Box) servePage(w http.ResponseWriter) {
	page, err := template.New("mailbox").Funcs(template.FuncMap{"links": links, "isHTML": isHTML}).Parse(pageSource)
	if err != nil {
		http.Error(w, "the page's template: "+err.Error(), http.StatusInternalServerError)
		return
	}
	var out bytes.Buffer
	if err := page.Execute(&out, b.letters()); err != nil {
		http.Error(w, "the page's template: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(out.Bytes())
}

func (b *Box) serveJSON(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.Encode(b.Messages()) // the client has gone when this fails
}

func (b *Box) serveMail(w http.ResponseWriter, r *http.Request) {
	name, _ := strings.CutPrefix(r.URL.Path, "/mailbox/")
	number, isMail := strings.CutSuffix(name, ".html")
	for _, l := range b.letters() {
		if isMail && strconv.Itoa(l.Number) == number && isHTML(l) {
			w.Header().Set("Content-Security-Policy", mailPolicy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Write([]byte(`<!doctype html><base target="_blank">` + l.Body))
			return
		}
	}
	http.NotFound(w, r)
}

// isHTML says whether the message is a mail with HTML in it.
func isHTML(l letter) bool {
	return l.Medium == "EMAIL" && regexp.MustCompile(`(?i)<(!doctype|html|body|p|br|div|a|table|h[1-6]|ul|strong|b|span)\b[^>]*>`).MatchString(l.Body)
}

// part is a stretch of a text, a link or not.
type part struct {
	Text string
	Link bool
}

// links splits a text at its http and https addresses. A full stop or bracket
// that ends an address is not part of it.
func links(text string) []part {
	var parts []part
	last := 0
	for _, at := range regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]}]`).FindAllStringIndex(text, -1) {
		parts = append(parts, part{Text: text[last:at[0]]}, part{Text: text[at[0]:at[1]], Link: true})
		last = at[1]
	}
	return append(parts, part{Text: text[last:]})
}
