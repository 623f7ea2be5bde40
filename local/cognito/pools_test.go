package cognito_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/cognito/cognitotest"
)

// alike compares SDK types.
var alike = cmp.Options{
	cmpopts.IgnoreUnexported(types.UserPoolType{}, types.AccountRecoverySettingType{}, types.RecoveryOptionType{},
		types.AdminCreateUserConfigType{}, types.MessageTemplateType{}, types.DeviceConfigurationType{},
		types.EmailConfigurationType{}, types.IssuerConfigurationType{}, types.KeyConfigurationType{},
		types.LambdaConfigType{}, types.CustomEmailLambdaVersionConfigType{}, types.CustomSMSLambdaVersionConfigType{},
		types.InboundFederationLambdaType{}, types.PreTokenGenerationVersionConfigType{}, types.UserPoolPolicyType{},
		types.PasswordPolicyType{}, types.SignInPolicyType{}, types.SmsConfigurationType{},
		types.UserAttributeUpdateSettingsType{}, types.UserPoolAddOnsType{}, types.AdvancedSecurityAdditionalFlowsType{},
		types.VerificationMessageTemplateType{}, types.UsernameConfigurationType{}, types.SchemaAttributeType{},
		types.StringAttributeConstraintsType{}, types.NumberAttributeConstraintsType{}, middleware.Metadata{}),
}

// updateOf returns the update that changes nothing of the described pool.
func updateOf(pool *types.UserPoolType) *idp.UpdateUserPoolInput {
	in := &idp.UpdateUserPoolInput{UserPoolId: pool.Id, PoolName: pool.Name}
	from, to := reflect.ValueOf(pool).Elem(), reflect.ValueOf(in).Elem()
	for i := range to.NumField() {
		name := to.Type().Field(i).Name
		if source := from.FieldByName(name); source.IsValid() && to.Type().Field(i).IsExported() {
			to.Field(i).Set(source)
		}
	}
	create := *in.AdminCreateUserConfig
	create.UnusedAccountValidityDays = 0
	in.AdminCreateUserConfig = &create
	return in
}

func (s *stage) describe() *types.UserPoolType {
	s.t.Helper()
	out, err := s.DescribeUserPool(s.ctx, &idp.DescribeUserPoolInput{UserPoolId: aws.String(poolID)})
	if err != nil {
		s.t.Fatal(err)
	}
	return out.UserPool
}

func TestEverySettingSurvivesDescribeAndUpdate(t *testing.T) {
	s := newStage(t)
	in := cognitotest.EverySetting(poolID)
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && v.Field(i).IsZero() {
			t.Errorf("the test does not fill %s", f.Name)
		}
	}
	if _, err := s.UpdateUserPool(s.ctx, in); err != nil {
		t.Fatal(err)
	}
	first := s.describe()
	got := updateOf(first)
	if diff := cmp.Diff(cognitotest.EverySetting(poolID), got, alike, cmpopts.IgnoreUnexported(idp.UpdateUserPoolInput{})); diff != "" {
		t.Errorf("described as updated (-want +got):\n%s", diff)
	}
	if _, err := s.UpdateUserPool(s.ctx, got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, s.describe(), alike); diff != "" {
		t.Errorf("second description (-first +second):\n%s", diff)
	}
}

func TestUpdateResetsWhatItDoesNotName(t *testing.T) {
	s := newStage(t)
	if _, err := s.UpdateUserPool(s.ctx, cognitotest.EverySetting(poolID)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateUserPool(s.ctx, &idp.UpdateUserPoolInput{UserPoolId: aws.String(poolID)}); err != nil {
		t.Fatal(err)
	}
	got := s.describe()
	if got.LambdaConfig.PreSignUp != nil || got.AdminCreateUserConfig.AllowAdminCreateUserOnly ||
		got.AdminCreateUserConfig.InviteMessageTemplate != nil || got.SmsConfiguration != nil ||
		got.MfaConfiguration != "OFF" || got.DeletionProtection != "INACTIVE" || len(got.UserPoolTags) != 0 {
		t.Errorf("settings survived: %+v", got)
	}
	want := &types.PasswordPolicyType{MinimumLength: aws.Int32(8), RequireLowercase: true, RequireNumbers: true,
		RequireSymbols: true, RequireUppercase: true, TemporaryPasswordValidityDays: 7}
	if diff := cmp.Diff(want, got.Policies.PasswordPolicy, alike); diff != "" {
		t.Errorf("password policy (-want +got):\n%s", diff)
	}
	if *got.Name != "renamed" {
		t.Errorf("Name = %q", *got.Name)
	}
}

func TestBothValiditiesOfATemporaryPasswordAreRefused(t *testing.T) {
	s := newStage(t)
	in := cognitotest.EverySetting(poolID)
	in.AdminCreateUserConfig.UnusedAccountValidityDays = 3
	_, err := s.UpdateUserPool(s.ctx, in)
	checkRefusal(t, err, "InvalidParameterException: Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays")
	in.Policies.PasswordPolicy.TemporaryPasswordValidityDays = 0
	if _, err := s.UpdateUserPool(s.ctx, in); err != nil {
		t.Fatal(err)
	}
	got := s.describe()
	if a, b := got.AdminCreateUserConfig.UnusedAccountValidityDays, got.Policies.PasswordPolicy.TemporaryPasswordValidityDays; a != 3 || b != 3 {
		t.Errorf("validities = %d, %d; want 3, 3", a, b)
	}
}

func TestUpdatedTriggerRuns(t *testing.T) {
	s := newStage(t, withTrigger(echo), withPool(func(p *cognito.PoolSettings) { p.PreSignUp = "" }))
	in := updateOf(s.describe())
	in.LambdaConfig = &types.LambdaConfigType{PreSignUp: aws.String("arn:aws:lambda:us-east-1:000000000000:function:gone")}
	if _, err := s.UpdateUserPool(s.ctx, in); err != nil {
		t.Fatal(err)
	}
	_, err := s.AdminCreateUser(s.ctx, invitation(email))
	checkRefusal(t, err, "UnexpectedLambdaException: PreSignUp invocation failed due to error AccessDeniedException.")
}

func TestSeededPool(t *testing.T) {
	s := newStage(t, withTrigger(echo))
	got := s.describe()
	if *got.Arn != "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_portaria" || *got.LambdaConfig.PreSignUp != trigger {
		t.Errorf("Arn %s, PreSignUp %s", *got.Arn, *got.LambdaConfig.PreSignUp)
	}
	if diff := cmp.Diff([]types.UsernameAttributeType{"email"}, got.UsernameAttributes); diff != "" {
		t.Errorf("UsernameAttributes (-want +got):\n%s", diff)
	}
	var cpf *types.SchemaAttributeType
	for _, a := range got.SchemaAttributes {
		if *a.Name == "custom:cpf" {
			cpf = &a
		}
	}
	want := &types.SchemaAttributeType{Name: aws.String("custom:cpf"), AttributeDataType: "String", Mutable: aws.Bool(false),
		Required: aws.Bool(false), DeveloperOnlyAttribute: aws.Bool(false), StringAttributeConstraints: &types.StringAttributeConstraintsType{}}
	if diff := cmp.Diff(want, cpf, alike); diff != "" {
		t.Errorf("custom:cpf (-want +got):\n%s", diff)
	}
	client, err := s.DescribeUserPoolClient(s.ctx, &idp.DescribeUserPoolClientInput{UserPoolId: aws.String(poolID), ClientId: aws.String(clientID)})
	if err != nil {
		t.Fatal(err)
	}
	if c := client.UserPoolClient; c.PreventUserExistenceErrors != "ENABLED" || c.ClientSecret != nil || *c.AuthSessionValidity != 3 {
		t.Errorf("client = %+v", c)
	}
	if err := s.service.CreatePool(s.settings); err == nil {
		t.Error("a second pool of the same id was made")
	}
}

func TestSeedIsChecked(t *testing.T) {
	good := cognito.PoolSettings{ID: poolID, ClientID: clientID}
	tests := []struct {
		name   string
		change func(*cognito.PoolSettings)
		want   string
	}{
		{"no pool id", func(p *cognito.PoolSettings) { p.ID = "" }, "poolName"},
		{"no client id", func(p *cognito.PoolSettings) { p.ClientID = "" }, "clientId"},
		{"trigger that is no ARN", func(p *cognito.PoolSettings) { p.PreSignUp = "pre-signup" }, "lambdaConfig.preSignUp"},
		{"password of three letters", func(p *cognito.PoolSettings) { p.PasswordPolicy.MinimumLength = 3 }, "minimumLength"},
		{"unknown flow", func(p *cognito.PoolSettings) { p.AuthFlows = []string{"ALLOW_ALL"} }, "explicitAuthFlows"},
		{"session of an hour", func(p *cognito.PoolSettings) { p.AuthSessionValidity = 3600e9 }, "authSessionValidity"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			service, err := cognito.New(cognito.Config{})
			if err != nil {
				t.Fatal(err)
			}
			bad := good
			tt.change(&bad)
			if err := service.CreatePool(bad); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("CreatePool = %v, want an error about %s", err, tt.want)
			}
			if err := service.CreatePool(good); err != nil {
				t.Errorf("the good pool after the bad one: %v", err)
			}
		})
	}
}

func TestPoolOverTheWire(t *testing.T) {
	s := newStage(t, withTrigger(echo))
	made, err := s.CreateUserPool(s.ctx, &idp.CreateUserPoolInput{
		PoolName:              aws.String("probe"),
		UsernameAttributes:    []types.UsernameAttributeType{"email", "phone_number"},
		UsernameConfiguration: &types.UsernameConfigurationType{CaseSensitive: aws.Bool(true)},
		LambdaConfig:          &types.LambdaConfigType{PreSignUp: aws.String(trigger)},
		Schema: []types.SchemaAttributeType{
			{Name: aws.String("cpf"), AttributeDataType: "String", Mutable: aws.Bool(false)},
			{Name: aws.String("age"), AttributeDataType: "Number", NumberAttributeConstraints: &types.NumberAttributeConstraintsType{
				MinValue: aws.String("18"), MaxValue: aws.String("120")}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := made.UserPool.Id
	if !strings.HasPrefix(*id, "us-east-1_") || len(*id) != len("us-east-1_")+9 {
		t.Errorf("Id = %q", *id)
	}
	in := &idp.AdminCreateUserInput{UserPoolId: id, Username: aws.String(phone), UserAttributes: attributes("custom:age", "17"),
		TemporaryPassword: aws.String("aB3-5678"), MessageAction: "SUPPRESS"}
	_, err = s.AdminCreateUser(s.ctx, in)
	checkRefusal(t, err, "InvalidParameterException: Attributes did not conform to the schema: custom:age: Number must be no less than 18")
	in.UserAttributes = attributes("custom:age", "18", "custom:cpf", "04212286017")
	u := s.create(in)
	if got := asMap(u.Attributes)["phone_number"]; got != phone {
		t.Errorf("phone_number = %q", got)
	}
	in.Username = aws.String("maria")
	_, err = s.AdminCreateUser(s.ctx, in)
	checkRefusal(t, err, "InvalidParameterException: Username should be either an email or a phone number.")

	_, err = s.DescribeUserPoolClient(s.ctx, &idp.DescribeUserPoolClientInput{UserPoolId: id, ClientId: aws.String(clientID)})
	checkRefusal(t, err, "ResourceNotFoundException: User pool client portaria does not exist.")
	if _, err := s.DeleteUserPool(s.ctx, &idp.DeleteUserPoolInput{UserPoolId: id}); err != nil {
		t.Fatal(err)
	}
	_, err = s.DescribeUserPool(s.ctx, &idp.DescribeUserPoolInput{UserPoolId: id})
	checkRefusal(t, err, "ResourceNotFoundException: User pool "+*id+" does not exist.")
}

func TestProtectedPoolIsNotDeleted(t *testing.T) {
	s := newStage(t)
	in := updateOf(s.describe())
	in.DeletionProtection = "ACTIVE"
	if _, err := s.UpdateUserPool(s.ctx, in); err != nil {
		t.Fatal(err)
	}
	_, err := s.DeleteUserPool(s.ctx, &idp.DeleteUserPoolInput{UserPoolId: aws.String(poolID)})
	if got := code(err); got != "InvalidParameterException" {
		t.Errorf("DeleteUserPool = %q, want InvalidParameterException", got)
	}
	s.describe()
}

func TestDeletedPoolTakesItsClientsAlong(t *testing.T) {
	s := newStage(t)
	if _, err := s.DeleteUserPool(s.ctx, &idp.DeleteUserPoolInput{UserPoolId: aws.String(poolID)}); err != nil {
		t.Fatal(err)
	}
	if err := s.service.CreatePool(s.settings); err != nil {
		t.Errorf("CreatePool: %v", err)
	}
}

// What is told in JSON is exact where the SDK is lenient.
func TestDescriptionIsCognitosJSON(t *testing.T) {
	s := newStage(t)
	_, body := s.post("DescribeUserPool", `{"UserPoolId":"us-east-1_portaria"}`)
	var out struct{ UserPool map[string]json.RawMessage }
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"CreationDate":           "1795435200",
		"EstimatedNumberOfUsers": "0",
		"UsernameConfiguration":  `{"CaseSensitive":false}`,
		"LambdaConfig":           `{}`,
		"UserPoolTags":           `{}`,
		"Status":                 `"Enabled"`,
	} {
		if got := string(out.UserPool[name]); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
}

func TestMFAConfigIsThatOfThePool(t *testing.T) {
	s := newStage(t)
	if _, err := s.UpdateUserPool(s.ctx, cognitotest.EverySetting(poolID)); err != nil {
		t.Fatal(err)
	}
	got, err := s.GetUserPoolMfaConfig(s.ctx, &idp.GetUserPoolMfaConfigInput{UserPoolId: aws.String(poolID)})
	if err != nil {
		t.Fatal(err)
	}
	want := cognitotest.EverySetting(poolID)
	if got.MfaConfiguration != want.MfaConfiguration || aws.ToString(got.SmsMfaConfiguration.SmsAuthenticationMessage) != aws.ToString(want.SmsAuthenticationMessage) ||
		aws.ToString(got.SmsMfaConfiguration.SmsConfiguration.SnsCallerArn) != aws.ToString(want.SmsConfiguration.SnsCallerArn) {
		t.Errorf("GetUserPoolMfaConfig = %+v, want what UpdateUserPool has set", got)
	}
}

func TestClientsOfAPoolAreListed(t *testing.T) {
	s := newStage(t)
	other, err := s.CreateUserPoolClient(s.ctx, &idp.CreateUserPoolClientInput{UserPoolId: aws.String(poolID), ClientName: aws.String("other")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.ListUserPoolClients(s.ctx, &idp.ListUserPoolClientsInput{UserPoolId: aws.String(poolID), MaxResults: aws.Int32(60)})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, c := range got.UserPoolClients {
		found[aws.ToString(c.ClientId)] = aws.ToString(c.ClientName)
	}
	if len(found) != 2 || found[aws.ToString(other.UserPoolClient.ClientId)] != "other" || found[clientID] == "" {
		t.Errorf("ListUserPoolClients = %v, want the pool's two", found)
	}
	_, err = s.ListUserPoolClients(s.ctx, &idp.ListUserPoolClientsInput{UserPoolId: aws.String("us-east-1_nobody")})
	checkRefusal(t, err, "ResourceNotFoundException: User pool us-east-1_nobody does not exist.")
}
