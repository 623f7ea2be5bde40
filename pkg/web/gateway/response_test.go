package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/redact"
	"github.com/pontte/portaria/pkg/web/gateway"
)

// result is an answer of payload format 2.0.
type result struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Cookies         []string          `json:"cookies"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

// answer gives what h answers to a bare request, and what was reported.
func answer(t *testing.T, method string, h http.HandlerFunc) (result, error) {
	t.Helper()
	var reported error
	g := gateway.New(h, gateway.WithReport(func(_ context.Context, err error) { reported = errors.Join(reported, err) }))
	out, err := g.Invoke(t.Context(), []byte(bare(map[string]any{"requestContext.http": map[string]any{"method": method}})))
	if err != nil {
		t.Fatal(err)
	}
	var r result
	d := json.NewDecoder(bytes.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return r, reported
}

func TestAnswers(t *testing.T) {
	plain := map[string]string{"Content-Type": "text/plain; charset=utf-8"}
	for _, tt := range []struct {
		name    string
		method  string
		handler http.HandlerFunc
		want    result
	}{
		{"nothing", "GET", func(http.ResponseWriter, *http.Request) {}, result{StatusCode: 200}},
		{"text", "GET", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ação <&>")) },
			result{StatusCode: 200, Headers: plain, Body: "ação <&>"}},
		{"not UTF-8", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "font/woff2")
			w.Write([]byte{0, 0xff})
		}, result{StatusCode: 200, Headers: map[string]string{"Content-Type": "font/woff2"}, Body: "AP8=", IsBase64Encoded: true}},
		{"UTF-8 cut in two", "GET", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("aç")[:2]) },
			result{StatusCode: 200, Headers: plain, Body: "YcM=", IsBase64Encoded: true}},
		{"UTF-8 in two writes", "GET", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("\xc3")); w.Write([]byte("\xa7")) },
			result{StatusCode: 200, Headers: plain, Body: "ç"}},
		{"header after the status", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("A", "1")
			w.WriteHeader(404)
			w.Header().Set("A", "2")
			w.WriteHeader(200)
		}, result{StatusCode: 404, Headers: map[string]string{"A": "1"}}},
		{"interim status", "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(202) }, result{StatusCode: 202}},
		{"several of one name", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["vary"] = []string{"C"}
			w.Header()["Vary"] = []string{"A", "B"}
			w.Header()["Nothing"] = nil
		}, result{StatusCode: 200, Headers: map[string]string{"Vary": "A, B, C"}}},
		{"cookies", "GET", func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1", HttpOnly: true})
			w.Header().Add("set-cookie", "b=2; Expires=Mon, 23 Nov 2026 12:00:00 GMT")
		}, result{StatusCode: 200, Cookies: []string{"a=1; HttpOnly", "b=2; Expires=Mon, 23 Nov 2026 12:00:00 GMT"}}},
		{"headers split in two", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/x\r\nSet-Cookie: evil=1 ")
			w.Header()["A: b\r\nC"] = []string{"1"}
		}, result{StatusCode: 200, Headers: map[string]string{"Location": "/x  Set-Cookie: evil=1"}}},
		{"the connection's own", "GET", func(w http.ResponseWriter, _ *http.Request) {
			for _, name := range []string{"Connection", "Content-Length", "Keep-Alive", "Trailer", "Transfer-Encoding", "Upgrade"} {
				w.Header().Set(name, "2")
			}
			w.Write([]byte("ok"))
		}, result{StatusCode: 200, Headers: plain, Body: "ok"}},
		{"no type wanted", "GET", func(w http.ResponseWriter, _ *http.Request) { w.Header()["Content-Type"] = nil; w.Write([]byte("ok")) },
			result{StatusCode: 200, Body: "ok"}},
		{"no type guessed of what is compressed", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write([]byte{0x1f, 0x8b})
		}, result{StatusCode: 200, Headers: map[string]string{"Content-Encoding": "gzip"}, Body: "H4s=", IsBase64Encoded: true}},
		{"HEAD", "HEAD", func(w http.ResponseWriter, _ *http.Request) {
			if n, err := w.Write([]byte("ok")); n != 2 || err != nil {
				t.Errorf("Write = %d, %v", n, err)
			}
		}, result{StatusCode: 200, Headers: plain}},
		{"no body with 204", "DELETE", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			if _, err := w.Write([]byte("x")); err != http.ErrBodyNotAllowed {
				t.Errorf("Write = %v", err)
			}
		}, result{StatusCode: 204}},
		{"no body with 304", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Etag", `"x"`)
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(304)
			w.Write([]byte("x"))
		}, result{StatusCode: 304, Headers: map[string]string{"Etag": `"x"`}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, reported := answer(t, tt.method, tt.handler)
			if diff := cmp.Diff(tt.want, got); diff != "" || reported != nil {
				t.Errorf("reported %v, (-want +got):\n%s", reported, diff)
			}
		})
	}
}

// fault is the answer when it is our fault.
func fault() result {
	return result{
		StatusCode: 500,
		Headers:    map[string]string{"Cache-Control": "no-store", "Content-Type": "application/problem+json"},
		Body:       `{"type":"about:blank","title":"Internal Server Error","status":500,"code":"internal"}` + "\n",
	}
}

func TestPanics(t *testing.T) {
	const secret = "a secret of the handler"
	for name, value := range map[string]any{"a text": secret, "an error": errors.New(secret), "something odd": []string{secret}} {
		got, reported := answer(t, "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Secret", secret)
			w.WriteHeader(201)
			w.Write([]byte(secret))
			panic(value)
		})
		if diff := cmp.Diff(fault(), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		p, ok := errors.AsType[*redact.PanicError](reported)
		if !ok || !strings.Contains(p.Error(), "TestPanics") || strings.Contains(p.Error(), secret) {
			t.Errorf("%s: reported %v, want where the panic was and not the secret", name, reported)
		}
	}
	got, _ := answer(t, "HEAD", func(http.ResponseWriter, *http.Request) { panic(secret) })
	if got.StatusCode != 500 || got.Body != "" {
		t.Errorf("HEAD = %+v", got)
	}
	for _, status := range []int{0, 99, 1000, -1} {
		_, reported := answer(t, "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		if _, ok := errors.AsType[*redact.PanicError](reported); !ok {
			t.Errorf("status %d: reported %v, want the panic", status, reported)
		}
	}
}

func TestGivingUpIsNotReported(t *testing.T) {
	got, reported := answer(t, "GET", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if diff := cmp.Diff(fault(), got); diff != "" || reported != nil {
		t.Errorf("reported %v, (-want +got):\n%s", reported, diff)
	}
}

func TestPanicWithoutReport(t *testing.T) {
	g := gateway.New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") }))
	out, err := g.Invoke(t.Context(), []byte(bare(nil)))
	if err != nil || !strings.Contains(string(out), `"statusCode":500`) {
		t.Errorf("Invoke = %s, %v", out, err)
	}
}

// TestTooLarge is about the payload, which is larger than the body: by its other
// fields, by escapes, and by base64.
func TestTooLarge(t *testing.T) {
	const limit = 6 << 20
	overhead := len(`{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"","isBase64Encoded":false}`)
	binary := append([]byte{0xff}, bytes.Repeat([]byte{'x'}, limit*4/5)...)
	for _, tt := range []struct {
		name string
		body []byte
		fits bool
	}{
		{"as large as can be", bytes.Repeat([]byte{'x'}, limit-overhead), true},
		{"one byte more", bytes.Repeat([]byte{'x'}, limit-overhead+1), false},
		{"too large by its escapes", bytes.Repeat([]byte{'\n'}, limit*2/3), false},
		{"too large in base64", binary, false},
	} {
		got, reported := answer(t, "GET", func(w http.ResponseWriter, _ *http.Request) { w.Write(tt.body) })
		switch {
		case tt.fits && (got.Body != string(tt.body) || reported != nil):
			t.Errorf("%s: status %d, reported %v", tt.name, got.StatusCode, reported)
		case !tt.fits && (!cmp.Equal(got, fault()) || !errors.Is(reported, gateway.ErrTooLarge)):
			t.Errorf("%s: status %d, reported %v", tt.name, got.StatusCode, reported)
		}
	}
}
