// Package password says which passwords a customer may choose, and makes the
// temporary ones.
//
// A rule has a code, a text and a check, each in one place: the API, the page
// and the comparison with the pool's policy all take them from here. Length
// decides, not composition (NIST SP 800-63B, ASVS 5 6.2); an existing pool that
// asks for composition can say so in its Policy.
//
// A password is taken as it comes, byte for byte: nothing is trimmed, folded or
// normalised. No function here puts a password into an error or a result, but
// for Temporary, which makes one.
package password

import (
	"strings"
	"unicode/utf8"
)

const (
	// MinLength is how many Unicode code points a password has at least. Cognito
	// does not document what it counts. If it counts UTF-16 units, as the JVM
	// does, or bytes, there are never fewer of those: what is long enough here
	// is long enough there.
	MinLength = 12

	// MaxLength is how many UTF-16 units a password has at most, 256 being
	// Cognito's limit. There are never fewer units than code points, and a
	// browser counts units too. 128 code points always fit.
	MaxLength = 256
)

// Rule is the stable code of a rule that a new password breaks. Programs may
// depend on its values.
type Rule string

// The rules, in the order in which Check names them.
const (
	TooShort        Rule = "too_short"         // fewer code points than Policy asks
	TooLong         Rule = "too_long"          // more than MaxLength
	EdgeSpace       Rule = "edge_space"        // begins or ends with white space (Unicode's White_Space)
	BadCharacter    Rule = "bad_character"     // a line break, or not UTF-8
	NoLowercase     Rule = "no_lowercase"      // no a to z, where the pool asks for one
	NoUppercase     Rule = "no_uppercase"      // no A to Z, where the pool asks for one
	NoNumber        Rule = "no_number"         // no 0 to 9, where the pool asks for one
	NoSymbol        Rule = "no_symbol"         // no symbol of Cognito's, where the pool asks for one
	Common          Rule = "common"            // among the commonest, or a short pattern over and over
	SameAsTemporary Rule = "same_as_temporary" // the temporary password, or that and little else
	Personal        Rule = "personal"          // what one knows of the customer, and little else
	NotAccepted     Rule = "not_accepted"      // never from here: Cognito refused what Check let pass
)

// symbols are those of Cognito's password policy. A space that is neither first
// nor last counts too. (Developer guide, "Adding user pool password requirements".)
const symbols = `^$*.[]{}()?"!@#%&/\,><':;|_~` + "`=+-"

// Policy is what a user pool asks of passwords beside the rules that always
// hold. The zero value asks for nothing more; it is Default's.
type Policy struct {
	MinLength int // code points; less than the constant MinLength counts as that

	// Whether at least one of a kind must be there.
	RequireLowercase, RequireUppercase, RequireNumbers, RequireSymbols bool
}

// Default is the policy of the pool that template.yaml makes: MinLength code
// points, no composition.
func Default() Policy { return Policy{MinLength: MinLength} }

// minLength is how many code points p asks for.
func (p Policy) minLength() int { return max(p.MinLength, MinLength) }

// Given is what came in one request together with the new password.
type Given struct {
	Temporary string   // the temporary password; "" when there is none
	Words     []string // what else was typed: user name, e-mail address; in any spelling
}

// Check gives every rule that newPassword breaks, in the order of the constants,
// and nil when it breaks none. It looks at nothing but its arguments, so that it
// may be asked before the temporary password has been proved; what only the pool
// knows of the customer is for CheckPersonal. Of a password that is too long
// only that is said.
func (p Policy) Check(newPassword string, given Given) []Rule {
	if utf16Length(newPassword) > MaxLength {
		return []Rule{TooLong}
	}
	has := func(chars string) bool { return strings.ContainsAny(newPassword, chars) }
	var broken []Rule
	for _, r := range []struct {
		rule   Rule
		broken bool
	}{
		{TooShort, utf8.RuneCountInString(newPassword) < p.minLength()},
		{EdgeSpace, strings.TrimSpace(newPassword) != newPassword},
		{BadCharacter, !utf8.ValidString(newPassword) || has(lineBreaks)},
		{NoLowercase, p.RequireLowercase && !has("abcdefghijklmnopqrstuvwxyz")},
		{NoUppercase, p.RequireUppercase && !has("ABCDEFGHIJKLMNOPQRSTUVWXYZ")},
		{NoNumber, p.RequireNumbers && !has("0123456789")},
		{NoSymbol, p.RequireSymbols && !has(symbols) && !strings.Contains(strings.TrimSpace(newPassword), " ")},
		{Common, isCommon(newPassword) || isMonotonous(newPassword)},
		{SameAsTemporary, isTemporary(newPassword, given.Temporary)},
		{Personal, isMadeOf(newPassword, words(given.Words))},
	} {
		if r.broken {
			broken = append(broken, r.rule)
		}
	}
	return broken
}

// lineBreaks are what the dot of Cognito's pattern for passwords,
// ^[\S]+.*[\S]+$, does not stand for; [\S] is why none may begin or end with
// white space. U+FFFD is what a decoder leaves of text that was not Unicode.
const lineBreaks = "\n\r\u0085\u2028\u2029\ufffd"

// utf16Length counts s as the JVM and browsers do.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// isTemporary reports whether newPassword is the temporary password, in any case
// and punctuation, or made of it.
func isTemporary(newPassword, temporary string) bool {
	if temporary == "" {
		return false
	}
	folded := fold(temporary)
	return newPassword == temporary ||
		utf8.RuneCountInString(folded) >= minWord && isMadeOf(newPassword, []string{folded})
}
