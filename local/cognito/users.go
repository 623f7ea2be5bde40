package cognito

import (
	"context"
	"maps"
	"slices"
)

type userInput struct {
	UserPoolId userPoolID `api:"required"`
	Username   userName   `api:"required"`
}

// named returns the pool and the user that in names. The lock is held.
func (s *Service) named(in userInput) (*pool, *user, error) {
	p, err := s.pool(in.UserPoolId)
	if err != nil {
		return nil, nil, err
	}
	u, err := p.user(in.Username)
	return p, u, err
}

type adminGetUserOutput struct {
	Username             string
	UserAttributes       []attribute
	UserCreateDate       seconds
	UserLastModifiedDate seconds
	Enabled              bool
	UserStatus           string
}

func (s *Service) adminGetUser(_ context.Context, in *userInput) (adminGetUserOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u, err := s.named(*in)
	if err != nil {
		return adminGetUserOutput{}, err
	}
	d := u.describe()
	return adminGetUserOutput{
		Username:             d.Username,
		UserAttributes:       d.Attributes,
		UserCreateDate:       d.UserCreateDate,
		UserLastModifiedDate: d.UserLastModifiedDate,
		Enabled:              d.Enabled,
		UserStatus:           d.UserStatus,
	}, nil
}

func (s *Service) adminDeleteUser(_ context.Context, in *userInput) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, u, err := s.named(*in)
	if err != nil {
		return nothing{}, err
	}
	p.remove(u)
	return nothing{}, nil
}

type adminUpdateUserAttributesInput struct {
	userInput
	UserAttributes []attribute `api:"required"`
	ClientMetadata unsupported
}

// adminUpdateUserAttributes sets attributes; a blank value removes one. A new
// e-mail or phone number is unverified unless the request says otherwise.
func (s *Service) adminUpdateUserAttributes(_ context.Context, in *adminUpdateUserAttributesInput) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, u, err := s.named(in.userInput)
	if err != nil {
		return nothing{}, err
	}
	changed, err := p.changed(u, in.UserAttributes)
	if err != nil {
		return nothing{}, err
	}
	if err := p.setAttributes(u, changed); err != nil {
		return nothing{}, err
	}
	u.modified = s.config.Now()
	return nothing{}, nil
}

// setAttributes gives u other attributes, unless another user has an alias
// among them.
func (p *pool) setAttributes(u *user, attributes map[string]string) error {
	for _, key := range p.aliasKeys(attributes) {
		if holder := p.users.byKey[key]; holder != nil && holder != u {
			return p.aliasConflict(key)
		}
	}
	u.attributes = attributes
	p.index(u)
	return nil
}

// changed returns the attributes that u has after the changes in list.
func (p *pool) changed(u *user, list []attribute) (map[string]string, error) {
	if _, err := once(list, "Attribute"); err != nil {
		return nil, err
	}
	attributes := maps.Clone(u.attributes)
	for _, a := range list {
		name, value := string(a.Name), string(a.Value)
		spec := p.schema.find(name)
		if spec != nil && !spec.Mutable {
			return nil, refuse(invalidParameter, "user.%s: Attribute cannot be updated.", name)
		}
		if spec == nil || value != "" {
			if err := p.schema.check(name, value); err != nil {
				return nil, err
			}
		}
		if spec.Required && value == "" {
			return nil, nonconforming("%s: The attribute is required", name)
		}
		if value == "" {
			delete(attributes, name)
		} else {
			attributes[name] = value
		}
	}
	for _, name := range []string{"email", "phone_number"} {
		verified := name + "_verified"
		said := slices.ContainsFunc(list, func(a attribute) bool { return string(a.Name) == verified })
		if attributes[name] != u.attributes[name] && attributes[verified] != "" && !said {
			attributes[verified] = "false"
		}
	}
	return attributes, nil
}

// attributesOf returns what list says, after the checks of the pool's schema.
func (p *pool) attributesOf(list []attribute) (map[string]string, error) {
	attributes, err := once(list, "Attribute")
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if a.Name == "sub" {
			return nil, refuse(invalidParameter, "Cannot modify the non-mutable attribute sub.")
		}
		if err := p.schema.check(string(a.Name), string(a.Value)); err != nil {
			return nil, err
		}
	}
	return attributes, nil
}

// once returns list as a map; a name that stands in it twice is refused.
func once(list []attribute, what string) (map[string]string, error) {
	if list == nil {
		return nil, nil
	}
	values := make(map[string]string, len(list))
	for _, a := range list {
		if _, twice := values[string(a.Name)]; twice {
			return nil, refuse(invalidParameter, "%s %s is given twice.", what, a.Name)
		}
		values[string(a.Name)] = string(a.Value)
	}
	return values, nil
}
