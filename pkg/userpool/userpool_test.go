package userpool_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

const pool = "us-east-1_portaria"

// cognito answers AdminGetUser from a map of user names to their CPF ("" for
// none), and takes down whom it was asked for.
type cognito struct {
	users map[string]string
	err   error
	asked []string
}

func (c *cognito) AdminGetUser(_ context.Context, in *cognitoidentityprovider.AdminGetUserInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminGetUserOutput, error) {
	c.asked = append(c.asked, aws.ToString(in.UserPoolId)+"/"+aws.ToString(in.Username))
	if c.err != nil {
		return nil, c.err
	}
	number, ok := c.users[aws.ToString(in.Username)]
	if !ok {
		return nil, &types.UserNotFoundException{}
	}
	out := &cognitoidentityprovider.AdminGetUserOutput{
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("x@example.com")}},
	}
	if number != "" {
		out.UserAttributes = append(out.UserAttributes, types.AttributeType{Name: aws.String("custom:cpf"), Value: aws.String(number)})
	}
	return out, nil
}

func owner(t *testing.T, name, email string) registry.Owner {
	t.Helper()
	c, err := cpf.Parse("52998224725")
	if err != nil {
		t.Fatal(err)
	}
	return registry.Owner{CPF: c, User: registry.User{PoolID: pool, Name: name}, Email: email}
}

func TestExists(t *testing.T) {
	const byName, byEmail = pool + "/maria", pool + "/maria@example.com"
	for _, tt := range []struct {
		name  string
		users map[string]string
		owner registry.Owner
		want  bool
		asked []string
	}{
		{"by name", map[string]string{"maria": "52998224725"}, owner(t, "maria", "maria@example.com"), true, []string{byName}},
		{"by name, CPF spelled otherwise", map[string]string{"maria": "529.982.247-25"}, owner(t, "maria", "maria@example.com"), true, []string{byName}},
		{"by name, another CPF", map[string]string{"maria": "11144477735"}, owner(t, "maria", "maria@example.com"), false, []string{byName}},
		{"by name, something that is no CPF", map[string]string{"maria": "x"}, owner(t, "maria", "maria@example.com"), false, []string{byName}},
		{"by name, no CPF", map[string]string{"maria": ""}, owner(t, "maria", "maria@example.com"), false, []string{byName}},
		{"by e-mail", map[string]string{"maria@example.com": "52998224725"}, owner(t, "maria", "maria@example.com"), true, []string{byName, byEmail}},
		{"by e-mail, another CPF", map[string]string{"maria@example.com": "11144477735"}, owner(t, "maria", "maria@example.com"), false, []string{byName, byEmail}},
		{"not at all", nil, owner(t, "maria", "maria@example.com"), false, []string{byName, byEmail}},
		{"not at all, no e-mail to ask for", nil, owner(t, "maria", ""), false, []string{byName}},
		{"not at all, named by the e-mail", nil, owner(t, "maria@example.com", "maria@example.com"), false, []string{byEmail}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &cognito{users: tt.users}
			got, err := userpool.New(c).Exists(t.Context(), tt.owner)
			if got != tt.want || err != nil {
				t.Errorf("Exists = %v, %v, want %v, nil", got, err, tt.want)
			}
			if diff := cmp.Diff(tt.asked, c.asked); diff != "" {
				t.Errorf("asked for (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCognitoThatDoesNotSay(t *testing.T) {
	for name, cause := range map[string]error{
		"throttled":     &types.TooManyRequestsException{},
		"no permission": &types.NotAuthorizedException{},
		"no such pool":  &types.ResourceNotFoundException{},
		"out of time":   context.DeadlineExceeded,
	} {
		users := userpool.New(&cognito{err: cause})
		if got, err := users.Exists(t.Context(), owner(t, "maria", "maria@example.com")); got || !errors.Is(err, cause) {
			t.Errorf("%s: Exists = %v, %v, want false and the cause", name, got, err)
		}
		if err := users.Find(t.Context(), registry.User{PoolID: pool, Name: "maria"}); !errors.Is(err, cause) || errors.Is(err, userpool.ErrNotFound) {
			t.Errorf("%s: Find = %v, want the cause", name, err)
		}
	}
}

func TestFind(t *testing.T) {
	users := userpool.New(&cognito{users: map[string]string{"maria": ""}})
	if err := users.Find(t.Context(), registry.User{PoolID: pool, Name: "maria"}); err != nil {
		t.Errorf("Find of a user = %v, want nil", err)
	}
	if err := users.Find(t.Context(), registry.User{PoolID: pool, Name: "joao"}); !errors.Is(err, userpool.ErrNotFound) {
		t.Errorf("Find of nobody = %v, want %v", err, userpool.ErrNotFound)
	}
}
