package main

import (
	"encoding/json"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito/cognitotest"
)

// healthyAWS answers for Lambda, SES and DynamoDB as they do of a deployment with
// which nothing is wrong, or with forbidden. It gives what was asked for.
func healthyAWS(t *testing.T, pool string, forbidden bool) *[]string {
	t.Helper()
	var asked []string
	answers := map[string]string{
		"GET /2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:portaria/configuration?Qualifier=live": `{"Timeout":5,"State":"Active",
			"Environment":{"Variables":{"TABLE_NAME":"claims"}}}`,
		"GET /2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:portaria/policy?Qualifier=live": `{"Policy":"{\"Statement\":[{\"Effect\":\"Allow\",` +
			`\"Principal\":{\"Service\":\"cognito-idp.amazonaws.com\"},\"Condition\":{\"ArnLike\":{\"AWS:SourceArn\":\"arn:aws:cognito-idp:us-east-1:000000000000:userpool/` + pool + `\"}}}]}"}`,
		"GET /v2/email/account":                `{"ProductionAccessEnabled":true,"SendingEnabled":true}`,
		"GET /v2/email/identities/example.com": `{"VerifiedForSendingStatus":true}`,
		`DescribeTable {"TableName":"claims"}`: `{"Table":{"DeletionProtectionEnabled":true,"KeySchema":[{"AttributeName":"cpf","KeyType":"HASH"}]}}`,
		`DescribeTable {"TableName":"limits"}`: `{"Table":{"KeySchema":[{"AttributeName":"key","KeyType":"HASH"}]}}`,
		`DescribeContinuousBackups {"TableName":"claims"}`: `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",
			"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED"}}}`,
		`DescribeContinuousBackups {"TableName":"limits"}`: `{}`,
		`DescribeTimeToLive {"TableName":"claims"}`:        `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`,
		`DescribeTimeToLive {"TableName":"limits"}`:        `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"expiresAt"}}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what := r.Method + " " + r.URL.RequestURI()
		if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
			body, _ := io.ReadAll(r.Body)
			what = operation + " " + string(body)
		}
		what = strings.ReplaceAll(what, "%3A", ":")
		asked = append(asked, what)
		answer, known := answers[what]
		status := http.StatusOK
		switch {
		case forbidden:
			status, answer = http.StatusForbidden, `{"__type":"AccessDeniedException"}`
			w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
		case !known:
			status = http.StatusNotFound
		}
		w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(answer))), 10))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	for _, service := range []string{"LAMBDA", "SESV2", "DYNAMODB"} {
		t.Setenv("AWS_ENDPOINT_URL_"+service, server.URL)
	}
	return &asked
}

// diagnosis runs doctor and gives the codes that it found.
func diagnosis(t *testing.T, stack *local.Stack) (result, []string) {
	t.Helper()
	got := portaria(t, "--output=json", "doctor", "--user-pool", stack.UserPoolID(), "--client", stack.ClientID(),
		"--function", gate, "--table", "claims", "--limits-table", "limits")
	var codes []string
	for line := range strings.Lines(got.out) {
		var f struct{ Code, What string }
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if f.Code != "" {
			codes = append(codes, f.Code)
		}
	}
	return got, codes
}

func TestDoctorLooksAtEverything(t *testing.T) {
	stack := newStack(t, local.Config{})
	asked := healthyAWS(t, stack.UserPoolID(), false)
	settings := cognitotest.EverySetting(stack.UserPoolID())
	settings.LambdaConfig.PreSignUp, settings.LambdaConfig.UserMigration = aws.String(gate), nil
	settings.AdminCreateUserConfig.InviteMessageTemplate.EmailMessage = aws.String("{username} {####}")
	if _, err := stack.Cognito().UpdateUserPool(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	got, codes := diagnosis(t, stack)
	if got.status != exitOK || len(codes) > 0 {
		t.Errorf("doctor = %+v, want nothing found", got)
	}
	if len(*asked) != 10 {
		t.Errorf("AWS was asked %d things: %q, want the 10 that it answers", len(*asked), *asked)
	}

	settings.LambdaConfig.PreSignUp = aws.String(oldGate)
	if _, err := stack.Cognito().UpdateUserPool(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	if got, codes := diagnosis(t, stack); got.status != exitFound || !slices.Equal(codes, []string{"trigger_another", "trigger_no_alias"}) {
		t.Errorf("doctor = %+v, want the trigger found", got)
	}
}

func TestDoctorNamesWhatItMayNotRead(t *testing.T) {
	stack := newStack(t, local.Config{})
	healthyAWS(t, stack.UserPoolID(), true)
	if _, err := stack.Cognito().UpdateUserPool(t.Context(), cognitotest.EverySetting(stack.UserPoolID())); err != nil {
		t.Fatal(err)
	}
	got := portaria(t, "doctor", "--user-pool", stack.UserPoolID(), "--function", gate, "--table", "claims")
	for _, what := range []string{"SES account in us-east-1", "SES identity example.com", "function " + gate, "the permissions of " + gate, "table claims"} {
		if !strings.Contains(got.out, what+": AccessDeniedException") {
			t.Errorf("%s is not named", what)
		}
	}
	if got.status != exitFound {
		t.Errorf("doctor = %+v, want status %d", got, exitFound)
	}
	if got := portaria(t, "doctor", "--user-pool", "us-east-1_nobody"); got.status != exitFound || !strings.Contains(got.out, "user pool us-east-1_nobody: ResourceNotFoundException") {
		t.Errorf("doctor of no pool = %+v", got)
	}
}

func TestDoctorNeedsSomethingToLookAt(t *testing.T) {
	t.Setenv("AWS_REGION", "us-east-1")
	if got := portaria(t, "doctor"); got.status != exitFailed || !strings.Contains(got.err, "--user-pool") {
		t.Errorf("doctor = %+v", got)
	}
}
