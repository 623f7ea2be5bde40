// Package registry keeps, in one DynamoDB table, who holds which CPF.
//
// An item of the table is a claim: the CPF it is about (the partition key),
// the attempt that made it and when. Read claim.go to see why two accounts for
// one CPF cannot be.
package registry

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/simulation"
)

// DynamoDB is the part of *dynamodb.Client that a Table uses. UpdateItem must
// return the item in a *types.ConditionalCheckFailedException when
// ReturnValuesOnConditionCheckFailure asks for it.
type DynamoDB interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

var _ DynamoDB = (*dynamodb.Client)(nil)

// Owners tells whether the owner of a claim exists.
type Owners interface {
	// Exists reports whether the claim's user pool has its user, with its CPF.
	// Any error means that it could not be found out, which counts as yes.
	Exists(ctx context.Context, o Owner) (bool, error)
}

// User names a user of a pool, by the name that Cognito gave or will give it.
type User struct{ PoolID, Name string }

// Owner is whom a claim names as the owner of its CPF.
type Owner struct {
	CPF   cpf.CPF
	User  User
	Email string // lower case; "" when the claim has none
}

// Table is the claims table.
type Table struct {
	client DynamoDB
	name   string
	lease  time.Duration
	owners Owners
}

// New returns the table called name. The lease is how long after a claim its
// user may still come into being: Cognito's three tries of 5 s, the skew of the
// functions' clocks and the lag of the pool's reads must stay below it.
func New(client DynamoDB, name string, lease time.Duration, owners Owners) *Table {
	return &Table{client: client, name: name, lease: lease, owners: owners}
}

// Attempt is one attempt at creating a user. Cognito's second and third try of
// one attempt are equal to the first in everything but At.
type Attempt struct {
	CPF           cpf.CPF
	User          User
	Email         string // any case; may be ""
	PhoneNumber   string // E.164, as Cognito has it; may be ""
	Simulation    simulation.Simulation
	TriggerSource string
	At            time.Time // when the invocation began
}

// sameEmail reports whether a has an e-mail and it is email, in any case.
func (a Attempt) sameEmail(email string) bool {
	return a.Email != "" && canonicalEmail(a.Email) == canonicalEmail(email)
}
