package userpool

import (
	"context"
	"crypto/sha256"
	"fmt"
)

// hasAliases reports whether e-mails are aliases in the pool. While its kind has
// not been read yet and cannot be now, it is taken for one like ours, where they
// are not, and read again the next time.
func (p *Pool) hasAliases(ctx context.Context) bool {
	kind, known := p.kind.Load().(SignIn)
	if !known {
		s, _ := p.Settings(ctx) // what could not be read is no ByAlias
		kind = s.SignIn
	}
	return kind == ByAlias
}

// nameFor is the user name to ask for when somebody with that e-mail is created.
func (p *Pool) nameFor(ctx context.Context, email string) string {
	email = canonical(email)
	if p.hasAliases(ctx) {
		return p.madeName(email)
	}
	return email
}

// madeName is the user name of who has that e-mail, in a pool where it may not be
// the e-mail itself: a UUID (version 8: RFC 9562, 5.8) made of both. The same
// e-mail has the same name in every attempt: so Cognito lets no two of them be
// created, one attempt sent twice is the same for the trigger, and who waits for
// the first password is found while the e-mail is no alias yet.
func (p *Pool) madeName(email string) string {
	b := sha256.Sum256([]byte("user name\x00" + p.id + "\x00" + email))
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// finalName is the name by which Cognito finds the user whom people call name, or
// ErrNotFound. Whether there is such a user it need not know.
func (p *Pool) finalName(ctx context.Context, name string) (string, error) {
	name = canonical(name)
	switch {
	case !isName(name):
		return "", ErrNotFound
	case !isEmail(name) || !p.hasAliases(ctx):
		return name, nil
	}
	user, err := p.Lookup(ctx, name)
	return user.Name, err
}
