package setup_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/functions/internal/setup"
)

// TestCallIsSentInOnePiece holds that a call takes one write, headers and body
// together, and arrives whole.
func TestCallIsSentInOnePiece(t *testing.T) {
	var arrived string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived = string(body)
		_, _ = io.WriteString(w, "{}")
	}))
	listener := &pieces{Listener: server.Listener}
	server.Listener = listener
	server.Start()
	defer server.Close()
	cfg, err := setup.AWS(environ(map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": server.URL}), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	_, err = dynamodb.NewFromConfig(cfg).DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: aws.String("claims")})
	if err != nil {
		t.Fatal(err)
	}
	if arrived != `{"TableName":"claims"}` {
		t.Errorf("body = %q", arrived)
	}
	got := listener.read()
	if len(got) != 1 || !strings.HasPrefix(got[0], "POST / HTTP/1.1\r\n") || !strings.HasSuffix(got[0], arrived) {
		t.Errorf("the call came in %d pieces: %q, want one", len(got), got)
	}
}

// pieces takes down what each read of its connections gets.
type pieces struct {
	net.Listener
	mu   sync.Mutex
	seen []string
}

func (p *pieces) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	return &piecesConn{c, p}, err
}

func (p *pieces) read() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

type piecesConn struct {
	net.Conn
	to *pieces
}

func (c *piecesConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.to.mu.Lock()
		c.to.seen = append(c.to.seen, string(b[:n]))
		c.to.mu.Unlock()
	}
	return n, err
}
