package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/canary"
	"github.com/pontte/portaria/pkg/web/page"
)

// ana is who registers in these tests, and joao somebody of whom AWS speaks.
var ana, joao = canary.NewPerson("who registers", 11), canary.NewPerson("somebody else", 12)

// spoken is what was said, and when.
type spoken struct{ during, text string }

// wantNone fails the test for every canary in what was said. It does not show it.
func wantNone(t *testing.T, all []spoken, secret []canary.Canary) {
	t.Helper()
	scanner, err := canary.NewScanner(secret...)
	if err != nil {
		t.Fatal(err)
	}
	looked := map[string]bool{}
	for _, s := range all {
		for line := range strings.Lines(s.text) {
			if looked[line] {
				continue
			}
			looked[line] = true
			found, err := scanner.Scan(strings.NewReader(line))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				t.Errorf("%s: the function lets out the %s, %s", s.during, f.Canary, f.Form)
			}
		}
	}
}

// registrationOf is p's, in JSON.
func registrationOf(p canary.Person) string {
	return fmt.Sprintf(`{"email":%s,"phoneNumber":%s,"cpf":%s,"trackCode":%s,"simulation":{"id":%s,"loanValue":%s,"term":180,"installment":%[6]s,"loanValueSelected":%[6]s,"phone":%s}}`,
		quoted(p.Email), quoted(p.PhoneNumber), quoted(p.CPF), quoted(p.TrackCode), quoted(p.SimulationID), quoted(p.LoanValue), quoted(p.Phone))
}

// visits are the requests about p, with that temporary password: each route as it
// is meant, and with what does not belong there.
func visits(p canary.Person, temporary string) map[string]request {
	json := func(path, body string) request { return request{http.MethodPost, path, "application/json", body} }
	form := func(path string, fields url.Values) request {
		return request{http.MethodPost, path, "application/x-www-form-urlencoded", fields.Encode()}
	}
	whole := registrationOf(p)
	fields := url.Values{page.FieldUsername: {p.Email}, page.FieldTemporary: {temporary}, page.FieldNew: {p.Password}}
	return map[string]request{
		"register":                json("/users", whole),
		"register, wrong all":     json("/users", strings.NewReplacer(quoted(p.Email), quoted(p.Password), quoted(p.CPF), quoted(p.Email), quoted(p.PhoneNumber), quoted(p.Phone), "180", p.CPF).Replace(whole)),
		"register, another CPF":   json("/users", strings.Replace(whole, p.CPF, joao.CPF, 1)),
		"register, cut off":       json("/users", whole[:len(whole)/2]),
		"register, unknown field": json("/users", `{`+quoted(p.Email)+`:1,`+whole[1:]),
		"register, doubled":       json("/users", `{"email":`+quoted(p.Password)+`,`+whole[1:]),
		"register, no UTF-8":      json("/users", strings.Replace(whole, p.Email, p.Email+"\xff", 1)),
		"register, too large":     json("/users", strings.Repeat(whole, 100)),
		"register, another type":  {http.MethodPost, "/users", p.Email + "/" + p.CPF, whole},
		"resend by a system":      json("/users/resend", `{"email":`+quoted(p.Email)+`}`),
		"resend to no e-mail":     json("/users/resend", `{"email":`+quoted(p.UserName)+`}`),
		"resend":                  json("/password/resend", `{"username":`+quoted(p.Email)+`}`),
		"resend to nobody":        json("/password/resend", `{"username":`+quoted(p.UserName)+`}`),
		"wrong password":          json("/password", jsonOf(map[string]string{"username": p.Email, "temporaryPassword": p.Token, "newPassword": p.Password})),
		"weak password":           json("/password", jsonOf(map[string]string{"username": p.Email, "temporaryPassword": p.Password, "newPassword": p.Email})),
		"no user name":            json("/password", jsonOf(map[string]string{"username": p.Session + p.Session, "temporaryPassword": p.Token, "newPassword": p.Password})),
		"personal password":       json("/password", jsonOf(map[string]string{"username": p.Email, "temporaryPassword": temporary, "newPassword": "x " + p.CPF})),
		"set":                     json("/password", jsonOf(map[string]string{"username": p.Email, "temporaryPassword": temporary, "newPassword": p.Password})),
		"form":                    form(page.Path, fields),
		"form, half of it":        form(page.Path, url.Values{page.FieldTemporary: {p.Token}}),
		"form, no form":           {http.MethodPost, page.Path, "application/x-www-form-urlencoded", "%" + p.Email + ";" + p.Password},
		"form of resend":          form(page.ResendPath, fields),
		"page of a name":          {method: http.MethodGet, path: page.Path + "/" + p.Email},
		"a path that tells":       {method: http.MethodGet, path: "/users/" + p.Email + "/" + p.CPF},
		"another method":          {method: http.MethodDelete, path: "/users"},
	}
}

// said is what a page may not say: all but what was typed as the user name.
func said(name string, r request, answer string) spoken {
	if strings.HasPrefix(r.path, page.Path) {
		for _, typed := range []string{ana.Email, url.QueryEscape(ana.Email), strings.ReplaceAll(ana.Email, "@", `\u0040`)} {
			answer = strings.ReplaceAll(answer, typed, "")
		}
	}
	return spoken{name, answer}
}

// TestNoRouteLeaksACanary takes the real binaries through every route.
func TestNoRouteLeaksACanary(t *testing.T) {
	t.Parallel()
	var log syncBuffer
	h := newHouse(t, func(c *local.Config) { c.Log, c.LogLevel = &log, "trace" })
	secret := append(ana.Canaries(), joao.Canaries()...)
	h.post("/users", registrationOf(ana), http.StatusCreated)
	_, _, temporary := h.link()
	secret = append(secret, canary.Canary{Name: "temporary password", Value: temporary})
	var mu sync.Mutex
	var all []spoken
	var under sync.WaitGroup
	requests := visits(ana, temporary)
	visit := func(name string, r request) {
		request, err := http.NewRequest(r.method, h.stack.WebURL()+(&url.URL{Path: r.path}).EscapedPath()+"?"+url.Values{"email": {ana.Email}, "c": {temporary}}.Encode(), strings.NewReader(r.body))
		if err != nil {
			t.Error(err)
			return
		}
		request.Header.Set("Content-Type", r.contentType)
		for name, value := range map[string]string{"Authorization": "Bearer " + ana.Token, "Cookie": "session=" + ana.Session, "Referer": "https://example.com/?c=" + temporary, "User-Agent": ana.Email} {
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, said(name, r, fmt.Sprintf("%v\n%s", response.Header, body)))
	}
	for name, r := range requests {
		if name != "set" && name != "form" { // which end the temporary password
			under.Go(func() { visit(name, r) })
		}
	}
	under.Wait()
	_, _, temporary = h.link()
	secret = append(secret, canary.Canary{Name: "temporary password sent again", Value: temporary})
	requests = visits(ana, temporary)
	for _, name := range []string{"personal password", "set", "form"} {
		visit(name, requests[name])
	}
	h.stack.Close() // so that all is printed
	all = append(all, spoken{"the binaries' logs", log.String()})
	if lines := strings.Count(log.String(), "\n"); lines < len(requests)-5 { // what no route takes writes none
		t.Errorf("%d lines printed for %d requests", lines, len(requests))
	}
	wantNone(t, all, secret)
}

// syncBuffer is a buffer that several may write to.
type syncBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// exceptions are what AWS may call what it says.
var exceptions = []string{
	"UserLambdaValidationException", "InvalidParameterException", "NotAuthorizedException", "InvalidPasswordException", "UsernameExistsException",
	"UserNotFoundException", "UnsupportedUserStateException", "CodeDeliveryFailureException", "TooManyRequestsException", "InternalErrorException",
	"ConditionalCheckFailedException", "ValidationException", "AccessDeniedException", "BrandNewException",
}

// TestNoErrorOfAWSLeaksACanary has AWS say each canary at each call of each route,
// in a part of its forms and not the same part at each, in the message of an
// error, in its name, in a header and in place of an answer.
func TestNoErrorOfAWSLeaksACanary(t *testing.T) {
	for at, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, nil)
				var all []spoken
				turn := at
				for _, c := range append(ana.Canaries(), joao.Canaries()...) {
					for _, form := range canary.Forms(c.Value) {
						if turn++; turn%13 != 0 {
							continue
						}
						<-time.After(25 * time.Hour) // no limit is met
						temporary := o.anew(s.waiting)
						o.spoil(always(s.call, s.from, saying(form.Text, turn/13)))
						got := o.send(s.request(temporary))
						all = append(all, spoken{s.name + " and the " + c.Name + ", " + form.Name, got.whole})
						if o.asked(s.call) < s.from {
							t.Fatalf("%s is not asked: %s", s.call, got.whole)
						}
					}
				}
				all = append(all, spoken{s.name + ", the log", o.log.String()})
				wantNone(t, all, append(append(ana.Canaries(), joao.Canaries()...), o.secret...))
			})
		})
	}
}

// anew has the customer be there no more, or wait again for the first password,
// which it gives.
func (o *office) anew(waiting bool) (temporary string) {
	o.t.Helper()
	o.spoil(nil)
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(jsonOf(map[string]string{"UserPoolId": vars.poolID, "Username": email})))
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminDeleteUser")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	o.perform(r) // whether there was such a user or not
	if !waiting {
		return ""
	}
	if got := o.send(request{http.MethodPost, "/users", "application/json", registration}); got.Status != http.StatusCreated {
		o.t.Fatalf("nobody waits: %s", got.whole)
	}
	return o.secret[len(o.secret)-1].Value
}

// saying has AWS say text, in turn in each way.
func saying(text string, turn int) fault {
	name := exceptions[turn%len(exceptions)]
	switch turn % 7 {
	case 0:
		return exception(400, text, "")
	case 1:
		return func(r *http.Request, _ func() *http.Response) (*http.Response, error) {
			return answerOf(r, 200, text), nil
		}
	case 2:
		return func(r *http.Request, _ func() *http.Response) (*http.Response, error) {
			answer := answerOf(r, 500, `{"__type":"`+name+`"}`)
			answer.Header.Set("X-Amzn-RequestId", text)
			return answer, nil
		}
	case 3:
		return func(*http.Request, func() *http.Response) (*http.Response, error) {
			return nil, fmt.Errorf("read: %s", text)
		}
	case 4:
		return exception(400, "UserLambdaValidationException", "PreSignUp failed with error "+text+".")
	}
	return exception(400, name, "Value '"+text+"' at 'username' failed to satisfy constraint")
}
