package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/lambda"
)

const table = "portaria-claims"

// binary is the function as it is deployed, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "pre-signup")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "bootstrap")
	if err := lambda.Build(context.Background(), ".", ".", binary); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// gate is the real binary behind a Lambda Runtime API, with a DynamoDB and a
// Cognito whose requests are counted at the wire.
type gate struct {
	t        *testing.T
	function *lambda.Runtime
	log      *lineLog
	dynamo   *recorder
	cognito  *recorder
	client   *sdk.Client
	users    *directory
}

func newGate(t *testing.T, env map[string]string) *gate {
	t.Helper()
	g := &gate{t: t, log: newLineLog(), users: new(directory)}
	g.dynamo = newRecorder(t, dynamodb.NewHandler())
	g.cognito = newRecorder(t, g.users)
	g.client = dynamodb.Client(g.dynamo.url)
	if err := dynamodb.CreateTable(t.Context(), g.client, table); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{
		"TABLE_NAME":                table,
		"LOG_LEVEL":                 "trace",
		"AWS_ENDPOINT_URL_DYNAMODB": g.dynamo.url,
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": g.cognito.url,
	}
	for name, value := range env {
		all[name] = value
	}
	var err error
	g.function, err = lambda.Start(t.Context(), lambda.Config{Binary: binary, Name: "pre-signup", Env: all, Log: g.log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.function.Close)
	return g
}

// clear empties table, pool and counters.
func (g *gate) clear() {
	g.t.Helper()
	for _, it := range g.items() {
		if _, err := g.client.DeleteItem(g.t.Context(), &sdk.DeleteItemInput{TableName: aws.String(table), Key: map[string]types.AttributeValue{"cpf": it["cpf"]}}); err != nil {
			g.t.Fatal(err)
		}
	}
	g.users.set(nil)
	g.forget()
}

// forget sets the counters to nothing.
func (g *gate) forget() {
	g.dynamo.take()
	g.cognito.take()
}

func (g *gate) items() []map[string]types.AttributeValue {
	g.t.Helper()
	out, err := g.client.Scan(g.t.Context(), &sdk.ScanInput{TableName: aws.String(table), ConsistentRead: aws.Bool(true)})
	if err != nil {
		g.t.Fatal(err)
	}
	return out.Items
}

// putRaw writes an item given in DynamoDB's JSON.
func (g *gate) putRaw(item json.RawMessage) {
	g.t.Helper()
	body := fmt.Sprintf(`{"TableName":%q,"Item":%s}`, table, item)
	request, err := http.NewRequestWithContext(g.t.Context(), http.MethodPost, g.dynamo.url, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		g.t.Fatal(err)
	}
	defer response.Body.Close()
	if text, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		g.t.Fatalf("put %s: %s", item, text)
	}
}

// recorder passes requests on and takes down the operation of each.
type recorder struct {
	url string
	mu  sync.Mutex
	ops []string
}

func newRecorder(t *testing.T, to http.Handler) *recorder {
	w := new(recorder)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		w.ops = append(w.ops, op)
		w.mu.Unlock()
		to.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// take gives the operations since it was last called.
func (w *recorder) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	ops := w.ops
	w.ops = nil
	return ops
}

// directory is a Cognito that knows AdminGetUser and nothing else.
type directory struct {
	mu    sync.Mutex
	users []events.User
}

func (d *directory) set(users []events.User) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users = users
}

func (d *directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var in struct{ UserPoolId, Username string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	i := slices.IndexFunc(d.users, func(u events.User) bool { return u.UserName == in.Username || u.Email == in.Username })
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if i < 0 || in.UserPoolId != events.PoolID {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type":"UserNotFoundException","message":"User does not exist."}`)
		return
	}
	attributes := []map[string]string{{"Name": "email", "Value": d.users[i].Email}}
	if d.users[i].CPF != "" {
		attributes = append(attributes, map[string]string{"Name": "custom:cpf", "Value": d.users[i].CPF})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"Username": d.users[i].UserName, "UserAttributes": attributes})
}

// lineLog is what the binary printed, line by line. Lambda's answer may come
// before its log does, so a reader waits for the next line.
type lineLog struct {
	mu    sync.Mutex
	rest  []byte
	lines chan string
}

func newLineLog() *lineLog { return &lineLog{lines: make(chan string, 10_000)} }

func (l *lineLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.lines <- string(line)
		l.rest = rest
	}
}

// next is the next line; it fails the test when none comes.
func (l *lineLog) next(t *testing.T) string {
	t.Helper()
	select {
	case line := <-l.lines:
		return line
	case <-time.After(10 * time.Second):
		t.Fatal("the binary wrote no line")
		return ""
	}
}
