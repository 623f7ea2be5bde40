package cognito

// The shapes of Cognito's API model that requests are made of, by the model's
// names, with the model's limits.

type (
	arn                string
	attributeName      string
	attributeValue     string
	authFlow           string
	authParameter      string
	challengeName      string
	clientID           string
	clientName         string
	deliveryMedium     string
	explicitAuthFlow   string
	messageAction      string
	metadataValue      string
	paginationToken    string
	password           string
	queryLimit         int
	sessionToken       string
	userExistenceError string
	userFilter         string
	userName           string
	userPoolID         string
	userPoolName       string
)

const printable = `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`

func (arn) limits() limits {
	return limits{min: 20, max: 2048, pattern: `arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?`}
}
func (attributeName) limits() limits {
	return limits{min: 1, max: 32, pattern: `[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+`}
}
func (attributeValue) limits() limits { return limits{max: 2048, secret: true} }
func (authFlow) limits() limits {
	return limits{enum: []string{"USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH",
		"ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_AUTH"}}
}
func (authParameter) limits() limits { return limits{max: 131072, secret: true} }
func (challengeName) limits() limits {
	return limits{enum: []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "MFA_SETUP",
		"PASSWORD_VERIFIER", "CUSTOM_CHALLENGE", "SELECT_CHALLENGE", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER",
		"ADMIN_NO_SRP_AUTH", "NEW_PASSWORD_REQUIRED", "SMS_OTP", "PASSWORD", "WEB_AUTHN", "PASSWORD_SRP"}}
}
func (clientID) limits() limits       { return limits{min: 1, max: 128, pattern: `[\w+]+`, secret: true} }
func (clientName) limits() limits     { return limits{min: 1, max: 128, pattern: `[\w\s+=,.@-]+`} }
func (deliveryMedium) limits() limits { return limits{enum: []string{MediumSMS, MediumEmail}} }
func (explicitAuthFlow) limits() limits {
	return limits{enum: []string{"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH",
		"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH",
		"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH"}}
}
func (messageAction) limits() limits      { return limits{enum: []string{"RESEND", "SUPPRESS"}} }
func (metadataValue) limits() limits      { return limits{max: 131072, secret: true} }
func (paginationToken) limits() limits    { return limits{min: 1, pattern: `[\S]+`} }
func (password) limits() limits           { return limits{max: 256, pattern: `[\S]+`, secret: true} }
func (queryLimit) limits() limits         { return limits{max: 60} }
func (sessionToken) limits() limits       { return limits{min: 20, max: 2048, secret: true} }
func (userExistenceError) limits() limits { return limits{enum: []string{"LEGACY", "ENABLED"}} }
func (userFilter) limits() limits         { return limits{max: 256, secret: true} }
func (userName) limits() limits           { return limits{min: 1, max: 128, pattern: printable, secret: true} }
func (userPoolID) limits() limits         { return limits{min: 1, max: 55, pattern: `[\w-]+_[0-9a-zA-Z]+`} }
func (userPoolName) limits() limits       { return limits{min: 1, max: 128, pattern: `[\w\s+=,.@-]+`} }

// attribute is one named value, of a user or for the trigger.
type attribute struct {
	Name  attributeName `api:"required"`
	Value attributeValue
}

// seconds is a moment as Cognito writes it: epoch seconds with milliseconds.
type seconds float64

// nothing is the answer of an operation that has none.
type nothing struct{}
