package gateway_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pontte/portaria/pkg/web/gateway"
)

// apiGateway does what an HTTP API does: it makes an event of each request, and
// an answer of what h gives back.
func apiGateway(t *testing.T, h *gateway.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, err := eventOf(r)
		if err != nil {
			t.Errorf("event: %v", err)
		}
		out, err := h.Invoke(r.Context(), event)
		if err != nil {
			t.Errorf("Invoke: %v", err)
		}
		var answer result
		if err := json.Unmarshal(out, &answer); err != nil {
			t.Errorf("answer: %v", err)
		}
		for name, value := range answer.Headers {
			w.Header().Set(name, value)
		}
		for _, cookie := range answer.Cookies {
			w.Header().Add("Set-Cookie", cookie)
		}
		body := []byte(answer.Body)
		if answer.IsBase64Encoded {
			if body, err = base64.StdEncoding.DecodeString(answer.Body); err != nil {
				t.Errorf("body: %v", err)
			}
		}
		w.WriteHeader(answer.StatusCode)
		w.Write(body)
	})
}

// eventOf is the event of a request, by AWS's description of format 2.0: header
// names in lower case, several of one name joined by commas, cookies apart, the
// path decoded, the query as it came, a body in base64 unless it is text.
func eventOf(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	headers := map[string]string{"host": r.Host}
	var cookies []string
	for name, values := range r.Header {
		if name == "Cookie" {
			for _, line := range values {
				cookies = append(cookies, strings.Split(line, "; ")...)
			}
			continue
		}
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return nil, err
	}
	event := map[string]any{
		"version":        "2.0",
		"routeKey":       "$default",
		"rawPath":        r.URL.Path,
		"rawQueryString": r.URL.RawQuery,
		"headers":        headers,
		"requestContext": map[string]any{
			"stage":      "$default",
			"domainName": r.Host,
			"http":       map[string]any{"method": r.Method, "path": r.URL.Path, "protocol": r.Proto, "sourceIp": ip},
		},
		"isBase64Encoded": false,
	}
	if len(cookies) > 0 {
		event["cookies"] = cookies
	}
	if len(body) > 0 {
		event["body"] = string(body)
	}
	if !utf8.Valid(body) {
		event["body"], event["isBase64Encoded"] = base64.StdEncoding.EncodeToString(body), true
	}
	return json.Marshal(event)
}

// stage serves one handler twice: by net/http, and behind API Gateway.
type stage struct {
	direct, gateway *httptest.Server
	client          *http.Client
}

func newStage(t *testing.T, h http.Handler) *stage {
	s := &stage{
		direct:  newServer(h),
		gateway: newServer(apiGateway(t, gateway.New(h))),
		client: &http.Client{
			Transport:     &http.Transport{DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		s.direct.Close()
		s.gateway.Close()
	})
	return s
}

// newServer serves h without a word about what its handler does wrong.
func newServer(h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	return s
}

// reply is what a client gets, without what is about the connection.
type reply struct {
	Status  int
	Header  map[string]string // several values joined
	Cookies []string
	Body    string
}

// both sends the request that build makes, given a server's address, both ways.
func (s *stage) both(build func(url string) (*http.Request, error)) (direct, behind reply, err error) {
	if direct, err = s.send(s.direct.URL, build); err != nil {
		return
	}
	behind, err = s.send(s.gateway.URL, build)
	return
}

func (s *stage) send(url string, build func(url string) (*http.Request, error)) (reply, error) {
	r, err := build(url)
	if err != nil {
		return reply{}, err
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	got := reply{Status: resp.StatusCode, Header: map[string]string{}, Body: string(body), Cookies: resp.Header["Set-Cookie"]}
	maps.DeleteFunc(resp.Header, func(name string, _ []string) bool {
		return name == "Set-Cookie" || name == "Date" || name == "Content-Length" || name == "Connection"
	})
	for name, values := range resp.Header {
		got.Header[name] = strings.TrimSpace(strings.Join(values, ", "))
	}
	return got, err
}
