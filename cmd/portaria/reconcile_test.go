package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	idptypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/local"
)

// stage is a local stack that the command finds by its environment.
type stage struct {
	*local.Stack
	t *testing.T
}

// newStage starts a stack whose pool says that it is at.
func newStage(t *testing.T, at time.Time) *stage {
	t.Helper()
	stack := newStack(t, local.Config{Untriggered: true})
	dated := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Scheme, r.URL.Host, r.RequestURI = "http", strings.TrimPrefix(stack.CognitoURL(), "http://"), ""
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		w.Header().Set("Date", at.UTC().Format(http.TimeFormat))
		w.WriteHeader(answer.StatusCode)
		if _, err := io.Copy(w, answer.Body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(dated.Close)
	t.Setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", dated.URL)
	return &stage{stack, t}
}

func (s *stage) create(email, number string) {
	s.t.Helper()
	_, err := s.Cognito().AdminCreateUser(s.t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: aws.String(s.UserPoolID()), Username: &email, MessageAction: idptypes.MessageActionTypeSuppress,
		UserAttributes: []idptypes.AttributeType{{Name: aws.String("email"), Value: &email}, {Name: aws.String("custom:cpf"), Value: &number}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) claims() []map[string]types.AttributeValue {
	s.t.Helper()
	out, err := s.DynamoDB().Scan(s.t.Context(), &sdk.ScanInput{TableName: aws.String(s.Table())})
	if err != nil {
		s.t.Fatal(err)
	}
	return out.Items
}

// Well-known numbers that belong to nobody.
const mariasCPF, joaosCPF = "52998224725", "11144477735"

func TestReconcileMends(t *testing.T) {
	s := newStage(t, now)
	s.create("maria@example.com", mariasCPF)

	got := portaria(t, "reconcile")
	if got.status != exitFound || !strings.Contains(got.out, "mendable  user_without_claim    ***.982.247-**  ") ||
		!strings.Contains(got.out, "1 users, 0 claims (0 of other pools); 1 findings remain") || !strings.Contains(got.out, "cure: --fix claims it for the user") {
		t.Errorf("reconcile = %+v", got)
	}
	if got = portaria(t, "reconcile", "--fix"); got.status != exitUnchanged || !strings.Contains(got.err, "This writes to table portaria-claims. Pass --yes to do it") {
		t.Errorf("reconcile --fix that nobody confirms = %+v", got)
	}
	if claims := s.claims(); len(claims) != 0 {
		t.Errorf("unconfirmed it wrote %v", claims)
	}
	if got = portaria(t, "reconcile", "--fix", "--yes"); got.status != exitOK || !strings.HasPrefix(got.out, "mended    user_without_claim") || got.err != "" {
		t.Errorf("reconcile --fix --yes = %+v", got)
	}
	if claims := s.claims(); len(claims) != 1 || claims[0]["email"].(*types.AttributeValueMemberS).Value != "maria@example.com" {
		t.Errorf("the claims are %v", claims)
	}
	if got = portaria(t, "reconcile"); got.status != exitOK || strings.Contains(got.out, "user_without_claim") {
		t.Errorf("afterwards reconcile = %+v", got)
	}

	s.create("joao@example.com", mariasCPF)
	s.create("ana@example.com", joaosCPF[:10]+"6")
	got = portaria(t, "reconcile", "--fix", "--yes")
	if got.status != exitFound || strings.Count(got.out, "\nopen      cpf_shared") != 1 || !strings.Contains(got.out, "decide which user") {
		t.Errorf("two users with one CPF: %+v", got)
	}
	for _, secret := range []string{mariasCPF, "joao@", joaosCPF[:9]} {
		if strings.Contains(got.out+got.err, secret) {
			t.Errorf("the output shows %s: %s", secret, got.out)
		}
	}
}

func TestReconcilePrintsJSON(t *testing.T) {
	s := newStage(t, now)
	s.create("maria@example.com", mariasCPF)
	got := portaria(t, "reconcile", "--output=json", "--unmasked")
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	var finding, summary map[string]any
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &finding) != nil || json.Unmarshal([]byte(lines[1]), &summary) != nil {
		t.Fatalf("reconcile --output=json = %+v", got)
	}
	if finding["kind"] != "finding" || finding["code"] != "user_without_claim" || finding["result"] != "mendable" || finding["cpf"] != mariasCPF || finding["sub"] == "" {
		t.Errorf("finding = %v", finding)
	}
	if summary["kind"] != "summary" || summary["users"] != 1.0 || summary["remaining"] != 1.0 || summary["cures"].(map[string]any)["user_without_claim"] == "" {
		t.Errorf("summary = %v", summary)
	}
}

func TestReconcileRefuses(t *testing.T) {
	newStage(t, now)
	for _, c := range []struct {
		args   string
		status int
		err    string
	}{
		{"--rate=0", exitUsage, "--rate and --table-rate must be above zero"},
		{"--lease=0s", exitUsage, "--lease must be above zero, such as 30s"},
		{"--user-pool=us-east-1_other", exitFailed, "list the users of us-east-1_other: operation error Cognito Identity Provider: ListUsers, status 400, ResourceNotFoundException"},
		{"--table=other", exitFailed, "not finished: scan claims: operation error DynamoDB: Scan, status 400, "},
		{"--state=/dev/null/x", exitFailed, "read the state"},
	} {
		if got := portaria(t, "reconcile", c.args); got.status != c.status || !strings.Contains(got.err, c.err) {
			t.Errorf("reconcile %s = %+v, want status %d and %q", c.args, got, c.status, c.err)
		}
	}
	newStage(t, now.Add(-6*time.Second))
	if got := portaria(t, "reconcile"); got.status != exitFailed || !strings.Contains(got.err, "this machine's clock is off by 6s") {
		t.Errorf("with a clock that is off, reconcile = %+v", got)
	}
}

// doer is an HTTP client of a function.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// TestEveryRequestWaitsForItsTurn has a turn come round once in a thousand years.
func TestEveryRequestWaitsForItsTurn(t *testing.T) {
	sent := 0
	client := pace(doer(func(*http.Request) (*http.Response, error) { sent++; return nil, nil }), 1e-11)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
	if _, err := client.Do(r); err != nil {
		t.Errorf("the first request = %v", err)
	}
	if _, err := client.Do(r); err == nil || sent != 1 {
		t.Errorf("the second request = %v, and %d were sent", err, sent)
	}
}

func TestThrottlingIsWaitedFor(t *testing.T) {
	r := patient()
	if r.MaxAttempts() != 10 || !r.IsErrorRetryable(&idptypes.TooManyRequestsException{}) || !r.IsErrorRetryable(&types.ProvisionedThroughputExceededException{}) {
		t.Errorf("%d attempts, of Cognito's throttling %t, of DynamoDB's %t", r.MaxAttempts(),
			r.IsErrorRetryable(&idptypes.TooManyRequestsException{}), r.IsErrorRetryable(&types.ProvisionedThroughputExceededException{}))
	}
}

// TestReconcileShowsWhatPeopleWroteAsText has a CPF that would clear the screen.
func TestReconcileShowsWhatPeopleWroteAsText(t *testing.T) {
	s := newStage(t, now)
	s.create("maria@example.com", "\x1b[2J")
	if got := portaria(t, "reconcile", "--unmasked"); !strings.Contains(got.out, `user_cpf_invalid      "\x1b[2J"  `) {
		t.Errorf("reconcile --unmasked = %+v", got)
	}
}

func TestReconcileLease(t *testing.T) {
	newStage(t, now)
	const says = "--lease is below 20s: a claim whose sign-up is still under way may be taken from it\n"
	for args, want := range map[string]string{"--fix --lease=19s": says, "--fix --lease=20s": "", "--lease=19s": ""} {
		if got := portaria(t, append([]string{"reconcile", "--yes"}, strings.Fields(args)...)...); got.status != exitOK || got.err != want {
			t.Errorf("reconcile %s = %+v, want %q", args, got, want)
		}
	}
	t.Setenv("CLAIM_LEASE", "10s") // as the functions have it
	if got := portaria(t, "reconcile", "--fix", "--yes"); got.err != says {
		t.Errorf("reconcile with CLAIM_LEASE = %+v, want %q", got, says)
	}
}
