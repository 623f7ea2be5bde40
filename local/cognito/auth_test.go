package cognito_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/cognito"
)

const (
	incorrect      = "NotAuthorizedException: Incorrect username or password."
	invalidSession = "NotAuthorizedException: Invalid session for the user."
	spentSession   = "NotAuthorizedException: Invalid session for the user, session can only be used once."
	expiredSession = "NotAuthorizedException: Invalid session for the user, session is expired."
)

func TestFirstSignIn(t *testing.T) {
	s := newStage(t)
	in := original()
	in.TemporaryPassword = aws.String(temp)
	in.UserAttributes = append(in.UserAttributes, attributes("email_verified", "true")...)
	u := s.create(in)
	challenge, err := s.signIn(email, temp)
	if err != nil {
		t.Fatal(err)
	}
	if challenge.ChallengeName != types.ChallengeNameTypeNewPasswordRequired || challenge.AuthenticationResult != nil {
		t.Fatalf("answer = %+v, want NEW_PASSWORD_REQUIRED and no tokens", challenge)
	}
	want := map[string]string{
		"USER_ID_FOR_SRP":    *u.Username,
		"requiredAttributes": "[]",
		"userAttributes":     `{"custom:cpf":"04212286017","email":"email.test@gmail.com","email_verified":"true","phone_number":"+5551981980387"}`,
	}
	if diff := cmp.Diff(want, challenge.ChallengeParameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	s.clock.advance(time.Minute)
	done, err := s.setPassword(email, *challenge.Session, final)
	if err != nil {
		t.Fatal(err)
	}
	r := done.AuthenticationResult
	if r == nil || r.ExpiresIn != 3600 || *r.TokenType != "Bearer" || len(*r.RefreshToken) < 100 {
		t.Fatalf("result = %+v", r)
	}
	checkClaims(t, *r.IdToken, map[string]any{
		"token_use": "id", "aud": clientID, "sub": *u.Username, "cognito:username": *u.Username, "email": email, "email_verified": true,
		"custom:cpf": "04212286017", "phone_number": phone, "iss": "https://cognito-idp.local.invalid/" + poolID,
		"iat": float64(s.clock.Now().Unix()), "exp": float64(s.clock.Now().Unix() + 3600),
	})
	checkClaims(t, *r.AccessToken, map[string]any{
		"token_use": "access", "client_id": clientID, "sub": *u.Username, "username": *u.Username,
		"scope": "aws.cognito.signin.user.admin",
	})
	after, _ := s.get(email)
	if after.UserStatus != types.UserStatusTypeConfirmed || !after.UserLastModifiedDate.Equal(s.clock.Now()) {
		t.Errorf("status %s, modified %v", after.UserStatus, after.UserLastModifiedDate)
	}
	if _, err := s.signIn(email, temp); refusal(err) != incorrect {
		t.Errorf("sign-in with the temporary password = %q", refusal(err))
	}
	again, err := s.signIn(email, final)
	if err != nil || again.AuthenticationResult == nil || again.ChallengeName != "" {
		t.Errorf("sign-in = %+v, %v; want tokens", again, err)
	}
}

func checkClaims(t *testing.T, token string, want map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("token has %d parts, want 3", len(parts))
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(body, &claims); err != nil {
		t.Fatal(err)
	}
	for name, value := range want {
		if claims[name] != value {
			t.Errorf("claim %s = %v, want %v", name, claims[name], value)
		}
	}
}

func TestPublicSignIn(t *testing.T) {
	s := newStage(t)
	s.create(invitation(email))
	challenge, err := s.InitiateAuth(s.ctx, &idp.InitiateAuthInput{
		ClientId: aws.String(clientID), AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": "EMAIL.test@gmail.com", "PASSWORD": temp},
	})
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.RespondToAuthChallenge(s.ctx, &idp.RespondToAuthChallengeInput{
		ClientId: aws.String(clientID), ChallengeName: challenge.ChallengeName, Session: challenge.Session,
		ChallengeResponses: map[string]string{"USERNAME": challenge.ChallengeParameters["USER_ID_FOR_SRP"], "NEW_PASSWORD": final},
	})
	if err != nil || done.AuthenticationResult == nil {
		t.Errorf("answer = %+v, %v; want tokens", done, err)
	}
}

func TestSignInRefused(t *testing.T) {
	reveal := withPool(func(p *cognito.PoolSettings) { p.RevealUnknownUsers = true })
	adminOnly := withPool(func(p *cognito.PoolSettings) { p.AuthFlows = []string{"ALLOW_ADMIN_USER_PASSWORD_AUTH"} })
	publicOnly := withPool(func(p *cognito.PoolSettings) { p.AuthFlows = []string{"ALLOW_USER_PASSWORD_AUTH"} })
	right := map[string]string{"USERNAME": email, "PASSWORD": temp}
	tests := []struct {
		name       string
		options    []option
		flow       types.AuthFlowType
		parameters map[string]string
		after      time.Duration
		want       string
	}{
		{"wrong password", nil, "", map[string]string{"USERNAME": email, "PASSWORD": "wrong"}, 0, incorrect},
		{"unknown user, hidden", nil, "", map[string]string{"USERNAME": "x@example.com", "PASSWORD": temp}, 0, incorrect},
		{"unknown user, revealed", []option{reveal}, "", map[string]string{"USERNAME": "x@example.com", "PASSWORD": temp}, 0,
			"UserNotFoundException: User does not exist."},
		{"the last moment of the temporary password", nil, "", right, 7*24*time.Hour - time.Nanosecond, ""},
		{"expired temporary password", nil, "", right, 7 * 24 * time.Hour,
			"NotAuthorizedException: Temporary password has expired and must be reset by an administrator."},
		{"wrong password, expired as well", nil, "", map[string]string{"USERNAME": email, "PASSWORD": "wrong"}, 8 * 24 * time.Hour, incorrect},
		{"a validity of three days", []option{withPool(func(p *cognito.PoolSettings) {
			p.PasswordPolicy.TemporaryPasswordValidityDays = 3
		})}, "", right, 3 * 24 * time.Hour,
			"NotAuthorizedException: Temporary password has expired and must be reset by an administrator."},
		{"no password", nil, "", map[string]string{"USERNAME": email}, 0, "InvalidParameterException: Missing required parameter PASSWORD"},
		{"no user name", nil, "", map[string]string{"PASSWORD": temp}, 0, "InvalidParameterException: Missing required parameter USERNAME"},
		{"secret hash", nil, "", map[string]string{"USERNAME": email, "PASSWORD": temp, "SECRET_HASH": "x"}, 0,
			"InvalidParameterException: The local user pool does not support SECRET_HASH in AuthParameters."},
		{"SRP", nil, types.AuthFlowTypeUserSrpAuth, right, 0,
			"InvalidParameterException: The local user pool does not support the flow USER_SRP_AUTH here, only ADMIN_USER_PASSWORD_AUTH."},
		{"refresh", nil, types.AuthFlowTypeRefreshTokenAuth, right, 0,
			"InvalidParameterException: The local user pool does not support the flow REFRESH_TOKEN_AUTH here, only ADMIN_USER_PASSWORD_AUTH."},
		{"flow that the client lacks", []option{publicOnly}, "", right, 0,
			"InvalidParameterException: ADMIN_USER_PASSWORD_AUTH flow not enabled for this client"},
		{"flow that the client has", []option{adminOnly}, "", right, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, tt.options...)
			s.create(invitation(email))
			s.clock.advance(tt.after)
			if tt.flow == "" {
				tt.flow = types.AuthFlowTypeAdminUserPasswordAuth
			}
			_, err := s.AdminInitiateAuth(s.ctx, &idp.AdminInitiateAuthInput{
				UserPoolId: aws.String(poolID), ClientId: aws.String(clientID), AuthFlow: tt.flow, AuthParameters: tt.parameters,
			})
			checkRefusal(t, err, tt.want)
		})
	}
}

func TestPublicFlowNeedsTheClientsLeave(t *testing.T) {
	s := newStage(t, withPool(func(p *cognito.PoolSettings) { p.AuthFlows = []string{"ALLOW_ADMIN_USER_PASSWORD_AUTH"} }))
	_, err := s.InitiateAuth(s.ctx, &idp.InitiateAuthInput{
		ClientId: aws.String(clientID), AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": email, "PASSWORD": temp},
	})
	checkRefusal(t, err, "InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client")
}

func TestSession(t *testing.T) {
	const other = "other@example.com"
	tests := []struct {
		name string
		act  func(s *stage, session string) error
		want string
	}{
		{"used twice", func(s *stage, session string) error {
			s.setPassword(email, session, final)
			_, err := s.setPassword(email, session, final)
			return err
		}, spentSession},
		{"two of one user", func(s *stage, session string) error {
			second, _ := s.signIn(email, temp)
			s.setPassword(email, *second.Session, final)
			_, err := s.setPassword(email, session, final)
			return err
		}, spentSession},
		{"invented", func(s *stage, session string) error {
			_, err := s.setPassword(email, session+"x", final)
			return err
		}, invalidSession},
		{"another user's", func(s *stage, session string) error {
			s.create(invitation(other))
			_, err := s.setPassword(other, session, final)
			return err
		}, invalidSession},
		{"another client's", func(s *stage, session string) error {
			other, err := s.CreateUserPoolClient(s.ctx, &idp.CreateUserPoolClientInput{UserPoolId: aws.String(poolID), ClientName: aws.String("other")})
			if err != nil {
				return err
			}
			_, err = s.RespondToAuthChallenge(s.ctx, &idp.RespondToAuthChallengeInput{
				ClientId: other.UserPoolClient.ClientId, ChallengeName: types.ChallengeNameTypeNewPasswordRequired, Session: &session,
				ChallengeResponses: map[string]string{"USERNAME": email, "NEW_PASSWORD": final},
			})
			return err
		}, invalidSession},
		{"of a deleted user", func(s *stage, session string) error {
			s.AdminDeleteUser(s.ctx, &idp.AdminDeleteUserInput{UserPoolId: aws.String(poolID), Username: aws.String(email)})
			_, err := s.setPassword(email, session, final)
			return err
		}, invalidSession},
		{"of a deleted user that came back", func(s *stage, session string) error {
			s.AdminDeleteUser(s.ctx, &idp.AdminDeleteUserInput{UserPoolId: aws.String(poolID), Username: aws.String(email)})
			s.create(invitation(email))
			_, err := s.setPassword(email, session, final)
			return err
		}, invalidSession},
		{"in its last moment", func(s *stage, session string) error {
			s.clock.advance(3*time.Minute - time.Nanosecond)
			_, err := s.setPassword(email, session, final)
			return err
		}, ""},
		{"expired", func(s *stage, session string) error {
			s.clock.advance(3 * time.Minute)
			_, err := s.setPassword(email, session, final)
			return err
		}, expiredSession},
		{"after a weak password", func(s *stage, session string) error {
			_, err := s.setPassword(email, session, "short")
			if got := refusal(err); got != "InvalidPasswordException: Password did not conform with policy: Password not long enough" {
				s.t.Errorf("weak password = %q", got)
			}
			_, err = s.setPassword(email, session, final)
			return err
		}, ""},
		{"missing", func(s *stage, _ string) error {
			_, err := s.AdminRespondToAuthChallenge(s.ctx, &idp.AdminRespondToAuthChallengeInput{
				UserPoolId: aws.String(poolID), ClientId: aws.String(clientID),
				ChallengeName:      types.ChallengeNameTypeNewPasswordRequired,
				ChallengeResponses: map[string]string{"USERNAME": email, "NEW_PASSWORD": final},
			})
			return err
		}, "InvalidParameterException: Missing required parameter Session"},
		{"for another challenge", func(s *stage, session string) error {
			_, err := s.AdminRespondToAuthChallenge(s.ctx, &idp.AdminRespondToAuthChallengeInput{
				UserPoolId: aws.String(poolID), ClientId: aws.String(clientID), Session: &session,
				ChallengeName:      types.ChallengeNameTypeSmsMfa,
				ChallengeResponses: map[string]string{"USERNAME": email, "SMS_MFA_CODE": "1"},
			})
			return err
		}, "InvalidParameterException: The local user pool does not support the challenge SMS_MFA, only NEW_PASSWORD_REQUIRED."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			s.create(invitation(email))
			challenge, err := s.signIn(email, temp)
			if err != nil {
				t.Fatal(err)
			}
			checkRefusal(t, tt.act(s, *challenge.Session), tt.want)
		})
	}
}

func TestSessionLastsAsLongAsTheClientSays(t *testing.T) {
	s := newStage(t, withPool(func(p *cognito.PoolSettings) { p.AuthSessionValidity = 15 * time.Minute }))
	s.create(invitation(email))
	challenge, err := s.signIn(email, temp)
	if err != nil {
		t.Fatal(err)
	}
	s.clock.advance(15*time.Minute - time.Second)
	if _, err := s.setPassword(email, *challenge.Session, final); err != nil {
		t.Errorf("new password: %v", err)
	}
}

func TestOfManyAnswersToOneSessionOneCounts(t *testing.T) {
	s := newStage(t)
	s.create(invitation(email))
	challenge, err := s.signIn(email, temp)
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan string)
	for range 20 {
		go func() {
			_, err := s.setPassword(email, *challenge.Session, final)
			results <- refusal(err)
		}()
	}
	count := make(map[string]int)
	for range 20 {
		count[<-results]++
	}
	if diff := cmp.Diff(map[string]int{"": 1, spentSession: 19}, count); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestPasswordPolicy(t *testing.T) {
	all := cognito.PasswordPolicy{MinimumLength: 10, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true}
	const nonconforming = "InvalidPasswordException: Password did not conform with policy: "
	tests := []struct {
		name, password, want string
		policy               cognito.PasswordPolicy
	}{
		{"all classes", "aB3-567890", "", all},
		{"one letter short", "aB3-56789", nonconforming + "Password not long enough", all},
		{"no capital", "ab3-567890", nonconforming + "Password must have uppercase characters", all},
		{"only capitals", "AB3-567890", nonconforming + "Password must have lowercase characters", all},
		{"no digit", "aBc-efghij", nonconforming + "Password must have numeric characters", all},
		{"no symbol", "aB34567890", nonconforming + "Password must have symbol characters", all},
		{"length only, the default of eight", "aaaaaaaa", "", cognito.PasswordPolicy{}},
		{"length only, seven", "aaaaaaa", nonconforming + "Password not long enough", cognito.PasswordPolicy{}},
		{"letters are counted, not bytes", "ãããã", nonconforming + "Password not long enough", cognito.PasswordPolicy{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, withPool(func(p *cognito.PoolSettings) { p.PasswordPolicy = tt.policy }))
			in := invitation(email)
			in.TemporaryPassword = &tt.password
			_, err := s.AdminCreateUser(s.ctx, in)
			checkRefusal(t, err, tt.want)
		})
	}
}

func TestRequiredAttributesAreAskedFor(t *testing.T) {
	s := newStage(t)
	pool, err := s.CreateUserPool(s.ctx, &idp.CreateUserPoolInput{
		PoolName: aws.String("required"),
		Policies: &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(8)}},
		Schema: []types.SchemaAttributeType{
			{Name: aws.String("name"), AttributeDataType: "String", Required: aws.Bool(true), Mutable: aws.Bool(true)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.CreateUserPoolClient(s.ctx, &idp.CreateUserPoolClientInput{
		UserPoolId: pool.UserPool.Id, ClientName: aws.String("c"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_ADMIN_USER_PASSWORD_AUTH"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.SignUp(s.ctx, &idp.SignUpInput{ClientId: made.UserPoolClient.ClientId, Username: aws.String("ana"), Password: aws.String(final)})
	checkRefusal(t, err, "InvalidParameterException: Attributes did not conform to the schema: name: The attribute is required")
	in := invitation("maria")
	in.UserPoolId = pool.UserPool.Id
	s.create(in)
	challenge, err := s.AdminInitiateAuth(s.ctx, &idp.AdminInitiateAuthInput{
		UserPoolId: pool.UserPool.Id, ClientId: made.UserPoolClient.ClientId, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": "maria", "PASSWORD": temp},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := challenge.ChallengeParameters["requiredAttributes"]; got != `["userAttributes.name"]` {
		t.Errorf("requiredAttributes = %s", got)
	}
	answer := &idp.AdminRespondToAuthChallengeInput{
		UserPoolId: pool.UserPool.Id, ClientId: made.UserPoolClient.ClientId, Session: challenge.Session,
		ChallengeName:      types.ChallengeNameTypeNewPasswordRequired,
		ChallengeResponses: map[string]string{"USERNAME": "maria", "NEW_PASSWORD": final},
	}
	_, err = s.AdminRespondToAuthChallenge(s.ctx, answer)
	checkRefusal(t, err, "InvalidParameterException: Invalid attributes given, name is missing")
	answer.ChallengeResponses["userAttributes.name"] = "Maria"
	if _, err = s.AdminRespondToAuthChallenge(s.ctx, answer); err != nil {
		t.Errorf("with the name: %v", err)
	}
}
