package registry

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Names of an item's attributes.
const (
	attrCPF           = "cpf"
	attrUserPoolID    = "userPoolId"
	attrUserName      = "userName"
	attrEmail         = "email"
	attrPhoneNumber   = "phoneNumber"
	attrTrackCode     = "trackCode"
	attrSimulation    = "simulation"
	attrContent       = "content"
	attrTriggerSource = "triggerSource"
	attrClaimedAt     = "claimedAt"
	attrSub           = "sub"
)

// item is what DynamoDB holds of a claim.
type item = map[string]types.AttributeValue

// record is the whole record of a's claim but for its key. An attempt without
// an e-mail or a phone has no attribute for it.
func record(a Attempt, content string) item {
	s := a.Simulation
	r := item{
		attrUserPoolID: text(a.User.PoolID),
		attrUserName:   text(a.User.Name),
		attrTrackCode:  text(s.TrackCode),
		attrSimulation: &types.AttributeValueMemberM{Value: item{
			"id":                text(s.ID),
			"loanValue":         number(s.LoanValue.String()),
			"term":              number(strconv.Itoa(s.Term)),
			"installment":       number(s.Installment.String()),
			"loanValueSelected": number(s.LoanValueSelected.String()),
			"phone":             text(s.Phone.E164()),
		}},
		attrContent:       text(content),
		attrTriggerSource: text(a.TriggerSource),
		attrClaimedAt:     millis(a.At.UnixMilli()),
	}
	if a.Email != "" {
		r[attrEmail] = text(canonicalEmail(a.Email))
	}
	if a.PhoneNumber != "" {
		r[attrPhoneNumber] = text(a.PhoneNumber)
	}
	return r
}

// unknownContent stands for the content of an attempt whose simulation could
// not be read. It is no claim's content.
const unknownContent = ""

// content is a hash of everything that makes two attempts of one user the same
// attempt, each value in its one form and set off by its length. It is taken of
// the values, not of the item: an engine may write a number in another way.
func content(a Attempt) string {
	s := a.Simulation
	h := sha256.New()
	for _, v := range []string{
		canonicalEmail(a.Email), a.PhoneNumber, s.TrackCode, s.ID, s.LoanValue.String(), strconv.Itoa(s.Term),
		s.Installment.String(), s.LoanValueSelected.String(), s.Phone.E164(),
	} {
		fmt.Fprintf(h, "%d:%s", len(v), v)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// canonicalEmail is the form in which e-mails are stored and compared.
func canonicalEmail(s string) string { return strings.ToLower(s) }

// claim is what judging a claim takes of its item.
type claim struct {
	user      User
	email     string // "" when absent
	content   string // "" when absent
	claimedAt int64  // epoch milliseconds
	sub       string // "" when absent
}

// heldError says that a CPF is claimed, by an item whose claim is read, or is
// malformed: not one that this package wrote.
type heldError struct {
	claim     claim
	malformed error
}

// Error is for the programmer: a heldError never leaves the package.
func (e *heldError) Error() string { return "CPF is claimed" }

// held reads the claim out of an item.
func held(it item) *heldError {
	r := reader{item: it}
	c := claim{
		user:      User{PoolID: r.text(attrUserPoolID, required), Name: r.text(attrUserName, required)},
		email:     r.text(attrEmail, optional),
		content:   r.text(attrContent, optional),
		claimedAt: r.millis(attrClaimedAt),
		sub:       r.text(attrSub, optional),
	}
	return &heldError{claim: c, malformed: r.err}
}

const (
	required = true
	optional = false
)

// reader reads attributes until one is not as it must be.
type reader struct {
	item item
	err  error
}

func (r *reader) text(name string, must bool) string {
	v, ok := r.item[name]
	if !ok && !must {
		return ""
	}
	s, ok := v.(*types.AttributeValueMemberS)
	if !ok || s.Value == "" {
		r.fail(name)
		return ""
	}
	return s.Value
}

func (r *reader) millis(name string) int64 {
	n, ok := r.item[name].(*types.AttributeValueMemberN)
	if !ok {
		r.fail(name)
		return 0
	}
	ms, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		r.fail(name)
	}
	return ms
}

// fail takes down the first wrong attribute: its name, never its value.
func (r *reader) fail(name string) {
	if r.err == nil {
		r.err = fmt.Errorf("the claim has no usable %s", name)
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(decimal string) types.AttributeValue { return &types.AttributeValueMemberN{Value: decimal} }

func millis(ms int64) types.AttributeValue { return number(strconv.FormatInt(ms, 10)) }
