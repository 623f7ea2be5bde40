// Package page is the page on which a customer sets the new password: what it
// looks like in each of its states, its style, its script and the headers that
// must go with it. It knows nothing of how a password is set, and sends nothing:
// whoever answers a request says which state it has come to.
//
// The page works without JavaScript: its forms are posted and answered by a whole
// page. The script posts the same forms to the same addresses and puts the answer's
// <main> in place of its own, so that every state is rendered here and nowhere else.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"strings"
)

// The addresses of the page and of its two forms, below [Settings.Prefix].
const (
	Path       = "/nova-senha"          // GET: the page; POST: FieldUsername, FieldTemporary, FieldNew
	ResendPath = "/nova-senha/reenviar" // POST: FieldUsername
)

// The names of the fields that the forms send, as application/x-www-form-urlencoded in UTF-8. A
// password comes as it was typed: nothing is trimmed or normalised.
const (
	FieldUsername  = "usuario"
	FieldTemporary = "senha-provisoria"
	FieldNew       = "nova-senha"
)

// Settings is what stays the same from one request to the next.
type Settings struct {
	Lender    string // whose page it is; "Portaria" when empty
	SignInURL string // where to sign in afterwards: an absolute http or https URL
	SignIn    SignIn
	Rules     []Rule // in the order in which they are shown
	Prefix    string // path before Path, such as "/prod", when the page is not at the root of its host
}

// A SignIn is what a customer of the pool signs in by.
type SignIn int

const (
	ByEmail SignIn = iota
	ByUsername
	ByEither // a user name, or an e-mail that stands for it
)

// A Rule is one that the new password must follow.
type Rule struct {
	Code string // stable; what State.Broken names
	Text string // Portuguese, what to do, without a full stop: "Use pelo menos 12 caracteres"

	Upfront bool // shown before anything is typed; the others once they are broken
	Live    bool // ticked as one types: the script has a check for this Code
	Limit   int  // of too_short in code points, of too_long in UTF-16 units
}

// A Page renders the page and serves its files. It may be used by many goroutines at once.
type Page struct {
	settings      Settings
	pages         *template.Template
	style, script asset
}

//go:embed assets
var assets embed.FS

// New returns the page with those settings, or says which of them cannot be.
func New(s Settings) (*Page, error) {
	if strings.TrimSpace(s.Lender) == "" {
		s.Lender = "Portaria"
	}
	if u, err := url.Parse(s.SignInURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("page: sign-in URL %q is not an absolute http or https URL", s.SignInURL)
	}
	if s.Prefix != "" && (!strings.HasPrefix(s.Prefix, "/") || strings.HasPrefix(s.Prefix, "//") || strings.HasSuffix(s.Prefix, "/")) {
		return nil, fmt.Errorf("page: prefix %q is not a path like /prod", s.Prefix)
	}
	p := &Page{settings: s}
	var err error
	if p.pages, err = template.ParseFS(assets, "assets/*.html"); err != nil {
		return nil, fmt.Errorf("parse the page: %w", err)
	}
	if p.style, err = load("page.css", "text/css; charset=utf-8"); err != nil {
		return nil, err
	}
	if p.script, err = load("page.js", "text/javascript; charset=utf-8"); err != nil {
		return nil, err
	}
	return p, nil
}

// Render writes the whole page in that state, as UTF-8 HTML. For a state that makes no sense it
// returns an error and has written nothing. The answer needs the headers of [Headers] too.
func (p *Page) Render(w io.Writer, s State) error {
	if err := s.settle(); err != nil {
		return err
	}
	var page bytes.Buffer
	if err := p.pages.ExecuteTemplate(&page, "page.html", view{p, p.settings, s}); err != nil {
		return fmt.Errorf("render the page: %w", err)
	}
	_, err := w.Write(page.Bytes())
	return err
}
