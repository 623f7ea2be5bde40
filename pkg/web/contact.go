package web

import "strings"

// What an e-mail may have, so that it stands unchanged in a link, in HTML and in
// the message that Cognito makes of them: no '%', quotes, angle brackets,
// backticks, spaces, and nothing but ASCII.
const (
	letters     = "abcdefghijklmnopqrstuvwxyz"
	digits      = "0123456789"
	localExtra  = ".!#$&*+/=?^_{|}~-"
	maxLocal    = 64  // RFC 5321, 4.5.3.1.1
	maxEmail    = 128 // it is the user name: AdminCreateUser, Username
	maxLabel    = 63  // RFC 1035, 2.3.4
	minE164     = 8
	maxE164     = 15 // ITU-T E.164
	reasonEmail = "email"
	reasonPhone = "phone_number"
)

// parseEmail gives an e-mail in lower case, and whether it is one that can be
// registered. Whether anybody reads it only a message can tell.
func parseEmail(s string) (string, bool) {
	s = strings.ToLower(s)
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > maxEmail || len(local) > maxLocal || !isDotted(local, letters+digits+localExtra) {
		return "", false
	}
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if len(label) > maxLabel || !isDotted(label, letters+digits+"-") || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
	}
	if len(labels) < 2 || strings.Trim(labels[len(labels)-1], digits) == "" {
		return "", false
	}
	return s, true
}

// isDotted reports whether s is not empty, made of the bytes of alphabet, and
// has no dot at either end and no two together.
func isDotted(s, alphabet string) bool {
	return s != "" && strings.Trim(s, alphabet) == "" && s[0] != '.' && s[len(s)-1] != '.' && !strings.Contains(s, "..")
}

// isE164 reports whether s is a number as Cognito takes it: '+', then 8 to 15
// digits that do not begin with 0.
func isE164(s string) bool {
	number, ok := strings.CutPrefix(s, "+")
	return ok && len(number) >= minE164 && len(number) <= maxE164 && strings.Trim(number, digits) == "" && number[0] != '0'
}
