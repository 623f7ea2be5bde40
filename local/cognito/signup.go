package cognito

import (
	"context"
	"slices"
	"strings"
	"time"
)

type signUpInput struct {
	ClientId          clientID `api:"required"`
	Username          userName `api:"required"`
	Password          password
	UserAttributes    []attribute
	ValidationData    []attribute
	ClientMetadata    map[metadataValue]metadataValue
	SecretHash        unsupported
	AnalyticsMetadata unsupported
	UserContextData   unsupported
}

type signUpOutput struct {
	UserConfirmed bool
	UserSub       string
}

// signUp creates a user that signs up alone: UNCONFIRMED, unless the trigger
// confirms it. No confirmation code is sent.
func (s *Service) signUp(ctx context.Context, in *signUpInput) (signUpOutput, error) {
	validation, err := once(in.ValidationData, "Validation data")
	if err != nil {
		return signUpOutput{}, err
	}
	poolID, err := s.openPool(in)
	if err != nil {
		return signUpOutput{}, err
	}
	c, err := s.candidate(poolID, in.Username, in.UserAttributes)
	if err != nil {
		return signUpOutput{}, err
	}
	if names := c.pool.schema.missing(c.user.attributes); len(names) > 0 {
		return signUpOutput{}, nonconforming("%s: The attribute is required", strings.Join(names, ", "))
	}
	response, err := s.admit(ctx, c, event{
		TriggerSource: sourceSignUp,
		CallerContext: callerContext{ClientID: string(in.ClientId)},
		Request:       eventRequest{ValidationData: validation, ClientMetadata: in.ClientMetadata},
	})
	if err != nil {
		return signUpOutput{}, err
	}
	if err := c.settings.Policies.PasswordPolicy.check(string(in.Password)); err != nil {
		return signUpOutput{}, err
	}
	if c.user.secret, err = s.random.secret(string(in.Password), time.Time{}); err != nil {
		return signUpOutput{}, err
	}
	if err := c.heed(response); err != nil {
		return signUpOutput{}, err
	}
	if _, err := s.insert(c); err != nil {
		return signUpOutput{}, err
	}
	return signUpOutput{UserConfirmed: response.AutoConfirmUser, UserSub: c.user.sub}, nil
}

// openPool returns the pool of the client, if people may sign up there and the
// client may write those attributes.
func (s *Service) openPool(in *signUpInput) (userPoolID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	client, p, err := s.client(in.ClientId)
	if err != nil {
		return "", err
	}
	if p.settings.AdminCreateUserConfig.AllowAdminCreateUserOnly {
		return "", refuse(notAuthorized, "SignUp is not permitted for this user pool")
	}
	for _, a := range in.UserAttributes {
		verified := strings.HasSuffix(string(a.Name), "_verified")
		if verified || client.WriteAttributes != nil && !slices.Contains(client.WriteAttributes, a.Name) {
			return "", refuse(notAuthorized, "A client attempted to write unauthorized attribute")
		}
	}
	return client.UserPoolId, nil
}

// heed does with the candidate what the trigger's answer says.
func (c *candidate) heed(response eventResponse) error {
	c.user.status = unconfirmed
	if response.AutoConfirmUser {
		c.user.status = confirmed
	}
	for name, verify := range map[string]bool{"email": response.AutoVerifyEmail, "phone_number": response.AutoVerifyPhone} {
		if !verify {
			continue
		}
		if c.user.attributes[name] == "" {
			return refuse(invalidLambdaResponse, "The trigger verified %s, which the user does not have.", name)
		}
		c.user.attributes[name+"_verified"] = "true"
	}
	return nil
}

type adminConfirmSignUpInput struct {
	userInput
	ClientMetadata unsupported
}

func (s *Service) adminConfirmSignUp(_ context.Context, in *adminConfirmSignUpInput) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u, err := s.named(in.userInput)
	if err != nil {
		return nothing{}, err
	}
	if u.status != unconfirmed {
		return nothing{}, refuse(notAuthorized, "User cannot be confirmed. Current status is %s", u.status)
	}
	u.status = confirmed
	u.modified = s.config.Now()
	return nothing{}, nil
}
