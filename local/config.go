// Package local is Portaria without AWS: a user pool with its trigger, DynamoDB,
// a mailbox and the real function, all in one process and on loopback only.
//
// It is a tool for development and tests: it checks no signatures, keeps
// everything in memory and trusts whoever reaches it.
package local

import (
	"cmp"
	"errors"
	"io"
	"time"

	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/pkg/web/page"
)

// What a Config left empty means, and what cannot be chosen.
const (
	DefaultUserPoolID = "us-east-1_portaria"
	DefaultClientID   = "portaria"
	DefaultTable      = "portaria-claims"
	DefaultLimits     = "portaria-limits"
	DefaultLease      = 30 * time.Second
	DefaultLogLevel   = "info"

	// Region is the only region there is.
	Region = dynamodb.Region

	functionName = "portaria-pre-signup"
	// functionARN is that of the alias, which is what the pool calls on AWS.
	functionARN = "arn:aws:lambda:" + Region + ":" + cognito.DefaultAccountID + ":function:" + functionName + ":live"
	apiName     = "portaria-api"
	apiTimeout  = 29 * time.Second // API Gateway gives up after 30
	freePort    = "127.0.0.1:0"

	temporaryDays = 3 // as in template.yaml
)

// Config is what a Stack is made of. Only the function is required, as one of
// Binary and Function.
type Config struct {
	// Addresses to listen on: host and port, loopback only, port 0 for a free
	// one. Default 127.0.0.1:0.
	CognitoAddr  string
	DynamoDBAddr string
	WebAddr      string

	UserPoolID string // default DefaultUserPoolID
	ClientID   string // default DefaultClientID
	Table      string // default DefaultTable
	Limits     string // default DefaultLimits

	// Binary is the pre-signup function as it is deployed (BuildFunction makes
	// it). Function is used in its place when not nil.
	Binary   string
	Function lambda.Function

	// APIBinary is the api function as it is deployed. Without it the stack has
	// neither HTTP API nor page.
	APIBinary string

	// Lease and LogLevel go to the Binary's environment; defaults DefaultLease
	// and DefaultLogLevel. The Binary has the real clock, whatever Now is.
	Lease    time.Duration
	LogLevel string

	// Untriggered makes the pool create users without running the function, for
	// those who invoke it themselves.
	Untriggered bool
	// SelfSignUp lets people sign up by themselves, which our pool on AWS does
	// not.
	SelfSignUp bool

	// What follows is handed on to the user pool; see cognito.Config.
	PoolKind          cognito.PoolKind
	PasswordPolicy    cognito.PasswordPolicy // default: that of template.yaml
	TriggerOrder      cognito.TriggerOrder
	ResendRunsTrigger cognito.ResendTrigger
	HideFinalUserName bool
	AnswerWithin      time.Duration
	Now               func() time.Time
	Rand              io.Reader

	Log  io.Writer // gets what the Binary writes, line by line; default nothing
	Mail io.Writer // gets the messages that the pool sends; default nothing
}

func (c Config) withDefaults() (Config, error) {
	if c.Binary == "" && c.Function == nil {
		return c, errors.New("local stack: neither Binary nor Function is given")
	}
	c.CognitoAddr = cmp.Or(c.CognitoAddr, freePort)
	c.DynamoDBAddr = cmp.Or(c.DynamoDBAddr, freePort)
	c.WebAddr = cmp.Or(c.WebAddr, freePort)
	c.UserPoolID = cmp.Or(c.UserPoolID, DefaultUserPoolID)
	c.ClientID = cmp.Or(c.ClientID, DefaultClientID)
	c.Table = cmp.Or(c.Table, DefaultTable)
	c.Limits = cmp.Or(c.Limits, DefaultLimits)
	c.Lease = cmp.Or(c.Lease, DefaultLease)
	c.LogLevel = cmp.Or(c.LogLevel, DefaultLogLevel)
	return c, nil
}

// pool is the user pool of template.yaml, so far as Config does not say
// otherwise.
func (c Config) pool(pageURL string) cognito.PoolSettings {
	settings := cognito.PoolSettings{
		ID:             c.UserPoolID,
		ClientID:       c.ClientID,
		Kind:           c.PoolKind,
		PreSignUp:      functionARN,
		AdminsOnly:     !c.SelfSignUp,
		Attributes:     []cognito.Attribute{{Name: "cpf"}},
		PasswordPolicy: cmp.Or(c.PasswordPolicy, cognito.PasswordPolicy{MinimumLength: 12, TemporaryPasswordValidityDays: temporaryDays}),
		Invitation:     cognito.Invitation(page.NewInvitation(pageURL, temporaryDays)),
	}
	if c.Untriggered {
		settings.PreSignUp = ""
	}
	return settings
}
