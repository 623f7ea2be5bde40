package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/pkg/userpool"
)

func hasPool(d Deployment) bool { return d.Pool != nil }

func poolChecks() []check {
	attribute := func(d Deployment) *types.SchemaAttributeType {
		i := slices.IndexFunc(d.Pool.SchemaAttributes, func(a types.SchemaAttributeType) bool { return aws.ToString(a.Name) == userpool.AttributeCPF })
		if i < 0 {
			return nil
		}
		return &d.Pool.SchemaAttributes[i]
	}
	hasAttribute := func(d Deployment) bool { return hasPool(d) && attribute(d) != nil }
	return []check{
		{
			code: "no_cpf_attribute", severity: Critical, applies: hasPool,
			look: func(d Deployment) string {
				return when(attribute(d) == nil, "the pool has no attribute "+userpool.AttributeCPF)
			},
			cure: "Add it with AddCustomAttributes: a string, Mutable false, without length limits. It cannot be taken away or changed afterwards.",
		}, {
			code: "cpf_mutable", severity: Critical, applies: hasAttribute,
			look: func(d Deployment) string {
				if !aws.ToBool(attribute(d).Mutable) {
					return ""
				}
				writers := cpfWriters(d.Clients)
				if len(writers) == 0 {
					return "custom:cpf can be changed by administrators; the trigger does not run when an attribute changes"
				}
				return "custom:cpf can be changed by the users themselves, through the clients " + strings.Join(writers, ", ") + "; the trigger does not run when an attribute changes"
			},
			cure: "Take custom:cpf out of every client's WriteAttributes, and let nobody call AdminUpdateUserAttributes with it. A pool's attribute cannot be made immutable later: only a new pool can. Run reconcile regularly.",
		}, {
			code: "cpf_length_limits", severity: Warning, applies: hasAttribute,
			look: func(d Deployment) string {
				limits := attribute(d).StringAttributeConstraints
				return when(limits != nil && (cmp.Or(aws.ToString(limits.MinLength), "0") != "0" || (limits.MaxLength != nil && *limits.MaxLength != "2048")),
					"custom:cpf has length limits: who types a CPF of another length gets Cognito's words and not ours")
			},
			cure: "An attribute's limits cannot be changed. It is safe; only the text is Cognito's.",
		}, {
			code: "self_sign_up", severity: Warning, applies: hasPool,
			look: func(d Deployment) string {
				return when(d.Pool.AdminCreateUserConfig == nil || !d.Pool.AdminCreateUserConfig.AllowAdminCreateUserOnly,
					"anybody can sign up: by trying again and again people can hold other people's CPFs, and learn whose CPF is registered")
			},
			cure: "Set AdminCreateUserConfig.AllowAdminCreateUserOnly to true, if only your systems register customers.",
		}, {
			code: "trigger_missing", severity: Critical, applies: hasPool,
			look: func(d Deployment) string {
				return when(triggerOf(d.Pool) == "", "the pool has no PreSignUp trigger: nothing checks who signs up")
			},
			cure: "portaria attach --user-pool … --function …",
		}, {
			code: "trigger_another", severity: Critical,
			applies: func(d Deployment) bool { return hasPool(d) && d.Want != "" && triggerOf(d.Pool) != "" },
			look: func(d Deployment) string {
				return when(triggerOf(d.Pool) != d.Want, "the pool's PreSignUp trigger is "+triggerOf(d.Pool)+", not "+d.Want)
			},
			cure: "portaria attach --user-pool … --function … --replace",
		}, {
			code: "trigger_no_alias", severity: Warning,
			applies: func(d Deployment) bool { return hasPool(d) && triggerOf(d.Pool) != "" },
			look: func(d Deployment) string {
				parsed, err := arn.Parse(triggerOf(d.Pool))
				return when(err != nil || strings.Count(parsed.Resource, ":") < 2, "the trigger is the function itself and not its alias: a deployment takes effect at once, and is never rolled back by an alarm")
			},
			cure: "portaria attach with the ARN of the alias, the stack's output PreSignUpFunctionArn.",
		}, {
			code: "user_migration", severity: Critical, applies: hasPool,
			look: func(d Deployment) string {
				return when(d.Pool.LambdaConfig != nil && d.Pool.LambdaConfig.UserMigration != nil,
					"the pool has a UserMigration trigger: users whom it creates do not pass the PreSignUp trigger")
			},
			cure: "Take the trigger away, or run reconcile --fix after each migration and look at what it reports.",
		}, {
			code: "user_names_case_sensitive", severity: Warning, applies: hasPool,
			look: func(d Deployment) string {
				return when(d.Pool.UsernameConfiguration == nil || aws.ToBool(d.Pool.UsernameConfiguration.CaseSensitive),
					"user names are case sensitive: Ana@example.com and ana@example.com are two users")
			},
			cure: "It cannot be changed once a pool exists. Portaria sends e-mails in lower case; have every other system do so too.",
		}, {
			code: "pool_unprotected", severity: Warning, applies: hasPool,
			look: func(d Deployment) string {
				return when(d.Pool.DeletionProtection != types.DeletionProtectionTypeActive, "the pool can be deleted by one call, and the customers' passwords are nowhere else")
			},
			cure: "Set DeletionProtection to ACTIVE.",
		}, {
			code: "mfa_required", severity: Warning, applies: hasPool,
			look: func(d Deployment) string {
				return when(d.Pool.MfaConfiguration == types.UserPoolMfaTypeOn, "MFA is required: the page sends customers to sign in elsewhere, once their first password is set")
			},
			cure: "Set MFA to optional, or tell customers to sign in with your application first.",
		}, {
			code: "temporary_password_validity", severity: Warning, applies: hasPool,
			look: func(d Deployment) string {
				days := userpool.NewPasswordPolicy(d.Pool).TemporaryDays
				return when(days > 7 || days < 1, fmt.Sprintf("a temporary password works for %d days", days))
			},
			cure: "Set Policies.PasswordPolicy.TemporaryPasswordValidityDays to 3, and not above 7.",
		},
	}
}

func triggerOf(pool *types.UserPoolType) string {
	if pool.LambdaConfig == nil {
		return ""
	}
	return aws.ToString(pool.LambdaConfig.PreSignUp)
}

// cpfWriters names the clients by which users can write custom:cpf.
func cpfWriters(clients []types.UserPoolClientType) []string {
	var names []string
	for _, c := range clients {
		// A client without a list may write every standard attribute and no custom one.
		if slices.Contains(c.WriteAttributes, userpool.AttributeCPF) {
			names = append(names, aws.ToString(c.ClientName))
		}
	}
	return names
}
