package cognito

import "cmp"

// poolInput is what CreateUserPool and UpdateUserPool both take, and what
// DescribeUserPool gives back as it was taken. A settings value is never
// changed once a pool has it.
type poolInput struct {
	AccountRecoverySetting      *accountRecovery         `json:",omitzero"`
	AdminCreateUserConfig       *adminCreateUserConfig   `json:",omitzero"`
	AutoVerifiedAttributes      []verifiedAttribute      `json:",omitzero"`
	DeletionProtection          deletionProtection       `json:",omitzero"`
	DeviceConfiguration         *deviceConfiguration     `json:",omitzero"`
	EmailConfiguration          *emailConfiguration      `json:",omitzero"`
	EmailVerificationMessage    emailTemplate            `json:",omitzero"`
	EmailVerificationSubject    emailSubject             `json:",omitzero"`
	IssuerConfiguration         *issuerConfiguration     `json:",omitzero"`
	KeyConfiguration            *keyConfiguration        `json:",omitzero"`
	LambdaConfig                *lambdaConfig            `json:",omitzero"`
	MfaConfiguration            mfaConfiguration         `json:",omitzero"`
	Policies                    *poolPolicies            `json:",omitzero"`
	SmsAuthenticationMessage    smsTemplate              `json:",omitzero"`
	SmsConfiguration            *smsConfiguration        `json:",omitzero"`
	SmsVerificationMessage      smsTemplate              `json:",omitzero"`
	UserAttributeUpdateSettings *attributeUpdateSettings `json:",omitzero"`
	UserPoolAddOns              *poolAddOns              `json:",omitzero"`
	UserPoolTags                map[tagKey]tagValue      `json:",omitzero"`
	UserPoolTier                poolTier                 `json:",omitzero"`
	VerificationMessageTemplate *verificationTemplate    `json:",omitzero"`
}

type (
	accountRecovery struct {
		RecoveryMechanisms []recoveryOption `json:",omitzero"`
	}
	recoveryOption struct {
		Name     recoveryName     `api:"required"`
		Priority recoveryPriority `api:"required"`
	}
	adminCreateUserConfig struct {
		AllowAdminCreateUserOnly  bool
		InviteMessageTemplate     *inviteTemplate `json:",omitzero"`
		UnusedAccountValidityDays validityDays    `json:",omitzero"`
	}
	inviteTemplate struct {
		EmailMessage inviteEmail  `json:",omitzero"`
		EmailSubject emailSubject `json:",omitzero"`
		SMSMessage   inviteSMS    `json:",omitzero"`
	}
	deviceConfiguration struct {
		ChallengeRequiredOnNewDevice     bool
		DeviceOnlyRememberedOnUserPrompt bool
	}
	emailConfiguration struct {
		ConfigurationSet    configurationSet `json:",omitzero"`
		EmailSendingAccount sendingAccount   `json:",omitzero"`
		From                *string          `json:",omitzero"`
		ReplyToEmailAddress emailAddress     `json:",omitzero"`
		SourceArn           arn              `json:",omitzero"`
	}
	issuerConfiguration struct {
		Type issuerType `json:",omitzero"`
	}
	keyConfiguration struct {
		KeyType   keyType `json:",omitzero"`
		KmsKeyArn arn     `json:",omitzero"`
	}
	lambdaConfig struct {
		CreateAuthChallenge         arn            `json:",omitzero"`
		CustomEmailSender           *lambdaVersion `json:",omitzero"`
		CustomMessage               arn            `json:",omitzero"`
		CustomSMSSender             *lambdaVersion `json:",omitzero"`
		DefineAuthChallenge         arn            `json:",omitzero"`
		InboundFederation           *lambdaVersion `json:",omitzero"`
		KMSKeyID                    arn            `json:",omitzero"`
		PostAuthentication          arn            `json:",omitzero"`
		PostConfirmation            arn            `json:",omitzero"`
		PreAuthentication           arn            `json:",omitzero"`
		PreSignUp                   arn            `json:",omitzero"`
		PreTokenGeneration          arn            `json:",omitzero"`
		PreTokenGenerationConfig    *tokenLambda   `json:",omitzero"`
		UserMigration               arn            `json:",omitzero"`
		VerifyAuthChallengeResponse arn            `json:",omitzero"`
	}
	lambdaVersion struct {
		LambdaArn     arn        `api:"required"`
		LambdaVersion versionOne `api:"required"`
	}
	tokenLambda struct {
		LambdaArn     arn          `api:"required"`
		LambdaVersion tokenVersion `api:"required"`
	}
	poolPolicies struct {
		PasswordPolicy *passwordPolicy `json:",omitzero"`
		SignInPolicy   *signInPolicy   `json:",omitzero"`
	}
	passwordPolicy struct {
		MinimumLength                 minimumLength `json:",omitzero"`
		PasswordHistorySize           historySize   `json:",omitzero"`
		RequireLowercase              bool
		RequireNumbers                bool
		RequireSymbols                bool
		RequireUppercase              bool
		TemporaryPasswordValidityDays validityDays `json:",omitzero"`
	}
	signInPolicy struct {
		AllowedFirstAuthFactors authFactors `json:",omitzero"`
	}
	smsConfiguration struct {
		ExternalId   *string    `json:",omitzero"`
		SnsCallerArn arn        `api:"required"`
		SnsRegion    regionCode `json:",omitzero"`
	}
	attributeUpdateSettings struct {
		AttributesRequireVerificationBeforeUpdate []verifiedAttribute `json:",omitzero"`
	}
	poolAddOns struct {
		AdvancedSecurityAdditionalFlows *securityFlows `json:",omitzero"`
		AdvancedSecurityMode            securityMode   `api:"required"`
	}
	securityFlows struct {
		CustomAuthMode customAuthMode `json:",omitzero"`
	}
	verificationTemplate struct {
		DefaultEmailOption emailOption       `json:",omitzero"`
		EmailMessage       emailTemplate     `json:",omitzero"`
		EmailMessageByLink emailLinkTemplate `json:",omitzero"`
		EmailSubject       emailSubject      `json:",omitzero"`
		EmailSubjectByLink emailSubject      `json:",omitzero"`
		SmsMessage         smsTemplate       `json:",omitzero"`
	}
)

// withDefaults returns the settings that a pool gets of in: what is missing has
// the value that Cognito gives it, on creation and on update alike.
func (in poolInput) withDefaults() (*poolInput, error) {
	create := adminCreateUserConfig{}
	if in.AdminCreateUserConfig != nil {
		create = *in.AdminCreateUserConfig
	}
	policies := poolPolicies{}
	if in.Policies != nil {
		policies = *in.Policies
	}
	policy := passwordPolicy{RequireLowercase: true, RequireNumbers: true, RequireSymbols: true, RequireUppercase: true}
	if policies.PasswordPolicy != nil {
		policy = *policies.PasswordPolicy
	}
	if create.UnusedAccountValidityDays != 0 && policy.TemporaryPasswordValidityDays != 0 {
		return nil, refuse(invalidParameter,
			"Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays")
	}
	days := cmp.Or(policy.TemporaryPasswordValidityDays, create.UnusedAccountValidityDays, 7)
	create.UnusedAccountValidityDays = days
	policy.TemporaryPasswordValidityDays = days
	policy.MinimumLength = cmp.Or(policy.MinimumLength, 8)
	policies.PasswordPolicy = &policy
	policies.SignInPolicy = cmp.Or(policies.SignInPolicy, &signInPolicy{AllowedFirstAuthFactors: authFactors{"PASSWORD"}})

	in.AdminCreateUserConfig = &create
	in.Policies = &policies
	in.AccountRecoverySetting = cmp.Or(in.AccountRecoverySetting, &accountRecovery{
		RecoveryMechanisms: []recoveryOption{{"verified_email", 1}, {"verified_phone_number", 2}},
	})
	in.DeletionProtection = cmp.Or(in.DeletionProtection, "INACTIVE")
	in.EmailConfiguration = cmp.Or(in.EmailConfiguration, &emailConfiguration{EmailSendingAccount: "COGNITO_DEFAULT"})
	in.LambdaConfig = cmp.Or(in.LambdaConfig, &lambdaConfig{})
	in.MfaConfiguration = cmp.Or(in.MfaConfiguration, "OFF")
	if in.UserPoolTags == nil {
		in.UserPoolTags = map[tagKey]tagValue{}
	}
	in.UserPoolTier = cmp.Or(in.UserPoolTier, "ESSENTIALS")
	in.VerificationMessageTemplate = cmp.Or(in.VerificationMessageTemplate,
		&verificationTemplate{DefaultEmailOption: "CONFIRM_WITH_CODE"})
	return &in, nil
}
