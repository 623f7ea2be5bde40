package cognito_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/lambda"
)

func TestEventHasCognitosShape(t *testing.T) {
	tests := []struct {
		name   string
		change func(*idp.AdminCreateUserInput)
		want   string // with %s for the user name
	}{
		{"only a name", func(*idp.AdminCreateUserInput) {},
			`{"version":"1","region":"us-east-1","userPoolId":"us-east-1_portaria","userName":"%s",
			"callerContext":{"awsSdkVersion":"SDK","clientId":"CLIENT_ID_NOT_APPLICABLE"},
			"triggerSource":"PreSignUp_AdminCreateUser",
			"request":{"userAttributes":{"email":"email.test@gmail.com"},"validationData":null},
			"response":{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false}}`},
		{"everything", func(in *idp.AdminCreateUserInput) {
			in.UserAttributes = attributes("custom:cpf", "04212286017")
			in.ValidationData = attributes("trackCode", "abc")
			in.ClientMetadata = map[string]string{"origem": "site <1>"}
		}, `{"version":"1","region":"us-east-1","userPoolId":"us-east-1_portaria","userName":"%s",
			"callerContext":{"awsSdkVersion":"SDK","clientId":"CLIENT_ID_NOT_APPLICABLE"},
			"triggerSource":"PreSignUp_AdminCreateUser",
			"request":{"userAttributes":{"custom:cpf":"04212286017","email":"email.test@gmail.com"},
				"validationData":{"trackCode":"abc"},"clientMetadata":{"origem":"site <1>"}},
			"response":{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var event []byte
			s := newStage(t, withTrigger(func(_ context.Context, e []byte) ([]byte, error) {
				event = e
				return e, nil
			}))
			in := invitation(email)
			tt.change(in)
			u := s.create(in)
			var got, want any
			if err := json.Unmarshal(event, &got); err != nil {
				t.Fatal(err)
			}
			caller := got.(map[string]any)["callerContext"].(map[string]any)
			if v := caller["awsSdkVersion"].(string); !strings.HasPrefix(v, "aws-sdk-go-v2-") {
				t.Errorf("awsSdkVersion = %q", v)
			}
			caller["awsSdkVersion"] = "SDK"
			if err := json.Unmarshal([]byte(strings.ReplaceAll(tt.want, "%s", *u.Username)), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTriggerSeesTheRequestedNameWhenTheFinalOneIsHidden(t *testing.T) {
	var seen string
	s := newStage(t, withConfig(func(c *cognito.Config) { c.HideFinalUserName = true }),
		withTrigger(func(_ context.Context, e []byte) ([]byte, error) {
			seen = field(t, e, "userName")
			return e, nil
		}))
	u := s.create(invitation(email))
	if seen != email || *u.Username == email {
		t.Errorf("trigger saw %q, the user is %q; want the e-mail and a UUID", seen, *u.Username)
	}
}

func TestWhatTheTriggerAnswers(t *testing.T) {
	const unrecognizable = "InvalidLambdaResponseException: Unrecognizable lambda output"
	answer := func(text string) lambda.Func {
		return func(context.Context, []byte) ([]byte, error) { return []byte(text), nil }
	}
	fail := func(err error) lambda.Func {
		return func(context.Context, []byte) ([]byte, error) { return nil, err }
	}
	tests := []struct {
		name    string
		trigger lambda.Func
		want    string
	}{
		{"the event", echo, ""},
		{"a response without flags", answer(`{"response":{}}`), ""},
		{"flags, which an administrator's call ignores", answer(`{"response":{"autoConfirmUser":true,"autoVerifyPhone":true}}`), ""},
		{"a refusal", fail(&lambda.FunctionError{Type: "Refusal", Message: "O cpf informado não é válido"}),
			"UserLambdaValidationException: PreSignUp failed with error O cpf informado não é válido."},
		{"a crash", fail(&lambda.FunctionError{Type: "Runtime.ExitError", Message: "RequestId: 1 Error: Runtime exited with error: exit status 2"}),
			"UserLambdaValidationException: PreSignUp failed with error RequestId: 1 Error: Runtime exited with error: exit status 2."},
		{"a fault that is not the function's", fail(errors.New("ServiceException")),
			"UnexpectedLambdaException: PreSignUp invocation failed due to error ServiceException."},
		{"nothing", answer(""), unrecognizable},
		{"null", answer("null"), unrecognizable},
		{"a string", answer(`"ok"`), unrecognizable},
		{"a list", answer(`[{"response":{}}]`), unrecognizable},
		{"no response", answer(`{}`), unrecognizable},
		{"a null response", answer(`{"response":null}`), unrecognizable},
		{"a response of the wrong type", answer(`{"response":"ok"}`), unrecognizable},
		{"a flag of the wrong type", answer(`{"response":{"autoConfirmUser":"yes"}}`), unrecognizable},
		{"names in other letters", answer(`{"Response":{}}`), unrecognizable},
		{"half a JSON", answer(`{"response":{}`), unrecognizable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, withTrigger(tt.trigger))
			_, err := s.AdminCreateUser(s.ctx, invitation(email))
			checkRefusal(t, err, tt.want)
			_, got := s.get(email)
			if exists := got == ""; exists != (tt.want == "") {
				t.Errorf("the user exists: %v", exists)
			}
		})
	}
}

func TestTriggerThatMayNotBeInvoked(t *testing.T) {
	s := newStage(t, withPool(func(p *cognito.PoolSettings) { p.PreSignUp = trigger }))
	_, err := s.AdminCreateUser(s.ctx, invitation(email))
	checkRefusal(t, err, "UnexpectedLambdaException: PreSignUp invocation failed due to error AccessDeniedException.")
}

func TestInfrastructureFaultIsTriedAgain(t *testing.T) {
	tries := 0
	s := newStage(t, withTrigger(func(_ context.Context, e []byte) ([]byte, error) {
		if tries++; tries < 3 {
			return nil, errors.New("ServiceException")
		}
		return e, nil
	}))
	s.create(invitation(email))
	if tries != 3 {
		t.Errorf("%d tries, want 3", tries)
	}
}

func TestRefusalIsNotTriedAgain(t *testing.T) {
	tries := 0
	s := newStage(t, withTrigger(func(context.Context, []byte) ([]byte, error) {
		tries++
		return nil, &lambda.FunctionError{Message: "no"}
	}))
	s.AdminCreateUser(s.ctx, invitation(email))
	if tries != 1 {
		t.Errorf("%d tries, want 1", tries)
	}
}

// slow answers its nth try after the nth of delays, whatever its context says.
type slow struct {
	delays []time.Duration
	answer func(try int, event []byte) ([]byte, error)

	mu     sync.Mutex
	events [][]byte
}

func (f *slow) Invoke(_ context.Context, event []byte) ([]byte, error) {
	f.mu.Lock()
	try := len(f.events)
	f.events = append(f.events, event)
	f.mu.Unlock()
	time.Sleep(f.delays[try])
	return f.answer(try, event)
}

func TestThreeTries(t *testing.T) {
	accept := func(_ int, event []byte) ([]byte, error) { return event, nil }
	tests := []struct {
		name   string
		delays []time.Duration
		answer func(int, []byte) ([]byte, error)
		want   string
		tries  int
		took   time.Duration
	}{
		{"just in time", []time.Duration{4999 * time.Millisecond}, accept, "", 1, 4999 * time.Millisecond},
		{"slow once", []time.Duration{6 * time.Second, 0}, accept, "", 2, 5 * time.Second},
		{"slow twice", []time.Duration{6 * time.Second, time.Minute, time.Second}, accept, "", 3, 11 * time.Second},
		{"slow three times", []time.Duration{6 * time.Second, 6 * time.Second, 6 * time.Second}, accept,
			"UnexpectedLambdaException: PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.",
			3, 15 * time.Second},
		{"the late refusal of the first try counts for nothing", []time.Duration{6 * time.Second, 3 * time.Second},
			func(try int, event []byte) ([]byte, error) {
				if try == 0 {
					return nil, &lambda.FunctionError{Message: "late"}
				}
				return event, nil
			}, "", 2, 8 * time.Second},
		{"the late acceptance of the first try counts for nothing", []time.Duration{6 * time.Second, 3 * time.Second},
			func(try int, event []byte) ([]byte, error) {
				if try == 0 {
					return event, nil
				}
				return nil, &lambda.FunctionError{Message: "no"}
			}, "UserLambdaValidationException: PreSignUp failed with error no.", 2, 8 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				function := &slow{delays: tt.delays, answer: tt.answer}
				client := newDirect(t, function)
				start := time.Now()
				_, err := client.AdminCreateUser(t.Context(), invitation(email))
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				checkRefusal(t, err, tt.want)
				time.Sleep(time.Hour) // all late answers are in
				synctest.Wait()
				if len(function.events) != tt.tries {
					t.Errorf("%d tries, want %d", len(function.events), tt.tries)
				}
				for _, e := range function.events[1:] {
					if !bytes.Equal(e, function.events[0]) {
						t.Errorf("a later try got another event:\n%s\n%s", function.events[0], e)
					}
				}
				_, err = client.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: aws.String(poolID), Username: aws.String(email)})
				if exists := err == nil; exists != (tt.want == "") {
					t.Errorf("the user exists: %v", exists)
				}
			})
		})
	}
}

// A client that hangs up does not stop Cognito.
func TestCreationGoesOnWithoutItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		function := &slow{delays: []time.Duration{2 * time.Second}, answer: func(_ int, e []byte) ([]byte, error) { return e, nil }}
		client := newDirect(t, function)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		client.AdminCreateUser(ctx, invitation(email))
		time.Sleep(time.Minute)
		if _, err := client.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: aws.String(poolID), Username: aws.String(email)}); err != nil {
			t.Errorf("AdminGetUser: %v", err)
		}
	})
}

// newDirect returns a client that calls the service without a network, so that
// time in a synctest bubble moves while the service waits.
func newDirect(t *testing.T, function lambda.Function) *idp.Client {
	t.Helper()
	service, err := cognito.New(cognito.Config{Functions: map[string]lambda.Function{trigger: function}})
	if err != nil {
		t.Fatal(err)
	}
	if err := service.CreatePool(cognito.PoolSettings{ID: poolID, ClientID: clientID, PreSignUp: trigger}); err != nil {
		t.Fatal(err)
	}
	return idp.New(idp.Options{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String("http://pool.invalid"),
		RetryMaxAttempts: 1,
		HTTPClient:       direct{service},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}

// direct is an HTTP client with one handler for a server.
type direct struct{ handler http.Handler }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// field returns a member of an event: a string as it is, anything else as JSON.
func field(t *testing.T, event []byte, path ...string) string {
	t.Helper()
	for _, name := range path {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(event, &members); err != nil {
			t.Errorf("event: %v", err)
			return ""
		}
		event = members[name]
	}
	var text string
	if json.Unmarshal(event, &text) == nil {
		return text
	}
	return string(event)
}
