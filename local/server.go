package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// server is one of the stack's HTTP servers.
type server struct {
	listener net.Listener
	http     *http.Server
	ended    chan struct{}
}

// listen takes addr for the part of the stack called name. Nobody is answered
// before serve is called.
func listen(ctx context.Context, name, addr string) (*server, error) {
	cure := fmt.Sprintf("choose another with --%s-addr or PORTARIA_%s_ADDR", name, strings.ToUpper(name))
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; %s", name, err, cure)
	}
	if ip := net.ParseIP(host); host != "localhost" && !ip.IsLoopback() {
		return nil, fmt.Errorf("%s: %s is not a loopback address, and nobody is asked for a password here; %s", name, addr, cure)
	}
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s: %s is in use; %s", name, addr, cure)
	case err != nil:
		return nil, fmt.Errorf("%s: %w; %s", name, err, cure)
	}
	return &server{
		listener: listener,
		http:     &http.Server{BaseContext: func(net.Listener) context.Context { return ctx }, ReadHeaderTimeout: 10 * time.Second},
		ended:    make(chan struct{}),
	}, nil
}

// serve answers with handler from now on.
func (s *server) serve(handler http.Handler) {
	s.http.Handler = handler
	go func() {
		defer close(s.ended)
		s.http.Serve(s.listener) // until close
	}()
}

func (s *server) url() string { return "http://" + s.listener.Addr().String() }

// close takes no more requests and waits for those under way, which should end
// with the context given to listen.
func (s *server) close() {
	if s.http.Handler == nil {
		s.listener.Close()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
	<-s.ended
}
