package cognito

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

const newPasswordRequired = "NEW_PASSWORD_REQUIRED"

type initiateAuthInput struct {
	ClientId          clientID `api:"required"`
	AuthFlow          authFlow `api:"required"`
	AuthParameters    map[authParameter]authParameter
	AnalyticsMetadata unsupported
	ClientMetadata    unsupported
	Session           unsupported
	UserContextData   unsupported
}

type adminInitiateAuthInput struct {
	UserPoolId        userPoolID `api:"required"`
	ClientId          clientID   `api:"required"`
	AuthFlow          authFlow   `api:"required"`
	AuthParameters    map[authParameter]authParameter
	AnalyticsMetadata unsupported
	ClientMetadata    unsupported
	ContextData       unsupported
	Session           unsupported
}

// authOutput is a challenge or the tokens.
type authOutput struct {
	ChallengeName        string            `json:",omitempty"`
	ChallengeParameters  map[string]string // empty beside tokens
	Session              string            `json:",omitempty"`
	AuthenticationResult *tokens           `json:",omitempty"`
}

func (s *Service) initiateAuth(_ context.Context, in *initiateAuthInput) (authOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, p, err := s.client(in.ClientId)
	if err != nil {
		return authOutput{}, err
	}
	return s.signIn(c, p, in.AuthFlow, "USER_PASSWORD_AUTH", in.AuthParameters)
}

func (s *Service) adminInitiateAuth(_ context.Context, in *adminInitiateAuthInput) (authOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, p, err := s.clientOf(in.UserPoolId, in.ClientId)
	if err != nil {
		return authOutput{}, err
	}
	return s.signIn(c, p, in.AuthFlow, "ADMIN_USER_PASSWORD_AUTH", in.AuthParameters)
}

// signIn takes a user name and a password for tokens or, of a temporary
// password, for the challenge to set a new one. The lock is held.
func (s *Service) signIn(c *client, p *pool, flow, supported authFlow, parameters map[authParameter]authParameter) (authOutput, error) {
	if flow != supported {
		return authOutput{}, refuse(invalidParameter, "The local user pool does not support the flow %s here, only %s.", flow, supported)
	}
	if !c.accepts(flow) {
		return authOutput{}, refuse(invalidParameter, "%s flow not enabled for this client", flow)
	}
	if err := only(parameters, "AuthParameters", "USERNAME", "PASSWORD"); err != nil {
		return authOutput{}, err
	}
	u := p.find(string(parameters["USERNAME"]))
	now := s.config.Now()
	switch {
	case u == nil && c.PreventUserExistenceErrors == "LEGACY":
		return authOutput{}, refuse(userNotFound, "User does not exist.")
	case u == nil || !u.secret.is(string(parameters["PASSWORD"])):
		return authOutput{}, refuse(notAuthorized, "Incorrect username or password.")
	case !u.secret.expires.IsZero() && !now.Before(u.secret.expires):
		return authOutput{}, refuse(notAuthorized, "Temporary password has expired and must be reset by an administrator.")
	case u.status == unconfirmed:
		return authOutput{}, refuse(userNotConfirmed, "User is not confirmed.")
	case u.status == forceChangePassword:
		return s.challenge(c, p, u)
	}
	return s.authenticated(c, p, u)
}

// challenge asks the user for a new password, and for the required attributes
// that it lacks.
func (s *Service) challenge(c *client, p *pool, u *user) (authOutput, error) {
	missing := []string{}
	for _, name := range p.schema.missing(u.attributes) {
		missing = append(missing, attributePrefix+name)
	}
	required, err := json.Marshal(missing)
	if err != nil {
		return authOutput{}, err
	}
	attributes, err := json.Marshal(u.attributes)
	if err != nil {
		return authOutput{}, err
	}
	token, err := s.openSession(c, u)
	if err != nil {
		return authOutput{}, err
	}
	return authOutput{
		ChallengeName: newPasswordRequired,
		ChallengeParameters: map[string]string{
			"USER_ID_FOR_SRP":    u.name,
			"requiredAttributes": string(required),
			"userAttributes":     string(attributes),
		},
		Session: token,
	}, nil
}

func (s *Service) authenticated(c *client, p *pool, u *user) (authOutput, error) {
	result, err := s.tokens(c, p, u)
	if err != nil {
		return authOutput{}, err
	}
	return authOutput{ChallengeParameters: map[string]string{}, AuthenticationResult: result}, nil
}

type respondInput struct {
	ClientId           clientID      `api:"required"`
	ChallengeName      challengeName `api:"required"`
	ChallengeResponses map[authParameter]authParameter
	Session            sessionToken
	AnalyticsMetadata  unsupported
	ClientMetadata     unsupported
}

type respondToAuthChallengeInput struct {
	respondInput
	UserContextData unsupported
}

type adminRespondToAuthChallengeInput struct {
	respondInput
	UserPoolId  userPoolID `api:"required"`
	ContextData unsupported
}

func (s *Service) respondToAuthChallenge(_ context.Context, in *respondToAuthChallengeInput) (authOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, p, err := s.client(in.ClientId)
	if err != nil {
		return authOutput{}, err
	}
	return s.setNewPassword(c, p, in.respondInput)
}

func (s *Service) adminRespondToAuthChallenge(_ context.Context, in *adminRespondToAuthChallengeInput) (authOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, p, err := s.clientOf(in.UserPoolId, in.ClientId)
	if err != nil {
		return authOutput{}, err
	}
	return s.setNewPassword(c, p, in.respondInput)
}

// attributePrefix marks an attribute among the responses to a challenge.
const attributePrefix = "userAttributes."

// setNewPassword answers NEW_PASSWORD_REQUIRED: the user gets the password, is
// CONFIRMED and signed in. A password or attribute that is refused leaves the
// session usable. The lock is held.
func (s *Service) setNewPassword(c *client, p *pool, in respondInput) (authOutput, error) {
	if in.ChallengeName != newPasswordRequired {
		return authOutput{}, refuse(invalidParameter, "The local user pool does not support the challenge %s, only %s.",
			in.ChallengeName, newPasswordRequired)
	}
	if in.Session == "" {
		return authOutput{}, refuse(invalidParameter, "Missing required parameter Session")
	}
	responses := maps.Clone(in.ChallengeResponses)
	var additions []attribute
	for _, name := range slices.Sorted(maps.Keys(responses)) {
		if attributeOf, ok := strings.CutPrefix(string(name), attributePrefix); ok {
			additions = append(additions, attribute{attributeName(attributeOf), attributeValue(responses[name])})
			delete(responses, name)
		}
	}
	if err := only(responses, "ChallengeResponses", "USERNAME", "NEW_PASSWORD"); err != nil {
		return authOutput{}, err
	}
	u, err := s.challenged(in.Session, c, p, string(responses["USERNAME"]))
	if err != nil {
		return authOutput{}, err
	}
	attributes, err := p.changed(u, additions)
	if err != nil {
		return authOutput{}, err
	}
	if names := p.schema.missing(attributes); len(names) > 0 {
		return authOutput{}, refuse(invalidParameter, "Invalid attributes given, %s is missing", strings.Join(names, ", "))
	}
	plain := string(responses["NEW_PASSWORD"])
	if err := p.settings.Policies.PasswordPolicy.check(plain); err != nil {
		return authOutput{}, err
	}
	if err := p.setAttributes(u, attributes); err != nil {
		return authOutput{}, err
	}
	if u.secret, err = s.random.secret(plain, time.Time{}); err != nil {
		return authOutput{}, err
	}
	u.status = confirmed
	u.modified = s.config.Now()
	return s.authenticated(c, p, u)
}

// only sees to it that values holds the wanted names, and no others.
func only(values map[authParameter]authParameter, what string, wanted ...authParameter) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(wanted, name) {
			return refuse(invalidParameter, "The local user pool does not support %s in %s.", name, what)
		}
	}
	for _, name := range wanted {
		if values[name] == "" {
			return refuse(invalidParameter, "Missing required parameter %s", name)
		}
	}
	return nil
}
