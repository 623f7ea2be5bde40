package doctor

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tableChecks looks at the claims table and at the one of the limits.
func tableChecks() []check {
	claims := func(d Deployment) bool { return d.Claims != nil && d.Claims.Settings != nil }
	limits := func(d Deployment) bool { return d.Limits != nil && d.Limits.Settings != nil }
	return []check{
		{
			code: "claims_key", severity: Critical, applies: claims,
			look: func(d Deployment) string { return wrongKey(d.Claims, "cpf") },
			cure: "Pass --table with the claims table: the stack's output ClaimsTableName.",
		}, {
			code: "claims_unprotected", severity: Warning, applies: claims,
			look: func(d Deployment) string {
				return when(!aws.ToBool(d.Claims.Settings.DeletionProtectionEnabled), "the claims table can be deleted by one call")
			},
			cure: "Switch its deletion protection on.",
		}, {
			code: "claims_no_recovery", severity: Warning,
			applies: func(d Deployment) bool { return claims(d) && d.Claims.Backups != nil },
			look: func(d Deployment) string {
				recovery := d.Claims.Backups.PointInTimeRecoveryDescription
				return when(recovery == nil || recovery.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled, "the claims table has no point-in-time recovery")
			},
			cure: "Switch it on. reconcile --fix brings the claims back from the pool, but not their simulations.",
		}, {
			code: "claims_expire", severity: Critical,
			applies: func(d Deployment) bool { return claims(d) && d.Claims.Expiry != nil },
			look: func(d Deployment) string {
				return when(on(d.Claims.Expiry), "the claims table deletes items by time to live: a CPF whose claim is gone is free for another account")
			},
			cure: "Switch its time to live off, then run reconcile --fix.",
		}, {
			code: "claims_replicated", severity: Critical, applies: claims,
			look: func(d Deployment) string {
				return when(len(d.Claims.Settings.Replicas) > 0 && d.Claims.Settings.MultiRegionConsistency != types.MultiRegionConsistencyStrong,
					"the claims table is a global one whose copies lag behind: two regions could claim one CPF")
			},
			cure: "Keep one region, or make the table anew with multi-region strong consistency.",
		}, {
			code: "limits_key", severity: Critical, applies: limits,
			look: func(d Deployment) string { return wrongKey(d.Limits, "key") },
			cure: "Pass --limits-table with the limits table: the stack's output LimitsTableName.",
		}, {
			code: "limits_stay", severity: Warning,
			applies: func(d Deployment) bool { return limits(d) && d.Limits.Expiry != nil },
			look: func(d Deployment) string {
				return when(!on(d.Limits.Expiry) || aws.ToString(d.Limits.Expiry.AttributeName) != "expiresAt", "the limits table keeps its counters for good: it has no time to live on expiresAt")
			},
			cure: "Switch its time to live on, with the attribute expiresAt.",
		},
	}
}

func on(expiry *types.TimeToLiveDescription) bool {
	return expiry.TimeToLiveStatus == types.TimeToLiveStatusEnabled || expiry.TimeToLiveStatus == types.TimeToLiveStatusEnabling
}

// wrongKey says what is wrong with a table whose only key should be a string of
// that name.
func wrongKey(t *Table, name string) string {
	keys := t.Settings.KeySchema
	return when(len(keys) != 1 || aws.ToString(keys[0].AttributeName) != name, fmt.Sprintf("the key of table %s is not %s alone", t.Name, name))
}
