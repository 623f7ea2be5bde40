package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
)

// preSignUp and api are the functions as they are deployed, built once.
var preSignUp, api string

func TestMain(m *testing.M) {
	for name, binary := range map[string]*string{"pre-signup": &preSignUp, "api": &api} {
		var err error
		if *binary, err = local.BuildFunction(context.Background(), name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	// These tests wait for answers that are held back, far more than they work.
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const registration = `{"email":"Email.Test@gmail.com","phoneNumber":"+5551981980387","cpf":"04212286017","trackCode":"21a81129400fbf441ae138e52eae8778",` +
	`"simulation":{"id":"mHPkDoN3TNqw7G3nxA4GAw","loanValue":"123123","term":180,"installment":2439.02,"loanValueSelected":"123123","phone":"+55 (51) 99999-9999"}}`

const (
	email  = "email.test@gmail.com"
	chosen = "uma frase que só eu sei"
)

// house is the whole of Portaria: the real binaries, with a pool whose clock can
// be moved on.
type house struct {
	t     *testing.T
	stack *local.Stack
	later atomic.Int64 // how far the pool's clock is ahead
}

// newHouse starts one, with changes to what the local stack is made of.
func newHouse(t *testing.T, changes ...func(*local.Config)) *house {
	t.Helper()
	h := &house{t: t}
	cfg := local.Config{
		Binary: preSignUp, APIBinary: api,
		Now: func() time.Time { return time.Now().Add(time.Duration(h.later.Load())) },
	}
	for _, change := range changes {
		change(&cfg)
	}
	var err error
	h.stack, err = local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.stack.Close)
	return h
}

// post sends a body to a route and wants that status.
func (h *house) post(path, body string, want int) map[string]any {
	h.t.Helper()
	response, err := http.Post(h.stack.WebURL()+path, "application/json", strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if response.StatusCode != want {
		h.t.Fatalf("POST %s = %d %s, want %d", path, response.StatusCode, text, want)
	}
	var answer map[string]any
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			h.t.Fatalf("POST %s = %s: %v", path, text, err)
		}
	}
	return answer
}

// link is the one of the newest e-mail, split as the page does it.
func (h *house) link() (page, userName, temporary string) {
	h.t.Helper()
	for _, m := range h.stack.Mailbox.Messages() {
		if m.Medium != cognito.MediumEmail {
			continue
		}
		found := regexp.MustCompile(`href="([^"]*)"`).FindStringSubmatch(m.Body)
		if found == nil {
			h.t.Fatalf("no link in %s", m.Body)
		}
		page, fragment, _ := strings.Cut(html.UnescapeString(found[1]), "#u=")
		at := strings.LastIndex(fragment, "&c=")
		if at < 0 {
			h.t.Fatalf("no temporary password in the link")
		}
		return page, fragment[:at], fragment[at+len("&c="):]
	}
	h.t.Fatal("no e-mail came")
	return "", "", ""
}

func (h *house) setPassword(userName, temporary string, want int) {
	h.t.Helper()
	h.post("/password", jsonOf(map[string]string{"username": userName, "temporaryPassword": temporary, "newPassword": chosen}), want)
}

func jsonOf(texts map[string]string) string {
	body, _ := json.Marshal(texts) // texts: no error can come
	return string(body)
}

// wantBound holds that the claim is that of the user whom the pool has.
func (h *house) wantBound() {
	h.t.Helper()
	out, err := h.stack.DynamoDB().GetItem(h.t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(h.stack.Table()), Key: map[string]dynamodbtypes.AttributeValue{"cpf": &dynamodbtypes.AttributeValueMemberS{Value: "04212286017"}},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	text := func(name string) string {
		value, _ := out.Item[name].(*dynamodbtypes.AttributeValueMemberS)
		if value == nil {
			h.t.Fatalf("the claim has no %s", name)
		}
		return value.Value
	}
	owner := text("userName")
	user, err := h.stack.Cognito().AdminGetUser(h.t.Context(), &cognitoidentityprovider.AdminGetUserInput{UserPoolId: aws.String(h.stack.UserPoolID()), Username: &owner})
	if err != nil {
		h.t.Fatalf("the claim's owner: %v", err)
	}
	sub := ""
	for _, a := range user.UserAttributes {
		if *a.Name == "sub" {
			sub = *a.Value
		}
	}
	if got := text("sub"); got != sub {
		h.t.Errorf("claim of %s with sub %q, want that of the user, %q", owner, got, sub)
	}
}

// wantConfirmed holds that the customer has that password of their own, signs in
// with it by e-mail, and has a verified e-mail.
func (h *house) wantConfirmed(password string) {
	h.t.Helper()
	pool, client, name := h.stack.UserPoolID(), h.stack.ClientID(), email
	user, err := h.stack.Cognito().AdminGetUser(h.t.Context(), &cognitoidentityprovider.AdminGetUserInput{UserPoolId: &pool, Username: &name})
	if err != nil {
		h.t.Fatal(err)
	}
	verified := ""
	for _, a := range user.UserAttributes {
		if *a.Name == "email_verified" {
			verified = *a.Value
		}
	}
	if user.UserStatus != types.UserStatusTypeConfirmed || verified != "true" {
		h.t.Errorf("status %s, e-mail verified %q, want CONFIRMED and true", user.UserStatus, verified)
	}
	in, err := h.stack.Cognito().AdminInitiateAuth(h.t.Context(), &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId: &pool, ClientId: &client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": email, "PASSWORD": password},
	})
	if err != nil || in.AuthenticationResult == nil {
		h.t.Errorf("sign-in with the new password = %+v, %v, want tokens", in, err)
	}
}

// kinds are the kinds of pool.
var kinds = map[string]cognito.PoolKind{
	"e-mails are user names": cognito.EmailUserNames, "plain user names": cognito.PlainUserNames, "e-mails are aliases": cognito.EmailAliases,
}

// TestStory registers, follows the link of the invitation, sets the password and
// signs in, all through the real binaries and in each kind of pool.
func TestStory(t *testing.T) {
	t.Parallel()
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, newHouse(t, func(c *local.Config) { c.PoolKind = kind }), kind)
		})
	}
}

func story(t *testing.T, h *house, kind cognito.PoolKind) {
	if answer := h.post("/users", registration, http.StatusCreated); answer["created"] != true || answer["delivered"] != true {
		t.Errorf("answer = %v, want created and delivered", answer)
	}
	if answer := h.post("/users", registration, http.StatusOK); answer["created"] != false {
		t.Errorf("the same again = %v, want created false", answer)
	}
	other := strings.Replace(registration, "Email.Test", "outra", 1)
	if answer := h.post("/users", other, http.StatusConflict); answer["code"] != "cpf_taken" {
		t.Errorf("another e-mail = %v, want cpf_taken", answer)
	}
	otherCPF := strings.Replace(registration, "04212286017", "52998224725", 1)
	if answer := h.post("/users", otherCPF, http.StatusConflict); answer["code"] != "email_taken" {
		t.Errorf("another CPF = %v, want email_taken", answer)
	}
	h.wantBound()
	page, userName, temporary := h.link()
	if page != h.stack.WebURL()+"/nova-senha" || (userName == email) != (kind != cognito.EmailAliases) {
		t.Errorf("the link leads to %s for %s", page, userName)
	}
	response, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("GET %s = %d", page, response.StatusCode)
	}
	h.post("/users/resend", `{"email":"`+email+`"}`, http.StatusAccepted)
	h.setPassword(userName, temporary, http.StatusUnauthorized)
	h.post("/password/resend", `{"username":"`+email+`"}`, http.StatusAccepted)
	if n := len(h.stack.Mailbox.Messages()); n != 3 {
		t.Errorf("%d messages came, want 3", n)
	}
	_, userName, temporary = h.link()
	h.setPassword(userName, temporary+"x", http.StatusUnauthorized)
	h.setPassword(email, temporary, http.StatusNoContent) // as people type it, also where the link has another name
	h.wantConfirmed(chosen)
	h.setPassword(userName, temporary, http.StatusUnauthorized)
	h.post("/users/resend", `{"email":"`+email+`"}`, http.StatusConflict)
	if answer := h.post("/users", registration, http.StatusConflict); answer["code"] != "cpf_taken" {
		t.Errorf("registering a customer who is CONFIRMED = %v, want cpf_taken", answer)
	}
}

// TestStoryOfAnExpiredPassword lets the temporary password expire; the customer
// asks for another, once a minute at most.
func TestStoryOfAnExpiredPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.post("/users", registration, http.StatusCreated)
	_, userName, expired := h.link()
	h.later.Store(int64(73 * time.Hour))
	h.setPassword(userName, expired, http.StatusUnauthorized)
	const resend = `{"username":"` + email + `"}`
	h.post("/password/resend", resend, http.StatusAccepted)
	h.post("/password/resend", resend, http.StatusTooManyRequests)
	_, userName, temporary := h.link()
	if temporary == expired {
		t.Fatal("the same temporary password came again")
	}
	h.setPassword(userName, expired, http.StatusUnauthorized)
	h.setPassword(userName, temporary, http.StatusNoContent)
	h.wantConfirmed(chosen)
}
