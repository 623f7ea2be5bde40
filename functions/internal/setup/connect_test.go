package setup_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/functions/internal/setup"
)

// table is a DynamoDB that has no items, behind TLS.
type table struct {
	*httptest.Server
	hello       http.HandlerFunc // answers what is no call
	connections atomic.Int64     // that were made
	first       chan *http.Request
}

func newTable(t *testing.T, hello http.HandlerFunc) *table {
	d := &table{hello: hello, first: make(chan *http.Request, 1)}
	d.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case d.first <- r:
		default:
		}
		if r.Method == http.MethodPost {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "{}")
			return
		}
		d.hello(w, r)
	}))
	d.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			d.connections.Add(1)
		}
	}
	d.StartTLS()
	t.Cleanup(d.Close)
	return d
}

// client is a client of d as the functions make it, which trusts d's certificate.
func (d *table) client(t *testing.T, url string) *dynamodb.Client {
	t.Helper()
	cfg, err := setup.AWS(environ(map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": url}), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	transport := d.Client().Transport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	cfg.HTTPClient = &http.Client{Transport: transport}
	return dynamodb.NewFromConfig(cfg)
}

func TestConnectSparesTheFirstCallItsConnection(t *testing.T) {
	d := newTable(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "healthy: dynamodb.us-east-1.amazonaws.com ")
	})
	client := d.client(t, d.URL)
	setup.Connect(t.Context(), client.Options())
	hello := <-d.first
	if names := []string{"Accept-Encoding", "User-Agent"}; hello.Method != http.MethodGet || hello.RequestURI != "/" || hello.ContentLength != 0 ||
		!slices.Equal(headers(hello), names) {
		t.Errorf("%s %s with %v, want GET / with %v and nothing else", hello.Method, hello.RequestURI, headers(hello), names)
	}
	if err := get(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if made := d.connections.Load(); made != 1 {
		t.Errorf("%d connections, want 1", made)
	}
}

func headers(r *http.Request) []string {
	var names []string
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestConnectDoesNotStopTheStart gives Connect a DynamoDB that does not answer as
// ever: it must come back, and leave the client fit for a call.
func TestConnectDoesNotStopTheStart(t *testing.T) {
	for name, hello := range map[string]http.HandlerFunc{
		"no answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"hangs up":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"an error":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"leads astray": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		},
		"does not end": func(w http.ResponseWriter, _ *http.Request) {
			for err := error(nil); err == nil; {
				_, err = io.WriteString(w, strings.Repeat("healthy ", 1<<10))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTable(t, hello)
			client := d.client(t, d.URL)
			setup.Connect(t.Context(), client.Options())
			if err := get(t.Context(), client); err != nil {
				t.Errorf("the first call: %v", err)
			}
		})
	}
}

func TestConnectToNobody(t *testing.T) {
	d := newTable(t, nil)
	for name, url := range map[string]string{"nobody listens": "https://127.0.0.1:1", "no address": "://"} {
		client := d.client(t, url)
		setup.Connect(t.Context(), client.Options())
		if err := get(t.Context(), client); err == nil {
			t.Errorf("%s: a call was answered", name)
		}
	}
}
