// Package person finds what the claims and the user pool hold of one person, by
// CPF, shows it, and erases it.
package person

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

// Cognito is the part of *cognitoidentityprovider.Client that is used here.
type Cognito interface {
	AdminGetUser(context.Context, *cognitoidentityprovider.AdminGetUserInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminGetUserOutput, error)
	ListUsers(context.Context, *cognitoidentityprovider.ListUsersInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error)
	AdminDeleteUser(context.Context, *cognitoidentityprovider.AdminDeleteUserInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminDeleteUserOutput, error)
}

var _ Cognito = (*cognitoidentityprovider.Client)(nil)

// Archive is where a person's data are.
type Archive struct {
	Records *registry.Records
	Cognito Cognito
	Pool    string                   // the user pool; claims may name others
	Scan    bool                     // look at every user of the pool, not only at those the claims name
	Scanned func(pool string, n int) // told how many users were looked at so far
}

// Person is what there is of one person.
type Person struct {
	CPF    cpf.CPF
	Claims []registry.Record
	Users  []User
}

// IsEmpty reports whether there is nothing.
func (p Person) IsEmpty() bool { return len(p.Claims)+len(p.Users) == 0 }

// User is a user of a pool with the person's CPF. All but PoolID is personal data.
type User struct {
	PoolID     string
	Name       string
	Status     string
	Enabled    bool
	Created    time.Time
	Modified   time.Time
	Attributes map[string]string
}

// Find gives what there is of c: the claims under every spelling of it, and the
// users whose custom:cpf has its digits, however set off: those that the claims
// name, by user name, e-mail or sub, and, when the archive is to be scanned, all
// others of the pool and of the pools that the claims name. A pool that a claim
// names and that is gone has nobody. Cognito may list a user some seconds after
// they were created.
func (a *Archive) Find(ctx context.Context, c cpf.CPF) (Person, error) {
	p := Person{CPF: c}
	var err error
	if p.Claims, err = a.Records.Spelled(ctx, c); err != nil {
		return Person{}, err
	}
	found := map[registry.User]bool{}
	add := func(u User) {
		if key := (registry.User{PoolID: u.PoolID, Name: u.Name}); hasCPF(u, c) && !found[key] {
			found[key] = true
			p.Users = append(p.Users, u)
		}
	}
	pools := []string{a.Pool}
	for _, claim := range p.Claims {
		pool := claim.User.PoolID
		if pool == "" {
			pool = a.Pool
		}
		if !slices.Contains(pools, pool) {
			pools = append(pools, pool)
		}
		for _, name := range []string{claim.User.Name, claim.Email, claim.Sub} {
			u, err := a.user(ctx, pool, name)
			if errors.Is(err, userpool.ErrNotFound) {
				continue
			}
			if err != nil {
				return Person{}, err
			}
			add(u)
		}
	}
	if !a.Scan {
		return p, nil
	}
	for _, pool := range pools {
		if err := a.scan(ctx, pool, add); err != nil {
			return Person{}, err
		}
	}
	return p, nil
}

// hasCPF compares digits alone: whatever a user was created with, the eleven
// digits are the person's.
func hasCPF(u User, c cpf.CPF) bool {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, u.Attributes[userpool.AttributeCPF]) == c.Digits()
}

// user gives a user of pool, or userpool.ErrNotFound, of no name too.
func (a *Archive) user(ctx context.Context, pool, name string) (User, error) {
	if name == "" {
		return User{}, userpool.ErrNotFound
	}
	out, err := a.Cognito.AdminGetUser(ctx, &cognitoidentityprovider.AdminGetUserInput{UserPoolId: aws.String(pool), Username: aws.String(name)})
	if _, ok := errors.AsType[*types.UserNotFoundException](err); ok || a.isGone(pool, err) {
		return User{}, userpool.ErrNotFound
	}
	if err != nil {
		return User{}, fmt.Errorf("get user: %w", err)
	}
	return User{
		PoolID: pool, Name: aws.ToString(out.Username), Status: string(out.UserStatus), Enabled: out.Enabled,
		Created: aws.ToTime(out.UserCreateDate), Modified: aws.ToTime(out.UserLastModifiedDate), Attributes: attributes(out.UserAttributes),
	}, nil
}

// isGone reports whether err says that a pool which a claim names is there no
// longer, and its users with it. Were it the archive's own it would be a wrong
// name, and of another region's pools Cognito says so too.
func (a *Archive) isGone(pool string, err error) bool {
	_, none := errors.AsType[*types.ResourceNotFoundException](err)
	return none && pool != a.Pool && region(pool) == region(a.Pool)
}

// region is that of a user pool, with which its id begins: us-east-1_aBcDeFgHi.
func region(pool string) string {
	name, _, _ := strings.Cut(pool, "_")
	return name
}

// scan hands every user of pool to add, a page at a time.
func (a *Archive) scan(ctx context.Context, pool string, add func(User)) error {
	pages := cognitoidentityprovider.NewListUsersPaginator(a.Cognito, &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(pool)})
	for n := 0; pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if a.isGone(pool, err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list users: %w", err)
		}
		for _, u := range out.Users {
			add(User{
				PoolID: pool, Name: aws.ToString(u.Username), Status: string(u.UserStatus), Enabled: u.Enabled,
				Created: aws.ToTime(u.UserCreateDate), Modified: aws.ToTime(u.UserLastModifiedDate), Attributes: attributes(u.Attributes),
			})
		}
		n += len(out.Users)
		a.Scanned(pool, n)
	}
	return nil
}

func attributes(list []types.AttributeType) map[string]string {
	m := make(map[string]string, len(list))
	for _, a := range list {
		m[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	return m
}
