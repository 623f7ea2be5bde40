package userpool_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

// lister is a ListUsers of a function.
type lister func(*idp.ListUsersInput) (*idp.ListUsersOutput, error)

func (l lister) ListUsers(_ context.Context, in *idp.ListUsersInput, _ ...func(*idp.Options)) (*idp.ListUsersOutput, error) {
	return l(in)
}

func TestListGivesEveryUserOnce(t *testing.T) {
	s := start(t, local.Config{})
	want := map[string]string{}
	for i := range 2*userpool.PageSize + 1 {
		u := original(t)
		u.Email = fmt.Sprintf("person-%d@example.com", i)
		created, err := s.Create(t.Context(), u)
		check(t, err, "")
		want[created.Name] = u.Email + " " + number + " " + created.Sub
	}
	list := userpool.NewList(sdk(t, s.stack.CognitoURL()), s.stack.UserPoolID())
	got, pages, token := map[string]string{}, 0, ""
	for {
		page, next, err := list.Page(t.Context(), token)
		check(t, err, "")
		for _, u := range page {
			if got[u.Name] != "" || u.CPF != mustCPF(t) || u.Status != userpool.ForceChangePassword {
				t.Errorf("listed %v, before that %q", u, got[u.Name])
			}
			got[u.Name] = u.Email + " " + u.WrittenCPF + " " + u.Sub
		}
		pages++
		if token = next; token == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || pages != 3 {
		t.Errorf("%d pages (-want +got):\n%s", pages, diff)
	}
	_, _, err := list.Page(t.Context(), "a token of another list")
	check(t, err, "token refused")
	_, _, err = userpool.NewList(sdk(t, s.stack.CognitoURL()), "us-east-1_other").Page(t.Context(), "")
	check(t, err, "rejected ResourceNotFoundException")
}

func TestListedCPFsAsTheyAreWritten(t *testing.T) {
	list := userpool.NewList(lister(func(in *idp.ListUsersInput) (*idp.ListUsersOutput, error) {
		if aws.ToString(in.UserPoolId) != pool || aws.ToInt32(in.Limit) != 60 || in.PaginationToken != nil || in.AttributesToGet != nil {
			t.Errorf("asked for %+v", in)
		}
		var out idp.ListUsersOutput
		for _, written := range []string{"042.122.860-17", "04212286018", " 04212286017"} {
			out.Users = append(out.Users, types.UserType{Attributes: []types.AttributeType{{Name: aws.String("custom:cpf"), Value: aws.String(written)}}})
		}
		out.Users = append(out.Users, types.UserType{})
		return &out, nil
	}), pool)
	page, next, err := list.Page(t.Context(), "")
	check(t, err, "")
	var got []string
	for _, u := range page {
		got = append(got, u.WrittenCPF+"="+u.CPF.Digits())
	}
	if diff := cmp.Diff([]string{"042.122.860-17=" + number, "04212286018=", " 04212286017=", "="}, got); diff != "" || next != "" {
		t.Errorf("then %q (-want +got):\n%s", next, diff)
	}
}

func TestListFailures(t *testing.T) {
	for _, tt := range general {
		list := userpool.NewList(lister(func(*idp.ListUsersInput) (*idp.ListUsersOutput, error) { return nil, fromSDK(tt.err) }), pool)
		_, _, err := list.Page(t.Context(), "")
		check(t, err, tt.want)
	}
}

func TestHolder(t *testing.T) {
	users := userpool.New(&cognito{users: map[string]string{"maria": "529.982.247-25", "joao@example.com": "52998224725", "ana": "11144477735"}})
	for _, tt := range []struct{ name, email, want string }{
		{"maria", "maria@example.com", ""},
		{"joao", "joao@example.com", ""},
		{"ana", "joao@example.com", "not found"}, // another person by now
		{"rui", "rui@example.com", "not found"},
	} {
		got, err := users.Holder(t.Context(), owner(t, tt.name, tt.email))
		check(t, err, tt.want)
		if want := owner(t, "", "").CPF; err == nil && (got.CPF != want || got.Email != "x@example.com") || err != nil && got != (userpool.User{}) {
			t.Errorf("%s: Holder = %#v", tt.name, got)
		}
	}
	if err := users.Find(t.Context(), registry.User{PoolID: pool, Name: "rui"}); err != userpool.ErrNotFound {
		t.Errorf("Find of nobody = %v", err)
	}
}
