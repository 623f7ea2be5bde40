package gateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPayload is the most bytes that the answer of a function may have: 6 MB.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxPayload = 6 << 20

// response is the answer in payload format 2.0. API Gateway adds the date and
// the length.
type response struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers,omitempty"`
	Cookies         []string          `json:"cookies,omitempty"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

// encode gives r as the function's answer, or ErrTooLarge.
func (r response) encode() ([]byte, error) {
	out, err := json.Marshal(r)
	if err == nil && len(out) > maxPayload {
		err = ErrTooLarge
	}
	return out, err
}

// writer is the http.ResponseWriter of one request. It treats the handler as
// net/http does: the header counts as it is when the status is written, and a
// body that HTTP does not allow is not sent. It cannot be flushed: the answer
// leaves at the end, whole.
type writer struct {
	header http.Header // the handler's
	isHead bool

	status int         // 0 until it is written
	sent   http.Header // header, when the status was written
	body   []byte
}

// Header is the header that the handler fills.
func (w *writer) Header() http.Header { return w.header }

// WriteHeader takes the first status that is no interim one. It panics, like
// net/http, when that is no status.
func (w *writer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid status %d", status))
	}
	interim := status < 200 && status != http.StatusSwitchingProtocols // the answer cannot hold one
	if w.status == 0 && !interim {
		w.status = status
		w.sent = w.header.Clone()
	}
}

// Write takes the body, however long: Invoke finds out what is too large. Its
// error is http.ErrBodyNotAllowed for a status that has none.
func (w *writer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if !allowsBody(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	w.body = append(w.body, p...)
	return len(p), nil
}

// response is the answer, when the handler has returned.
func (w *writer) response() response {
	w.WriteHeader(http.StatusOK)
	r := response{StatusCode: w.status, Headers: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(w.sent)) {
		r.add(name, w.sent[name])
	}
	if _, typed := w.sent["Content-Type"]; !typed && w.sent.Get("Content-Encoding") == "" && len(w.body) > 0 {
		r.Headers["Content-Type"] = http.DetectContentType(w.body)
	}
	if w.status == http.StatusNotModified {
		delete(r.Headers, "Content-Type")
	}
	switch {
	case w.isHead:
	case utf8.Valid(w.body):
		r.Body = string(w.body)
	default:
		r.Body, r.IsBase64Encoded = base64.StdEncoding.EncodeToString(w.body), true
	}
	return r
}

// add puts a header into r: cookies by themselves, several values of any other
// joined by commas (RFC 9110, 5.2), and nothing that is about the connection,
// which is API Gateway's.
func (r *response) add(name string, values []string) {
	name = http.CanonicalHeaderKey(name)
	switch name {
	case "Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return
	}
	if !isToken(name) {
		return
	}
	for _, value := range values {
		value = oneLine(value)
		if name == "Set-Cookie" {
			r.Cookies = append(r.Cookies, value)
		} else if before, several := r.Headers[name]; several {
			r.Headers[name] = before + ", " + value
		} else {
			r.Headers[name] = value
		}
	}
}

// oneLine makes of a header's value one that cannot start another header, as
// net/http does.
func oneLine(value string) string {
	return textproto.TrimString(strings.NewReplacer("\n", " ", "\r", " ").Replace(value))
}

// allowsBody reports whether an answer of that status has a body: RFC 9110, 6.4.1.
func allowsBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
