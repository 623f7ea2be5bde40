package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// conn is a connection that one request goes over at a time.
type conn struct {
	net.Conn
	in *bufio.Reader
}

func newConn(c net.Conn) *conn { return &conn{c, bufio.NewReader(c)} }

type response struct {
	status int
	head   string // each header line, with its line break
	body   []byte
}

// header gives a header that is spelled just like that.
func (r response) header(name string) string {
	_, rest, _ := strings.Cut(r.head, "\n"+name+": ")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

// do sends a request and reads the response, which must have a Content-Length.
func (c *conn) do(request []byte) (response, error) {
	if _, err := c.Write(request); err != nil {
		return response{}, err
	}
	status, err := c.in.ReadString('\n')
	if err != nil {
		return response{}, err
	}
	var r response
	if len(status) < len("HTTP/1.1 200") {
		return response{}, fmt.Errorf("no status line: %q", status)
	}
	if r.status, err = strconv.Atoi(status[9:12]); err != nil {
		return response{}, err
	}
	var head strings.Builder
	head.WriteByte('\n')
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return response{}, err
		}
		if line == "\r\n" {
			break
		}
		head.WriteString(line)
	}
	r.head = head.String()
	length, err := strconv.Atoi(r.header("Content-Length"))
	if err != nil {
		return response{}, errors.New("a response without Content-Length")
	}
	r.body = make([]byte, length)
	_, err = io.ReadFull(c.in, r.body)
	return r, err
}

// appendRequest appends a POST. headers end with a line break.
func appendRequest(b []byte, path, headers string, body []byte) []byte {
	b = append(b, "POST "+path+" HTTP/1.1\r\n"+headers+"Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	return append(b, body...)
}
