package doctor

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
)

const (
	poolARN = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_healthy"
	alias   = "arn:aws:lambda:us-east-1:000000000000:function:portaria:live"
	allowed = `{"Sid":"pool","Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:InvokeFunction",
		"Condition":{"StringEquals":{"AWS:SourceAccount":"000000000000"},"ArnLike":{"AWS:SourceArn":"` + poolARN + `"}}}`
)

// healthy is a deployment with which nothing is wrong, made anew each time.
func healthy() Deployment {
	key := func(name string) []dynamodbtypes.KeySchemaElement {
		return []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String(name), KeyType: dynamodbtypes.KeyTypeHash}}
	}
	return Deployment{
		Pool: &types.UserPoolType{
			Arn:                aws.String(poolARN),
			DeletionProtection: types.DeletionProtectionTypeActive,
			SchemaAttributes: []types.SchemaAttributeType{
				{Name: aws.String("sub")},
				{Name: aws.String("custom:cpf"), Mutable: aws.Bool(false), StringAttributeConstraints: &types.StringAttributeConstraintsType{}},
			},
			UsernameConfiguration: &types.UsernameConfigurationType{CaseSensitive: aws.Bool(false)},
			AdminCreateUserConfig: &types.AdminCreateUserConfigType{
				AllowAdminCreateUserOnly: true,
				InviteMessageTemplate:    &types.MessageTemplateType{EmailMessage: aws.String("{username} {####}"), SMSMessage: aws.String("{username} {####}")},
			},
			LambdaConfig:       &types.LambdaConfigType{PreSignUp: aws.String(alias)},
			SmsConfiguration:   &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::000000000000:role/sms")},
			EmailConfiguration: &types.EmailConfigurationType{EmailSendingAccount: types.EmailSendingAccountTypeDeveloper},
			Policies:           &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{TemporaryPasswordValidityDays: 3}},
		},
		Clients: []types.UserPoolClientType{{
			ClientId: aws.String("ours"), ClientName: aws.String("portaria"), WriteAttributes: []string{"locale"},
			ExplicitAuthFlows:          []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth},
			PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled,
		}},
		API:  "ours",
		Want: alias,
		Function: &lambda.GetFunctionConfigurationOutput{Timeout: aws.Int32(5), State: lambdatypes.StateActive,
			Environment: &lambdatypes.EnvironmentResponse{Variables: map[string]string{"TABLE_NAME": "claims", "CLAIM_LEASE": "30s"}}},
		Policy:   aws.String(`{"Statement":[` + allowed + `]}`),
		Sender:   &sesv2.GetAccountOutput{ProductionAccessEnabled: true, SendingEnabled: true},
		Identity: &sesv2.GetEmailIdentityOutput{VerifiedForSendingStatus: true},
		Claims: &Table{Name: "claims",
			Settings: &dynamodbtypes.TableDescription{KeySchema: key("cpf"), DeletionProtectionEnabled: aws.Bool(true)},
			Backups: &dynamodbtypes.ContinuousBackupsDescription{PointInTimeRecoveryDescription: &dynamodbtypes.PointInTimeRecoveryDescription{
				PointInTimeRecoveryStatus: dynamodbtypes.PointInTimeRecoveryStatusEnabled}},
			Expiry: &dynamodbtypes.TimeToLiveDescription{TimeToLiveStatus: dynamodbtypes.TimeToLiveStatusDisabled},
		},
		Limits: &Table{Name: "limits",
			Settings: &dynamodbtypes.TableDescription{KeySchema: key("key")},
			Expiry:   &dynamodbtypes.TimeToLiveDescription{TimeToLiveStatus: dynamodbtypes.TimeToLiveStatusEnabled, AttributeName: aws.String("expiresAt")},
		},
	}
}

func codes(findings []Finding) []string {
	found := []string{}
	for _, f := range findings {
		found = append(found, f.Code)
	}
	return found
}

func TestNothingIsWrongWithAHealthyDeployment(t *testing.T) {
	findings, checks := Examine(healthy())
	if len(findings) > 0 || checks != len(all()) {
		t.Errorf("Examine = %q after %d checks, want none after all %d", codes(findings), checks, len(all()))
	}
}

func TestTriggerOfTwoPools(t *testing.T) {
	d := healthy()
	another := strings.Replace(allowed, "us-east-1_healthy", "us-east-1_another", 1)
	d.Policy = aws.String(`{"Statement":[` + another + "," + strings.Replace(allowed, `"`+poolARN+`"`, `["`+poolARN+`"]`, 1) + `]}`)
	if findings, _ := Examine(d); len(findings) > 0 {
		t.Errorf("Examine = %q, want none", codes(findings))
	}
}

func TestNothingIsSaidOfWhatIsNotThere(t *testing.T) {
	if findings, checks := Examine(Deployment{}); len(findings) > 0 || checks > 0 {
		t.Errorf("Examine = %q after %d checks, want none", codes(findings), checks)
	}
}

func TestEachIllness(t *testing.T) {
	illnesses := []struct {
		codes string // what is found, in order
		fall  func(*Deployment)
	}{
		{"no_cpf_attribute", func(d *Deployment) { d.Pool.SchemaAttributes = d.Pool.SchemaAttributes[:1] }},
		{"cpf_mutable", func(d *Deployment) { d.Pool.SchemaAttributes[1].Mutable = aws.Bool(true) }},
		{"cpf_mutable", func(d *Deployment) {
			d.Pool.SchemaAttributes[1].Mutable = aws.Bool(true)
			d.Clients[0].WriteAttributes = []string{"custom:cpf"}
		}},
		{"cpf_length_limits", func(d *Deployment) {
			d.Pool.SchemaAttributes[1].StringAttributeConstraints.MaxLength = aws.String("11")
		}},
		{"self_sign_up", func(d *Deployment) { d.Pool.AdminCreateUserConfig.AllowAdminCreateUserOnly = false }},
		{"trigger_missing", func(d *Deployment) { d.Pool.LambdaConfig = nil }},
		{"trigger_another trigger_no_alias", func(d *Deployment) {
			d.Pool.LambdaConfig.PreSignUp = aws.String("arn:aws:lambda:us-east-1:000000000000:function:pre_register_insert")
		}},
		{"trigger_no_alias", func(d *Deployment) {
			d.Want = strings.TrimSuffix(alias, ":live")
			d.Pool.LambdaConfig.PreSignUp = aws.String(d.Want)
		}},
		{"user_migration", func(d *Deployment) { d.Pool.LambdaConfig.UserMigration = aws.String(alias) }},
		{"user_names_case_sensitive", func(d *Deployment) { d.Pool.UsernameConfiguration = nil }},
		{"pool_unprotected", func(d *Deployment) { d.Pool.DeletionProtection = types.DeletionProtectionTypeInactive }},
		{"mfa_required", func(d *Deployment) { d.Pool.MfaConfiguration = types.UserPoolMfaTypeOn }},
		{"temporary_password_validity", func(d *Deployment) { d.Pool.Policies.PasswordPolicy.TemporaryPasswordValidityDays = 90 }},
		{"invitation_missing", func(d *Deployment) { d.Pool.AdminCreateUserConfig.InviteMessageTemplate = nil }},
		{"invitation_email", func(d *Deployment) {
			d.Pool.AdminCreateUserConfig.InviteMessageTemplate.EmailMessage = aws.String("Olá, {username}")
		}},
		{"invitation_sms", func(d *Deployment) {
			d.Pool.AdminCreateUserConfig.InviteMessageTemplate.SMSMessage = aws.String("{####}")
		}},
		{"sms_not_set_up", func(d *Deployment) { d.Pool.SmsConfiguration = nil }},
		{"cognito_sends_email", func(d *Deployment) { d.Pool.EmailConfiguration = nil }},
		{"ses_sandbox", func(d *Deployment) { d.Sender.ProductionAccessEnabled = false }},
		{"ses_sending_disabled", func(d *Deployment) { d.Sender.SendingEnabled = false }},
		{"ses_identity_unverified", func(d *Deployment) { d.Identity.VerifiedForSendingStatus = false }},
		{"delivery_failing", func(d *Deployment) { d.Pool.SmsConfigurationFailure = aws.String("no role") }},
		{"api_client_missing", func(d *Deployment) { d.API = "another" }},
		{"api_client_secret", func(d *Deployment) { d.Clients[0].ClientSecret = aws.String("secret") }},
		{"api_client_flow", func(d *Deployment) { d.Clients[0].ExplicitAuthFlows = nil }},
		{"clients_tell_who_exists", func(d *Deployment) { d.Clients[0].PreventUserExistenceErrors = "" }},
		{"permission_missing", func(d *Deployment) { d.Policy = aws.String("") }},
		{"permission_missing", func(d *Deployment) {
			d.Policy = aws.String(strings.Replace(*d.Policy, "cognito-idp", "sns", 1))
		}},
		{"permission_missing", func(d *Deployment) { d.Policy = aws.String(strings.Replace(*d.Policy, "Allow", "Deny", 1)) }},
		{"permission_too_wide", func(d *Deployment) {
			d.Policy = aws.String(strings.Replace(*d.Policy, "SourceArn", "SourceVpc", 1))
		}},
		{"permission_missing", func(d *Deployment) {
			d.Policy = aws.String(strings.Replace(*d.Policy, "us-east-1_healthy", "us-east-1_another", 1))
		}},
		{"permission_too_wide", func(d *Deployment) {
			d.Policy = aws.String(strings.Replace(*d.Policy, "us-east-1_healthy", "*", 1))
		}},
		{"permission_too_wide", func(d *Deployment) {
			d.Policy = aws.String(strings.Replace(*d.Policy, `[`, `[{"Sid":"all","Effect":"Allow","Principal":"*"},`, 1))
		}},
		{"function_timeout", func(d *Deployment) { d.Function.Timeout = aws.Int32(30) }},
		{"lease_too_short", func(d *Deployment) { d.Function.Environment.Variables["CLAIM_LEASE"] = "15s" }},
		{"function_of_another_table", func(d *Deployment) { d.Function.Environment.Variables["TABLE_NAME"] = "old" }},
		{"function_of_another_table", func(d *Deployment) { d.Function.Environment = nil }},
		{"function_not_active", func(d *Deployment) { d.Function.State = lambdatypes.StateFailed }},
		{"claims_key", func(d *Deployment) { d.Claims.Settings.KeySchema = d.Limits.Settings.KeySchema }},
		{"claims_unprotected", func(d *Deployment) { d.Claims.Settings.DeletionProtectionEnabled = nil }},
		{"claims_no_recovery", func(d *Deployment) { d.Claims.Backups.PointInTimeRecoveryDescription = nil }},
		{"claims_expire", func(d *Deployment) { d.Claims.Expiry.TimeToLiveStatus = dynamodbtypes.TimeToLiveStatusEnabling }},
		{"claims_replicated", func(d *Deployment) {
			d.Claims.Settings.Replicas = []dynamodbtypes.ReplicaDescription{{RegionName: aws.String("sa-east-1")}}
		}},
		{"limits_key", func(d *Deployment) { d.Limits.Settings.KeySchema = d.Claims.Settings.KeySchema }},
		{"limits_stay", func(d *Deployment) { d.Limits.Expiry.AttributeName = aws.String("ttl") }},
	}
	seen := map[string]bool{}
	for _, illness := range illnesses {
		d := healthy()
		illness.fall(&d)
		findings, _ := Examine(d)
		if got := strings.Join(codes(findings), " "); got != illness.codes {
			t.Errorf("Examine = %q, want %q", got, illness.codes)
		}
		for _, f := range findings {
			seen[f.Code] = true
			if f.What == "" || f.Cure == "" || f.Severity == "" {
				t.Errorf("%+v: something is not said", f)
			}
		}
	}
	for _, c := range all() {
		if !seen[c.code] {
			t.Errorf("no illness here is found by %s", c.code)
		}
	}
}

func TestCodesAreOfOneCheckEach(t *testing.T) {
	var all []string
	for _, c := range allCodes() {
		if slices.Contains(all, c) {
			t.Errorf("two checks have the code %s", c)
		}
		all = append(all, c)
	}
}

func allCodes() (codes []string) {
	for _, c := range all() {
		codes = append(codes, c.code)
	}
	return codes
}
