package doctor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// functionChecks looks at the function that is the pool's trigger.
func functionChecks() []check {
	hasPolicy := func(d Deployment) bool { return hasPool(d) && d.Policy != nil }
	hasFunction := func(d Deployment) bool { return d.Function != nil }
	return []check{
		{
			code: "permission_missing", severity: Critical, applies: hasPolicy,
			look: func(d Deployment) string {
				return when(!slices.ContainsFunc(permissions(*d.Policy), func(p permission) bool { return p.lets(aws.ToString(d.Pool.Arn)) }),
					"Cognito may not call the trigger for this pool: every sign-up fails")
			},
			cure: "aws lambda add-permission for principal cognito-idp.amazonaws.com with --source-arn (the pool) and --source-account.",
		}, {
			code: "permission_too_wide", severity: Critical, applies: hasPolicy,
			look: func(d Deployment) string {
				for _, p := range permissions(*d.Policy) {
					if p.isWide() {
						return "the permission " + p.Sid + " lets other people's user pools call the trigger, and so write claims: it names no pool as its SourceArn"
					}
				}
				return ""
			},
			cure: "Remove the permission and add it with --source-arn (the pool) and --source-account.",
		}, {
			code: "function_timeout", severity: Warning, applies: hasFunction,
			look: func(d Deployment) string {
				return when(aws.ToInt32(d.Function.Timeout) > 5, "the function may run longer than the 5 s that Cognito waits")
			},
			cure: "Set its Timeout to 5.",
		}, {
			code: "lease_too_short", severity: Critical, applies: hasFunction,
			look: func(d Deployment) string {
				lease, err := time.ParseDuration(variable(d, "CLAIM_LEASE", "30s"))
				return when(err != nil || lease < 20*time.Second, "CLAIM_LEASE is below 20s: Cognito's three tries of 5 s, clock skew and the lag of its reads must stay below it, or two people could get one CPF")
			},
			cure: "Set the stack's parameter ClaimLease to 30s.",
		}, {
			code: "function_of_another_table", severity: Critical,
			applies: func(d Deployment) bool { return hasFunction(d) && d.Claims != nil },
			look: func(d Deployment) string {
				name := variable(d, "TABLE_NAME", "")
				return when(name != d.Claims.Name, "the function claims in the table "+name+", not in "+d.Claims.Name)
			},
			cure: "Pass --table with the stack's output ClaimsTableName, or deploy the stack again.",
		}, {
			code: "function_not_active", severity: Critical, applies: hasFunction,
			look: func(d Deployment) string {
				return when(d.Function.State == types.StateFailed || d.Function.LastUpdateStatus == types.LastUpdateStatusFailed, "the function's last update has failed")
			},
			cure: "aws lambda get-function-configuration tells why: StateReason, LastUpdateStatusReason.",
		},
	}
}

func variable(d Deployment, name, otherwise string) string {
	if d.Function.Environment == nil || d.Function.Environment.Variables[name] == "" {
		return otherwise
	}
	return d.Function.Environment.Variables[name]
}

// permission is a statement of a function's policy.
type permission struct {
	Sid       string
	Effect    string
	Principal json.RawMessage
	Condition map[string]map[string]any
}

// permissions are those by which Cognito may call the function.
func permissions(policy string) []permission {
	var document struct{ Statement []permission }
	if json.Unmarshal([]byte(policy), &document) != nil {
		return nil
	}
	return slices.DeleteFunc(document.Statement, func(p permission) bool {
		principal := string(p.Principal)
		return p.Effect != "Allow" || (!strings.Contains(principal, "cognito-idp.amazonaws.com") && !strings.Contains(principal, `"*"`))
	})
}

// sources are the ARNs to which the condition SourceArn keeps p, none without it.
// The condition's key may have a prefix.
func (p permission) sources() (sources []string) {
	for _, conditions := range p.Condition {
		for name, want := range conditions {
			if !strings.HasSuffix(strings.ToLower(name), "sourcearn") {
				continue
			}
			switch want := want.(type) {
			case string:
				sources = append(sources, want)
			case []any:
				for _, one := range want {
					sources = append(sources, fmt.Sprint(one))
				}
			}
		}
	}
	return sources
}

// lets reports whether the pool with that ARN may call the function by p.
func (p permission) lets(pool string) bool {
	return p.isWide() || slices.Contains(p.sources(), pool)
}

// isWide reports whether p is kept to no pool, or to a pattern.
func (p permission) isWide() bool {
	sources := p.sources()
	return len(sources) == 0 || slices.ContainsFunc(sources, func(s string) bool { return strings.ContainsAny(s, "*?") })
}
