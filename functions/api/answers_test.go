package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/canary"
	"github.com/pontte/portaria/pkg/web/page"
)

// TestPublicAnswersAreTheSameForAll asks each public route about somebody who
// waits for the first password, somebody who has one and nobody: status, headers
// and bytes are the same, over HTTP and through the real binary, in each kind of
// pool. The times are measured by make indistinguishable.
func TestPublicAnswersAreTheSameForAll(t *testing.T) {
	t.Parallel()
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(c *local.Config) { c.PoolKind = kind })
			// Two of each: one temporary password a minute is sent to one user.
			for i, user := range []string{"waiting-1@example.com", "waiting-2@example.com", "confirmed-1@example.com", "confirmed-2@example.com"} {
				number := canary.NewPerson("a customer", uint64(i)).CPF
				h.post("/users", strings.NewReplacer("Email.Test@gmail.com", user, "04212286017", number).Replace(registration), http.StatusCreated)
				if strings.HasPrefix(user, "confirmed") {
					_, userName, temporary := h.link()
					h.setPassword(userName, temporary, http.StatusNoContent)
				}
			}
			const temporary = "wrong-Temporary-22"
			var mu sync.Mutex
			var all sync.WaitGroup
			answers := map[string]map[string]string{} // by route: who got what
			for path, fields := range map[string]map[string]string{
				"/password":        {"username": "%s-1@example.com", "temporaryPassword": temporary, "newPassword": chosen},
				"/password/resend": {"username": "%s-1@example.com"},
				page.Path:          {page.FieldUsername: "%s-2@example.com", page.FieldTemporary: temporary, page.FieldNew: chosen},
				page.ResendPath:    {page.FieldUsername: "%s-2@example.com"},
			} {
				answers[path] = map[string]string{}
				for _, who := range []string{"nobody", "waiting", "confirmed"} {
					all.Go(func() {
						request, typed := publicRequest(h.stack.WebURL()+path, who, fields)
						answer, err := answerTo(request, typed)
						if err != nil {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						answers[path][who] = answer
					})
				}
			}
			all.Wait()
			for path, status := range map[string]int{
				"/password": http.StatusUnauthorized, "/password/resend": http.StatusAccepted, page.Path: http.StatusUnauthorized, page.ResendPath: http.StatusOK,
			} {
				got := answers[path]
				if !strings.Contains(got["nobody"], fmt.Sprintf(" %d ", status)) {
					t.Errorf("POST %s of nobody: %s, want status %d", path, got["nobody"], status)
				}
				for who, answer := range got {
					if answer != got["nobody"] {
						t.Errorf("POST %s of who is %s:\n%s\nof nobody:\n%s", path, who, answer, got["nobody"])
					}
				}
			}
		})
	}
}

// publicRequest posts fields as the page does, or as JSON where the route takes
// that, with who in place of %s. typed is the user name in it.
func publicRequest(address, who string, fields map[string]string) (request *http.Request, typed string) {
	form, object := url.Values{}, map[string]string{}
	for name, value := range fields {
		if strings.Contains(value, "%s") {
			value = fmt.Sprintf(value, who)
			typed = value
		}
		form.Set(name, value)
		object[name] = value
	}
	body, contentType := form.Encode(), "application/x-www-form-urlencoded"
	if !strings.Contains(address, page.Path) {
		body, contentType = jsonOf(object), "application/json"
	}
	request, _ = http.NewRequest(http.MethodPost, address, strings.NewReader(body)) // the stack's own address
	request.Header.Set("Content-Type", contentType)
	return request, typed
}

// answerTo is all of an answer but its date, with nothing of what was typed.
func answerTo(request *http.Request, typed string) (string, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	response.Header.Del("Date")
	response.Header.Del("Content-Length") // the page says again what was typed
	var b strings.Builder
	fmt.Fprintln(&b, response.Proto, response.Status)
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		fmt.Fprintf(&b, "%s: %q\n", name, response.Header[name])
	}
	b.WriteString(strings.NewReplacer(typed, "(typed)", url.QueryEscape(typed), "(typed)").Replace(string(body)))
	return b.String(), nil
}
