package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestStoreThatIsDown is the one fault that has no tap: nobody listens.
func TestStoreThatIsDown(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	r := newRig(t, map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": server.URL})
	c := caseOf(t, "admin-create-user.json")
	v, err := r.invoke(c.Event, nil, nil, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if v.word != "internal" || v.said.Level != "error" || !strings.Contains(v.said.Error, "DynamoDB") {
		t.Errorf("answer %s, log line %s, want internal and its cause at level error", v.word, v.line)
	}
	if err := v.tells(c); err != nil {
		t.Error(err)
	}
}
