package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/web/gateway"
)

// seen is what a handler sees of a request.
type seen struct {
	Method, Path, RequestURI, RawQuery, Host, RemoteAddr, Proto, Body string
	ContentLength                                                     int64
	Header                                                            http.Header
}

func look(r *http.Request) seen {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	return seen{r.Method, r.URL.Path, r.RequestURI, r.URL.RawQuery, r.Host, r.RemoteAddr, r.Proto, string(body), r.ContentLength, r.Header}
}

// invoke gives what the handler sees of an event.
func invoke(t *testing.T, event string) seen {
	t.Helper()
	var got seen
	h := gateway.New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = look(r) }))
	if _, err := h.Invoke(t.Context(), []byte(event)); err != nil {
		t.Fatal(err)
	}
	return got
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestGoldenRequests(t *testing.T) {
	for name, want := range map[string]seen{
		"documented.json": {
			Method: "POST", Path: "/my/path", RequestURI: "/my/path?parameter1=value1&parameter1=value2&parameter2=value",
			RawQuery: "parameter1=value1&parameter1=value2&parameter2=value", Host: "id.execute-api.us-east-1.amazonaws.com",
			RemoteAddr: "192.0.2.1:0", Proto: "HTTP/1.1", Body: "Hello from Lambda", ContentLength: 17,
			Header: http.Header{"Header1": {"value1"}, "Header2": {"value1,value2"}, "Cookie": {"cookie1=1; cookie2=2"}},
		},
		"signed.json": {
			Method: "POST", Path: "/users", RequestURI: "/users", Host: "abc123.execute-api.sa-east-1.amazonaws.com",
			RemoteAddr: "[2001:db8::1]:0", Proto: "HTTP/1.1", Body: `{"email":"xé"}`, ContentLength: 15,
			Header: http.Header{
				"Accept":            {"*/*"},
				"Authorization":     {"AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261123/sa-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=0"},
				"Content-Length":    {"15"},
				"Content-Type":      {"application/json"},
				"X-Amzn-Trace-Id":   {"Root=1-5e9f0c65-1de4d666d4dd26aced652b6c"},
				"X-Forwarded-For":   {"203.0.113.7, 2001:db8::1"},
				"X-Forwarded-Port":  {"443"},
				"X-Forwarded-Proto": {"https"},
			},
		},
	} {
		if diff := cmp.Diff(want, invoke(t, read(t, name))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// bare is an event with the least that a request has; the fields given replace
// or add to its own.
func bare(fields map[string]any) string {
	event := map[string]any{
		"version":        "2.0",
		"rawPath":        "/",
		"requestContext": map[string]any{"stage": "$default", "http": map[string]any{"method": "GET", "sourceIp": "192.0.2.1"}},
	}
	for name, value := range fields {
		if inner, ok := strings.CutPrefix(name, "requestContext."); ok {
			event["requestContext"].(map[string]any)[inner] = value
		} else {
			event[name] = value
		}
	}
	text, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestRequests(t *testing.T) {
	type fields = map[string]any
	for _, tt := range []struct {
		name   string
		fields fields
		change func(*seen)
	}{
		{"bare", nil, func(*seen) {}},
		{"no path", fields{"rawPath": ""}, func(*seen) {}},
		{"path without a slash", fields{"rawPath": "x"}, func(s *seen) { s.Path, s.RequestURI = "/x", "/x" }},
		{"path is decoded already", fields{"rawPath": "/a b/ção%2F?#"}, func(s *seen) { s.Path, s.RequestURI = "/a b/ção%2F?#", "/a%20b/%C3%A7%C3%A3o%252F%3F%23" }},
		{"two slashes are no host", fields{"rawPath": "//evil.example/x"}, func(s *seen) { s.Path, s.RequestURI = "//evil.example/x", "//evil.example/x" }},
		{"query as it came", fields{"rawQueryString": "a=1&a=%20+%zz&;b"}, func(s *seen) { s.RawQuery, s.RequestURI = "a=1&a=%20+%zz&;b", "/?a=1&a=%20+%zz&;b" }},

		{"stage", fields{"requestContext.stage": "prod", "rawPath": "/prod/x"}, func(s *seen) { s.Path, s.RequestURI = "/x", "/x" }},
		{"stage and a slash", fields{"requestContext.stage": "prod", "rawPath": "/prod/"}, func(*seen) {}},
		{"stage alone", fields{"requestContext.stage": "prod", "rawPath": "/prod"}, func(*seen) {}},
		{"stage twice", fields{"requestContext.stage": "prod", "rawPath": "/prod/prod"}, func(s *seen) { s.Path, s.RequestURI = "/prod", "/prod" }},
		{"stage left out, as by a domain of one's own", fields{"requestContext.stage": "prod", "rawPath": "/x"}, func(s *seen) { s.Path, s.RequestURI = "/x", "/x" }},
		{"a path that starts like the stage", fields{"requestContext.stage": "prod", "rawPath": "/products"}, func(s *seen) { s.Path, s.RequestURI = "/products", "/products" }},
		{"the default stage is in no path", fields{"rawPath": "/$default/x"}, func(s *seen) { s.Path, s.RequestURI = "/$default/x", "/$default/x" }},

		{"host", fields{"headers": fields{"host": "senha.example.com"}, "requestContext.domainName": "other"}, func(s *seen) { s.Host = "senha.example.com" }},
		{"no host", fields{"requestContext.domainName": "other.example.com"}, func(s *seen) { s.Host = "other.example.com" }},
		{"headers of any case", fields{"headers": fields{"x-ONE": " 1 ", "X-one": "2"}}, func(s *seen) { s.Header = http.Header{"X-One": {"2", "1"}} }},
		{"a header of no name", fields{"headers": fields{"": "1", "a b": "2", "a\n": "3"}}, func(*seen) {}},
		{"who forwarded is nobody's address", fields{"headers": fields{"x-forwarded-for": "203.0.113.7", "forwarded": "for=203.0.113.7", "x-real-ip": "203.0.113.7"}},
			func(s *seen) {
				s.Header = http.Header{"X-Forwarded-For": {"203.0.113.7"}, "Forwarded": {"for=203.0.113.7"}, "X-Real-Ip": {"203.0.113.7"}}
			}},
		{"cookies of the array only", fields{"cookies": []string{"a=1", "b=2"}, "headers": fields{"cookie": "c=3"}}, func(s *seen) { s.Header = http.Header{"Cookie": {"a=1; b=2"}} }},
		{"cookie header", fields{"headers": fields{"cookie": "c=3"}}, func(s *seen) { s.Header = http.Header{"Cookie": {"c=3"}} }},

		{"body", fields{"body": "é\x00"}, func(s *seen) { s.Body, s.ContentLength = "é\x00", 3 }},
		{"body in base64", fields{"body": "AP/+", "isBase64Encoded": true}, func(s *seen) { s.Body, s.ContentLength = "\x00\xff\xfe", 3 }},
		{"length of the base64", fields{"body": "AP/+", "isBase64Encoded": true, "headers": fields{"content-length": "4"}},
			func(s *seen) {
				s.Body, s.ContentLength, s.Header = "\x00\xff\xfe", 3, http.Header{"Content-Length": {"3"}}
			}},
		{"chunked", fields{"body": "x", "headers": fields{"transfer-encoding": "chunked"}}, func(s *seen) { s.Body, s.ContentLength = "x", 1 }},
		{"fields of null", fields{"headers": nil, "cookies": nil, "body": nil, "rawQueryString": nil}, func(*seen) {}},
		{"fields that are not read", fields{"pathParameters": 1, "queryStringParameters": "x", "stageVariables": []int{1}, "requestContext.authorizer": "x"}, func(*seen) {}},
		{"HTTP/2", fields{"requestContext.http": fields{"method": "PATCH", "protocol": "HTTP/2.0", "sourceIp": "::1"}},
			func(s *seen) { s.Method, s.Proto, s.RemoteAddr = "PATCH", "HTTP/2.0", "[::1]:0" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := seen{Method: "GET", Path: "/", RequestURI: "/", RemoteAddr: "192.0.2.1:0", Proto: "HTTP/1.1", Header: http.Header{}}
			tt.change(&want)
			if diff := cmp.Diff(want, invoke(t, bare(tt.fields))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoRequest(t *testing.T) {
	const noEvent, noBody = "the event is not an HTTP API's of payload format 2.0", "the event's body is not base64, though it says so"
	h := gateway.New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was asked") }))
	for event, want := range map[string]string{
		"":     noEvent,
		"null": noEvent,
		"{}":   noEvent,
		`{"version":"1.0","path":"/","httpMethod":"GET"}`:                                         noEvent,
		`{"version":"1","triggerSource":"PreSignUp_AdminCreateUser"}`:                             noEvent,
		bare(map[string]any{"version": "2.1"}):                                                    noEvent,
		bare(map[string]any{"version": 2.0}):                                                      noEvent,
		bare(map[string]any{"requestContext.http": map[string]any{"method": ""}}):                 noEvent,
		bare(map[string]any{"requestContext.http": map[string]any{"method": "GET / HTTP/1.1\n"}}): noEvent,
		bare(map[string]any{"headers": map[string]any{"x": 52998224725}}):                         noEvent,
		bare(map[string]any{"body": "no base64!", "isBase64Encoded": true}):                       noBody,
	} {
		out, err := h.Invoke(t.Context(), []byte(event))
		if out != nil || err == nil || err.Error() != want {
			t.Errorf("%s: %s, %v, want %s", event, out, err, want)
		}
	}
}

func TestContextIsTheInvocations(t *testing.T) {
	type key struct{}
	deadline := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(context.WithValue(t.Context(), key{}, "a value"), deadline)
	defer cancel()
	h := gateway.New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got, ok := r.Context().Deadline()
		if !ok || !got.Equal(deadline) || fmt.Sprint(r.Context().Value(key{})) != "a value" {
			t.Errorf("deadline %v (%t), value %v", got, ok, r.Context().Value(key{}))
		}
	}))
	if _, err := h.Invoke(ctx, []byte(bare(nil))); err != nil {
		t.Fatal(err)
	}
}
