package reconcile

import (
	"github.com/pontte/portaria/cmd/portaria/internal/mask"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/userpool"
)

// Code is what kind of thing was found. Codes are stable: programs may depend
// on them.
type Code string

// The codes.
const (
	UserWithoutClaim   Code = "user_without_claim"
	UserWithoutCPF     Code = "user_without_cpf"
	UserCPFInvalid     Code = "user_cpf_invalid"
	UserCPFPunctuated  Code = "user_cpf_punctuated"
	CPFShared          Code = "cpf_shared"
	ClaimWrongOwner    Code = "claim_wrong_owner"
	ClaimOtherName     Code = "claim_other_name"
	ClaimOtherPool     Code = "claim_other_pool"
	ClaimOld           Code = "claim_old"
	ClaimOldOrphan     Code = "claim_old_orphan"
	ClaimOrphan        Code = "claim_orphan"
	ClaimInLease       Code = "claim_in_lease"
	ClaimKeyPunctuated Code = "claim_key_punctuated"
	ClaimKeyInvalid    Code = "claim_key_invalid"
)

// Kind explains a code to people.
type Kind struct {
	Code    Code
	Meaning string
	Cure    string
}

// Kinds are all codes, in the order in which a summary lists them.
var Kinds = [...]Kind{
	{Code: UserWithoutClaim, Meaning: "nobody has claimed the user's CPF",
		Cure: "--fix claims it for the user"},
	{Code: UserWithoutCPF, Meaning: "the user has no custom:cpf",
		Cure: "find out who it is; a customer is created anew with the CPF, because custom:cpf cannot be set later"},
	{Code: UserCPFInvalid, Meaning: "the user's custom:cpf is no CPF",
		Cure: "ask the customer for the CPF, delete the user and create it anew"},
	{Code: UserCPFPunctuated, Meaning: "the user's custom:cpf is not written as eleven bare digits",
		Cure: "none needed: every spelling counts as the same CPF"},
	{Code: CPFShared, Meaning: "two users have the CPF",
		Cure: "decide which user is the customer's, delete the other (aws cognito-idp admin-delete-user) and run again; until then --fix keeps the CPF closed to third parties, and makes it out to neither"},
	{Code: ClaimWrongOwner, Meaning: "the claim of the user's CPF names a user who does not exist",
		Cure: "--fix makes the claim the user's, once its lease is over"},
	{Code: ClaimOtherName, Meaning: "the claim names the user by another name, such as the e-mail",
		Cure: "--fix writes the user's own name, once the lease is over"},
	{Code: ClaimOtherPool, Meaning: "the claim of the user's CPF names a user of another pool",
		Cure: "if that pool is in use the person has two accounts: delete one; if it is gone, remove the claim alone (aws dynamodb delete-item; portaria erase would delete the user too) and run again"},
	{Code: ClaimOld, Meaning: "the claim of the user's CPF is not one of Portaria's: the old function wrote it, or it is a CPF's that two users had",
		Cure: "--fix makes the claim the user's and keeps what else it holds"},
	{Code: ClaimOldOrphan, Meaning: "the claim is not one of Portaria's and no user has the CPF",
		Cure: "--fix removes it, when the whole pool was read a lease after the claim was last seen to change"},
	{Code: ClaimOrphan, Meaning: "the claim's lease is over and its user does not exist",
		Cure: "--fix removes it; the next sign-up with the CPF would take it over"},
	{Code: ClaimInLease, Meaning: "the claim's user does not exist yet: a sign-up is under way, or has just failed",
		Cure: "none needed: the lease ends by itself"},
	{Code: ClaimKeyPunctuated, Meaning: "the claim's key is not eleven bare digits, so no sign-up sees it",
		Cure: "--fix moves it under the eleven digits"},
	{Code: ClaimKeyInvalid, Meaning: "the item's key is no CPF",
		Cure: "no sign-up meets it; look at it (--unmasked shows the key) and delete it by hand (aws dynamodb delete-item)"},
}

// Result is what became of a finding.
type Result string

// The results.
const (
	Mended   Result = "mended"   // --fix put it right
	Mendable Result = "mendable" // --fix would
	Later    Result = "later"    // it may be put right by a later run: a lease is not over, or a sign-up was quicker
	Open     Result = "open"     // somebody must decide
	Note     Result = "note"     // nothing is wrong
)

// Finding is one thing that was found. CPF and names are personal data: Masked
// hides them.
type Finding struct {
	Code   Code     `json:"code"`
	Result Result   `json:"result"`
	CPF    string   `json:"cpf,omitempty"`    // or the text that stands in its place
	User   string   `json:"user,omitempty"`   // user name
	Sub    string   `json:"sub,omitempty"`    // of the user: it can be looked up by it
	Others []string `json:"others,omitempty"` // user names: of those with the same CPF, or whom the claim names
}

// Masked is f with what tells who somebody is hidden: CPFs but for the middle,
// user names as mask.UserName does.
func (f Finding) Masked() Finding {
	if c, err := cpf.Parse(f.CPF); err == nil {
		f.CPF = c.Masked()
	} else if f.CPF != "" {
		f.CPF = mask.Hidden
	}
	f.User = mask.UserName(f.User)
	others := make([]string, len(f.Others))
	for i, name := range f.Others {
		others[i] = mask.UserName(name)
	}
	f.Others = others
	return f
}

// about is a finding about a user.
func about(code Code, u userpool.Listed) Finding {
	return Finding{Code: code, CPF: u.WrittenCPF, User: u.Name, Sub: u.Sub}
}
