package cognito

import (
	"context"
	"slices"
	"strings"
	"time"
)

type (
	usernameAttribute string
	aliasAttribute    string
)

func (usernameAttribute) limits() limits { return limits{enum: []string{"phone_number", "email"}} }
func (aliasAttribute) limits() limits {
	return limits{enum: []string{"phone_number", "email", "preferred_username"}}
}

// pool is one user pool. The Service's lock guards it; settings and schema are
// replaced whole, so that a copy of the pointer may be read without the lock.
type pool struct {
	id       string
	name     string
	arn      string
	created  time.Time
	modified time.Time
	settings *poolInput
	schema   schema

	usernameAttributes []usernameAttribute // what takes the place of the user name
	aliasAttributes    []aliasAttribute    // what signs in beside the user name, once verified
	caseSensitive      bool

	users users
}

type usernameConfiguration struct {
	CaseSensitive *bool `api:"required"`
}

type createUserPoolInput struct {
	poolInput
	PoolName              userPoolName           `api:"required"`
	Schema                []schemaAttribute      `json:",omitzero"`
	AliasAttributes       []aliasAttribute       `json:",omitzero"`
	UsernameAttributes    []usernameAttribute    `json:",omitzero"`
	UsernameConfiguration *usernameConfiguration `json:",omitzero"`
}

type userPool struct {
	*poolInput
	Id                     string
	Name                   string
	Arn                    string
	Status                 string
	CreationDate           seconds
	LastModifiedDate       seconds
	EstimatedNumberOfUsers int
	SchemaAttributes       schema
	AliasAttributes        []aliasAttribute    `json:",omitzero"`
	UsernameAttributes     []usernameAttribute `json:",omitzero"`
	UsernameConfiguration  usernameConfiguration
}

type userPoolOutput struct{ UserPool userPool }

func (s *Service) createUserPool(_ context.Context, in *createUserPoolInput) (userPoolOutput, error) {
	suffix, err := s.random.text(9, upperLetters+lowerLetters+digits)
	if err != nil {
		return userPoolOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.addPool(s.config.Region+"_"+suffix, in)
	if err != nil {
		return userPoolOutput{}, err
	}
	return userPoolOutput{p.describe()}, nil
}

// addPool makes a pool under id. The lock is held.
func (s *Service) addPool(id string, in *createUserPoolInput) (*pool, error) {
	if s.pools[id] != nil {
		return nil, refuse(invalidParameter, "User pool %s already exists.", id)
	}
	if len(in.AliasAttributes) > 0 && len(in.UsernameAttributes) > 0 {
		return nil, refuse(invalidParameter, "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
	}
	if slices.Contains(in.AliasAttributes, "preferred_username") {
		return nil, refuse(invalidParameter, "The local user pool does not support the alias preferred_username.")
	}
	settings, err := in.poolInput.withDefaults()
	if err != nil {
		return nil, err
	}
	attributes, err := newSchema(in.Schema)
	if err != nil {
		return nil, err
	}
	now := s.config.Now()
	p := &pool{
		id:                 id,
		name:               string(in.PoolName),
		arn:                "arn:aws:cognito-idp:" + s.config.Region + ":" + s.config.AccountID + ":userpool/" + id,
		created:            now,
		modified:           now,
		settings:           settings,
		schema:             attributes,
		usernameAttributes: in.UsernameAttributes,
		aliasAttributes:    in.AliasAttributes,
		caseSensitive:      in.UsernameConfiguration != nil && *in.UsernameConfiguration.CaseSensitive,
		users:              newUsers(),
	}
	s.pools[id] = p
	return p, nil
}

// pool returns the pool with that id. The lock is held.
func (s *Service) pool(id userPoolID) (*pool, error) {
	p := s.pools[string(id)]
	if p == nil {
		return nil, refuse(resourceNotFound, "User pool %s does not exist.", id)
	}
	return p, nil
}

type poolIDInput struct {
	UserPoolId userPoolID `api:"required"`
}

func (s *Service) describeUserPool(_ context.Context, in *poolIDInput) (userPoolOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(in.UserPoolId)
	if err != nil {
		return userPoolOutput{}, err
	}
	return userPoolOutput{p.describe()}, nil
}

type mfaConfigOutput struct {
	MfaConfiguration    mfaConfiguration
	SmsMfaConfiguration *smsMFAConfig `json:",omitzero"`
}

type smsMFAConfig struct {
	SmsAuthenticationMessage smsTemplate       `json:",omitzero"`
	SmsConfiguration         *smsConfiguration `json:",omitzero"`
}

// getUserPoolMfaConfig gives what UpdateUserPool has set. The settings that only
// SetUserPoolMfaConfig can make are not supported.
func (s *Service) getUserPoolMfaConfig(_ context.Context, in *poolIDInput) (mfaConfigOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(in.UserPoolId)
	if err != nil {
		return mfaConfigOutput{}, err
	}
	out := mfaConfigOutput{MfaConfiguration: p.settings.MfaConfiguration}
	if p.settings.SmsConfiguration != nil {
		out.SmsMfaConfiguration = &smsMFAConfig{p.settings.SmsAuthenticationMessage, p.settings.SmsConfiguration}
	}
	return out, nil
}

type updateUserPoolInput struct {
	poolInput
	UserPoolId userPoolID `api:"required"`
	PoolName   userPoolName
}

// updateUserPool replaces all settings: what the request leaves out goes to its
// default, as in Cognito. Only the name stays.
func (s *Service) updateUserPool(_ context.Context, in *updateUserPoolInput) (nothing, error) {
	settings, err := in.poolInput.withDefaults()
	if err != nil {
		return nothing{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(in.UserPoolId)
	if err != nil {
		return nothing{}, err
	}
	p.settings = settings
	p.modified = s.config.Now()
	if in.PoolName != "" {
		p.name = string(in.PoolName)
	}
	return nothing{}, nil
}

func (s *Service) deleteUserPool(_ context.Context, in *poolIDInput) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(in.UserPoolId)
	if err != nil {
		return nothing{}, err
	}
	if p.settings.DeletionProtection == "ACTIVE" {
		return nothing{}, refuse(invalidParameter, "The user pool cannot be deleted because deletion protection is activated. "+
			"Deletion protection must be inactivated first.")
	}
	delete(s.pools, p.id)
	for id, c := range s.clients {
		if c.UserPoolId == in.UserPoolId {
			delete(s.clients, id)
		}
	}
	return nothing{}, nil
}

func (p *pool) describe() userPool {
	return userPool{
		poolInput:              p.settings,
		Id:                     p.id,
		Name:                   p.name,
		Arn:                    p.arn,
		Status:                 "Enabled",
		CreationDate:           toSeconds(p.created),
		LastModifiedDate:       toSeconds(p.modified),
		EstimatedNumberOfUsers: len(p.users.inOrder),
		SchemaAttributes:       p.schema,
		AliasAttributes:        p.aliasAttributes,
		UsernameAttributes:     p.usernameAttributes,
		UsernameConfiguration:  usernameConfiguration{CaseSensitive: &p.caseSensitive},
	}
}

// canonical returns a user name or e-mail as the pool compares them.
func (p *pool) canonical(name string) string {
	if p.caseSensitive {
		return name
	}
	return strings.ToLower(name)
}

func toSeconds(t time.Time) seconds { return seconds(float64(t.UnixMilli()) / 1000) }
