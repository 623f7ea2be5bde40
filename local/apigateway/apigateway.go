// Package apigateway stands for an API Gateway HTTP API with one route, $default,
// integrated with a function by payload format 2.0.
//
// It is a tool for development and tests: it checks no signature.
package apigateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pontte/portaria/local/lambda"
)

// maxBody is the most bytes that API Gateway takes of a request's body.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const maxBody = 10 << 20

// Handler returns an http.Handler that answers with what function answers. A
// function that fails, or answers with something else than the format has, is a
// 500 without a word of why, as API Gateway gives it. Now tells the time of the
// events.
func Handler(function lambda.Function, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, `{"message":"Request Entity Too Large"}`, http.StatusRequestEntityTooLarge)
			return
		}
		event, err := json.Marshal(newEvent(r, body, now()))
		if err != nil {
			fail(w)
			return
		}
		answer, err := function.Invoke(r.Context(), event)
		if err != nil {
			fail(w)
			return
		}
		write(w, answer)
	})
}

// event is a request in payload format 2.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type event struct {
	Version        string            `json:"version"`
	RouteKey       string            `json:"routeKey"`
	RawPath        string            `json:"rawPath"`
	RawQueryString string            `json:"rawQueryString"`
	Cookies        []string          `json:"cookies,omitempty"`
	Headers        map[string]string `json:"headers"`
	RequestContext requestContext    `json:"requestContext"`
	Body           string            `json:"body,omitempty"`
	IsBase64       bool              `json:"isBase64Encoded"`
}

type requestContext struct {
	RouteKey  string      `json:"routeKey"`
	Stage     string      `json:"stage"`
	RequestID string      `json:"requestId"`
	APIID     string      `json:"apiId"`
	TimeEpoch int64       `json:"timeEpoch"`
	HTTP      httpContext `json:"http"`
}

type httpContext struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// newEvent makes the event of a request. API Gateway hands the path over decoded,
// also as rawPath.
func newEvent(r *http.Request, body []byte, at time.Time) event {
	const defaultRoute, defaultStage = "$default", "$default"
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	e := event{
		Version: "2.0", RouteKey: defaultRoute, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Headers: map[string]string{"host": r.Host},
		RequestContext: requestContext{
			RouteKey: defaultRoute, Stage: defaultStage, RequestID: fmt.Sprintf("local-%x", at.UnixNano()), APIID: "local", TimeEpoch: at.UnixMilli(),
			HTTP: httpContext{Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: ip, UserAgent: r.UserAgent()},
		},
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if name == "Cookie" {
			for _, c := range r.Cookies() {
				e.Cookies = append(e.Cookies, c.Name+"="+c.Value)
			}
			continue
		}
		e.Headers[strings.ToLower(name)] = strings.Join(r.Header.Values(name), ",")
	}
	if e.Body = string(body); !isText(r.Header.Get("Content-Type")) || !utf8.Valid(body) {
		e.Body, e.IsBase64 = base64.StdEncoding.EncodeToString(body), len(body) > 0
	}
	return e
}

// isText reports whether API Gateway passes a body of that type on as it is.
func isText(contentType string) bool {
	for _, prefix := range []string{"text/", "application/json", "application/javascript", "application/xml"} {
		if strings.HasPrefix(contentType, prefix) {
			return true
		}
	}
	return false
}

// write answers with a response in payload format 2.0.
func write(w http.ResponseWriter, answer []byte) {
	var response struct {
		StatusCode int               `json:"statusCode"`
		Headers    map[string]string `json:"headers"`
		Cookies    []string          `json:"cookies"`
		Body       string            `json:"body"`
		IsBase64   bool              `json:"isBase64Encoded"`
	}
	if json.Unmarshal(answer, &response) != nil || response.StatusCode < 200 || response.StatusCode > 599 {
		fail(w)
		return
	}
	body := []byte(response.Body)
	if response.IsBase64 {
		var err error
		if body, err = base64.StdEncoding.DecodeString(response.Body); err != nil {
			fail(w)
			return
		}
	}
	for name, value := range response.Headers {
		w.Header().Set(name, value)
	}
	for _, cookie := range response.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(body)
}

func fail(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, `{"message":"Internal Server Error"}`)
}
