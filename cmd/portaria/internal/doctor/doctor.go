// Package doctor finds what is wrong with a deployment: settings of the user
// pool, its clients, the function, the sender and the tables under which the
// gate does not hold, or customers do not get their password.
package doctor

import (
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
)

// Severity says how much a finding matters.
type Severity string

// The severities.
const (
	Critical Severity = "critical" // the gate does not hold, or nobody can register
	Warning  Severity = "warning"  // it works, and should be otherwise
	Unknown  Severity = "unknown"  // it could not be looked at
)

// Finding is one thing that is wrong.
type Finding struct {
	Code     string   `json:"code"` // stable
	Severity Severity `json:"severity"`
	What     string   `json:"what"`
	Cure     string   `json:"cure"`
}

// Deployment is what Examine looks at, as AWS describes it. Of what is nil
// nothing is examined.
type Deployment struct {
	Pool    *types.UserPoolType
	Clients []types.UserPoolClientType
	API     string // id of the client by which the api function signs people in; "" when not known

	Want     string // ARN of the alias that should be the trigger; "" when not known
	Function *lambda.GetFunctionConfigurationOutput
	Policy   *string // the trigger's resource policy, JSON; "" when it has none

	Sender   *sesv2.GetAccountOutput
	Identity *sesv2.GetEmailIdentityOutput

	Claims *Table
	Limits *Table
}

// Table is a DynamoDB table.
type Table struct {
	Name     string
	Settings *dynamodbtypes.TableDescription
	Backups  *dynamodbtypes.ContinuousBackupsDescription
	Expiry   *dynamodbtypes.TimeToLiveDescription
}

// Examine gives everything that is wrong with d, and how many checks were made.
func Examine(d Deployment) (findings []Finding, checks int) {
	for _, c := range all() {
		if !c.applies(d) {
			continue
		}
		checks++
		if what := c.look(d); what != "" {
			findings = append(findings, Finding{Code: c.code, Severity: c.severity, What: what, Cure: c.cure})
		}
	}
	return findings, checks
}

// check looks for one thing.
type check struct {
	code     string
	severity Severity
	applies  func(Deployment) bool
	look     func(Deployment) string // what is wrong, "" when nothing is
	cure     string
}

func all() []check {
	var checks []check
	for _, list := range [][]check{poolChecks(), messageChecks(), clientChecks(), functionChecks(), tableChecks()} {
		checks = append(checks, list...)
	}
	return checks
}

// when gives what where wrong is true.
func when(wrong bool, what string) string {
	if wrong {
		return what
	}
	return ""
}
