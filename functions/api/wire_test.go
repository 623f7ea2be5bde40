package main

import (
	"io"
	"maps"
	"strings"
	"testing"
)

func TestWireNamesTheVariable(t *testing.T) {
	whole := map[string]string{
		"TABLE_NAME": "claims", "LIMITS_TABLE_NAME": "limits", "USER_POOL_ID": "us-east-1_portaria", "USER_POOL_CLIENT_ID": "portaria",
		"PAGE_URL": "https://example.com/nova-senha", "SIGN_IN_URL": "https://example.com/entrar",
	}
	for name := range whole {
		env := maps.Clone(whole)
		delete(env, name)
		h, err := wire(t.Context(), func(name string) string { return env[name] }, io.Discard)
		if err == nil || !strings.Contains(err.Error(), name+" is not set") || h != nil {
			t.Errorf("without %s: wire = %v, %v, want an error that names it", name, h, err)
		}
	}
}

func TestWireNamesABrokenNamespace(t *testing.T) {
	env := map[string]string{
		"TABLE_NAME": "claims", "LIMITS_TABLE_NAME": "limits", "USER_POOL_ID": "us-east-1_portaria", "USER_POOL_CLIENT_ID": "portaria",
		"PAGE_URL": "https://example.com/nova-senha", "SIGN_IN_URL": "https://example.com/entrar", "METRICS_NAMESPACE": "two words",
	}
	h, err := wire(t.Context(), func(name string) string { return env[name] }, io.Discard)
	if err == nil || !strings.Contains(err.Error(), `METRICS_NAMESPACE: "two words"`) || h != nil {
		t.Errorf("wire = %v, %v, want an error that names it", h, err)
	}
}

func TestPagePrefix(t *testing.T) {
	for address, want := range map[string]string{
		"https://example.com/nova-senha":      "",
		"https://example.com/prod/nova-senha": "/prod",
		"http://127.0.0.1:8080/nova-senha":    "",
		"https://example.com":                 "error",
		"https://example.com/nova-senha/":     "error",
		"/nova-senha":                         "error",
		"ftp://example.com/nova-senha":        "error",
	} {
		got, err := pagePrefix(address)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("pagePrefix(%q) = %q, %v, want %q", address, got, err, want)
		}
	}
}
