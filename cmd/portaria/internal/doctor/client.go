package doctor

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// clientChecks looks at the app clients: all of them, and the one by which the
// api function signs customers in.
func clientChecks() []check {
	api := func(d Deployment) *types.UserPoolClientType {
		i := slices.IndexFunc(d.Clients, func(c types.UserPoolClientType) bool { return aws.ToString(c.ClientId) == d.API })
		if i < 0 {
			return nil
		}
		return &d.Clients[i]
	}
	hasAPI := func(d Deployment) bool { return d.API != "" && api(d) != nil }
	return []check{
		{
			code: "api_client_missing", severity: Critical,
			applies: func(d Deployment) bool { return d.API != "" && d.Clients != nil },
			look: func(d Deployment) string {
				return when(api(d) == nil, "the pool has no client "+d.API+", by which the page sets passwords")
			},
			cure: "Deploy the stack again, or set USER_POOL_CLIENT_ID of the api function.",
		}, {
			code: "api_client_secret", severity: Critical, applies: hasAPI,
			look: func(d Deployment) string {
				return when(aws.ToString(api(d).ClientSecret) != "", "the api function's client has a secret, which it does not send: no password can be set")
			},
			cure: "Make a client without a secret; one that has a secret keeps it.",
		}, {
			code: "api_client_flow", severity: Critical, applies: hasAPI,
			look: func(d Deployment) string {
				return when(!slices.Contains(api(d).ExplicitAuthFlows, types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth) &&
					!slices.Contains(api(d).ExplicitAuthFlows, types.ExplicitAuthFlowsTypeAdminNoSrpAuth),
					"the api function's client does not allow ALLOW_ADMIN_USER_PASSWORD_AUTH: no password can be set")
			},
			cure: "Add ALLOW_ADMIN_USER_PASSWORD_AUTH to the client's ExplicitAuthFlows.",
		}, {
			code: "clients_tell_who_exists", severity: Warning,
			applies: func(d Deployment) bool { return len(d.Clients) > 0 },
			look: func(d Deployment) string {
				var names []string
				for _, c := range d.Clients {
					if c.PreventUserExistenceErrors != types.PreventUserExistenceErrorTypesEnabled {
						names = append(names, aws.ToString(c.ClientName))
					}
				}
				return when(len(names) > 0, "these clients tell strangers which e-mails are registered: "+strings.Join(names, ", "))
			},
			cure: "Set the clients' PreventUserExistenceErrors to ENABLED.",
		},
	}
}
