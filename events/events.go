// Package events holds fixture events for tests and tools: one PreSignUp event
// per case, as Cognito sends them, with what stands before it and what must come
// back. README.md explains the files. No function of the product imports it.
package events

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"time"
)

const (
	// PoolID is the user pool that the events come from; given users live in it.
	PoolID = "us-east-1_portaria"

	// Lease is the lease that the ages of the given claims are meant for.
	Lease = 30 * time.Second

	answersFile = "answers.json"
	envFile     = "env.json" // for sam local invoke; not an event
)

//go:embed *.json
var files embed.FS

// Case is one event, what must stand before it comes, and the answer to it.
type Case struct {
	// Name is the file's name, such as "admin-create-user.json".
	Name string

	// Event is the file's bytes. Not every event is JSON or UTF-8.
	Event []byte

	// Given stands in an otherwise empty table and pool before the event comes.
	Given Given

	// Refusal is the error that must come back. Where it is nil, what must come
	// back is Event, byte for byte.
	Refusal *Refusal
}

// Given is what stands in the table and in the pool before the event comes.
type Given struct {
	// Claims are claims as Portaria writes them.
	Claims []Claim

	// Items are items that something else wrote into the table, in DynamoDB's
	// JSON, as PutItem takes them.
	Items []json.RawMessage

	// Users are the users of the pool PoolID.
	Users []User
}

// Claim is a claim in the table. Item makes an item of it.
type Claim struct {
	CPF        string // 11 digits; of an invalid CPF too, where a case needs it
	UserPoolID string
	UserName   string
	Email      string

	// Age is how long before the invocation it was claimed; a negative one means
	// later than now.
	Age time.Duration

	// SameContent says that the claim's content is the event's own. Otherwise it
	// must be another.
	SameContent bool
}

// User is a user of the pool, found by user name and by e-mail.
type User struct {
	UserName string `json:"userName"`
	Email    string `json:"email"`
	CPF      string `json:"cpf"` // custom:cpf as the pool has it; empty: has none
}

// Refusal is the error that must come back.
type Refusal struct {
	Code         string // as in the log line, such as "cpf_taken"
	ErrorType    string // always "Refusal"
	ErrorMessage string // the text that customers read
}

// Cases returns the cases of this folder, by name. An event without an answer, an
// answer without an event and an answer that cannot be read are errors that name
// the file.
func Cases() ([]Case, error) {
	return Read(files)
}

// Read returns the cases of the folder fsys, which has events and answers.json in
// its root, under the rules of Cases. It does not check the events themselves.
func Read(fsys fs.FS) ([]Case, error) {
	b, err := fs.ReadFile(fsys, answersFile)
	if err != nil {
		return nil, err
	}
	answers, err := parseAnswers(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", answersFile, err)
	}
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, err
	}
	var cases []Case
	for _, name := range names {
		if name == answersFile || name == envFile {
			continue
		}
		c, ok := answers[name]
		if !ok {
			return nil, fmt.Errorf("%s: no answer in %s", name, answersFile)
		}
		delete(answers, name)
		c.Name = name
		if c.Event, err = fs.ReadFile(fsys, name); err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	for name := range answers {
		return nil, fmt.Errorf("%s: answered in %s, but there is no such event", name, answersFile)
	}
	return cases, nil
}

// parseAnswers goes through the object key by key, since a map would hide a file
// that is answered twice.
func parseAnswers(b []byte) (map[string]Case, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("not an object"), err)
	}
	answers := map[string]Case{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := t.(string) // what Token returns for a key
		if _, ok := answers[name]; ok {
			return nil, fmt.Errorf("%s: answered twice", name)
		}
		var e entry
		if err := d.Decode(&e); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if answers[name], err = e.toCase(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("text after the object")
	}
	return answers, nil
}

// entry is what answers.json says of one file.
type entry struct {
	Given struct {
		Claims []struct {
			CPF        string `json:"cpf"`
			UserPoolID string `json:"userPoolId"`
			UserName   string `json:"userName"`
			Email      string `json:"email"`
			Age        string `json:"age"`
			Content    string `json:"content"`
		} `json:"claims"`
		Items []json.RawMessage `json:"items"`
		Users []User            `json:"users"`
	} `json:"given"`
	Answer json.RawMessage `json:"answer"`
	Code   string          `json:"code"`
}

func (e entry) toCase() (Case, error) {
	c := Case{Given: Given{Items: e.Given.Items, Users: e.Given.Users}}
	for _, g := range e.Given.Claims {
		age, err := time.ParseDuration(g.Age)
		if err != nil {
			return Case{}, fmt.Errorf("age of a claim: %w", err)
		}
		if g.CPF == "" || g.UserName == "" || g.Email == "" {
			return Case{}, errors.New("a claim needs cpf, userName and email")
		}
		if g.Content != "" && g.Content != "event" {
			return Case{}, fmt.Errorf(`content of a claim is %q, want "event" or none`, g.Content)
		}
		claim := Claim{g.CPF, g.UserPoolID, g.UserName, g.Email, age, g.Content == "event"}
		if claim.UserPoolID == "" {
			claim.UserPoolID = PoolID
		}
		c.Given.Claims = append(c.Given.Claims, claim)
	}
	for _, u := range c.Given.Users {
		if u.UserName == "" || u.Email == "" {
			return Case{}, errors.New("a user needs userName and email")
		}
	}
	if string(e.Answer) == `"event"` {
		if e.Code != "" {
			return Case{}, fmt.Errorf(`the event comes back, yet there is a code, %q`, e.Code)
		}
		return c, nil
	}
	var answer struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	if err := json.Unmarshal(e.Answer, &answer); err != nil {
		return Case{}, fmt.Errorf("answer: %w", err)
	}
	if e.Code == "" || answer.ErrorType != "Refusal" || answer.ErrorMessage == "" {
		return Case{}, errors.New("a refusal needs code, errorType Refusal and errorMessage")
	}
	c.Refusal = &Refusal{Code: e.Code, ErrorType: answer.ErrorType, ErrorMessage: answer.ErrorMessage}
	return c, nil
}

// Item returns the claim as an item in DynamoDB's JSON, as PutItem takes it, when
// the invocation begins at now. What nothing is decided by (phone, trackCode,
// simulation, trigger source) is the same for all. The caller gives the content:
// the event's own where SameContent says so, else any other.
func (c Claim) Item(now time.Time, content string) json.RawMessage {
	type attr map[string]any
	s := func(v string) attr { return attr{"S": v} }
	n := func(v string) attr { return attr{"N": v} }
	b, _ := json.Marshal(map[string]attr{ // strings and maps: no error can come
		"cpf":           s(c.CPF),
		"userPoolId":    s(c.UserPoolID),
		"userName":      s(c.UserName),
		"email":         s(c.Email),
		"phoneNumber":   s("+5511900000000"),
		"trackCode":     s("21a81129400fbf441ae138e52eae8778"),
		"triggerSource": s("PreSignUp_AdminCreateUser"),
		"content":       s(content),
		"claimedAt":     n(strconv.FormatInt(now.Add(-c.Age).UnixMilli(), 10)),
		"simulation": {"M": map[string]attr{
			"id":                s("mHPkDoN3TNqw7G3nxA4GAw"),
			"loanValue":         n("123123"),
			"loanValueSelected": n("123123"),
			"term":              n("180"),
			"installment":       n("2439.02"),
			"phone":             s("+55 (51) 99999-9999"),
		}},
	})
	return b
}
