package cognito

import (
	"context"
	"maps"
	"slices"
)

type adminCreateUserInput struct {
	userInput
	ClientMetadata         map[metadataValue]metadataValue
	DesiredDeliveryMediums []deliveryMedium
	ForceAliasCreation     bool
	MessageAction          messageAction
	TemporaryPassword      password
	UserAttributes         []attribute
	ValidationData         []attribute
}

type adminCreateUserOutput struct{ User userType }

func (s *Service) adminCreateUser(ctx context.Context, in *adminCreateUserInput) (adminCreateUserOutput, error) {
	validation, err := once(in.ValidationData, "Validation data")
	if err != nil {
		return adminCreateUserOutput{}, err
	}
	signUp := event{
		TriggerSource: sourceAdminCreateUser,
		CallerContext: callerContext{ClientID: noClient},
		Request:       eventRequest{ValidationData: validation, ClientMetadata: in.ClientMetadata},
	}
	if in.MessageAction == "RESEND" {
		return s.resend(ctx, in, signUp)
	}
	c, err := s.candidate(in.UserPoolId, in.Username, in.UserAttributes)
	if err != nil {
		return adminCreateUserOutput{}, err
	}
	c.force = in.ForceAliasCreation
	if _, err := s.admit(ctx, c, signUp); err != nil {
		return adminCreateUserOutput{}, err
	}
	plain, stored, err := s.temporaryPassword(in.TemporaryPassword, c.settings)
	if err != nil {
		return adminCreateUserOutput{}, err
	}
	c.user.secret = stored
	c.user.status = forceChangePassword
	to := c.invitee()
	created, err := s.insert(c)
	if err != nil {
		return adminCreateUserOutput{}, err
	}
	if in.MessageAction != "SUPPRESS" {
		if err := s.invite(ctx, to, plain, in.DesiredDeliveryMediums); err != nil {
			return adminCreateUserOutput{}, err
		}
	}
	return adminCreateUserOutput{created}, nil
}

// candidate is a user that is about to be created. No other goroutine knows it,
// so no lock is needed to read or change it.
type candidate struct {
	pool      *pool
	settings  *poolInput // of the pool, when the request came
	requested string     // the user name of the request
	user      *user
	force     bool // take aliases from others
}

// candidate makes the user that a request asks for, after the checks of its
// parameters. Where the pool takes e-mails for user names, the user gets a new
// UUID as its name and its sub.
func (s *Service) candidate(id userPoolID, requested userName, list []attribute) (*candidate, error) {
	sub, err := s.random.uuid()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(id)
	if err != nil {
		return nil, err
	}
	attributes, err := p.attributesOf(list)
	if err != nil {
		return nil, err
	}
	if attributes == nil {
		attributes = make(map[string]string)
	}
	name, err := p.nameOf(string(requested), sub, attributes)
	if err != nil {
		return nil, err
	}
	return &candidate{
		pool:      p,
		settings:  p.settings,
		requested: string(requested),
		user:      &user{name: name, sub: sub, attributes: attributes},
	}, nil
}

// nameOf returns the final user name of a new user. In a pool that takes
// e-mails or phone numbers for names it sets the attribute of that name.
func (p *pool) nameOf(requested, sub string, attributes map[string]string) (string, error) {
	email, phone := isEmail(requested), p.schema.check("phone_number", requested) == nil
	switch {
	case len(p.usernameAttributes) == 0 && email && slices.Contains(p.aliasAttributes, "email"):
		return "", refuse(invalidParameter, "Username cannot be of email format, since user pool is configured for email alias.")
	case len(p.usernameAttributes) == 0 && phone && slices.Contains(p.aliasAttributes, "phone_number"):
		return "", refuse(invalidParameter, "Username cannot be of phone number format, since user pool is configured for phone number alias.")
	case len(p.usernameAttributes) == 0:
		return requested, nil
	}
	attribute := ""
	switch {
	case email && slices.Contains(p.usernameAttributes, "email"):
		attribute = "email"
	case phone && slices.Contains(p.usernameAttributes, "phone_number"):
		attribute = "phone_number"
	case len(p.usernameAttributes) > 1:
		return "", refuse(invalidParameter, "Username should be either an email or a phone number.")
	case p.usernameAttributes[0] == "email":
		return "", refuse(invalidParameter, "Username should be an email.")
	default:
		return "", refuse(invalidParameter, "Username should be a phone number.")
	}
	if given, ok := attributes[attribute]; ok && p.canonical(given) != p.canonical(requested) {
		return "", refuse(invalidParameter, "The attribute %s is not the user name of the request.", attribute)
	} else if !ok {
		attributes[attribute] = requested
	}
	return sub, nil
}

// admit runs the trigger and the duplicate check in the configured order, and
// returns the trigger's answer.
func (s *Service) admit(ctx context.Context, c *candidate, e event) (eventResponse, error) {
	if s.config.TriggerOrder == TriggerAfterDuplicateCheck {
		if err := s.checkDuplicate(c); err != nil {
			return eventResponse{}, err
		}
	}
	e.UserName = c.user.name
	if s.config.HideFinalUserName {
		e.UserName = c.requested
	}
	e.UserPoolID = c.pool.id
	e.Request.UserAttributes = c.user.attributes
	response, err := s.preSignUp(ctx, c.settings, e)
	if err != nil {
		return eventResponse{}, err
	}
	return response, s.checkDuplicate(c)
}

func (s *Service) checkDuplicate(c *candidate) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.pool.conflict(c.user, c.force)
}

// insert puts the candidate in its pool. Of two that are after one name, the
// second gets the exception.
func (s *Service) insert(c *candidate) (userType, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pools[c.pool.id] != c.pool {
		return userType{}, refuse(resourceNotFound, "User pool %s does not exist.", c.pool.id)
	}
	c.user.created = s.config.Now()
	c.user.modified = c.user.created
	if err := c.pool.add(c.user, c.force); err != nil {
		return userType{}, err
	}
	return c.user.describe(), nil
}

func (c *candidate) invitee() invitee {
	return invitee{pool: c.pool, settings: c.settings, name: c.user.name, attributes: maps.Clone(c.user.attributes)}
}
