package cognito

// The shapes of Cognito's API model that pool settings are made of.

type (
	authFactor         string
	authFactors        []authFactor
	configurationSet   string
	customAuthMode     string
	deletionProtection string
	emailAddress       string
	emailLinkTemplate  string
	emailOption        string
	emailSubject       string
	emailTemplate      string
	historySize        int
	inviteEmail        string
	inviteSMS          string
	issuerType         string
	keyType            string
	mfaConfiguration   string
	minimumLength      int
	poolTier           string
	recoveryName       string
	recoveryPriority   int
	regionCode         string
	securityMode       string
	sendingAccount     string
	smsTemplate        string
	tagKey             string
	tagValue           string
	tokenVersion       string
	validityDays       int
	verifiedAttribute  string
	versionOne         string
)

const (
	mailText = `[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*`
	codeMark = `\{####\}`
	linkMark = `\{##` + mailText + `##\}`
)

func (authFactor) limits() limits {
	return limits{enum: []string{"PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}}
}
func (authFactors) limits() limits        { return limits{min: 1, max: 4} }
func (configurationSet) limits() limits   { return limits{min: 1, max: 64, pattern: `[a-zA-Z0-9_-]+`} }
func (customAuthMode) limits() limits     { return limits{enum: []string{"AUDIT", "ENFORCED"}} }
func (deletionProtection) limits() limits { return limits{enum: []string{"ACTIVE", "INACTIVE"}} }
func (emailAddress) limits() limits       { return limits{pattern: printable + `@` + printable} }
func (emailLinkTemplate) limits() limits {
	return limits{min: 6, max: 20000, pattern: mailText + linkMark + mailText}
}
func (emailOption) limits() limits {
	return limits{enum: []string{"CONFIRM_WITH_LINK", "CONFIRM_WITH_CODE"}}
}
func (emailSubject) limits() limits {
	return limits{min: 1, max: 140, pattern: `[\p{L}\p{M}\p{S}\p{N}\p{P}\s]+`}
}
func (emailTemplate) limits() limits {
	return limits{min: 6, max: 20000, pattern: mailText + codeMark + mailText}
}
func (historySize) limits() limits { return limits{max: 24} }
func (inviteEmail) limits() limits { return limits{min: 6, max: 20000, pattern: mailText} }
func (inviteSMS) limits() limits   { return limits{min: 6, max: 140} }
func (issuerType) limits() limits  { return limits{enum: []string{"ORIGINAL", "UPDATED"}} }
func (keyType) limits() limits {
	return limits{enum: []string{"AWS_OWNED_KEY", "CUSTOMER_MANAGED_KEY"}}
}
func (mfaConfiguration) limits() limits { return limits{enum: []string{"OFF", "ON", "OPTIONAL"}} }
func (minimumLength) limits() limits    { return limits{min: 6, max: 99} }
func (poolTier) limits() limits         { return limits{enum: []string{"LITE", "ESSENTIALS", "PLUS"}} }
func (recoveryName) limits() limits {
	return limits{enum: []string{"verified_email", "verified_phone_number", "admin_only"}}
}
func (recoveryPriority) limits() limits  { return limits{min: 1, max: 2} }
func (regionCode) limits() limits        { return limits{min: 5, max: 32} }
func (securityMode) limits() limits      { return limits{enum: []string{"OFF", "AUDIT", "ENFORCED"}} }
func (sendingAccount) limits() limits    { return limits{enum: []string{"COGNITO_DEFAULT", "DEVELOPER"}} }
func (smsTemplate) limits() limits       { return limits{min: 6, max: 140, pattern: `.*` + codeMark + `.*`} }
func (tagKey) limits() limits            { return limits{min: 1, max: 128} }
func (tagValue) limits() limits          { return limits{max: 256} }
func (tokenVersion) limits() limits      { return limits{enum: []string{"V1_0", "V2_0", "V3_0"}} }
func (validityDays) limits() limits      { return limits{max: 365} }
func (verifiedAttribute) limits() limits { return limits{enum: []string{"phone_number", "email"}} }
func (versionOne) limits() limits        { return limits{enum: []string{"V1_0"}} }
