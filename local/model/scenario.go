package model

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

// PoolKind is what a user pool takes for user names.
type PoolKind int

// The kinds of pools.
const (
	EmailNames   PoolKind = iota // UsernameAttributes: [email]: a new UUID for every call
	PlainNames                   // the user name of the request; e-mails need not be unique
	EmailAliases                 // the user name of the request; e-mails are unique and find users
	HiddenNames                  // EmailNames, but the trigger sees the e-mail for the user name
)

// Order is when Cognito looks whether a user of that name or e-mail exists.
type Order int

// The orders. AWS does not say which one it has.
const (
	TriggerFirst Order = iota // after the trigger
	CheckFirst                // before it
)

// Kind is what a call asks for.
type Kind int

// The kinds of calls.
const (
	Create   Kind = iota // AdminCreateUser with everything that it needs
	Bare                 // AdminCreateUser without validation data: it looks like a RESEND, and may create
	BareNoID             // the same without a CPF: who is created has none
	Resend               // RESEND to the user of the call Of, should it run the trigger
	Wrong                // a sign-up without trackCode: only Check runs
)

// Call is one call to Cognito that somebody may make, once, at any time.
type Call struct {
	Person   string // also the e-mail's first part
	CPF      int    // 0 or 1
	UserName string // of the request; "" is Person. Pools of e-mail names take the e-mail
	Content  int    // which simulation comes along
	Pool     int    // which of the pools that share the table
	Kind     Kind
	Tries    int  // Cognito's for this call; 0: Scenario.Tries
	Of       int  // for Resend: the place of a call in Scenario.Calls
	Again    bool // equal to the call before it, and made only after that began
}

// Unlimited is more faults than any schedule can have.
const Unlimited = 99

// Scenario bounds what an exploration tries. Within its bounds it is exhaustive.
type Scenario struct {
	Name  string
	Pools PoolKind
	Order Order
	Calls []Call

	Tries    int // of Cognito, for each call: 1 to 3
	Lease    int // in ticks of the clock
	Creation int // ticks after its allowing try began when a user can be created last
	Skew     int // by how many ticks a function's clock may be ahead
	Ticks    int // how far the clock goes

	Faults  int // requests and replies that are lost or late, crashes, look-ups without an answer
	Late    int // how many requests may be under way when nobody waits for their reply, 0 or 1
	Deletes int // of users
	Changes int // of users' e-mails

	// SafeEmails makes Cognito's check and creation one step, so that e-mails
	// are unique whatever happens at once. Nobody promises that.
	SafeEmails bool
	Bind       bool // whether creations are followed by Bind

	Limit int // of states: more are an error, never a silent end; 0 is none

	Mutation *Mutation // nil: the code as it is
	Watch    string    // which invariants are looked at, such as "ab"; "": all
}

// Mutation is a change to the protocol around code that stays as it is.
type Mutation struct {
	Name     string
	Lease    func(ticks int) int // what the code takes for the lease
	Store    func(Store) registry.DynamoDB
	Owners   func(Parts) registry.Owners
	Registry func(Parts) signup.Registry
	// Release runs when a call to Cognito has failed.
	Release func(ctx context.Context, p Parts, a registry.Attempt) error
}

// Store is the table that the model plays.
type Store interface {
	registry.DynamoDB
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Parts is what the code of an invocation is put together from.
type Parts struct {
	Store Store
	Users *userpool.Users
	Table *registry.Table
}

// TableName is what the claims table is called.
const TableName = "claims"
