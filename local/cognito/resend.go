package cognito

import (
	"context"
	"maps"
)

// resend gives an invited user a new temporary password, whose validity starts
// now, and sends the invitation again. It never creates a user. Attributes in
// the request are checked and change nothing.
func (s *Service) resend(ctx context.Context, in *adminCreateUserInput, e event) (adminCreateUserOutput, error) {
	to, u, err := s.invited(in)
	if err != nil {
		return adminCreateUserOutput{}, err
	}
	if s.config.ResendRunsTrigger != ResendWithoutTrigger {
		e.UserPoolID = to.pool.id
		e.UserName = to.name
		if s.config.HideFinalUserName {
			e.UserName = string(in.Username)
		}
		e.Request.UserAttributes = to.attributes
		if s.config.ResendRunsTrigger == ResendTriggerWithRequested {
			if e.Request.UserAttributes, err = once(in.UserAttributes, "Attribute"); err != nil {
				return adminCreateUserOutput{}, err
			}
		}
		if _, err := s.preSignUp(ctx, to.settings, e); err != nil {
			return adminCreateUserOutput{}, err
		}
	}
	plain, stored, err := s.temporaryPassword(in.TemporaryPassword, to.settings)
	if err != nil {
		return adminCreateUserOutput{}, err
	}
	renewed, err := s.renew(to.pool, u, stored)
	if err != nil {
		return adminCreateUserOutput{}, err
	}
	if err := s.invite(ctx, to, plain, in.DesiredDeliveryMediums); err != nil {
		return adminCreateUserOutput{}, err
	}
	return adminCreateUserOutput{renewed}, nil
}

// invited returns the user that in wants to invite again.
func (s *Service) invited(in *adminCreateUserInput) (invitee, *user, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(in.UserPoolId)
	if err != nil {
		return invitee{}, nil, err
	}
	if _, err := p.attributesOf(in.UserAttributes); err != nil {
		return invitee{}, nil, err
	}
	u, err := p.user(in.Username)
	if err != nil {
		return invitee{}, nil, err
	}
	if err := u.checkInvited(); err != nil {
		return invitee{}, nil, err
	}
	return invitee{pool: p, settings: p.settings, name: u.name, attributes: maps.Clone(u.attributes)}, u, nil
}

func (u *user) checkInvited() error {
	if u.status != forceChangePassword {
		return refuse(unsupportedUserState, "Resend not possible. The user's status is %s, not %s.", u.status, forceChangePassword)
	}
	return nil
}

// renew sets the new temporary password, if the user still awaits one.
func (s *Service) renew(p *pool, u *user, stored secret) (userType, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pools[p.id] != p || !p.holds(u) {
		return userType{}, refuse(userNotFound, "User does not exist.")
	}
	if err := u.checkInvited(); err != nil {
		return userType{}, err
	}
	u.secret = stored
	u.modified = s.config.Now()
	return u.describe(), nil
}
