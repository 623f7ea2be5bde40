package doctor

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// messageChecks looks at the invitation and at who sends it.
func messageChecks() []check {
	ses := func(d Deployment) bool { return hasPool(d) && usesSES(d.Pool) }
	text := func(name string, of func(*types.MessageTemplateType) *string) func(Deployment) string {
		return func(d Deployment) string {
			message := aws.ToString(of(invitation(d.Pool)))
			var missing []string
			for _, placeholder := range []string{"{username}", "{####}"} {
				if message != "" && !strings.Contains(message, placeholder) {
					missing = append(missing, placeholder)
				}
			}
			return when(len(missing) > 0, "the invitation's "+name+" has no "+strings.Join(missing, " and no ")+", without which it is not sent")
		}
	}
	return []check{
		{
			code: "invitation_missing", severity: Warning, applies: hasPool,
			look: func(d Deployment) string {
				return when(aws.ToString(invitation(d.Pool).EmailMessage) == "", "customers are invited in Cognito's own words: in English, and without the link to the page")
			},
			cure: "portaria attach --user-pool … --function … --page-url …",
		}, {
			code: "invitation_email", severity: Critical, applies: hasPool,
			look: text("e-mail", func(m *types.MessageTemplateType) *string { return m.EmailMessage }),
			cure: "portaria attach --user-pool … --function … --page-url …",
		}, {
			code: "invitation_sms", severity: Critical, applies: hasPool,
			look: text("SMS", func(m *types.MessageTemplateType) *string { return m.SMSMessage }),
			cure: "portaria attach --user-pool … --function … --page-url …",
		}, {
			code: "sms_not_set_up", severity: Warning, applies: hasPool,
			look: func(d Deployment) string {
				return when(d.Pool.SmsConfiguration == nil, "the pool has no role to send SMS with: an invitation by SMS fails")
			},
			cure: "Set SmsConfiguration, or register customers with the medium EMAIL alone.",
		}, {
			code: "cognito_sends_email", severity: Warning, applies: hasPool,
			look: func(d Deployment) string {
				return when(!usesSES(d.Pool), "Cognito's own sender carries the e-mails: it stops at 50 a day, and does not say so to the customer")
			},
			cure: "Set EmailConfiguration to DEVELOPER with an SES identity: the stack's parameters SesIdentityArn and EmailFrom.",
		}, {
			code: "ses_sandbox", severity: Critical,
			applies: func(d Deployment) bool { return ses(d) && d.Sender != nil },
			look: func(d Deployment) string {
				return when(!d.Sender.ProductionAccessEnabled, "SES is in its sandbox: only verified addresses get e-mail")
			},
			cure: "Ask AWS for production access to SES in the identity's region.",
		}, {
			code: "ses_sending_disabled", severity: Critical,
			applies: func(d Deployment) bool { return ses(d) && d.Sender != nil },
			look: func(d Deployment) string {
				return when(!d.Sender.SendingEnabled, "SES does not send for this account (state "+aws.ToString(d.Sender.EnforcementStatus)+")")
			},
			cure: "Look at the account's reputation dashboard in SES, and answer AWS's request there.",
		}, {
			code: "ses_identity_unverified", severity: Critical,
			applies: func(d Deployment) bool { return ses(d) && d.Identity != nil },
			look: func(d Deployment) string {
				return when(!d.Identity.VerifiedForSendingStatus, "the SES identity that sends is not verified")
			},
			cure: "Put the identity's DKIM records into the domain's DNS, and wait until SES has seen them.",
		}, {
			code: "delivery_failing", severity: Critical, applies: hasPool,
			look: func(d Deployment) string {
				failures := []string{}
				for name, failure := range map[string]*string{"e-mail": d.Pool.EmailConfigurationFailure, "SMS": d.Pool.SmsConfigurationFailure} {
					if aws.ToString(failure) != "" {
						failures = append(failures, name)
					}
				}
				return when(len(failures) > 0, "Cognito says that it cannot send by "+strings.Join(failures, " and "))
			},
			cure: "aws cognito-idp describe-user-pool tells why: EmailConfigurationFailure, SmsConfigurationFailure.",
		},
	}
}

// invitation is never nil.
func invitation(pool *types.UserPoolType) *types.MessageTemplateType {
	if pool.AdminCreateUserConfig == nil || pool.AdminCreateUserConfig.InviteMessageTemplate == nil {
		return &types.MessageTemplateType{}
	}
	return pool.AdminCreateUserConfig.InviteMessageTemplate
}

func usesSES(pool *types.UserPoolType) bool {
	return pool.EmailConfiguration != nil && pool.EmailConfiguration.EmailSendingAccount == types.EmailSendingAccountTypeDeveloper
}
