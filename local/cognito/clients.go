package cognito

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

type (
	accessValidity  int
	refreshValidity int
	sessionMinutes  int
	timeUnit        string
)

func (accessValidity) limits() limits  { return limits{min: 1, max: 86400} }
func (refreshValidity) limits() limits { return limits{max: 315360000} }
func (sessionMinutes) limits() limits  { return limits{min: 3, max: 15} }
func (timeUnit) limits() limits {
	return limits{enum: []string{"seconds", "minutes", "hours", "days"}}
}

// clientSettings is what a client is made of and described with.
type clientSettings struct {
	UserPoolId                 userPoolID         `api:"required"`
	ClientName                 clientName         `api:"required"`
	ExplicitAuthFlows          []explicitAuthFlow `json:",omitzero"`
	PreventUserExistenceErrors userExistenceError `json:",omitzero"`
	AuthSessionValidity        sessionMinutes     `json:",omitzero"`
	AccessTokenValidity        accessValidity     `json:",omitzero"`
	IdTokenValidity            accessValidity     `json:",omitzero"`
	RefreshTokenValidity       refreshValidity
	TokenValidityUnits         *tokenUnits     `json:",omitzero"`
	ReadAttributes             []attributeName `json:",omitzero"`
	WriteAttributes            []attributeName `json:",omitzero"`
	EnableTokenRevocation      *bool           `json:",omitzero"`
}

type tokenUnits struct {
	AccessToken  timeUnit `json:",omitzero"`
	IdToken      timeUnit `json:",omitzero"`
	RefreshToken timeUnit `json:",omitzero"`
}

// client is one app client of a pool. It is never changed.
type client struct {
	clientSettings
	ClientId         clientID
	CreationDate     seconds
	LastModifiedDate seconds
}

// accepts says whether the client may use that flow of authentication.
func (c *client) accepts(flow authFlow) bool {
	legacy := map[authFlow]explicitAuthFlow{
		"ADMIN_USER_PASSWORD_AUTH": "ADMIN_NO_SRP_AUTH",
		"USER_PASSWORD_AUTH":       "USER_PASSWORD_AUTH",
	}
	return slices.Contains(c.ExplicitAuthFlows, explicitAuthFlow("ALLOW_"+flow)) ||
		slices.Contains(c.ExplicitAuthFlows, legacy[flow])
}

// reads says whether the client's tokens show that attribute.
func (c *client) reads(name attributeName) bool {
	return c.ReadAttributes == nil || slices.Contains(c.ReadAttributes, name)
}

// accessTokenLife and idTokenLife are how long the client's tokens are valid.
func (c *client) accessTokenLife() time.Duration {
	return life(int(c.AccessTokenValidity), c.units().AccessToken)
}

func (c *client) idTokenLife() time.Duration {
	return life(int(c.IdTokenValidity), c.units().IdToken)
}

func (c *client) units() tokenUnits {
	if c.TokenValidityUnits == nil {
		return tokenUnits{}
	}
	return *c.TokenValidityUnits
}

func life(n int, unit timeUnit) time.Duration {
	units := map[timeUnit]time.Duration{"seconds": time.Second, "minutes": time.Minute, "days": 24 * time.Hour}
	return time.Duration(max(n, 1)) * cmp.Or(units[unit], time.Hour)
}

type createUserPoolClientInput struct {
	clientSettings
	GenerateSecret                           unsupported
	ClientSecret                             unsupported
	SupportedIdentityProviders               unsupported
	CallbackURLs                             unsupported
	LogoutURLs                               unsupported
	DefaultRedirectURI                       unsupported
	AllowedOAuthFlows                        unsupported
	AllowedOAuthScopes                       unsupported
	AllowedOAuthFlowsUserPoolClient          unsupported
	AnalyticsConfiguration                   unsupported
	EnablePropagateAdditionalUserContextData unsupported
	RefreshTokenRotation                     unsupported
}

type clientOutput struct{ UserPoolClient *client }

func (s *Service) createUserPoolClient(_ context.Context, in *createUserPoolClientInput) (clientOutput, error) {
	id, err := s.random.text(26, lowerLetters+digits)
	if err != nil {
		return clientOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.addClient(clientID(id), in.clientSettings)
	return clientOutput{c}, err
}

// addClient makes a client under id. The lock is held.
func (s *Service) addClient(id clientID, settings clientSettings) (*client, error) {
	p, err := s.pool(settings.UserPoolId)
	if err != nil {
		return nil, err
	}
	if s.clients[string(id)] != nil {
		return nil, refuse(invalidParameter, "User pool client %s already exists.", id)
	}
	for _, name := range slices.Concat(settings.ReadAttributes, settings.WriteAttributes) {
		if p.schema.find(string(name)) == nil {
			return nil, refuse(invalidParameter, "Invalid attribute %s given for the client: it is not in the schema.", name)
		}
	}
	if settings.ExplicitAuthFlows == nil {
		settings.ExplicitAuthFlows = []explicitAuthFlow{"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"}
	}
	if settings.EnableTokenRevocation == nil {
		settings.EnableTokenRevocation = new(true)
	}
	settings.PreventUserExistenceErrors = cmp.Or(settings.PreventUserExistenceErrors, "LEGACY")
	settings.AuthSessionValidity = cmp.Or(settings.AuthSessionValidity, 3)
	settings.RefreshTokenValidity = cmp.Or(settings.RefreshTokenValidity, 30)
	now := toSeconds(s.config.Now())
	c := &client{clientSettings: settings, ClientId: id, CreationDate: now, LastModifiedDate: now}
	s.clients[string(id)] = c
	return c, nil
}

// client returns the client with that id and its pool. The lock is held.
func (s *Service) client(id clientID) (*client, *pool, error) {
	c := s.clients[string(id)]
	if c == nil {
		return nil, nil, refuse(resourceNotFound, "User pool client %s does not exist.", id)
	}
	p, err := s.pool(c.UserPoolId)
	return c, p, err
}

// clientOf is client where the caller names the pool too.
func (s *Service) clientOf(poolID userPoolID, id clientID) (*client, *pool, error) {
	if _, err := s.pool(poolID); err != nil {
		return nil, nil, err
	}
	c, p, err := s.client(id)
	if err == nil && c.UserPoolId != poolID {
		return nil, nil, refuse(resourceNotFound, "User pool client %s does not exist.", id)
	}
	return c, p, err
}

type describeUserPoolClientInput struct {
	UserPoolId userPoolID `api:"required"`
	ClientId   clientID   `api:"required"`
}

func (s *Service) describeUserPoolClient(_ context.Context, in *describeUserPoolClientInput) (clientOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, _, err := s.clientOf(in.UserPoolId, in.ClientId)
	return clientOutput{c}, err
}

type listUserPoolClientsInput struct {
	UserPoolId userPoolID `api:"required"`
	MaxResults queryLimit
}

type userPoolClientDescription struct {
	ClientId   clientID
	ClientName clientName
	UserPoolId userPoolID
}

type listUserPoolClientsOutput struct {
	UserPoolClients []userPoolClientDescription
}

// listUserPoolClients gives all clients at once, sorted by id: a local pool has
// few.
func (s *Service) listUserPoolClients(_ context.Context, in *listUserPoolClientsInput) (listUserPoolClientsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.pool(in.UserPoolId); err != nil {
		return listUserPoolClientsOutput{}, err
	}
	found := []userPoolClientDescription{}
	for _, id := range slices.Sorted(maps.Keys(s.clients)) {
		if c := s.clients[id]; c.UserPoolId == in.UserPoolId {
			found = append(found, userPoolClientDescription{c.ClientId, c.ClientName, c.UserPoolId})
		}
	}
	return listUserPoolClientsOutput{found}, nil
}
