package cognito

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

// tokens is what a user that signed in gets.
type tokens struct {
	AccessToken  string
	ExpiresIn    int // seconds
	IdToken      string
	RefreshToken string
	TokenType    string
}

// tokens returns the tokens of u: JSON web tokens with Cognito's claims, from an
// issuer that cannot be taken for AWS, signed with a key of this process
// (HS256). The refresh token is random: no flow takes it. The lock is held.
func (s *Service) tokens(c *client, p *pool, u *user) (*tokens, error) {
	var ids [4]string
	for i := range ids {
		var err error
		if ids[i], err = s.random.uuid(); err != nil {
			return nil, err
		}
	}
	now := s.config.Now()
	claims := func(use string, id string, life time.Duration) map[string]any {
		return map[string]any{
			"iss":        "https://cognito-idp.local.invalid/" + p.id,
			"sub":        u.sub,
			"token_use":  use,
			"origin_jti": ids[0],
			"event_id":   ids[1],
			"jti":        id,
			"auth_time":  now.Unix(),
			"iat":        now.Unix(),
			"exp":        now.Add(life).Unix(),
		}
	}
	access := claims("access", ids[2], c.accessTokenLife())
	access["client_id"] = c.ClientId
	access["username"] = u.name
	access["scope"] = "aws.cognito.signin.user.admin"

	id := claims("id", ids[3], c.idTokenLife())
	for _, a := range u.list() {
		if c.reads(a.Name) {
			id[string(a.Name)] = claim(a)
		}
	}
	id["sub"] = u.sub
	id["aud"] = c.ClientId
	id["cognito:username"] = u.name

	refresh, err := s.random.token(128)
	if err != nil {
		return nil, err
	}
	result := &tokens{ExpiresIn: int(c.accessTokenLife() / time.Second), RefreshToken: refresh, TokenType: "Bearer"}
	if result.AccessToken, err = s.sign(access); err != nil {
		return nil, err
	}
	result.IdToken, err = s.sign(id)
	return result, err
}

// claim returns the value of an attribute as Cognito writes it in a token.
func claim(a attribute) any {
	switch a.Name {
	case "email_verified", "phone_number_verified":
		return a.Value == "true"
	}
	return a.Value
}

func (s *Service) sign(claims map[string]any) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": "HS256", "typ": "JWT", "kid": "local"})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	mac := hmac.New(sha256.New, s.signingKey)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}
