package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// fault is a way in which a request to AWS goes wrong. Where an answer has a
// text, it is what was asked, so that whoever passes it on tells on somebody.
type fault struct {
	name string
	slow bool
	// varies: a line cut inside an answer reaches the client as that or, now and
	// then, as a line broken before it, which the SDK tries again. Both are what
	// AWS could do; the document keeps the usual one.
	varies bool
	serve  func(*exchange)
	left   time.Duration // what Lambda says is left of the time limit; zero: all
}

// margin is the time that the function keeps for its answer: with no more left
// than that it makes no call.
const margin = 300 * time.Millisecond

// noTime is no time left, for 0 stands for all of it.
const noTime = time.Nanosecond

var faults = []fault{
	{name: "throttled", serve: refused("ProvisionedThroughputExceededException", "TooManyRequestsException")},
	{name: "500", serve: failed(500)},
	{name: "500, but done", serve: done(failed(500))},
	{name: "503", serve: failed(503)},
	{name: "503, but done", serve: done(failed(503))},
	{name: "answer 1 s late", slow: true, serve: slowAnswer(time.Second + notTheLimit)},
	{name: "answer 3 s late", slow: true, serve: slowAnswer(3 * time.Second)},
	{name: "answer 10 s late", slow: true, serve: slowAnswer(10 * time.Second)},
	{name: "request 3 s late", slow: true, serve: slowRequest(3 * time.Second)},
	{name: "request 10 s late", slow: true, serve: slowRequest(10 * time.Second)},
	{name: "connection reset", serve: resetLine},
	{name: "connection reset, but done", serve: done(resetLine)},
	{name: "half a body", varies: true, serve: halfBody},
	{name: "rubbish", serve: done(rubbish)},
	{name: "400 and rubbish", serve: rubbishRefusal},
	{name: "wrong CRC32", serve: wrongCRC},
	{name: "damaged, CRC32 tells", serve: damaged},
	{name: "expired credentials", serve: refused("ExpiredTokenException", "ExpiredTokenException")},
	{name: "unknown credentials", serve: refused("UnrecognizedClientException", "UnrecognizedClientException")},
	{name: "no permission", serve: refused("AccessDeniedException", "AccessDeniedException")},
	{name: "no such table or pool", serve: refused("ResourceNotFoundException", "ResourceNotFoundException")},
	{name: "1 s left, answer 3 s late", slow: true, serve: slowAnswer(3 * time.Second), left: time.Second},
	{name: "300 ms left", serve: (*exchange).pass, left: margin},
	{name: "0 ms left", serve: (*exchange).pass, left: noTime},
	{name: "−1 ms left", serve: (*exchange).pass, left: -time.Millisecond},
}

// notTheLimit keeps a second of ours apart from the second that the look-up for
// a RESEND has: which of the two is over first must not depend on the machine.
const notTheLimit = 50 * time.Millisecond

// refused gives an exception by which a service does nothing.
func refused(byDynamoDB, byCognito string) func(*exchange) {
	return func(x *exchange) {
		name := byCognito
		if x.service == dynamoDB {
			name = "com.amazonaws.dynamodb.v20120810#" + byDynamoDB
		}
		exception(x, http.StatusBadRequest, name)
	}
}

func failed(status int) func(*exchange) {
	return func(x *exchange) {
		if status == http.StatusServiceUnavailable { // by what stands before the service
			http.Error(x.w, "Service Unavailable "+string(x.body), status)
			return
		}
		exception(x, status, "InternalServerError")
	}
}

func exception(x *exchange, status int, name string) {
	body, _ := json.Marshal(map[string]string{"__type": name, "message": "not possible: " + string(x.body)}) // strings always marshal
	x.w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body)
}

// done has the service do what is asked, and then the answer go wrong.
func done(serve func(*exchange)) func(*exchange) {
	return func(x *exchange) {
		x.perform()
		serve(x)
	}
}

// slowAnswer performs the request at once and answers late.
func slowAnswer(by time.Duration) func(*exchange) {
	return func(x *exchange) {
		answer := x.perform()
		x.wait(by)
		x.answer(answer)
	}
}

// slowRequest performs the request late: when its caller has given it up, not
// before the invocation is over, which is worse.
func slowRequest(by time.Duration) func(*exchange) {
	return func(x *exchange) {
		if !x.wait(by) {
			<-x.over
		}
		x.pass()
	}
}

// wait waits, and says whether the caller does too.
func (x *exchange) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
		return false
	}
}

func resetLine(x *exchange) {
	conn, _, err := x.w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset, not an end
	}
	conn.Close()
}

func halfBody(x *exchange) {
	answer := x.perform()
	x.w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
	answer.Body.Truncate(answer.Body.Len() / 2)
	x.answer(answer)
}

func rubbish(x *exchange) { fmt.Fprintf(x.w, "<html>\x00\xff%s", x.body) }

func rubbishRefusal(x *exchange) {
	x.w.WriteHeader(http.StatusBadRequest)
	rubbish(x)
}

func wrongCRC(x *exchange) {
	answer := x.perform()
	x.w.Header().Set("X-Amz-Crc32", "1")
	x.answer(answer)
}

var claimedAt = regexp.MustCompile(`("claimedAt":\{"N":")\d+`)

// damaged makes claims that an answer shows 50 years older.
func damaged(x *exchange) {
	answer := x.perform()
	x.w.Header().Set("X-Amz-Crc32", "1")
	body := claimedAt.ReplaceAll(answer.Body.Bytes(), []byte("${1}1"))
	answer.Body = bytes.NewBuffer(body)
	x.answer(answer)
}
