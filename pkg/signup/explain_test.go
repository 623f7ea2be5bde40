package signup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	sdkdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

// TestExplanationIsTheHandlersAnswer explains every event over what stands
// before it, with a table that writes nothing, and then has the handler answer
// it. Answer and claim must be the same, and each rule's verdict must fit them.
func TestExplanationIsTheHandlersAnswer(t *testing.T) {
	cases, err := events.Cases()
	if err != nil {
		t.Fatal(err)
	}
	engine := httptest.NewServer(dynamodb.NewHandler())
	defer engine.Close()
	for i, c := range cases {
		t.Run(strings.TrimSuffix(c.Name, ".json"), func(t *testing.T) {
			users := userpool.New(givenUsers(c.Given.Users))
			client := &counter{Client: dynamodb.Client(engine.URL)}
			table := registry.New(client, fmt.Sprintf("claims-%d", i), events.Lease, users)
			fill(t, engine.URL, client.Client, fmt.Sprintf("claims-%d", i), c)

			x := signup.Explain(t.Context(), table.Preview(), users, c.Event, began)
			if client.writes != 0 {
				t.Errorf("Explain made %d writes, want none", client.writes)
			}
			var log bytes.Buffer
			_, err := newHandler(table, users, &log).Invoke(t.Context(), c.Event)
			var want signup.Code
			if refusal, ok := err.(*signup.Refusal); ok {
				want = refusal.Code
			}
			var line struct {
				Claim         string
				TriggerSource string `json:"trigger_source"`
				CPF           string
			}
			if err := json.Unmarshal(log.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			if x.Code != want || x.Claim != line.Claim || x.TriggerSource != line.TriggerSource || x.CPF.Masked() != line.CPF {
				t.Errorf("Explain = %q, claim %q, source %q, %s, the handler said %q and %s", x.Code, x.Claim, x.TriggerSource, x.CPF, want, &log)
			}
			wantFittingVerdicts(t, x)
		})
	}
}

// wantFittingVerdicts holds that the first rule that refuses is the answer,
// unless the event is that of a RESEND, and that no reason has personal data.
func wantFittingVerdicts(t *testing.T, x signup.Explanation) {
	t.Helper()
	var first signup.Code
	for _, f := range x.Findings {
		if f.Verdict == signup.Refuses && first == "" {
			first = f.Code
		}
		if strings.ContainsAny(f.Reason, "@") || digits(f.Reason) > 5 {
			t.Errorf("the reason %q may have somebody's data", f.Reason)
		}
	}
	if x.Resend == signup.Passes {
		first = ""
	}
	if first != x.Code {
		t.Errorf("the first rule that refuses is %q, the answer %q: %+v", first, x.Code, x.Findings)
	}
}

func digits(s string) (n int) {
	for _, r := range s {
		if '0' <= r && r <= '9' {
			n++
		}
	}
	return n
}

// TestExplanationNamesEveryRule explains an event in which everything is wrong.
func TestExplanationNamesEveryRule(t *testing.T) {
	event := changed(t, "04212286017", "04212286018", `"trackCode":"21a81129400fbf441ae138e52eae8778",`, "", `"180"`, `"601"`, `"+55 (51)`, `"(51)`)
	wrong := []signup.Finding{
		{Code: signup.InvalidCPF, Verdict: signup.Refuses, Reason: "custom:cpf: check_digits"},
		{Code: signup.CPFTaken, Verdict: signup.Unknown, Reason: "there is no CPF to ask about"},
		{Code: signup.MissingTrackCode, Verdict: signup.Refuses, Reason: "trackCode: missing"},
		{Code: signup.InvalidSimulation, Verdict: signup.Refuses, Reason: "term: out_of_range, phone: format"},
		{Code: signup.SignupInProgress, Verdict: signup.Unknown, Reason: "there is no CPF to ask about"},
		{Code: signup.Internal, Verdict: signup.Passes},
	}
	got := signup.Explain(t.Context(), &fakeRegistry{}, &fakeUsers{}, event, began)
	if diff := cmp.Diff(wrong, got.Findings); diff != "" || got.Code != signup.InvalidCPF {
		t.Errorf("Explain = %q, findings (-want +got):\n%s", got.Code, diff)
	}
}

// TestExplanationOfTheClaim is what the registry's answers make of the rules
// that follow from it.
func TestExplanationOfTheClaim(t *testing.T) {
	doubt := &registry.DoubtError{Cause: errors.New("the claim has no usable userName")}
	noTrackCode := []string{`"trackCode":"21a81129400fbf441ae138e52eae8778",`, ""}
	for _, c := range []struct {
		name              string
		registry          signup.Registry
		change            []string
		code              signup.Code
		taken, inProgress string // verdict and reason
	}{
		{name: "free", registry: &fakeRegistry{outcome: registry.Claimed}, taken: "passes claim: new", inProgress: "passes claim: new"},
		{name: "taken", registry: &fakeRegistry{claim: registry.ErrTaken}, code: signup.CPFTaken, taken: "refuses ", inProgress: "passes "},
		{name: "doubt", registry: &fakeRegistry{claim: doubt}, code: signup.CPFTaken, taken: "refuses the claim has no usable userName", inProgress: "passes "},
		{name: "in progress", registry: &fakeRegistry{claim: registry.ErrInProgress}, code: signup.SignupInProgress, taken: "passes ", inProgress: "refuses "},
		{name: "silent", registry: &fakeRegistry{claim: errors.New("down")}, code: signup.Internal, taken: "unknown the claims did not answer", inProgress: "unknown the claims did not answer"},
		{name: "taken, no trackCode", registry: &fakeRegistry{check: registry.ErrTaken}, change: noTrackCode, code: signup.CPFTaken, taken: "refuses ", inProgress: "unknown an earlier rule refuses"},
		{name: "free, no trackCode", registry: &fakeRegistry{}, change: noTrackCode, code: signup.MissingTrackCode, taken: "passes ", inProgress: "unknown an earlier rule refuses"},
		{name: "not asked", taken: "unknown the claims were not asked", inProgress: "unknown the claims were not asked"},
		{name: "not asked, no trackCode", change: noTrackCode, code: signup.MissingTrackCode, taken: "unknown the claims were not asked", inProgress: "unknown the claims were not asked"},
	} {
		x := signup.Explain(t.Context(), c.registry, nil, changed(t, c.change...), began)
		said := map[signup.Code]string{}
		for _, f := range x.Findings {
			said[f.Code] = string(f.Verdict) + " " + f.Reason
		}
		if silent := c.name == "silent"; (x.Silent != nil) != silent {
			t.Errorf("%s: Silent = %v", c.name, x.Silent)
		}
		if x.Code != c.code || said[signup.CPFTaken] != c.taken || said[signup.SignupInProgress] != c.inProgress {
			t.Errorf("%s: Explain = %q, taken %q, in progress %q, want %q, %q, %q",
				c.name, x.Code, said[signup.CPFTaken], said[signup.SignupInProgress], c.code, c.taken, c.inProgress)
		}
	}
}

func TestExplanationOfAResend(t *testing.T) {
	event, err := json.Marshal(map[string]any{
		"userPoolId": "us-east-1_portaria", "userName": "maria", "triggerSource": "PreSignUp_AdminCreateUser", "request": map[string]any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		users signup.Users
		code  signup.Code
		want  signup.Verdict
	}{
		{"of a user", &fakeUsers{}, "", signup.Passes},
		{"of nobody", &fakeUsers{err: userpool.ErrNotFound}, signup.InvalidCPF, signup.Refuses},
		{"not asked", nil, signup.InvalidCPF, signup.Unknown},
	} {
		x := signup.Explain(t.Context(), nil, c.users, event, began)
		if x.Code != c.code || x.Resend != c.want {
			t.Errorf("%s: Explain = %q, RESEND %q, want %q, %q", c.name, x.Code, x.Resend, c.code, c.want)
		}
	}
	if x := signup.Explain(t.Context(), nil, nil, changed(t), began); x.Resend != "" || x.Code != "" {
		t.Errorf("a complete event: Explain = %q, RESEND %q, want an allowed one that cannot be one", x.Code, x.Resend)
	}
}

// counter counts the writes.
type counter struct {
	*sdkdynamodb.Client
	writes int
}

func (c *counter) UpdateItem(ctx context.Context, in *sdkdynamodb.UpdateItemInput, o ...func(*sdkdynamodb.Options)) (*sdkdynamodb.UpdateItemOutput, error) {
	c.writes++
	return c.Client.UpdateItem(ctx, in, o...)
}

// fill makes the table as the case wants it. A claim of the event's own content
// is made by the event, and then made the one that is given.
func fill(t *testing.T, endpoint string, client *sdkdynamodb.Client, name string, c events.Case) {
	t.Helper()
	if err := dynamodb.CreateTable(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	content := "of another attempt"
	if slices.ContainsFunc(c.Given.Claims, func(c events.Claim) bool { return c.SameContent }) {
		users := &fakeUsers{err: userpool.ErrNotFound}
		table := registry.New(client, name, events.Lease, userpool.New(givenUsers(nil)))
		if _, err := newHandler(table, users, new(bytes.Buffer)).Invoke(t.Context(), c.Event); err != nil {
			t.Fatal(err)
		}
		out, err := client.Scan(t.Context(), &sdkdynamodb.ScanInput{TableName: aws.String(name)})
		if err != nil || len(out.Items) != 1 {
			t.Fatalf("Scan = %v, %v, want one claim", out, err)
		}
		content = out.Items[0]["content"].(*types.AttributeValueMemberS).Value
	}
	items := slices.Clone(c.Given.Items)
	for _, claim := range c.Given.Claims {
		items = append(items, claim.Item(began, content))
	}
	for _, it := range items {
		put(t, endpoint, name, it)
	}
}

// put puts an item in DynamoDB's JSON, which the SDK does not read.
func put(t *testing.T, endpoint, name string, it json.RawMessage) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"TableName": name, "Item": it})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("PutItem %s = %v, %v", body, answer, err)
	}
	answer.Body.Close()
}

// givenUsers are the users of a case's pool, found by user name and by e-mail.
type givenUsers []events.User

// AdminGetUser finds one of them.
func (g givenUsers) AdminGetUser(_ context.Context, in *cognitoidentityprovider.AdminGetUserInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminGetUserOutput, error) {
	for _, u := range g {
		if name := aws.ToString(in.Username); aws.ToString(in.UserPoolId) == events.PoolID && (u.UserName == name || u.Email == name) {
			out := &cognitoidentityprovider.AdminGetUserOutput{Username: aws.String(u.UserName)}
			if u.CPF != "" {
				out.UserAttributes = []cognitotypes.AttributeType{{Name: aws.String(userpool.AttributeCPF), Value: aws.String(u.CPF)}}
			}
			return out, nil
		}
	}
	return nil, &cognitotypes.UserNotFoundException{}
}
