package cognito

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// symbols are the letters that count as symbols in Cognito's password policy,
// but for the space, which no password here has.
const symbols = `^$*.[]{}()?"!@#%&/\,><':;|_~` + "`+=-"

// secret is a user's password, kept as a salted hash.
type secret struct {
	salt    []byte
	hash    [sha256.Size]byte
	expires time.Time // of a temporary password; zero: never
}

func (r *random) secret(password string, expires time.Time) (secret, error) {
	salt, err := r.bytes(16)
	if err != nil {
		return secret{}, err
	}
	return secret{salt: salt, hash: hashOf(salt, password), expires: expires}, nil
}

func (s secret) is(password string) bool {
	hash := hashOf(s.salt, password)
	return subtle.ConstantTimeCompare(hash[:], s.hash[:]) == 1
}

func hashOf(salt []byte, password string) [sha256.Size]byte {
	return sha256.Sum256(append(slices.Clip(salt), password...))
}

// check says what password lacks. The password never stands in the error.
func (p *passwordPolicy) check(password string) error {
	lacks := ""
	switch {
	case utf8.RuneCountInString(password) < int(p.MinimumLength):
		lacks = "Password not long enough"
	case p.RequireUppercase && !strings.ContainsFunc(password, unicode.IsUpper):
		lacks = "Password must have uppercase characters"
	case p.RequireLowercase && !strings.ContainsFunc(password, unicode.IsLower):
		lacks = "Password must have lowercase characters"
	case p.RequireNumbers && !strings.ContainsFunc(password, unicode.IsDigit):
		lacks = "Password must have numeric characters"
	case p.RequireSymbols && !strings.ContainsAny(password, symbols):
		lacks = "Password must have symbol characters"
	default:
		return nil
	}
	return refuse(invalidPassword, "Password did not conform with policy: %s", lacks)
}

// password returns a random password that any policy of that length accepts.
// Like Cognito's own it holds letters that have a meaning in URLs and HTML.
func (r *random) password(length int) (string, error) {
	var parts []string
	for _, alphabet := range []string{upperLetters, lowerLetters, digits, symbols} {
		letter, err := r.text(1, alphabet)
		if err != nil {
			return "", err
		}
		parts = append(parts, letter)
	}
	rest, err := r.text(max(length, 10)-len(parts), upperLetters+lowerLetters+digits+symbols)
	if err != nil {
		return "", err
	}
	return rest + strings.Join(parts, ""), nil
}

// temporaryPassword returns the wanted password, or a random one when none is
// wanted, and what to store of it. It is checked against the pool's policy.
func (s *Service) temporaryPassword(wanted password, settings *poolInput) (string, secret, error) {
	policy := settings.Policies.PasswordPolicy
	plain := string(wanted)
	if plain == "" {
		var err error
		if plain, err = s.random.password(int(policy.MinimumLength)); err != nil {
			return "", secret{}, err
		}
	}
	if err := policy.check(plain); err != nil {
		return "", secret{}, err
	}
	validity := time.Duration(policy.TemporaryPasswordValidityDays) * 24 * time.Hour
	stored, err := s.random.secret(plain, s.config.Now().Add(validity))
	return plain, stored, err
}
