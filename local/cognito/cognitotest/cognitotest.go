// Package cognitotest has what tests of user pools share.
package cognitotest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// EverySetting is UpdateUserPool with every setting of the API filled, none of them
// with its default. UnusedAccountValidityDays is left out: Cognito refuses it
// beside TemporaryPasswordValidityDays.
func EverySetting(poolID string) *idp.UpdateUserPoolInput {
	lambdaARN := func(name string) *string { return aws.String("arn:aws:lambda:us-east-1:000000000000:function:" + name) }
	return &idp.UpdateUserPoolInput{
		UserPoolId: aws.String(poolID),
		PoolName:   aws.String("renamed"),
		AccountRecoverySetting: &types.AccountRecoverySettingType{RecoveryMechanisms: []types.RecoveryOptionType{
			{Name: "admin_only", Priority: aws.Int32(1)}}},
		AdminCreateUserConfig: &types.AdminCreateUserConfigType{
			AllowAdminCreateUserOnly: true,
			InviteMessageTemplate: &types.MessageTemplateType{
				EmailMessage: aws.String("<p>Olá & {username}\n{####}</p>"), EmailSubject: aws.String("Convite"), SMSMessage: aws.String("{username} {####}")},
		},
		AutoVerifiedAttributes: []types.VerifiedAttributeType{"email", "phone_number"},
		DeletionProtection:     "ACTIVE",
		DeviceConfiguration:    &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true},
		EmailConfiguration: &types.EmailConfigurationType{
			ConfigurationSet: aws.String("set"), EmailSendingAccount: "DEVELOPER", From: aws.String("Banco <no-reply@example.com>"),
			ReplyToEmailAddress: aws.String("help@example.com"), SourceArn: aws.String("arn:aws:ses:us-east-1:000000000000:identity/example.com")},
		EmailVerificationMessage: aws.String("code {####}"),
		EmailVerificationSubject: aws.String("Verify"),
		IssuerConfiguration:      &types.IssuerConfigurationType{Type: "UPDATED"},
		KeyConfiguration: &types.KeyConfigurationType{KeyType: "CUSTOMER_MANAGED_KEY",
			KmsKeyArn: aws.String("arn:aws:kms:us-east-1:000000000000:key/mrk-1")},
		LambdaConfig: &types.LambdaConfigType{
			CreateAuthChallenge: lambdaARN("a"), CustomMessage: lambdaARN("b"), DefineAuthChallenge: lambdaARN("c"),
			PostAuthentication: lambdaARN("d"), PostConfirmation: lambdaARN("e"), PreAuthentication: lambdaARN("f"),
			PreSignUp: lambdaARN("g:live"), PreTokenGeneration: lambdaARN("h"), UserMigration: lambdaARN("i"), VerifyAuthChallengeResponse: lambdaARN("j"),
			KMSKeyID:                 aws.String("arn:aws:kms:us-east-1:000000000000:key/1"),
			CustomEmailSender:        &types.CustomEmailLambdaVersionConfigType{LambdaArn: lambdaARN("k"), LambdaVersion: "V1_0"},
			CustomSMSSender:          &types.CustomSMSLambdaVersionConfigType{LambdaArn: lambdaARN("l"), LambdaVersion: "V1_0"},
			InboundFederation:        &types.InboundFederationLambdaType{LambdaArn: lambdaARN("m"), LambdaVersion: "V1_0"},
			PreTokenGenerationConfig: &types.PreTokenGenerationVersionConfigType{LambdaArn: lambdaARN("h"), LambdaVersion: "V3_0"},
		},
		MfaConfiguration: "OPTIONAL",
		Policies: &types.UserPoolPolicyType{
			PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(12), PasswordHistorySize: aws.Int32(5),
				RequireLowercase: true, RequireNumbers: true, RequireSymbols: true, RequireUppercase: true, TemporaryPasswordValidityDays: 3},
			SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}},
		},
		SmsAuthenticationMessage: aws.String("auth {####}"),
		SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::000000000000:role/sms"),
			ExternalId: aws.String("ext"), SnsRegion: aws.String("sa-east-1")},
		SmsVerificationMessage: aws.String("verify {####}"),
		UserAttributeUpdateSettings: &types.UserAttributeUpdateSettingsType{
			AttributesRequireVerificationBeforeUpdate: []types.VerifiedAttributeType{"email"}},
		UserPoolAddOns: &types.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT",
			AdvancedSecurityAdditionalFlows: &types.AdvancedSecurityAdditionalFlowsType{CustomAuthMode: "ENFORCED"}},
		UserPoolTags: map[string]string{"team": "crédito", "empty": ""},
		UserPoolTier: "PLUS",
		VerificationMessageTemplate: &types.VerificationMessageTemplateType{DefaultEmailOption: "CONFIRM_WITH_LINK",
			EmailMessage: aws.String("code {####}"), EmailMessageByLink: aws.String("{##here##}"), EmailSubject: aws.String("Verify"),
			EmailSubjectByLink: aws.String("Link"), SmsMessage: aws.String("sms {####}")},
	}
}
