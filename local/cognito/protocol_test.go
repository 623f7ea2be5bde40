package cognito_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/cognito"
)

// post calls an operation with a body as it is.
func (s *stage) post(operation, body string) (*http.Response, []byte) {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	w := httptest.NewRecorder()
	s.service.ServeHTTP(w, r)
	out, err := io.ReadAll(w.Result().Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return w.Result(), out
}

func TestRequestIsTakenStrictly(t *testing.T) {
	const (
		unsupported = "InvalidParameterException: The local user pool does not support the parameter "
		validation  = "InvalidParameterException: 1 validation error detected: "
	)
	user := func(more string) string {
		return `{"UserPoolId":"us-east-1_portaria","Username":"` + email + `"` + more + `}`
	}
	tests := []struct {
		name, operation, body, want string
	}{
		{"unknown operation", "AdminListGroupsForUser", `{}`,
			`UnknownOperationException: The local user pool does not support the operation "AdminListGroupsForUser".`},
		{"no operation", "", `{}`, `UnknownOperationException: The local user pool does not support the operation "".`},
		{"not JSON", "AdminGetUser", `{`, "SerializationException: The request is not one JSON value."},
		{"two values", "AdminGetUser", `{} {}`, "SerializationException: The request is not one JSON value."},
		{"a list", "AdminGetUser", `[]`, "SerializationException: Unexpected value: the request must be a structure, not a list."},
		{"null", "AdminGetUser", `null`, "SerializationException: Unexpected value: the request must be a structure, not null."},
		{"nothing given", "AdminGetUser", `{}`, "InvalidParameterException: 2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; Value null at 'username' failed to satisfy constraint: Member must not be null"},
		{"a missing parameter", "AdminGetUser", `{"UserPoolId":"us-east-1_portaria"}`,
			validation + "Value null at 'username' failed to satisfy constraint: Member must not be null"},
		{"a null parameter", "AdminGetUser", `{"UserPoolId":"us-east-1_portaria","Username":null}`,
			validation + "Value null at 'username' failed to satisfy constraint: Member must not be null"},
		{"a number for a name", "AdminGetUser", `{"UserPoolId":"us-east-1_portaria","Username":7}`,
			"SerializationException: Unexpected value: username must be a string, not a number."},
		{"a string for a list", "AdminCreateUser", user(`,"UserAttributes":"x"`),
			"SerializationException: Unexpected value: userAttributes must be a list, not a string."},
		{"a null in a list", "AdminCreateUser", user(`,"UserAttributes":[null]`),
			"SerializationException: Unexpected value: userAttributes must be without null members, not null."},
		{"an attribute without a name", "AdminCreateUser", user(`,"UserAttributes":[{"Value":"x"}]`),
			validation + "Value null at 'userAttributes.1.member.name' failed to satisfy constraint: Member must not be null"},
		{"a string for a flag", "AdminCreateUser", user(`,"ForceAliasCreation":"false"`),
			"SerializationException: Unexpected value: forceAliasCreation must be a boolean, not a string."},
		{"a fraction for a number", "ListUsers", `{"UserPoolId":"us-east-1_portaria","Limit":1.5}`,
			"SerializationException: Unexpected value: limit must be a whole number, not a number."},
		{"unknown parameter", "AdminCreateUser", user(`,"Groups":["x"]`),
			"InvalidParameterException: Groups is not a parameter of this operation."},
		{"unknown parameter within one", "AdminCreateUser", user(`,"UserAttributes":[{"Name":"email","Value":"x","Type":"String"}]`),
			"InvalidParameterException: userAttributes.1.member.Type is not a parameter of this operation."},
		{"a parameter in other letters", "AdminGetUser", `{"userPoolId":"us-east-1_portaria","Username":"x"}`,
			"InvalidParameterException: userPoolId is not a parameter of this operation."},
		{"unsupported parameter", "AdminConfirmSignUp", user(`,"ClientMetadata":{"a":"b"}`), unsupported + "ClientMetadata."},
		{"unsupported parameter, empty", "AdminConfirmSignUp", user(`,"ClientMetadata":{}`), "UserNotFoundException: User does not exist."},
		{"unsupported context", "AdminInitiateAuth", `{"UserPoolId":"us-east-1_portaria","ClientId":"portaria","AuthFlow":"ADMIN_USER_PASSWORD_AUTH","ContextData":{"IpAddress":"x"}}`,
			unsupported + "ContextData."},
		{"unsupported client with a secret", "CreateUserPoolClient", `{"UserPoolId":"us-east-1_portaria","ClientName":"x","GenerateSecret":true}`,
			unsupported + "GenerateSecret."},
		{"unsupported alias", "CreateUserPool", `{"PoolName":"x","AliasAttributes":["preferred_username"]}`,
			"InvalidParameterException: The local user pool does not support the alias preferred_username."},
		{"no member of an enum", "AdminCreateUser", user(`,"MessageAction":"SEND"`),
			validation + "Value 'SEND' at 'messageAction' failed to satisfy constraint: Member must satisfy enum value set: [RESEND, SUPPRESS]"},
		{"a pool id of another shape", "AdminGetUser", `{"UserPoolId":"pool","Username":"x"}`,
			validation + `Value 'pool' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+`},
		{"a password never stands in the message", "AdminCreateUser", user(`,"TemporaryPassword":"has a space"`),
			validation + `Value at 'temporaryPassword' failed to satisfy constraint: Member must satisfy regular expression pattern: [\S]+`},
		{"a new password never stands in the message", "AdminRespondToAuthChallenge",
			`{"UserPoolId":"us-east-1_portaria","ClientId":"portaria","ChallengeName":"NEW_PASSWORD_REQUIRED","Session":"short"}`,
			validation + "Value at 'session' failed to satisfy constraint: Member must have length greater than or equal to 20"},
		{"a setting within its bounds", "UpdateUserPool", `{"UserPoolId":"us-east-1_portaria","Policies":{"PasswordPolicy":{"MinimumLength":100}}}`,
			validation + "Value '100' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: Member must have value less than or equal to 99"},
		{"a list of nothing", "UpdateUserPool", `{"UserPoolId":"us-east-1_portaria","Policies":{"SignInPolicy":{"AllowedFirstAuthFactors":[]}}}`,
			validation + "Value '[]' at 'policies.signInPolicy.allowedFirstAuthFactors' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"a tag without a name", "UpdateUserPool", `{"UserPoolId":"us-east-1_portaria","UserPoolTags":{"":"x"}}`,
			validation + "Value '' at 'userPoolTags' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"an unknown setting", "UpdateUserPool", `{"UserPoolId":"us-east-1_portaria","Policies":{"PasswordPolicy":{"RequireEmoji":true}}}`,
			"InvalidParameterException: policies.passwordPolicy.RequireEmoji is not a parameter of this operation."},
		{"a setting that cannot be updated", "UpdateUserPool", `{"UserPoolId":"us-east-1_portaria","UsernameAttributes":["email"]}`,
			"InvalidParameterException: UsernameAttributes is not a parameter of this operation."},
		{"both kinds of names", "CreateUserPool", `{"PoolName":"x","AliasAttributes":["email"],"UsernameAttributes":["email"]}`,
			"InvalidParameterException: Only one of the aliasAttributes or usernameAttributes can be set in a user pool."},
		{"a required custom attribute", "CreateUserPool", `{"PoolName":"x","Schema":[{"Name":"cpf","AttributeDataType":"String","Required":true}]}`,
			"InvalidParameterException: Required custom attributes are not supported currently."},
		{"more than a megabyte", "AdminGetUser", user(`,"x":"` + strings.Repeat("x", 1<<20) + `"`),
			"SerializationException: The request is larger than 1048576 bytes."},
		{"unknown pool", "AdminGetUser", `{"UserPoolId":"us-east-1_other","Username":"x"}`,
			"ResourceNotFoundException: User pool us-east-1_other does not exist."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			response, body := s.post(tt.operation, tt.body)
			var got map[string]string
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatalf("body %q: %v", body, err)
			}
			if text := got["__type"] + ": " + got["message"]; text != tt.want {
				t.Errorf("refusal = %q\nwant      %q", text, tt.want)
			}
			if response.StatusCode != 400 || response.Header.Get("x-amzn-ErrorType") != got["__type"] || len(got) != 2 {
				t.Errorf("status %d, x-amzn-ErrorType %q, members %v", response.StatusCode, response.Header.Get("x-amzn-ErrorType"), got)
			}
			if response.Header.Get("Content-Type") != "application/x-amz-json-1.1" || response.Header.Get("x-amzn-RequestId") == "" {
				t.Errorf("headers = %v", response.Header)
			}
		})
	}
}

// Of a name that stands there twice, the value that was checked is the value
// that counts.
func TestTheLastOfTwoMembersIsCheckedAndTaken(t *testing.T) {
	s := newStage(t)
	s.create(invitation(email))
	response, body := s.post("AdminGetUser", `{"UserPoolId":"us-east-1_portaria","Username":"nobody","Username":"`+email+`"}`)
	if response.StatusCode != 200 {
		t.Errorf("answer = %d %s", response.StatusCode, body)
	}
}

func TestOnlyPostIsAnswered(t *testing.T) {
	s := newStage(t)
	for _, tt := range []struct {
		method, path string
		want         int
	}{{"GET", "/", 405}, {"PUT", "/", 405}, {"POST", "/x", 404}} {
		w := httptest.NewRecorder()
		s.service.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		if w.Code != tt.want {
			t.Errorf("%s %s = %d, want %d", tt.method, tt.path, w.Code, tt.want)
		}
	}
}

func TestContentTypeIsAmazonsJSON(t *testing.T) {
	s := newStage(t)
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminGetUser")
	w := httptest.NewRecorder()
	s.service.ServeHTTP(w, r)
	if w.Code != 400 || w.Header().Get("x-amzn-ErrorType") != "SerializationException" {
		t.Errorf("answer = %d %s", w.Code, w.Header().Get("x-amzn-ErrorType"))
	}
}

func TestNoRandomnessIsOurFault(t *testing.T) {
	if _, err := cognito.New(cognito.Config{Rand: strings.NewReader("")}); err == nil {
		t.Error("New = nil, want an error")
	}
	service, err := cognito.New(cognito.Config{Rand: strings.NewReader(strings.Repeat("x", 32+16))})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, service: service}
	if err := service.CreatePool(cognito.PoolSettings{ID: poolID, ClientID: clientID}); err != nil {
		t.Fatal(err)
	}
	response, body := s.post("AdminCreateUser", `{"UserPoolId":"us-east-1_portaria","Username":"`+email+`"}`)
	if response.StatusCode != 500 || response.Header.Get("x-amzn-ErrorType") != "InternalErrorException" {
		t.Errorf("answer = %d %s, want 500 InternalErrorException", response.StatusCode, body)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, config := range map[string]cognito.Config{
		"negative wait":         {AnswerWithin: -time.Second},
		"unknown trigger order": {TriggerOrder: 2},
		"unknown resend":        {ResendRunsTrigger: 3},
	} {
		if _, err := cognito.New(config); err == nil {
			t.Errorf("%s: New = nil, want an error", name)
		}
	}
}

// Two services with one source of randomness and one clock are the same.
func TestServiceIsDeterministic(t *testing.T) {
	answer := func() string {
		s := newStage(t, withConfig(func(c *cognito.Config) { c.Rand = strings.NewReader(strings.Repeat("portaria", 1000)) }))
		_, body := s.post("AdminCreateUser", `{"UserPoolId":"us-east-1_portaria","Username":"`+email+`","MessageAction":"SUPPRESS"}`)
		return string(body)
	}
	if diff := cmp.Diff(answer(), answer()); diff != "" {
		t.Errorf("answers differ:\n%s", diff)
	}
}

// No parser of requests dies, whatever it is given, and the answer is JSON.
func FuzzRequest(f *testing.F) {
	f.Add("AdminCreateUser", `{"UserPoolId":"us-east-1_portaria","Username":"a@b.cc","UserAttributes":[{"Name":"custom:cpf","Value":"1"}]}`)
	f.Add("ListUsers", `{"UserPoolId":"us-east-1_portaria","Filter":"email ^= \"a\\\"\"","PaginationToken":"MTIz"}`)
	f.Add("AdminInitiateAuth", `{"UserPoolId":"us-east-1_portaria","ClientId":"portaria","AuthFlow":"ADMIN_USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"a@b.cc","PASSWORD":"x"}}`)
	f.Add("CreateUserPool", `{"PoolName":"x","Schema":[{"Name":"n","AttributeDataType":"Number","NumberAttributeConstraints":{"MinValue":"1e9"}}]}`)
	f.Add("UpdateUserPool", `{"UserPoolId":"us-east-1_portaria","Policies":{"PasswordPolicy":{"MinimumLength":1e400}}}`)
	service, err := cognito.New(cognito.Config{})
	if err != nil {
		f.Fatal(err)
	}
	if err := service.CreatePool(cognito.PoolSettings{ID: poolID, ClientID: clientID}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, operation, body string) {
		s := &stage{t: t, service: service}
		response, answer := s.post(operation, body)
		if response.StatusCode != 200 && response.StatusCode != 400 {
			t.Errorf("status = %d", response.StatusCode)
		}
		if !json.Valid(answer) {
			t.Errorf("answer is not JSON: %q", answer)
		}
	})
}
