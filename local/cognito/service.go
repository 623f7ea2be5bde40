// Package cognito is a user pool service for development and tests. It speaks
// the JSON protocol of Amazon Cognito user pools, so that the AWS CLI and every
// AWS SDK work against it unchanged, and it runs the PreSignUp trigger as
// Cognito does: three tries of five seconds, before the user exists.
//
// It holds everything in memory, trusts every caller (signatures are not
// checked) and is no substitute for Cognito in production. An operation or a
// parameter that it does not support is refused by name, never ignored. Pool
// settings that it does not act on (MFA, other triggers, SES and the like) are
// kept and given back, so that describing and updating a pool loses nothing.
package cognito

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/pontte/portaria/local/lambda"
)

// What a Config left empty means.
const (
	DefaultRegion       = "us-east-1"
	DefaultAccountID    = "000000000000"
	DefaultAnswerWithin = 5 * time.Second
)

// TriggerOrder says on which side of the duplicate check PreSignUp runs. AWS
// does not document it for AdminCreateUser.
type TriggerOrder int

// The orders.
const (
	TriggerBeforeDuplicateCheck TriggerOrder = iota
	TriggerAfterDuplicateCheck
)

// ResendTrigger says whether AdminCreateUser with MessageAction RESEND runs
// PreSignUp, and with which attributes. AWS documents neither.
type ResendTrigger int

// The ways RESEND can treat the trigger.
const (
	ResendWithoutTrigger       ResendTrigger = iota
	ResendTriggerWithRequested               // the attributes that the request carries
	ResendTriggerWithStored                  // the attributes that the user has
)

// Config is what a Service is made of. The zero value of every field is usable.
type Config struct {
	Region    string // default DefaultRegion
	AccountID string // default DefaultAccountID

	// Functions holds, by ARN, what a pool's LambdaConfig.PreSignUp may name.
	// An alias is an ARN of its own. An ARN that is missing here is one that
	// Cognito may not invoke: AccessDeniedException.
	Functions map[string]lambda.Function

	Mailer Mailer           // takes the invitations; nil discards them
	Now    func() time.Time // the clock of dates and expiry; default time.Now
	Rand   io.Reader        // source of ids, passwords and sessions; default crypto/rand

	AnswerWithin      time.Duration // how long one try of the trigger may take; default DefaultAnswerWithin
	TriggerOrder      TriggerOrder
	ResendRunsTrigger ResendTrigger

	// HideFinalUserName makes the trigger see the user name of the request
	// where the user gets another one (a UUID): a kind of pool that AWS does
	// not document, and that our functions must survive.
	HideFinalUserName bool
}

// Service is a set of user pools behind Cognito's API. It is safe for
// concurrent use. New makes one.
type Service struct {
	config     Config
	random     *random
	operations map[string]operation
	signingKey []byte

	mu       sync.Mutex // guards all below, and never held while a trigger or the mailer runs
	pools    map[string]*pool
	clients  map[string]*client
	sessions sessions
}

var _ http.Handler = (*Service)(nil)

// New returns a Service without pools. It fails when a Config value makes no
// sense (a negative AnswerWithin, an unknown TriggerOrder or ResendTrigger) and
// when Rand gives nothing.
func New(config Config) (*Service, error) {
	config.Region = cmp.Or(config.Region, DefaultRegion)
	config.AccountID = cmp.Or(config.AccountID, DefaultAccountID)
	config.AnswerWithin = cmp.Or(config.AnswerWithin, DefaultAnswerWithin)
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Rand == nil {
		config.Rand = rand.Reader
	}
	if config.Mailer == nil {
		config.Mailer = discard{}
	}
	switch {
	case config.AnswerWithin < 0:
		return nil, fmt.Errorf("AnswerWithin is negative: %v", config.AnswerWithin)
	case config.TriggerOrder < TriggerBeforeDuplicateCheck || config.TriggerOrder > TriggerAfterDuplicateCheck:
		return nil, fmt.Errorf("unknown TriggerOrder %d", config.TriggerOrder)
	case config.ResendRunsTrigger < ResendWithoutTrigger || config.ResendRunsTrigger > ResendTriggerWithStored:
		return nil, fmt.Errorf("unknown ResendRunsTrigger %d", config.ResendRunsTrigger)
	}
	s := &Service{
		config:   config,
		random:   &random{reader: config.Rand},
		pools:    make(map[string]*pool),
		clients:  make(map[string]*client),
		sessions: sessions{live: make(map[string]*session)},
	}
	var err error
	if s.signingKey, err = s.random.bytes(32); err != nil {
		return nil, err
	}
	s.operations = map[string]operation{
		"AdminConfirmSignUp":          serve(s.adminConfirmSignUp),
		"AdminCreateUser":             serve(s.adminCreateUser),
		"AdminDeleteUser":             serve(s.adminDeleteUser),
		"AdminGetUser":                serve(s.adminGetUser),
		"AdminInitiateAuth":           serve(s.adminInitiateAuth),
		"AdminRespondToAuthChallenge": serve(s.adminRespondToAuthChallenge),
		"AdminUpdateUserAttributes":   serve(s.adminUpdateUserAttributes),
		"CreateUserPool":              serve(s.createUserPool),
		"CreateUserPoolClient":        serve(s.createUserPoolClient),
		"DeleteUserPool":              serve(s.deleteUserPool),
		"DescribeUserPool":            serve(s.describeUserPool),
		"DescribeUserPoolClient":      serve(s.describeUserPoolClient),
		"GetUserPoolMfaConfig":        serve(s.getUserPoolMfaConfig),
		"InitiateAuth":                serve(s.initiateAuth),
		"ListUserPoolClients":         serve(s.listUserPoolClients),
		"ListUsers":                   serve(s.listUsers),
		"RespondToAuthChallenge":      serve(s.respondToAuthChallenge),
		"SignUp":                      serve(s.signUp),
		"UpdateUserPool":              serve(s.updateUserPool),
	}
	return s, nil
}
