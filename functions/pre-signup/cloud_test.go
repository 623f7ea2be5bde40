package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/dynamodb"
)

const claimsTable = "portaria-claims"

// cloud is all of AWS at one endpoint: a DynamoDB, a Cognito that knows
// AdminGetUser, and nothing else. It takes down what it is asked for.
type cloud struct {
	t     *testing.T
	url   string
	hears func(*http.Request) // gets every request, its body read

	mu      sync.Mutex
	service map[string]http.Handler // by the name that requests are signed for
	asked   rights

	connections atomic.Int64 // that were made
	hellos      atomic.Int64 // requests for the connection alone
}

// newCloud returns a cloud with an empty table and an empty pool.
func newCloud(t *testing.T, hears func(*http.Request)) *cloud {
	t.Helper()
	c := &cloud{t: t, hears: hears, service: map[string]http.Handler{}, asked: rights{}}
	c.given(events.Given{})
	server := httptest.NewUnstartedServer(c)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// env has every client of AWS, of whatever service, go to c, directly or as its
// proxy.
func (c *cloud) env() []string {
	return []string{"AWS_ENDPOINT_URL=" + c.url, "HTTP_PROXY=" + c.url, "HTTPS_PROXY=" + c.url, "TABLE_NAME=" + claimsTable}
}

// set has one service answered by h from now on.
func (c *cloud) set(service string, h http.Handler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.service[service] = h
}

// given puts a fresh table and pool into the state g. A claim's content is of
// another attempt.
func (c *cloud) given(g events.Given) {
	c.t.Helper()
	store := dynamodb.NewHandler()
	do := func(operation, body string) {
		c.t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
		answer := httptest.NewRecorder()
		if store.ServeHTTP(answer, r); answer.Code != http.StatusOK {
			c.t.Fatalf("%s: %s", operation, answer.Body)
		}
	}
	do("CreateTable", fmt.Sprintf(`{"TableName":%q,"BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"cpf","AttributeType":"S"}],"KeySchema":[{"AttributeName":"cpf","KeyType":"HASH"}]}`, claimsTable))
	items := slices.Clone(g.Items)
	for _, claim := range g.Claims {
		items = append(items, claim.Item(time.Now(), "of another attempt"))
	}
	for _, item := range items {
		do("PutItem", fmt.Sprintf(`{"TableName":%q,"Item":%s}`, claimsTable, item))
	}
	c.set("dynamodb", store)
	c.set("cognito-idp", people(g.Users))
}

// signedFor finds the service in a request's signature.
var signedFor = regexp.MustCompile(`Credential=[^/,]*/[0-9]{8}/[^/,]*/([^/,]*)/aws4_request`)

// isHello reports whether r is what the function says when it starts, to the
// letter: an unsigned GET of the endpoint, which tells nothing.
func isHello(r *http.Request, body []byte) bool {
	return r.Method == http.MethodGet && r.URL.RequestURI() == "/" && r.Header.Get("Authorization") == "" && len(body) == 0
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.hears(r)
	if isHello(r, body) { // asks for nothing: there is no right to it
		c.hellos.Add(1)
		fmt.Fprint(w, "healthy: dynamodb.us-east-1.amazonaws.com ")
		return
	}
	service := "unsigned"
	if found := signedFor.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		service = found[1]
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if operation == "" {
		operation = r.Method + " " + r.Host + r.URL.String()
	}
	var on struct{ TableName, UserPoolId string }
	_ = json.Unmarshal(body, &on) // what names neither is on nothing
	c.mu.Lock()
	c.asked.add(resource(on.TableName, on.UserPoolId), service+":"+operation)
	h := c.service[service]
	c.mu.Unlock()
	if h == nil {
		http.Error(w, "no such service here", http.StatusNotImplemented)
		return
	}
	h.ServeHTTP(w, r)
}

// plain answers with a status and a body, whatever is asked.
func plain(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

// people is a Cognito of these users.
func people(users []events.User) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ UserPoolId, Username string }
		_ = json.NewDecoder(r.Body).Decode(&in) // what is no request finds nobody
		i := slices.IndexFunc(users, func(u events.User) bool { return u.UserName == in.Username || u.Email == in.Username })
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if i < 0 || in.UserPoolId != events.PoolID {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"UserNotFoundException","message":"User does not exist."}`)
			return
		}
		attributes := []map[string]string{{"Name": "email", "Value": users[i].Email}}
		if users[i].CPF != "" {
			attributes = append(attributes, map[string]string{"Name": "custom:cpf", "Value": users[i].CPF})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Username": users[i].UserName, "UserAttributes": attributes})
	})
}
