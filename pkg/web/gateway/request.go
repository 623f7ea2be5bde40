package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// event is what is read of a request's event. What is not read cannot break it.
type event struct {
	Version         string            `json:"version"`
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Cookies         []string          `json:"cookies"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	RequestContext  struct {
		Stage      string `json:"stage"`
		DomainName string `json:"domainName"`
		HTTP       struct {
			Method   string `json:"method"`
			Protocol string `json:"protocol"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
	} `json:"requestContext"`
}

const (
	payloadFormat = "2.0"
	defaultStage  = "$default" // stands in no path
	unknownPort   = "0"
)

// Errors of Invoke. None tells what the event holds: it can be anything, an
// event for another function included.
var (
	errNoEvent = errors.New("the event is not an HTTP API's of payload format 2.0")
	errBody    = errors.New("the event's body is not base64, though it says so")
)

// newRequest makes the request that net/http would have made of what the event
// tells. Its RemoteAddr is the address that API Gateway saw, never one that a
// header names, with port 0; its headers are those of the request, except that
// several of one name are one value, joined by commas by API Gateway.
func newRequest(ctx context.Context, payload []byte) (*http.Request, error) {
	var e event
	if json.Unmarshal(payload, &e) != nil || e.Version != payloadFormat || !isToken(e.RequestContext.HTTP.Method) {
		return nil, errNoEvent
	}
	body, err := e.body()
	if err != nil {
		return nil, err
	}
	u := &url.URL{Path: e.path(), RawQuery: e.RawQueryString}
	r := &http.Request{
		Method:        e.RequestContext.HTTP.Method,
		URL:           u,
		Header:        e.header(len(body)),
		Body:          http.NoBody,
		ContentLength: int64(len(body)),
		RemoteAddr:    net.JoinHostPort(e.RequestContext.HTTP.SourceIP, unknownPort),
		RequestURI:    u.RequestURI(),
	}
	if len(body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if r.Host = r.Header.Get("Host"); r.Host == "" {
		r.Host = e.RequestContext.DomainName
	}
	r.Header.Del("Host") // net/http has it in Host only
	r.Proto, r.ProtoMajor, r.ProtoMinor = e.protocol()
	return r.WithContext(ctx), nil
}

func (e *event) body() ([]byte, error) {
	if !e.IsBase64Encoded {
		return []byte(e.Body), nil
	}
	body, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		return nil, errBody
	}
	return body, nil
}

// path is the path of the request without the stage, which API Gateway leaves in
// front of it. In spite of its name rawPath is decoded by then, so that a percent
// sign in it is one: https://github.com/aws/aws-lambda-dotnet/pull/1901
func (e *event) path() string {
	path := e.RawPath
	if stage := e.RequestContext.Stage; stage != "" && stage != defaultStage {
		if rest, ok := strings.CutPrefix(path, "/"+stage); ok && (rest == "" || rest[0] == '/') {
			path = rest
		}
	}
	if !strings.HasPrefix(path, "/") {
		return "/" + path
	}
	return path
}

// header is the request's header. API Gateway takes the cookies out of it.
func (e *event) header(length int) http.Header {
	h := make(http.Header, len(e.Headers)+1)
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		if isToken(name) {
			h.Add(name, textproto.TrimString(e.Headers[name]))
		}
	}
	if len(e.Cookies) > 0 {
		h.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	h.Del("Transfer-Encoding") // the body is here, whole
	if h.Get("Content-Length") != "" {
		h.Set("Content-Length", strconv.Itoa(length))
	}
	return h
}

func (e *event) protocol() (proto string, major, minor int) {
	if major, minor, ok := http.ParseHTTPVersion(e.RequestContext.HTTP.Protocol); ok {
		return e.RequestContext.HTTP.Protocol, major, minor
	}
	return "HTTP/1.1", 1, 1
}

// isToken reports whether s can be a method or the name of a header: RFC 9110,
// 5.6.2.
func isToken(s string) bool {
	return s != "" && strings.Trim(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
