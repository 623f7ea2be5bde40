package cognito

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PoolKind says what people sign in with.
type PoolKind int

// The kinds of pool.
const (
	EmailUserNames PoolKind = iota // UsernameAttributes [email]: the user name is a new UUID
	PlainUserNames                 // the user name is the one given
	EmailAliases                   // AliasAttributes [email]: as plain, and a verified e-mail signs in too
)

// PoolSettings describes a pool for CreatePool. Where a comment names no
// default, the zero value means what it says.
type PoolSettings struct {
	ID        string // such as us-east-1_portaria
	Name      string // default: ID
	ClientID  string
	Kind      PoolKind
	PreSignUp string // ARN of the trigger; empty: none

	CaseSensitive  bool
	AdminsOnly     bool // AllowAdminCreateUserOnly: SignUp is refused
	Attributes     []Attribute
	PasswordPolicy PasswordPolicy
	Invitation     Invitation

	// AuthFlows are the client's ExplicitAuthFlows; default both password
	// flows, ALLOW_ADMIN_USER_PASSWORD_AUTH and ALLOW_USER_PASSWORD_AUTH.
	AuthFlows []string
	// RevealUnknownUsers makes the client's PreventUserExistenceErrors LEGACY:
	// signing in as an unknown user is UserNotFoundException.
	RevealUnknownUsers bool
	// AuthSessionValidity of the client, rounded to whole minutes from 3 to
	// 15; default 3 minutes.
	AuthSessionValidity time.Duration
}

// Attribute is a custom attribute of type String. Without lengths it takes any
// text of up to 2048 characters.
type Attribute struct {
	Name      string // with or without the prefix custom:
	Mutable   bool
	MinLength int
	MaxLength int
}

// PasswordPolicy is what a password must be made of.
type PasswordPolicy struct {
	MinimumLength    int // default 8
	RequireUppercase bool
	RequireLowercase bool
	RequireNumbers   bool
	RequireSymbols   bool
	// TemporaryPasswordValidityDays is how long a temporary password works;
	// default 7.
	TemporaryPasswordValidityDays int
}

// Invitation is the InviteMessageTemplate: {username} and {####} stand for the
// user name and the temporary password. Empty texts are Cognito's own.
type Invitation struct {
	EmailSubject string
	EmailMessage string
	SMSMessage   string
}

// CreatePool makes a pool with a client under fixed ids, as CreateUserPool and
// CreateUserPoolClient make them under random ones. It fails when an id is
// taken and when Cognito would refuse the settings.
func (s *Service) CreatePool(settings PoolSettings) error {
	var poolIn createUserPoolInput
	if err := recheck(settings.poolInput(), &poolIn); err != nil {
		return fmt.Errorf("pool %s: %w", settings.ID, err)
	}
	var clientIn describeUserPoolClientInput
	ids := map[string]string{"UserPoolId": settings.ID, "ClientId": settings.ClientID}
	if err := recheck(ids, &clientIn); err != nil {
		return fmt.Errorf("pool %s: %w", settings.ID, err)
	}
	var client clientSettings
	if err := recheck(settings.clientSettings(), &client); err != nil {
		return fmt.Errorf("client %s: %w", settings.ClientID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients[settings.ClientID] != nil {
		return fmt.Errorf("client %s: already exists", settings.ClientID)
	}
	if _, err := s.addPool(settings.ID, &poolIn); err != nil {
		return fmt.Errorf("pool %s: %w", settings.ID, err)
	}
	if _, err := s.addClient(clientIn.ClientId, client); err != nil {
		return fmt.Errorf("client %s: %w", settings.ClientID, err)
	}
	return nil
}

// recheck puts from through the checks of a request.
func recheck(from, in any) error {
	body, err := json.Marshal(from)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	return decode(body, in)
}

func (p PoolSettings) poolInput() createUserPoolInput {
	policy := p.PasswordPolicy
	in := createUserPoolInput{
		PoolName:              userPoolName(cmp.Or(p.Name, p.ID)),
		UsernameConfiguration: &usernameConfiguration{CaseSensitive: &p.CaseSensitive},
		poolInput: poolInput{
			LambdaConfig: &lambdaConfig{PreSignUp: arn(p.PreSignUp)},
			AdminCreateUserConfig: &adminCreateUserConfig{
				AllowAdminCreateUserOnly: p.AdminsOnly,
				InviteMessageTemplate: &inviteTemplate{
					EmailMessage: inviteEmail(p.Invitation.EmailMessage),
					EmailSubject: emailSubject(p.Invitation.EmailSubject),
					SMSMessage:   inviteSMS(p.Invitation.SMSMessage),
				},
			},
			Policies: &poolPolicies{PasswordPolicy: &passwordPolicy{
				MinimumLength:                 minimumLength(policy.MinimumLength),
				RequireLowercase:              policy.RequireLowercase,
				RequireNumbers:                policy.RequireNumbers,
				RequireSymbols:                policy.RequireSymbols,
				RequireUppercase:              policy.RequireUppercase,
				TemporaryPasswordValidityDays: validityDays(policy.TemporaryPasswordValidityDays),
			}},
		},
	}
	switch p.Kind {
	case EmailUserNames:
		in.UsernameAttributes = []usernameAttribute{"email"}
	case EmailAliases:
		in.AliasAttributes = []aliasAttribute{"email"}
	}
	for _, a := range p.Attributes {
		in.Schema = append(in.Schema, a.schema())
	}
	return in
}

func (a Attribute) schema() schemaAttribute {
	spec := schemaAttribute{
		Name:              customAttributeName(strings.TrimPrefix(a.Name, customPrefix)),
		AttributeDataType: "String",
		Mutable:           &a.Mutable,
	}
	if a.MinLength != 0 || a.MaxLength != 0 {
		spec.StringAttributeConstraints = &stringLimits{}
		if a.MinLength != 0 {
			spec.StringAttributeConstraints.MinLength = strconv.Itoa(a.MinLength)
		}
		if a.MaxLength != 0 {
			spec.StringAttributeConstraints.MaxLength = strconv.Itoa(a.MaxLength)
		}
	}
	return spec
}

func (p PoolSettings) clientSettings() clientSettings {
	settings := clientSettings{
		UserPoolId:                 userPoolID(p.ID),
		ClientName:                 clientName(p.ClientID),
		ExplicitAuthFlows:          []explicitAuthFlow{"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"},
		PreventUserExistenceErrors: "ENABLED",
		AuthSessionValidity:        sessionMinutes(p.AuthSessionValidity.Round(time.Minute) / time.Minute),
	}
	if p.RevealUnknownUsers {
		settings.PreventUserExistenceErrors = "LEGACY"
	}
	if p.AuthFlows != nil {
		settings.ExplicitAuthFlows = nil
		for _, flow := range p.AuthFlows {
			settings.ExplicitAuthFlows = append(settings.ExplicitAuthFlows, explicitAuthFlow(flow))
		}
	}
	return settings
}
