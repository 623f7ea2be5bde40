package fake

import (
	"crypto/tls"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// DynamoDB answers over HTTPS, on a port of its own on loopback: every read
// finds nothing, and every write finds nothing in its way.
type DynamoDB struct {
	// URL is where it answers.
	URL string

	server *http.Server

	mu     sync.Mutex
	writes []Write
}

// Write is a PutItem or an UpdateItem as it came in.
type Write struct {
	Authorization string
	Body          []byte
}

// StartDynamoDB starts a DynamoDB that shows certificate. Close ends it.
func StartDynamoDB(certificate tls.Certificate) (*DynamoDB, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start DynamoDB: %w", err)
	}
	d := &DynamoDB{URL: "https://" + listener.Addr().String()}
	d.server = &http.Server{
		Handler:      d,
		TLSConfig:    &tls.Config{Certificates: []tls.Certificate{certificate}},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, // HTTP/1.1 only, as DynamoDB
		ErrorLog:     log.New(io.Discard, "", 0),                               // killed processes break connections off
	}
	go d.server.ServeTLS(listener, "", "") // until Close
	return d, nil
}

// Close ends it.
func (d *DynamoDB) Close() error { return d.server.Close() }

// Take gives the writes that came since the last call, in their order.
func (d *DynamoDB) Take() []Write {
	d.mu.Lock()
	defer d.mu.Unlock()
	writes := d.writes
	d.writes = nil
	return writes
}

func (d *DynamoDB) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the process is gone
	}
	if r.Method != http.MethodPost { // what load balancers ask, and whoever warms a connection
		answer(w, http.StatusOK, "healthy: dynamodb.us-east-1.amazonaws.com ")
		return
	}
	switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
	case "PutItem", "UpdateItem":
		d.mu.Lock()
		d.writes = append(d.writes, Write{r.Header.Get("Authorization"), body})
		d.mu.Unlock()
		answer(w, http.StatusOK, "{}")
	case "GetItem":
		answer(w, http.StatusOK, "{}")
	default:
		answer(w, http.StatusBadRequest, `{"__type":"com.amazon.coral.service#UnknownOperationException"}`)
	}
}

func answer(w http.ResponseWriter, status int, body string) {
	h := w.Header()
	h.Set("Content-Type", "application/x-amz-json-1.0")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10))
	h.Set("X-Amzn-Requestid", "BENCH")
	w.WriteHeader(status)
	io.WriteString(w, body)
}
