package mailbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/mailbox"
)

func message(body string) cognito.Message {
	return cognito.Message{
		Medium: cognito.MediumEmail, To: "maria@example.com", Subject: "Convite", Body: body,
		At: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), UserName: "maria", PoolID: "us-east-1_portaria",
	}
}

func get(b *mailbox.Box, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestNewestFirstAndBounded(t *testing.T) {
	b := mailbox.New(nil, 3)
	for i := range 5 {
		b.Send(t.Context(), message(fmt.Sprint(i)))
	}
	var got []string
	for _, m := range b.Messages() {
		got = append(got, m.Body)
	}
	if diff := cmp.Diff([]string{"4", "3", "2"}, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestPrintsEachMessage(t *testing.T) {
	var out strings.Builder
	b := mailbox.New(&out, 0)
	b.Send(t.Context(), message("Olá\nsenha \x1b[31mx\x1b[0m"))
	b.Send(t.Context(), cognito.Message{Medium: cognito.MediumSMS, To: "+5551981980387", Body: "oi"})
	want := "✉ EMAIL to maria@example.com: Convite\n  │ Olá\n  │ senha \uFFFD[31mx\uFFFD[0m\n✉ SMS to +5551981980387\n  │ oi\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestMessageThatCannotBePrintedIsKept(t *testing.T) {
	b := mailbox.New(broken{}, 0)
	if err := b.Send(t.Context(), message("x")); err != nil || len(b.Messages()) != 1 {
		t.Errorf("Send = %v, %d messages kept", err, len(b.Messages()))
	}
}

func TestJSON(t *testing.T) {
	b := mailbox.New(nil, 0)
	if got := strings.TrimSpace(get(b, "/mailbox.json").Body.String()); got != "[]" {
		t.Errorf("empty box = %s, want []", got)
	}
	want := []cognito.Message{message("two"), message("one")}
	b.Send(t.Context(), want[1])
	b.Send(t.Context(), want[0])
	var got []cognito.Message
	if err := json.Unmarshal(get(b, "/mailbox.json").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestPage(t *testing.T) {
	const link = "https://example.com/nova-senha#u=maria&amp;p=x-1"
	tests := []struct {
		name    string
		message cognito.Message
		has     []string
		lacks   []string
	}{
		{"says what it is", message("x"), []string{"Development tool", "maria@example.com", "Convite", "2026-11-23 12:00:00 UTC"}, nil},
		{"plain text is escaped", message(`1 < 2 & "<x>`), []string{"1 &lt; 2 &amp; &#34;&lt;x&gt;"}, []string{"<x>", "<iframe"}},
		{"links can be followed", message("Entre em https://example.com/nova-senha#u=maria&p=x-1. Até!"),
			[]string{`<a href="` + link + `" target="_blank" rel="noreferrer noopener">` + link + `</a>. Até!`}, nil},
		{"no script address becomes a link", message("javascript:alert(1)"), nil, []string{"<a href=\"javascript"}},
		{"HTML stays out of the page", message(`<p>Olá<script>alert(1)</script></p>`),
			[]string{`sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mailbox/1.html"`}, []string{"alert(1)"}},
		{"HTML in an SMS is text", cognito.Message{Medium: cognito.MediumSMS, Body: "<p>x</p>"}, []string{"&lt;p&gt;x"}, []string{"<iframe"}},
		{"HTML in a subject is text", cognito.Message{Medium: cognito.MediumEmail, Subject: "<img src=x>", Body: "x"},
			[]string{"&lt;img"}, []string{"<img"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := mailbox.New(nil, 0)
			b.Send(t.Context(), tt.message)
			w := get(b, "/mailbox")
			page := w.Body.String()
			for _, text := range tt.has {
				if !strings.Contains(page, text) {
					t.Errorf("page lacks %s\n%s", text, page)
				}
			}
			for _, text := range tt.lacks {
				if strings.Contains(page, text) {
					t.Errorf("page has %s", text)
				}
			}
			policy := w.Header().Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script") {
				t.Errorf("policy = %s", policy)
			}
		})
	}
}

func TestFramedMailCanDoNothing(t *testing.T) {
	b := mailbox.New(nil, 1)
	b.Send(t.Context(), message("<p>old</p>"))
	b.Send(t.Context(), message("<p>Olá</p>"))
	w := get(b, "/mailbox/2.html")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<p>Olá</p>") {
		t.Errorf("mail = %d %s", w.Code, w.Body)
	}
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "sandbox ") || strings.Contains(policy, "allow-scripts") ||
		strings.Contains(policy, "allow-same-origin") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy = %s", policy)
	}
	if got := w.Header().Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("Referrer-Policy = %q", got)
	}
	if w := get(b, "/mailbox/1.html"); w.Code != 404 {
		t.Errorf("a mail that is no longer kept = %d, want 404", w.Code)
	}
}

func TestPlainMailIsNoDocument(t *testing.T) {
	b := mailbox.New(nil, 0)
	b.Send(t.Context(), message("<script>alert(1)</script>"))
	if w := get(b, "/mailbox/1.html"); w.Code != 404 {
		t.Errorf("GET /mailbox/1.html = %d, want 404", w.Code)
	}
}

func TestOtherRequests(t *testing.T) {
	b := mailbox.New(nil, 0)
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/mailbox", 200}, {"GET", "/mailbox/", 200}, {"HEAD", "/mailbox", 200}, {"GET", "/mailbox/style.css", 200},
		{"GET", "/", 404}, {"GET", "/mailbox/1", 404}, {"GET", "/mailbox/x.html", 404}, {"POST", "/mailbox", 405}, {"DELETE", "/mailbox.json", 405},
	} {
		w := httptest.NewRecorder()
		b.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		if w.Code != tt.want {
			t.Errorf("%s %s = %d, want %d", tt.method, tt.path, w.Code, tt.want)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	b := mailbox.New(&strings.Builder{}, 10)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			b.Send(t.Context(), message("<p>x</p>"))
			get(b, "/mailbox")
		})
	}
	group.Wait()
	if got := len(b.Messages()); got != 10 {
		t.Errorf("%d messages kept, want 10", got)
	}
}
