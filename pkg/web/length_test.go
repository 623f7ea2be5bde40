package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/pontte/portaria/pkg/web/page"
)

// TestNamesAreAsLongAsCognitoTakesThem holds that what Cognito would refuse as
// too long, 128 characters being the most of a user name, is refused by name and
// not as a fault of ours.
func TestNamesAreAsLongAsCognitoTakesThem(t *testing.T) {
	email := func(length int) string {
		const domain = "@example.example.example.example.example.example.example.example.com"
		return strings.Repeat("a", length-len(domain)) + domain
	}
	name := func(length int) string { return strings.Repeat("é", length) }
	json := func(path, field, value string) *http.Request { return post(path, `{"`+field+`":"`+value+`"}`) }
	form := func(value string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, page.ResendPath, strings.NewReader(url.Values{page.FieldUsername: {value}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	for what, tt := range map[string]struct {
		request *http.Request
		status  int
	}{
		"an e-mail of 128":           {json("/users/resend", "email", email(128)), 202},
		"an e-mail of 129":           {json("/users/resend", "email", email(129)), 422},
		"a user name of 128":         {json("/password/resend", "username", name(128)), 202},
		"a user name of 129":         {json("/password/resend", "username", name(129)), 422},
		"a user name of 128, typed":  {form(name(128)), 200},
		"a user name of 129, typed":  {form(name(129)), 422},
		"a blank user name":          {json("/password/resend", "username", " \u00a0"), 422},
		"a blank user name, typed":   {form(" \u00a0"), 422},
		"a part of 65 before the @":  {json("/users/resend", "email", strings.Repeat("a", 65)+"@example.com"), 422},
		"a part of 64 after the @":   {json("/users/resend", "email", "a@"+strings.Repeat("a", 64)+".com"), 422},
		"a part of 63 after the @":   {json("/users/resend", "email", "a@"+strings.Repeat("a", 63)+".com"), 202},
		"a last part of digits only": {json("/users/resend", "email", "a@example.11"), 422},
	} {
		t.Run(what, func(t *testing.T) {
			s := service{}
			if response, _ := s.call(t, tt.request); response.Code != tt.status {
				t.Errorf("answer = %d, want %d", response.Code, tt.status)
			}
		})
	}
}
