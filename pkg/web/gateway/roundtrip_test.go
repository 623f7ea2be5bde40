package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pontte/portaria/pkg/web/gateway"
)

// request is a request in the making.
type request struct {
	Method, Path, Query string
	Header              http.Header
	Body                []byte
}

func (q request) build(base string) (*http.Request, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	u.Path, u.RawQuery = q.Path, q.Query
	r, err := http.NewRequest(q.Method, u.String(), bytes.NewReader(q.Body))
	if err != nil {
		return nil, err
	}
	r.Header = q.Header.Clone()
	r.Host = "senha.example.com"
	return r, nil
}

var (
	methods = rapid.SampledFrom([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
	value   = rapid.StringMatching(`[!-~çã✉][ -~çã✉]{0,20}[!-~çã✉]|`)
	binary  = rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 600), rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) }))
	cookie  = rapid.StringMatching(`[a-z]{1,5}=[!#-+\--:<-~]{0,9}`)
)

// headers are a few of any name, none of which net/http or the client reads
// anything into.
var headers = rapid.Custom(func(t *rapid.T) http.Header {
	h := http.Header{}
	for _, name := range rapid.SliceOfN(rapid.StringMatching("x-[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,8}|Accept|Content-Type|Authorization|X-Forwarded-For"), 0, 5).Draw(t, "names") {
		h.Add(name, value.Draw(t, "value"))
	}
	return h
})

var requests = rapid.Custom(func(t *rapid.T) request {
	q := request{
		Method: methods.Draw(t, "method"),
		Path:   "/" + rapid.StringMatching(`[ -~çã✉]{0,20}`).Draw(t, "path"),
		Query:  rapid.StringMatching(`[!"$-~]{0,20}`).Draw(t, "query"),
		Header: headers.Draw(t, "header"),
		Body:   binary.Draw(t, "body"),
	}
	q.Header.Set("User-Agent", "a test")
	if cookies := rapid.SliceOfN(cookie, 0, 3).Draw(t, "cookies"); len(cookies) > 0 {
		q.Header.Set("Cookie", strings.Join(cookies, "; "))
	}
	return q
})

// TestRequestsArriveAsByNetHTTP sends requests to one handler both ways and
// compares what it saw.
func TestRequestsArriveAsByNetHTTP(t *testing.T) {
	s := newStage(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := look(r)
		for name, values := range got.Header {
			got.Header[name] = []string{strings.Join(values, ",")} // as API Gateway does
		}
		got.RemoteAddr, _, _ = strings.Cut(got.RemoteAddr, ":") // the port is not known behind it
		if r.URL.RawPath != "" {
			got.RequestURI = "" // nor is which of the path's characters were escaped
		}
		w.Header().Set("X-Seen", r.Method)
		fmt.Fprintf(w, "%q", fmt.Sprintf("%+v", got))
	}))
	rapid.Check(t, func(t *rapid.T) {
		q := requests.Draw(t, "request")
		if (q.Method == "GET" || q.Method == "HEAD") && len(q.Body) > 0 {
			q.Body = nil
		}
		direct, behind, err := s.both(q.build)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(direct, behind); diff != "" {
			t.Errorf("by net/http and behind API Gateway:\n%s", diff)
		}
	})
}

// script is what a handler does.
type script []func(http.ResponseWriter)

var scripts = rapid.Custom(func(t *rapid.T) script {
	var steps script
	for range rapid.IntRange(0, 6).Draw(t, "steps") {
		switch rapid.IntRange(0, 4).Draw(t, "step") {
		case 0:
			status := rapid.OneOf(rapid.IntRange(200, 999), rapid.SampledFrom([]int{102, 103, 200, 204, 206, 301, 304, 404})).Draw(t, "status")
			steps = append(steps, func(w http.ResponseWriter) { w.WriteHeader(status) })
		case 1:
			body := binary.Draw(t, "body")
			steps = append(steps, func(w http.ResponseWriter) { w.Write(body) })
		case 2:
			text := rapid.String().Draw(t, "text")
			steps = append(steps, func(w http.ResponseWriter) { io.WriteString(w, text) })
		case 3:
			h := headers.Draw(t, "header")
			steps = append(steps, func(w http.ResponseWriter) {
				for name, values := range h {
					for _, v := range values {
						w.Header().Add(name, v)
					}
				}
			})
		case 4:
			c := cookie.Draw(t, "cookie") + rapid.SampledFrom([]string{"", "; HttpOnly; Path=/", "; Expires=Mon, 23 Nov 2026 12:00:00 GMT", "\r\nEvil: 1"}).Draw(t, "attributes")
			steps = append(steps, func(w http.ResponseWriter) { w.Header().Add("Set-Cookie", c) })
		}
	}
	return steps
})

// TestAnswersComeBackAsByNetHTTP lets one handler play what it is told both ways
// and compares what comes back.
func TestAnswersComeBackAsByNetHTTP(t *testing.T) {
	var mu sync.Mutex
	var play script
	s := newStage(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		for _, step := range play {
			step(w)
		}
	}))
	rapid.Check(t, func(t *rapid.T) {
		drawn := scripts.Draw(t, "script")
		mu.Lock()
		play = drawn
		mu.Unlock()
		q := request{Method: methods.Draw(t, "method"), Path: "/"}
		direct, behind, err := s.both(q.build)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(direct, behind); diff != "" {
			t.Errorf("by net/http and behind API Gateway:\n%s", diff)
		}
	})
}

// TestOneHandlerTwoWays is about handlers as they are written.
func TestOneHandlerTwoWays(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1000))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		w.Write(body)
	})
	mux.HandleFunc("GET /users/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %q", r.PathValue("name"), r.URL.Query()["a"])
	})
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("session")
		fmt.Fprintf(w, "%s %s %v %v", r.FormValue("a"), r.PostFormValue("b"), c, err)
	})
	mux.HandleFunc("GET /cookies", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1", Path: "/", HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2", MaxAge: -1})
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/cookies?a=1", http.StatusSeeOther) })
	mux.HandleFunc("GET /dir/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"1"`)
		http.ServeContent(w, r, "font.woff2", time.Time{}, bytes.NewReader([]byte{0, 0xff, 2, 3}))
	})
	mux.HandleFunc("GET /error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "não", http.StatusTeapot) })
	s := newStage(t, mux)

	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Cookie": {"other=1; session=x"}}
	for _, q := range []request{
		{Method: "POST", Path: "/echo", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":"ç"}`)},
		{Method: "POST", Path: "/echo", Body: []byte{0, 0xff}},
		{Method: "POST", Path: "/echo", Body: make([]byte, 2000)},
		{Method: "POST", Path: "/echo"},
		{Method: "GET", Path: "/users/maria silva", Query: "a=1&a=%20&b=2"},
		{Method: "GET", Path: "/users/50%", Query: "a"},
		{Method: "GET", Path: "/users/a?b#c"},
		{Method: "POST", Path: "/form", Query: "a=1", Header: form, Body: []byte("b=2+%C3%A7&a=3")},
		{Method: "GET", Path: "/cookies"},
		{Method: "GET", Path: "/away"},
		{Method: "GET", Path: "/dir"},
		{Method: "GET", Path: "/dir//x/../y"},
		{Method: "GET", Path: "/file"},
		{Method: "HEAD", Path: "/file"},
		{Method: "GET", Path: "/file", Header: http.Header{"Range": {"bytes=1-2"}}},
		{Method: "GET", Path: "/file", Header: http.Header{"If-None-Match": {`"1"`}}},
		{Method: "GET", Path: "/error"},
		{Method: "PUT", Path: "/error"},
		{Method: "GET", Path: "/nothing"},
		{Method: "OPTIONS", Path: "/echo"},
	} {
		if q.Header == nil {
			q.Header = http.Header{}
		}
		direct, behind, err := s.both(q.build)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(direct, behind); diff != "" {
			t.Errorf("%s %s by net/http and behind API Gateway:\n%s", q.Method, q.Path, diff)
		}
		if direct.Status == 0 {
			t.Errorf("%s %s: no answer", q.Method, q.Path)
		}
	}
}

func FuzzInvoke(f *testing.F) {
	for _, name := range []string{"documented.json", "signed.json"} {
		f.Add([]byte(read(f, name)))
	}
	f.Add([]byte(bare(map[string]any{"body": "AP8", "isBase64Encoded": true})))
	f.Add([]byte(bare(map[string]any{"rawPath": "//%zz\x00", "rawQueryString": "%zz&&", "headers": map[string]any{"": "", "host": "a\nb"}})))
	f.Add([]byte(`{"version":"1.0"}`))
	f.Add([]byte(`null`))
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		got := look(r)
		r.ParseForm()
		fmt.Fprintf(w, "%+v %v", got, r.Cookies())
	})
	f.Fuzz(func(t *testing.T, event []byte) {
		g := gateway.New(mux, gateway.WithReport(func(_ context.Context, err error) { t.Errorf("reported: %v", err) }))
		out, err := g.Invoke(t.Context(), event)
		if err != nil {
			if out != nil {
				t.Errorf("answer beside the error: %s", out)
			}
			return
		}
		var r result
		if err := json.Unmarshal(out, &r); err != nil || r.StatusCode < 200 || r.StatusCode > 599 || r.StatusCode == 500 {
			t.Errorf("%v in answer %s", err, out)
		}
	})
}
