package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pontte/portaria/pkg/userpool"
	"github.com/pontte/portaria/pkg/web"
)

// document is what the tests look at of openapi.yaml.
type document struct {
	Paths map[string]map[string]struct {
		RequestBody struct {
			Content map[string]struct {
				Examples map[string]struct {
					Value any
					Ref   string `yaml:"$ref"`
				}
			}
		} `yaml:"requestBody"`
		Responses map[string]any
		Security  []map[string]any
	}
	Components struct {
		Examples map[string]struct{ Value map[string]any }
	}
}

func readDocument(t *testing.T) (d document, whole any) {
	t.Helper()
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	return d, whole
}

// TestOpenAPIIsServed holds that what is served says what the file says.
func TestOpenAPIIsServed(t *testing.T) {
	_, whole := readDocument(t)
	want, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("PORTARIA_OPENAPI") == "write" { // make openapi
		if err := os.WriteFile("openapi.json", append(want, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Log("openapi.json is written; it is served once it is built in")
		return
	}
	s := service{}
	response, _ := s.call(t, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	var got, wanted any
	if err := json.Unmarshal(response.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(want, &wanted); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("openapi.json is not openapi.yaml; make openapi writes it anew (-yaml +json):\n%s", diff)
	}
}

// TestOpenAPINamesEveryAnswer sends requests that go wrong in every way to every
// route: each answer's status stands in the document, and each route is there.
func TestOpenAPINamesEveryAnswer(t *testing.T) {
	d, _ := readDocument(t)
	statuses := func(method, path string) []string {
		var names []string
		for status := range d.Paths[path][strings.ToLower(method)].Responses {
			names = append(names, status)
		}
		return names
	}
	for path, methods := range d.Paths {
		for method, operation := range methods {
			method = strings.ToUpper(method)
			bodies := []string{"x", "{}", `{"admin":1}`, strings.Repeat("x", 17<<10)}
			for _, example := range operation.RequestBody.Content["application/json"].Examples {
				value := example.Value
				if example.Ref != "" {
					value = d.Components.Examples[example.Ref[strings.LastIndex(example.Ref, "/")+1:]].Value
				}
				body, err := json.Marshal(value)
				if err != nil {
					t.Fatal(err)
				}
				bodies = append(bodies, string(body))
			}
			for _, body := range bodies {
				for _, contentType := range []string{"application/json", "text/plain"} {
					for _, m := range []string{method, http.MethodDelete} {
						s := service{pool: pool{lookups: nobody(), challenged: &userpool.User{}}}
						request := httptest.NewRequest(m, path, strings.NewReader(body))
						request.Header.Set("Content-Type", contentType)
						response, _ := s.call(t, request)
						if got := strconv.Itoa(response.Code); !slices.Contains(statuses(method, path), got) {
							t.Errorf("%s %s answered %s, which is not in %v", m, path, got, statuses(method, path))
						}
					}
				}
			}
			signed := len(operation.Security) == 1
			if system := path == "/users" || path == "/users/resend"; signed != system {
				t.Errorf("%s %s: signed %v, want %v", method, path, signed, system)
			}
		}
	}
}

// TestOpenAPIExampleOfARegistrationIsOne sends the document's own example.
func TestOpenAPIExampleOfARegistrationIsOne(t *testing.T) {
	d, _ := readDocument(t)
	body, err := json.Marshal(d.Components.Examples["registration"].Value)
	if err != nil {
		t.Fatal(err)
	}
	s := service{pool: pool{lookups: nobody(), created: userpool.User{Name: "a-uuid"}}}
	if response, _ := s.call(t, post("/users", string(body))); response.Code != http.StatusCreated {
		t.Errorf("the example is answered with %d %s", response.Code, response.Body)
	}
}

// TestEveryCodeHasItsPage holds that docs/problems.md explains each code under a
// heading of its own: type is the address of that heading.
func TestEveryCodeHasItsPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/problems.md")
	if err != nil {
		t.Fatal(err)
	}
	var headings []string
	for line := range strings.Lines(string(text)) {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			headings = append(headings, strings.TrimSpace(heading))
		}
	}
	for _, code := range []web.Code{
		web.MalformedRequest, web.UnsupportedMedia, web.TooLarge, web.NotFound, web.MethodNotAllowed, web.InvalidFields, web.CPFTaken,
		web.EmailTaken, web.SignupInProgress, web.UserNotFound, web.AlreadyConfirmed, web.InvalidCredentials, web.WeakPassword,
		web.SignInElsewhere, web.CrossSite, web.TooManyRequests, web.Unavailable,
	} {
		if !slices.Contains(headings, string(code)) {
			t.Errorf("docs/problems.md has no heading for %s", code)
		}
	}
}
