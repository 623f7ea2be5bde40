// Package explanation shows what the trigger answers to an event, and why.
package explanation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pontte/portaria/cmd/portaria/internal/mask"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/redact"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// Answer is how an event is answered, in the words of the trigger's log.
type Answer string

// The answers.
const (
	Allowed Answer = "allowed"
	Refused Answer = "refused"
	Failed  Answer = "failed" // code internal: our own fault
)

// AnswerOf gives the answer that a code stands for, "" for Allowed.
func AnswerOf(code signup.Code) Answer {
	switch {
	case code == "":
		return Allowed
	case code == signup.Internal:
		return Failed
	}
	return Refused
}

// Report is an explanation as it is printed. It has no personal data but the
// masked CPF.
type Report struct {
	Answer        Answer         `json:"answer"`
	Code          signup.Code    `json:"code,omitempty"`
	Text          string         `json:"text,omitempty"` // what the customer reads
	TriggerSource string         `json:"triggerSource,omitempty"`
	CPF           string         `json:"cpf,omitempty"`
	Resend        signup.Verdict `json:"resend,omitempty"`
	Claim         string         `json:"claim,omitempty"`
	Rules         []Rule         `json:"rules"`
	Holder        *Holder        `json:"holder,omitempty"`

	cpf cpf.CPF
}

// Rule is one rule's verdict.
type Rule struct {
	Rule    signup.Code    `json:"rule"`
	Verdict signup.Verdict `json:"verdict"`
	Reason  string         `json:"reason,omitempty"`
}

// Holder is whose claim is in the way.
type Holder struct {
	UserName  string `json:"userName,omitempty"`  // masked when it is an e-mail; "" when the claim has none
	ClaimedAt string `json:"claimedAt,omitempty"` // RFC 3339
}

// New makes a report of x.
func New(x signup.Explanation) *Report {
	r := &Report{
		Answer: AnswerOf(x.Code), Code: x.Code, TriggerSource: x.TriggerSource, CPF: x.CPF.Masked(), Resend: x.Resend, Claim: x.Claim, cpf: x.CPF,
	}
	if x.Code != "" {
		r.Text = x.Code.Text()
	}
	for _, f := range x.Findings {
		r.Rules = append(r.Rules, Rule{f.Code, f.Verdict, f.Reason})
	}
	return r
}

// AddHolder adds whose claim refuses the event, when one does.
func (r *Report) AddHolder(ctx context.Context, records *registry.Records) error {
	if r.Code != signup.CPFTaken && r.Code != signup.SignupInProgress {
		return nil
	}
	record, err := records.Get(ctx, r.cpf)
	if errors.Is(err, registry.ErrNoRecord) {
		return nil // removed meanwhile
	}
	if err != nil {
		return errors.New(redact.Cause(err))
	}
	r.Holder = &Holder{UserName: mask.UserName(record.User.Name)}
	if !record.ClaimedAt.IsZero() {
		r.Holder.ClaimedAt = record.ClaimedAt.UTC().Format(time.RFC3339)
	}
	return nil
}

// WriteTable writes the report for people.
func (r *Report) WriteTable(w io.Writer) {
	fmt.Fprintf(w, "answer\t%s\n", r.Answer)
	for _, row := range [][2]string{
		{"code", string(r.Code)}, {"text", r.Text}, {"source", r.TriggerSource}, {"cpf", r.CPF}, {"claim", r.Claim}, {"resend", resendInWords(r.Resend)},
	} {
		if row[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
		}
	}
	if r.Holder != nil {
		fmt.Fprintf(w, "holder\t%s since %s\n", cmp.Or(r.Holder.UserName, "nobody named"), cmp.Or(r.Holder.ClaimedAt, "an unknown time"))
	}
	fmt.Fprintf(w, "\nrule\tverdict\treason\n")
	for _, rule := range r.Rules {
		fmt.Fprintf(w, "%s\t%s\t%s\n", rule.Rule, rule.Verdict, cmp.Or(rule.Reason, "-"))
	}
}

func resendInWords(v signup.Verdict) string {
	switch v {
	case signup.Passes:
		return "yes, of a user who exists: the rules do not apply"
	case signup.Refuses:
		return "its shape, but of no user who may have it: the rules apply"
	case signup.Unknown:
		return "its shape: allowed all the same if the user exists and the CPF is theirs"
	}
	return ""
}
