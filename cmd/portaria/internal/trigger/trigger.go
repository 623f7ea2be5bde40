// Package trigger sets and takes away a user pool's PreSignUp trigger, and
// leaves every other setting of the pool as it is.
//
// Cognito's UpdateUserPool sets whatever it is not given to its default. So the
// pool is described, the whole description is sent back with the one change in
// it, and the pool is described again to see that nothing else is different.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-updating.html
package trigger

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Client is the part of *cognitoidentityprovider.Client that is needed. It must
// honour an HTTPClient in the options of DescribeUserPool, or settings that the
// SDK does not know are not noticed.
type Client interface {
	DescribeUserPool(context.Context, *idp.DescribeUserPoolInput, ...func(*idp.Options)) (*idp.DescribeUserPoolOutput, error)
	GetUserPoolMfaConfig(context.Context, *idp.GetUserPoolMfaConfigInput, ...func(*idp.Options)) (*idp.GetUserPoolMfaConfigOutput, error)
	UpdateUserPool(context.Context, *idp.UpdateUserPoolInput, ...func(*idp.Options)) (*idp.UpdateUserPoolOutput, error)
}

var _ Client = (*idp.Client)(nil)

// Change is what to change of a pool.
type Change struct {
	PreSignUp string // ARN of a function or its alias; "" for no trigger
	Replace   bool   // whether another trigger may be replaced

	// Invitation gives the pool's message template, nil for Cognito's own; without
	// it the invitation stays as it is.
	Invitation func(*types.UserPoolType) (*types.MessageTemplateType, error)
}

// OtherTriggerError says that the pool has a trigger that nobody allowed to
// replace.
type OtherTriggerError struct{ ARN string }

// Error names the trigger.
func (e *OtherTriggerError) Error() string {
	return "the pool has another PreSignUp trigger: " + e.ARN
}

// UnknownSettingsError says that Cognito described settings that this SDK does
// not know. Updating the pool would reset them.
type UnknownSettingsError struct{ Settings []string }

// Error names the settings.
func (e *UnknownSettingsError) Error() string {
	return "the pool has settings that this version does not know, and that an update would reset: " + strings.Join(e.Settings, ", ")
}

// ErrChanged says that somebody else changed the pool between the description
// that was shown and the update. Nothing was updated.
var ErrChanged = errors.New("the pool was changed by somebody else meanwhile")

// DifferentError says that the pool was updated and is not as it should be now:
// settings other than those of the plan have changed.
type DifferentError struct{ Settings []Difference }

// Error names the settings.
func (e *DifferentError) Error() string {
	names := make([]string, len(e.Settings))
	for i, d := range e.Settings {
		names[i] = d.Setting
	}
	return "the pool was updated, and these settings are not as they should be: " + strings.Join(names, ", ")
}

// Plan is an update that has been thought through and not been sent.
type Plan struct {
	Before      *Description
	Differences []Difference // what the update changes; empty when there is nothing to do

	client Client
	after  *types.UserPoolType
}

// Prepare describes the pool and plans the change. Its error is an
// *OtherTriggerError, an *UnknownSettingsError, c.Invitation's, or tells why
// Cognito did not answer.
func Prepare(ctx context.Context, client Client, poolID string, c Change) (*Plan, error) {
	before, err := Describe(ctx, client, poolID)
	if err != nil {
		return nil, err
	}
	after := *before.Pool
	triggers := types.LambdaConfigType{}
	if after.LambdaConfig != nil {
		triggers = *after.LambdaConfig
	}
	switch now := aws.ToString(triggers.PreSignUp); {
	case now != "" && now != c.PreSignUp && !c.Replace:
		return nil, &OtherTriggerError{ARN: now}
	case now != c.PreSignUp:
		triggers.PreSignUp = nil
		if c.PreSignUp != "" {
			triggers.PreSignUp = aws.String(c.PreSignUp)
		}
		after.LambdaConfig = &triggers
	}
	if c.Invitation != nil {
		create := types.AdminCreateUserConfigType{}
		if after.AdminCreateUserConfig != nil {
			create = *after.AdminCreateUserConfig
		}
		if create.InviteMessageTemplate, err = c.Invitation(before.Pool); err != nil {
			return nil, err
		}
		after.AdminCreateUserConfig = &create
	}
	return &Plan{Before: before, Differences: compare(before.Pool, &after), client: client, after: &after}, nil
}

// Apply carries the plan out. Its error is ErrChanged, a *DifferentError, or
// tells why Cognito did not answer; when UpdateUserPool itself gave no clear
// answer the pool may be updated or not.
func (p *Plan) Apply(ctx context.Context) error {
	if len(p.Differences) == 0 {
		return nil
	}
	id := aws.ToString(p.Before.Pool.Id)
	now, err := Describe(ctx, p.client, id)
	if err != nil {
		return err
	}
	if len(p.Before.compare(now)) > 0 {
		return ErrChanged
	}
	if _, err := p.client.UpdateUserPool(ctx, update(p.after)); err != nil {
		return fmt.Errorf("update user pool: %w", err)
	}
	now, err = Describe(ctx, p.client, id)
	if err != nil {
		return fmt.Errorf("the pool was updated and could not be looked at again: %w", err)
	}
	want := &Description{Pool: p.after, MFA: p.Before.MFA}
	if different := want.compare(now); len(different) > 0 {
		return &DifferentError{Settings: different}
	}
	return nil
}

// update is the UpdateUserPool that makes a pool what is described: every
// setting of the description that can be sent, those too that a newer SDK adds.
func update(pool *types.UserPoolType) *idp.UpdateUserPoolInput {
	in := &idp.UpdateUserPoolInput{UserPoolId: pool.Id, PoolName: pool.Name}
	from, to := reflect.ValueOf(pool).Elem(), reflect.ValueOf(in).Elem()
	for i := range to.NumField() {
		field := to.Type().Field(i)
		if setting := from.FieldByName(field.Name); field.IsExported() && setting.IsValid() {
			to.Field(i).Set(setting)
		}
	}
	// Cognito describes the validity twice and refuses to be given both; the
	// password policy's is the one that counts.
	if create := in.AdminCreateUserConfig; create != nil && hasValidity(in.Policies) {
		c := *create
		c.UnusedAccountValidityDays = 0
		in.AdminCreateUserConfig = &c
	}
	return in
}

func hasValidity(policies *types.UserPoolPolicyType) bool {
	return policies != nil && policies.PasswordPolicy != nil && policies.PasswordPolicy.TemporaryPasswordValidityDays > 0
}
