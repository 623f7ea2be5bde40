// Command go-limit is the least that the trigger's work takes: no SDK, no
// runtime client, no HTTP package; requests written and signed by hand on two
// connections. A peer of the bench, not for use: it neither retries, nor
// reconnects, nor gives up, and what it does not expect ends it.
package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"github.com/pontte/portaria/bench/peers/rules"
)

func main() {
	endpoint, ok := strings.CutPrefix(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"), "https://")
	if !ok {
		log.Fatal("AWS_ENDPOINT_URL_DYNAMODB is not https://HOST:PORT")
	}
	secure, err := tls.Dial("tcp", endpoint, nil)
	if err != nil {
		log.Fatal(err)
	}
	plain, err := net.Dial("tcp", os.Getenv("AWS_LAMBDA_RUNTIME_API"))
	if err != nil {
		log.Fatal(err)
	}
	t := &trigger{
		dynamodb: newConn(secure),
		runtime:  newConn(plain),
		table:    os.Getenv("TABLE_NAME"),
		signer: signer{
			host: endpoint, region: os.Getenv("AWS_REGION"),
			id: os.Getenv("AWS_ACCESS_KEY_ID"), secret: os.Getenv("AWS_SECRET_ACCESS_KEY"), token: os.Getenv("AWS_SESSION_TOKEN"),
		},
		cold: true,
	}
	for {
		if err := t.serve(); err != nil {
			log.Fatal(err)
		}
	}
}

type trigger struct {
	dynamodb, runtime *conn
	table             string
	signer            signer
	cold              bool
	out               []byte // the request in the making
}

// event is what the work takes of an event.
type event struct {
	TriggerSource, UserPoolID, UserName string
	Request                             struct{ UserAttributes, ValidationData map[string]string }
}

const runtimePath = "/2018-06-01/runtime/invocation/"

// serve answers one invocation.
func (t *trigger) serve() error {
	next, err := t.runtime.do([]byte("GET " + runtimePath + "next HTTP/1.1\r\nHost: runtime\r\n\r\n"))
	if err != nil {
		return err
	}
	began := time.Now()
	e, cpf, refusal, err := t.decide(next.body, began)
	if err != nil {
		return err
	}
	t.logLine(next, e.TriggerSource, cpf, refusal, began)
	outcome, body := "/response", next.body
	if refusal != nil {
		outcome = "/error"
		if body, err = json.Marshal(map[string]string{"errorType": "Refusal", "errorMessage": refusal.Text}); err != nil {
			return err
		}
	}
	t.out = appendRequest(t.out[:0], runtimePath+next.header("Lambda-Runtime-Aws-Request-Id")+outcome, "Host: runtime\r\n", body)
	_, err = t.runtime.do(t.out)
	return err
}

func (t *trigger) decide(payload []byte, at time.Time) (e event, cpf string, refusal *rules.Refusal, err error) {
	if err := json.Unmarshal(payload, &e); err != nil {
		return e, "", nil, err
	}
	if cpf, refusal = rules.Check(e.Request.UserAttributes, e.Request.ValidationData); refusal != nil {
		return e, cpf, refusal, nil
	}
	body := putItem(t.table, e, cpf, at)
	t.out = appendRequest(t.out[:0], "/", t.signer.headers(body, at), body)
	answer, err := t.dynamodb.do(t.out)
	switch {
	case err != nil:
		return e, cpf, nil, err
	case answer.status == 200:
		return e, cpf, nil, nil
	case bytes.Contains(answer.body, []byte("ConditionalCheckFailedException")):
		return e, cpf, rules.CPFTaken, nil
	}
	return e, cpf, rules.Internal, nil
}

func (t *trigger) logLine(next response, source, cpf string, refusal *rules.Refusal, began time.Time) {
	ended := time.Now()
	outcome, more := "allowed", ""
	if refusal != nil {
		outcome, more = "refused", `,"code":"`+refusal.Code+`"`
	}
	if cpf != "" {
		more += `,"claim":"new","cpf":"` + rules.Masked(cpf) + `"`
	}
	line := []byte(`{"level":"info","service":"go-limit","timestamp":"`)
	line = ended.UTC().AppendFormat(line, "2006-01-02T15:04:05.000Z")
	line = append(line, `","cold_start":`...)
	line = appendBool(line, t.cold)
	line = append(line, `,"function_request_id":"`+next.header("Lambda-Runtime-Aws-Request-Id")+
		`","xray_trace_id":"`+next.header("Lambda-Runtime-Trace-Id")+`","trigger_source":`...)
	line = appendString(line, source)
	line = append(line, `,"outcome":"`+outcome+`"`+more+`,"duration_ms":`...)
	line = appendInt(line, ended.Sub(began).Milliseconds())
	line = append(line, `,"message":"sign-up `+outcome+"\"}\n"...)
	os.Stdout.Write(line)
	t.cold = false
}
