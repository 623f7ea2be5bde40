package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
	"github.com/pontte/portaria/local/cognito"
)

// at runs a command about a person, on d, with somebody at the terminal who
// types that.
func (d *desk) at(typed string, args ...string) result {
	d.t.Helper()
	var out, errors bytes.Buffer
	term := &terminal.Terminal{In: strings.NewReader(typed), Out: &out, Err: &errors, Interactive: true}
	args = append(args, "--table", d.stack.Table(), "--user-pool", d.stack.UserPoolID())
	status := run(d.t.Context(), args, term, func() time.Time { return now })
	return result{status: status, out: out.String(), err: errors.String()}
}

// put puts an item that something else than the gate wrote.
func (d *desk) put(texts map[string]string) {
	d.t.Helper()
	it := map[string]dynamodbtypes.AttributeValue{}
	for name, value := range texts {
		it[name] = &dynamodbtypes.AttributeValueMemberS{Value: value}
	}
	if _, err := d.stack.DynamoDB().PutItem(d.t.Context(), &dynamodb.PutItemInput{TableName: aws.String(d.stack.Table()), Item: it}); err != nil {
		d.t.Fatal(err)
	}
}

// createPast creates a user past the gate, with these attributes.
func (d *desk) createPast(userName string, values map[string]string) {
	d.t.Helper()
	d.gateOpen.Store(true)
	defer d.gateOpen.Store(false)
	_, err := d.stack.Cognito().AdminCreateUser(d.t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: aws.String(d.stack.UserPoolID()), Username: aws.String(userName), MessageAction: "SUPPRESS", UserAttributes: attributes(values),
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// left counts what there is in the table and the pool.
func (d *desk) left() (claims, users int) {
	d.t.Helper()
	items, err := d.stack.DynamoDB().Scan(d.t.Context(), &dynamodb.ScanInput{TableName: aws.String(d.stack.Table())})
	if err != nil {
		d.t.Fatal(err)
	}
	list, err := d.stack.Cognito().ListUsers(d.t.Context(), &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(d.stack.UserPoolID())})
	if err != nil {
		d.t.Fatal(err)
	}
	return len(items.Items), len(list.Users)
}

func (d *desk) wantLeft(claims, users int) {
	d.t.Helper()
	if c, u := d.left(); c != claims || u != users {
		d.t.Errorf("%d claims and %d users are left, want %d and %d", c, u, claims, users)
	}
}

// changing is what differs from run to run: ids that the pool makes, its clock's
// times.
var changing = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|20[0-9]{2}-[0-9T:.-]+Z`)

const masked = `cpf      ***.982.247-**
claim 1  claimedAt                     1773131400000 (TIME)
claim 1  content                       ***
claim 1  cpf                           ***.982.247-**
claim 1  email                         m***@example.com
claim 1  phoneNumber                   +5551*********
claim 1  simulation.id                 ***
claim 1  simulation.installment        ***
claim 1  simulation.loanValue          ***
claim 1  simulation.loanValueSelected  ***
claim 1  simulation.phone              +5551*********
claim 1  simulation.term               ***
claim 1  trackCode                     ***
claim 1  triggerSource                 PreSignUp_AdminCreateUser
claim 1  userName                      ID
claim 1  userPoolId                    us-east-1_portaria
user 1   userPoolId                    us-east-1_portaria
user 1   userName                      ID
user 1   status                        FORCE_CHANGE_PASSWORD
user 1   enabled                       true
user 1   createdAt                     TIME
user 1   modifiedAt                    TIME
user 1   custom:cpf                    ***.982.247-**
user 1   email                         m***@example.com
user 1   email_verified                true
user 1   phone_number                  +5551*********
user 1   sub                           ID
`

// steady is s with what changes named; the cells stay aligned.
func steady(s string) string {
	return changing.ReplaceAllStringFunc(s, func(found string) string {
		if strings.HasSuffix(found, "Z") {
			return "TIME"
		}
		return "ID"
	})
}

func TestExportMasked(t *testing.T) {
	d := newDesk(t, cognito.EmailUserNames)
	d.signUp(maria)
	d.signUp(joao)
	got := d.at("529.982.247-25\n", "export")
	if diff := cmp.Diff(masked, steady(got.out)); diff != "" || got.status != exitOK || got.err != "CPF: " {
		t.Errorf("portaria export = %d, %q, output (-want +got):\n%s", got.status, got.err, diff)
	}
	reads := []string{"GetItem", "GetItem", "GetItem", "GetItem", "GetItem", "GetItem", "GetItem", "GetItem", "AdminGetUser", "AdminGetUser"}
	d.wantAsked(append(reads, "ListUsers")...)
	if got := d.at("", "export", "--no-scan-pool", "--cpf", maria.cpf); steady(got.out) != masked {
		t.Errorf("without a scan: portaria export = %+v", got)
	}
	d.wantAsked(reads...)
}

func TestExportUnmasked(t *testing.T) {
	d := newDesk(t, cognito.EmailUserNames)
	userName := d.signUp(maria)
	got := d.at("", "export", "--unmasked", "--output=json", "--cpf=52998224725")
	var data struct {
		CPF    string
		Claims []map[string]any
		Users  []struct {
			UserPoolID, UserName, Status string
			Attributes                   map[string]string
		}
	}
	decoder := json.NewDecoder(strings.NewReader(got.out))
	decoder.UseNumber()
	if err := decoder.Decode(&data); err != nil || got.status != exitOK || len(data.Claims) != 1 || len(data.Users) != 1 {
		t.Fatalf("portaria export = %+v, %v, want one claim and one user", got, err)
	}
	delete(data.Claims[0], "content")
	claim := map[string]any{
		"cpf": maria.cpf, "userPoolId": "us-east-1_portaria", "userName": userName, "email": maria.email, "phoneNumber": maria.phone,
		"trackCode": "21a81129400fbf441ae138e52eae8778", "triggerSource": "PreSignUp_AdminCreateUser", "claimedAt": json.Number("1773131400000"),
		"simulation": map[string]any{
			"id": "mHPkDoN3TNqw7G3nxA4GAw", "loanValue": json.Number("123123"), "term": json.Number("180"), "installment": json.Number("2439.02"),
			"loanValueSelected": json.Number("123123"), "phone": "+5551999999999",
		},
	}
	if diff := cmp.Diff(claim, data.Claims[0]); diff != "" {
		t.Errorf("the claim (-want +got):\n%s", diff)
	}
	attributes := map[string]string{
		"sub": userName, "email": maria.email, "email_verified": "true", "phone_number": maria.phone, "custom:cpf": maria.cpf,
	}
	if u := data.Users[0]; data.CPF != maria.cpf || u.UserName != userName || cmp.Diff(attributes, u.Attributes) != "" {
		t.Errorf("the user = %+v (-want +got):\n%s", u, cmp.Diff(attributes, u.Attributes))
	}
}

// TestWhatOthersWroteIsFound has a claim by the old function under a punctuated
// key, a claim that names nobody's pool, and users whom no claim names.
func TestWhatOthersWroteIsFound(t *testing.T) {
	d := newDesk(t, cognito.PlainUserNames)
	d.put(map[string]string{"cpf": "529.982.247-25", "email": maria.email, "note\x1b[2J": "old"})
	d.createPast(maria.email, map[string]string{"email": maria.email, "custom:cpf": "529.982.247-25"})
	d.createPast("double", map[string]string{"email": "other@example.com", "custom:cpf": "529 982 247 25"})
	d.signUp(joao)

	got := d.at("", "export", "--no-scan-pool", "--cpf", maria.cpf)
	if strings.Count(got.out, "userName") != 1 || !strings.Contains(got.out, "m***@example.com") || !strings.Contains(got.out, `"note\x1b[2J"`) {
		t.Errorf("portaria export = %+v, want the one user that the claim names, and nothing that moves the cursor", got)
	}
	got = d.at("", "erase", "--yes", "--cpf", maria.cpf)
	if got.status != exitOK || !strings.Contains(got.out, "Erased 2 users and 1 claim.") {
		t.Errorf("portaria erase = %+v, want two users and one claim erased", got)
	}
	d.wantLeft(1, 1) // joao's
}

// TestErase is the whole of it: what is asked, in which order it is done, and
// that a second run finds nothing.
func TestErase(t *testing.T) {
	d := newDesk(t, cognito.EmailUserNames)
	d.signUp(maria)
	d.signUp(joao)

	got := d.at(maria.cpf+"\nyes\n", "erase")
	if got.status != exitUnchanged || !strings.Contains(got.err, "This deletes 1 user and 1 claim for good. Type erase to go on:") {
		t.Errorf("not confirmed: portaria erase = %+v, want status %d", got, exitUnchanged)
	}
	if steady(got.out) != masked {
		t.Errorf("before it asks it shows (-want +got):\n%s", cmp.Diff(masked, steady(got.out)))
	}
	d.wantLeft(2, 2)

	d.asked = nil
	got = d.at(maria.cpf+"\nerase\n", "erase")
	if got.status != exitOK || !strings.Contains(got.out, "\nErased 1 user and 1 claim. Not erased from here:\n- point-in-time backups") {
		t.Errorf("confirmed: portaria erase = %+v, want status %d", got, exitOK)
	}
	if n := len(d.asked); n < 2 || d.asked[n-2] != "AdminDeleteUser" || d.asked[n-1] != "DeleteItem" {
		t.Errorf("asked for %v, want the user deleted before the claim", d.asked)
	}
	d.wantLeft(1, 1)

	d.asked = nil
	got = d.at("", "erase", "--yes", "--cpf", maria.cpf)
	if got.status != exitOK || got.out != "There is nothing of ***.982.247-**.\n" {
		t.Errorf("again: portaria erase = %+v, want nothing there", got)
	}
	for _, op := range d.asked {
		if strings.Contains(op, "Delete") {
			t.Errorf("again: asked for %s", op)
		}
	}
	if userName := d.signUp(maria); userName == "" {
		t.Error("maria cannot sign up again")
	}
}

func TestEraseJSON(t *testing.T) {
	d := newDesk(t, cognito.EmailUserNames)
	d.signUp(maria)
	got := d.at("", "erase", "--yes", "--output=json", "--cpf", maria.cpf)
	var result struct {
		Found   struct{ Claims, Users []any }
		Erased  struct{ Users, Claims int }
		Remains []string
	}
	if err := json.Unmarshal([]byte(got.out), &result); err != nil || result.Erased.Users != 1 || result.Erased.Claims != 1 ||
		len(result.Found.Claims) != 1 || len(result.Found.Users) != 1 || len(result.Remains) != len(remains) {
		t.Errorf("portaria erase = %+v, %v, want one object with all three", got, err)
	}
	for _, secret := range []string{maria.cpf, maria.email, maria.phone, "21a81129", "2439"} {
		if strings.Contains(got.out, secret) {
			t.Errorf("the output has %s", secret)
		}
	}
}

// TestEraseJSONShowsBeforeItAsks: who confirms has seen what goes.
func TestEraseJSONShowsBeforeItAsks(t *testing.T) {
	d := newDesk(t, cognito.EmailUserNames)
	d.signUp(maria)
	got := d.at("erase\n", "erase", "--output=json", "--cpf", maria.cpf)
	if got.status != exitOK || !strings.HasPrefix(steady(got.err), masked+"This deletes 1 user") || strings.Count(got.out, "\n") != 1 {
		t.Errorf("portaria erase = %+v, want it shown before the question, and one object", got)
	}
}

// TestEraseBrokenOff fails each deletion in turn: no claim may go before its
// user, and the run after it must end the work.
func TestEraseBrokenOff(t *testing.T) {
	for op, left := range map[string][2]int{"AdminDeleteUser": {1, 1}, "DeleteItem": {1, 0}} {
		t.Run(op, func(t *testing.T) {
			d := newDesk(t, cognito.EmailUserNames)
			d.signUp(maria)
			d.refuse.Store(&op)
			got := d.at("", "erase", "--yes", "--cpf", maria.cpf)
			if got.status != exitFailed || !strings.Contains(got.err, "AccessDeniedException; run it again") || !strings.Contains(got.err, "portaria: erased ") {
				t.Errorf("portaria erase = %+v, want status %d and what was done", got, exitFailed)
			}
			d.wantLeft(left[0], left[1])
			d.refuse.Store(nil)
			if got := d.at("", "erase", "--yes", "--cpf", maria.cpf); got.status != exitOK {
				t.Errorf("again: portaria erase = %+v", got)
			}
			d.wantLeft(0, 0)
		})
	}
}

// TestEraseLeavesANewClaim claims the CPF anew between the deletion of its user
// and that of the claim.
func TestEraseLeavesANewClaim(t *testing.T) {
	d := newDesk(t, cognito.EmailUserNames)
	d.signUp(maria)
	d.before = func(op string) {
		if op == "DeleteItem" {
			d.before = nil
			d.clock = now
			d.signUp(customer{"nova@example.com", "nova@example.com", "+5551988888888", maria.cpf})
		}
	}
	got := d.at("", "erase", "--yes", "--cpf", maria.cpf)
	if got.status != exitFailed || !strings.Contains(got.err, "erased 1 user and 0 claims, then: the claim has changed since it was read") {
		t.Errorf("portaria erase = %+v, want status %d", got, exitFailed)
	}
	d.wantLeft(1, 1)
}

func TestEraseWaitsForTheLease(t *testing.T) {
	for _, c := range []struct {
		ago    time.Duration
		status int
		left   int
	}{{-time.Second, exitFailed, 1}, {29999 * time.Millisecond, exitFailed, 1}, {30 * time.Second, exitOK, 0}} {
		d := newDesk(t, cognito.EmailUserNames)
		d.clock = now.Add(-c.ago)
		d.signUp(maria)
		got := d.at("", "erase", "--yes", "--cpf", maria.cpf)
		if got.status != c.status || c.status == exitFailed && !strings.Contains(got.err, "may be under way; nothing was erased: run it again in 30s") {
			t.Errorf("%s after the claim: portaria erase = %+v, want status %d", c.ago, got, c.status)
		}
		d.wantLeft(c.left, c.left)
	}
}

func TestPersonWhatCannotBe(t *testing.T) {
	d := newDesk(t, cognito.EmailUserNames)
	for _, c := range []struct {
		name, typed string
		args        []string
		says        string
	}{
		{"no CPF", "52998224726\n", []string{"export"}, "portaria: --cpf: invalid CPF: check_digits\n"},
		{"nothing typed", "", []string{"erase", "--yes"}, "portaria: read the CPF: standard input is empty: pass --cpf\n"},
		{"a file typed", strings.Repeat("5", 1000), []string{"export"}, "portaria: --cpf: invalid CPF: length\n"},
		{"no such table", maria.cpf, []string{"export", "--table=nowhere"}, "portaria: read claim: operation error DynamoDB: GetItem, status 400"},
	} {
		got := d.at(c.typed, c.args...)
		if c.name == "no such table" { // at's own flags come after
			got = portaria(t, append(c.args, "--user-pool=x", "--cpf="+c.typed)...)
		}
		if got.status != exitFailed || !strings.Contains(got.err, c.says) || got.out != "" {
			t.Errorf("%s: portaria %s = %+v, want status %d and %q", c.name, c.args[0], got, exitFailed, c.says)
		}
	}
}

// TestPersonOfAPoolThatIsGone has a claim that names a pool which was deleted.
func TestPersonOfAPoolThatIsGone(t *testing.T) {
	for pool, status := range map[string]int{"us-east-1_deleted": exitOK, "sa-east-1_elsewhere": exitFailed} {
		d := newDesk(t, cognito.EmailUserNames)
		d.put(map[string]string{"cpf": maria.cpf, "userPoolId": pool, "userName": "maria", "email": maria.email})
		d.createPast(maria.email, map[string]string{"email": maria.email, "custom:cpf": maria.cpf})
		got := d.at("", "erase", "--yes", "--cpf", maria.cpf)
		if got.status != status || status == exitFailed && !strings.Contains(got.err, "ResourceNotFoundException") {
			t.Errorf("a claim of %s: portaria erase = %+v, want status %d", pool, got, status)
		}
		if status == exitOK {
			d.wantLeft(0, 0)
		} else {
			d.wantLeft(1, 1)
		}
	}
}

// onRead is what a person types, after something has happened.
type onRead func() string

func (f onRead) Read(p []byte) (int, error) { return copy(p, f()), nil }

// TestEraseLeavesAnotherPerson gives maria's user name to joao while the question
// stands there.
func TestEraseLeavesAnotherPerson(t *testing.T) {
	d := newDesk(t, cognito.PlainUserNames)
	d.createPast("client-7", map[string]string{"email": maria.email, "custom:cpf": maria.cpf})
	typed := onRead(func() string {
		_, err := d.stack.Cognito().AdminDeleteUser(t.Context(), &cognitoidentityprovider.AdminDeleteUserInput{
			UserPoolId: aws.String(d.stack.UserPoolID()), Username: aws.String("client-7"),
		})
		if err != nil {
			t.Error(err)
		}
		d.createPast("client-7", map[string]string{"email": joao.email, "custom:cpf": joao.cpf})
		return "erase\n"
	})
	var out, errors bytes.Buffer
	term := &terminal.Terminal{In: typed, Out: &out, Err: &errors, Interactive: true}
	status := run(t.Context(), []string{"erase", "--cpf", maria.cpf, "--table", d.stack.Table(), "--user-pool", d.stack.UserPoolID()}, term, func() time.Time { return now })
	if status != exitOK || !strings.Contains(out.String(), "Erased 0 users and 0 claims.") {
		t.Errorf("portaria erase = %d, %s%s, want nothing erased", status, &out, &errors)
	}
	d.wantLeft(0, 1)
}

// TestEraseUnsearchedFreesNoCPF has a claim of the old function's, which names
// nobody, and its live user.
func TestEraseUnsearchedFreesNoCPF(t *testing.T) {
	d := newDesk(t, cognito.EmailUserNames)
	d.put(map[string]string{"cpf": maria.cpf})
	d.createPast(maria.email, map[string]string{"email": maria.email, "custom:cpf": maria.cpf})
	got := d.at("", "erase", "--yes", "--no-scan-pool", "--cpf", maria.cpf)
	if got.status != exitFailed || !strings.Contains(got.err, "nothing was erased: run it without --no-scan-pool") {
		t.Errorf("portaria erase = %+v, want status %d", got, exitFailed)
	}
	d.wantLeft(1, 1)
	if got := d.at("", "erase", "--yes", "--cpf", maria.cpf); got.status != exitOK {
		t.Errorf("with a search: portaria erase = %+v", got)
	}
	d.wantLeft(0, 0)
}
