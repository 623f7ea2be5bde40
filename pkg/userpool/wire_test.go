package userpool_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/pontte/portaria/pkg/userpool"
)

// readerOnly is an HTTP client that hides all of a request's body but Read. The
// SDK's own body, closed as soon as the head of the answer is there, ends
// WriteTo with io.EOF; net/http takes that for a failed request and drops the
// connection under a long answer, if the answer came fast.
type readerOnly struct{ client *http.Client }

func (c readerOnly) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.client.Do(r)
}

// sdk is a real client of the service at url, which tries three times, at once.
// No option of it keeps requests from being repeated.
func sdk(t *testing.T, url string) *idp.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return idp.New(idp.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(url),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:   readerOnly{&http.Client{Transport: transport}},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		}),
	})
}

// exceptionJSON answers as Cognito does when it refuses.
func exceptionJSON(status int, name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("x-amzn-RequestId", "a-request-id")
		w.WriteHeader(status)
		io.WriteString(w, `{"__type":"`+name+`","message":"about `+email+`"}`)
	}
}

// hangUp closes the connection; reset makes the close a reset.
func hangUp(reset bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		if reset {
			conn.(*net.TCPConn).SetLinger(0)
		}
		conn.Close()
	}
}

// halfAnswer ends in the middle of the answer's body.
func halfAnswer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	w.WriteHeader(http.StatusOK)
	io.WriteString(w, `{"User":`)
}

// ofKnownKind has the settings of a pool answered, and h all else.
func ofKnownKind(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeUserPool") {
			io.Copy(io.Discard, r.Body)
			io.WriteString(w, `{"UserPool":{}}`)
			return
		}
		h(w, r)
	})
}

// TestCreateIsSentOnce counts what comes in at the other end of a connection,
// where the calls that may be repeated show that the client would repeat it.
func TestCreateIsSentOnce(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answer  http.HandlerFunc
		want    string
		repeats bool // the calls that may be
	}{
		{"status 500", exceptionJSON(500, "InternalErrorException"), "unavailable", true},
		{"status 503, no exception", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "unavailable", true},
		{"throttled", exceptionJSON(400, "TooManyRequestsException"), "throttled", true},
		{"reset", hangUp(true), "unavailable", true},
		{"closed", hangUp(false), "unavailable", true},
		{"half an answer", halfAnswer, "unavailable", false},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, "unavailable", false},
		{"user exists", exceptionJSON(400, "UsernameExistsException"), "user exists", false},
		{"alias exists", exceptionJSON(400, "AliasExistsException"), "user exists", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var failing, total atomic.Int64
			server := httptest.NewServer(ofKnownKind(func(w http.ResponseWriter, r *http.Request) {
				if total.Add(1); failing.Load() == 0 {
					io.Copy(io.Discard, r.Body)
					io.WriteString(w, `{"Username":"x"}`)
					return
				}
				tt.answer(w, r)
			}))
			t.Cleanup(server.Close)
			p := userpool.NewPool(sdk(t, server.URL), pool, clientID)
			// A connection that was used before is where net/http repeats.
			if _, err := p.Lookup(t.Context(), email); err != nil {
				t.Fatal(err)
			}
			failing.Store(1)
			total.Store(0)
			_, err := p.Create(t.Context(), original(t))
			check(t, err, tt.want)
			if got := total.Load(); got != 1 {
				t.Errorf("Create sent %d requests, want 1", got)
			}
			total.Store(0)
			if _, err := p.Lookup(t.Context(), email); err == nil {
				t.Error("Lookup got an answer")
			}
			if got := total.Load(); got > 1 != tt.repeats {
				t.Errorf("Lookup sent %d requests, repeats: %t", got, tt.repeats)
			}
		})
	}
}

func TestCreateOutOfTime(t *testing.T) {
	var requests atomic.Int64
	arrived := make(chan struct{})
	server := httptest.NewServer(ofKnownKind(func(_ http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := userpool.NewPool(sdk(t, server.URL), pool, clientID).Create(ctx, original(t))
	check(t, err, "unavailable")
	if requests.Load() != 1 {
		t.Errorf("Create sent %d requests, want 1", requests.Load())
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	p := userpool.NewPool(sdk(t, "http://"+listener.Addr().String()), pool, clientID)
	_, err = p.Create(t.Context(), original(t))
	check(t, err, "unavailable")
	check(t, p.SetPassword(t.Context(), email, temporary, chosen, nil), "unavailable")
}
