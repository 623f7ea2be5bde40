package cognito_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local/cognito"
)

func TestUserIsFound(t *testing.T) {
	verified := []string{"email", email, "email_verified", "true"}
	tests := []struct {
		name    string
		kind    cognito.PoolKind
		user    string
		attrs   []string
		by      string // "sub", or a name
		isFound bool
	}{
		{"by e-mail", cognito.EmailUserNames, email, nil, email, true},
		{"by e-mail in other letters", cognito.EmailUserNames, email, nil, "EMAIL.Test@gmail.com", true},
		{"by user name", cognito.EmailUserNames, email, nil, "sub", true},
		{"by name in other letters", cognito.PlainUserNames, "maria", nil, "MARIA", true},
		{"by sub in a plain pool", cognito.PlainUserNames, "maria", nil, "sub", true},
		{"not by e-mail in a plain pool", cognito.PlainUserNames, "maria", verified, email, false},
		{"by a verified alias", cognito.EmailAliases, "maria", verified, email, true},
		{"by a verified alias in other letters", cognito.EmailAliases, "maria", verified, "EMAIL.Test@gmail.com", true},
		{"not by an alias that is not verified", cognito.EmailAliases, "maria", []string{"email", email}, email, false},
		{"not by phone, which is no alias", cognito.EmailAliases, "maria", []string{"phone_number", phone, "phone_number_verified", "true"}, phone, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, withKind(tt.kind))
			u := s.create(invitationWith(tt.user, tt.attrs...))
			if tt.by == "sub" {
				tt.by = asMap(u.Attributes)["sub"]
			}
			found, got := s.get(tt.by)
			want := map[bool]string{true: "", false: "UserNotFoundException"}[tt.isFound]
			if got != want {
				t.Fatalf("AdminGetUser = %q, want %q", got, want)
			}
			if tt.isFound && *found.Username != *u.Username {
				t.Errorf("Username = %q, want %q", *found.Username, *u.Username)
			}
		})
	}
}

func TestDeletedUserIsGoneAndItsNameFree(t *testing.T) {
	s := newStage(t)
	remove := &idp.AdminDeleteUserInput{UserPoolId: aws.String(poolID), Username: aws.String(email)}
	s.create(invitation(email))
	if _, err := s.AdminDeleteUser(s.ctx, remove); err != nil {
		t.Fatal(err)
	}
	if _, got := s.get(email); got != "UserNotFoundException" {
		t.Errorf("AdminGetUser = %q", got)
	}
	_, err := s.AdminDeleteUser(s.ctx, remove)
	checkRefusal(t, err, "UserNotFoundException: User does not exist.")
	s.create(invitation(email))
}

func TestAttributesOfANewUser(t *testing.T) {
	const schema = "InvalidParameterException: Attributes did not conform to the schema: "
	long := strings.Repeat("x", 2049)
	tests := []struct {
		name, user string
		attrs      []string
		want       string
	}{
		{"a custom attribute of any length", email, []string{"custom:cpf", strings.Repeat("9", 2048)}, ""},
		{"longer than Cognito takes", email, []string{"custom:cpf", long},
			"InvalidParameterException: 1 validation error detected: Value at 'userAttributes.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 2048"},
		{"outside the schema's own limits", email, []string{"custom:nick", "abcdef"}, schema + "custom:nick: String must be no longer than 5 characters"},
		{"below the schema's own limits", email, []string{"custom:nick", "a"}, schema + "custom:nick: String must be at least 2 characters long"},
		{"not in the schema", email, []string{"custom:rg", "1"}, schema + "Type for attribute {custom:rg} could not be determined"},
		{"custom without its prefix", email, []string{"cpf", "1"}, schema + "Type for attribute {cpf} could not be determined"},
		{"birthdate of the wrong length", email, []string{"birthdate", "1/1/80"}, schema + "birthdate: String must be at least 10 characters long"},
		{"flag that is none", email, []string{"email_verified", "yes"}, schema + "email_verified: Value must be true or false"},
		{"number that is none", email, []string{"updated_at", "now"}, schema + "updated_at: Value must be a number"},
		{"phone without a plus", email, []string{"phone_number", "5551981980387"}, "InvalidParameterException: Invalid phone number format."},
		{"phone as people write it", email, []string{"phone_number", "+55 (51) 99999-9999"}, "InvalidParameterException: Invalid phone number format."},
		{"e-mail without a host", email, []string{"email", "maria@"}, "InvalidParameterException: Invalid email address format."},
		{"another e-mail than the user name", email, []string{"email", "x@example.com"},
			"InvalidParameterException: The attribute email is not the user name of the request."},
		{"sub", email, []string{"sub", "x"}, "InvalidParameterException: Cannot modify the non-mutable attribute sub."},
		{"twice", email, []string{"name", "x", "name", "y"}, "InvalidParameterException: Attribute name is given twice."},
		{"user name that is no e-mail", "maria", nil, "InvalidParameterException: Username should be an email."},
		{"user name with a space", "maria silva@example.com", nil,
			`InvalidParameterException: 1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`},
		{"user name of 129 letters", strings.Repeat("x", 117) + "@example.com", nil,
			"InvalidParameterException: 1 validation error detected: Value at 'username' failed to satisfy constraint: Member must have length less than or equal to 128"},
		{"empty user name", "", nil,
			`InvalidParameterException: 2 validation errors detected: Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1; Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			_, err := s.AdminCreateUser(s.ctx, invitationWith(tt.user, tt.attrs...))
			checkRefusal(t, err, tt.want)
		})
	}
}

func TestUserNameOfAnAliasPoolIsNoEmail(t *testing.T) {
	s := newStage(t, withKind(cognito.EmailAliases))
	_, err := s.AdminCreateUser(s.ctx, invitation(email))
	checkRefusal(t, err, "InvalidParameterException: Username cannot be of email format, since user pool is configured for email alias.")
}

func TestValidationData(t *testing.T) {
	tests := []struct {
		name  string
		pairs []string
		want  string
	}{
		{"the longest", []string{strings.Repeat("n", 32), strings.Repeat("v", 2048)}, ""},
		{"a name too long", []string{strings.Repeat("n", 33), "v"},
			"InvalidParameterException: 1 validation error detected: Value '" + strings.Repeat("n", 33) + "' at 'validationData.1.member.name' failed to satisfy constraint: Member must have length less than or equal to 32"},
		{"a value too long", []string{"n", strings.Repeat("v", 2049)},
			"InvalidParameterException: 1 validation error detected: Value at 'validationData.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 2048"},
		{"a name twice", []string{"n", "v", "n", "w"}, "InvalidParameterException: Validation data n is given twice."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			in := invitation(email)
			in.ValidationData = attributes(tt.pairs...)
			_, err := s.AdminCreateUser(s.ctx, in)
			checkRefusal(t, err, tt.want)
		})
	}
}

func TestUpdateAttributes(t *testing.T) {
	before := []string{"custom:cpf", "04212286017", "email_verified", "true", "name", "Maria", "phone_number", phone}
	tests := []struct {
		name  string
		pairs []string
		want  string
		after map[string]string // what differs from before
	}{
		{"a mutable one", []string{"name", "Ana"}, "", map[string]string{"name": "Ana"}},
		{"a blank value removes", []string{"name", ""}, "", map[string]string{"name": ""}},
		{"a new e-mail is not verified", []string{"email", "new@example.com"}, "",
			map[string]string{"email": "new@example.com", "email_verified": "false"}},
		{"a new e-mail said to be verified", []string{"email", "new@example.com", "email_verified", "true"}, "",
			map[string]string{"email": "new@example.com"}},
		{"an immutable one", []string{"custom:cpf", "52998224725"}, "InvalidParameterException: user.custom:cpf: Attribute cannot be updated.", nil},
		{"an immutable one to be removed", []string{"custom:cpf", ""}, "InvalidParameterException: user.custom:cpf: Attribute cannot be updated.", nil},
		{"sub", []string{"sub", "x"}, "InvalidParameterException: user.sub: Attribute cannot be updated.", nil},
		{"all or none", []string{"name", "Ana", "phone_number", "x"}, "InvalidParameterException: Invalid phone number format.", nil},
		{"not in the schema", []string{"custom:rg", ""},
			"InvalidParameterException: Attributes did not conform to the schema: Type for attribute {custom:rg} could not be determined", nil},
		{"another user's e-mail", []string{"email", "OTHER@example.com"},
			"AliasExistsException: An account with the given email already exists.", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			s.create(invitation("other@example.com"))
			u := s.create(invitationWith(email, before...))
			s.clock.advance(time.Hour)
			_, err := s.AdminUpdateUserAttributes(s.ctx, &idp.AdminUpdateUserAttributesInput{
				UserPoolId: aws.String(poolID), Username: u.Username, UserAttributes: attributes(tt.pairs...),
			})
			checkRefusal(t, err, tt.want)
			want := asMap(u.Attributes)
			for name, value := range tt.after {
				want[name] = value
				if value == "" {
					delete(want, name)
				}
			}
			got, _ := s.get(*u.Username)
			if diff := cmp.Diff(want, asMap(got.UserAttributes)); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if changed := got.UserLastModifiedDate.After(*u.UserLastModifiedDate); changed != (tt.want == "") {
				t.Errorf("modified: %v", changed)
			}
		})
	}
}

func TestChangedEmailSignsInAndTheFormerOneIsFree(t *testing.T) {
	s := newStage(t)
	s.create(invitation(email))
	if _, err := s.AdminUpdateUserAttributes(s.ctx, &idp.AdminUpdateUserAttributesInput{
		UserPoolId: aws.String(poolID), Username: aws.String(email), UserAttributes: attributes("email", "new@example.com"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn("new@example.com", temp); err != nil {
		t.Errorf("sign-in with the new e-mail: %v", err)
	}
	s.create(invitation(email))
}

func TestListUsers(t *testing.T) {
	s := newStage(t)
	s.create(invitationWith("a@example.com", "name", "Ana", "given_name", `A "quoted" name`))
	s.create(invitationWith("ab@example.com", "name", "Ana Maria", "phone_number", phone))
	u := s.create(invitationWith("b@example.com", "name", "Bia"))
	s.confirm("b@example.com", temp, final)
	sub := asMap(u.Attributes)["sub"]
	const bad = "InvalidParameterException: Error while parsing filter."
	tests := []struct {
		filter string
		want   string // the e-mails
		err    string
	}{
		{``, "a@example.com ab@example.com b@example.com", ""},
		{`email = "ab@example.com"`, "ab@example.com", ""},
		{`email="AB@example.com"`, "ab@example.com", ""},
		{`email ^= "a"`, "a@example.com ab@example.com", ""},
		{`email ^= ""`, "a@example.com ab@example.com b@example.com", ""},
		{`name = "Ana"`, "a@example.com", ""},
		{`name = "ana"`, "", ""},
		{`name ^= "Ana"`, "a@example.com ab@example.com", ""},
		{`given_name = "A \"quoted\" name"`, "a@example.com", ""},
		{`phone_number ^= "+55"`, "ab@example.com", ""},
		{`sub = "` + sub + `"`, "b@example.com", ""},
		{`username = "` + sub + `"`, "b@example.com", ""},
		{`cognito:user_status = "CONFIRMED"`, "b@example.com", ""},
		{`cognito:user_status = "force_change_password"`, "a@example.com ab@example.com", ""},
		{`status = "Enabled"`, "a@example.com ab@example.com b@example.com", ""},
		{`status = "Disabled"`, "", ""},
		{`custom:cpf = "1"`, "", bad},
		{`email = ab@example.com`, "", bad},
		{`email = "a`, "", bad},
		{`email = "a" b`, "", bad},
		{`email != "a"`, "", bad},
		{`email ^ "a"`, "", bad},
		{`email "a"`, "", bad},
		{`= "a"`, "", bad},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			out, err := s.ListUsers(s.ctx, &idp.ListUsersInput{UserPoolId: aws.String(poolID), Filter: &tt.filter})
			checkRefusal(t, err, tt.err)
			if err == nil && emails(out.Users) != tt.want {
				t.Errorf("ListUsers = %q, want %q", emails(out.Users), tt.want)
			}
		})
	}
}

func TestListUsersPages(t *testing.T) {
	s := newStage(t)
	for i := range 125 {
		s.create(invitation(fmt.Sprintf("u%03d@example.com", i)))
	}
	tests := []struct {
		limit *int32
		sizes []int
	}{
		{nil, []int{60, 60, 5}},
		{aws.Int32(0), []int{60, 60, 5}},
		{aws.Int32(50), []int{50, 50, 25}},
		{aws.Int32(25), []int{25, 25, 25, 25, 25}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(aws.ToInt32(tt.limit)), func(t *testing.T) {
			var sizes []int
			seen := make(map[string]bool)
			pages := idp.NewListUsersPaginator(s.Client, &idp.ListUsersInput{UserPoolId: aws.String(poolID), Limit: tt.limit,
				Filter: aws.String(`email ^= "u"`)})
			for pages.HasMorePages() {
				page, err := pages.NextPage(s.ctx)
				if err != nil {
					t.Fatal(err)
				}
				sizes = append(sizes, len(page.Users))
				for _, u := range page.Users {
					seen[*u.Username] = true
				}
			}
			if diff := cmp.Diff(tt.sizes, sizes); diff != "" || len(seen) != 125 {
				t.Errorf("%d users, pages (-want +got):\n%s", len(seen), diff)
			}
		})
	}
	t.Run("while users go", func(t *testing.T) {
		in := &idp.ListUsersInput{UserPoolId: aws.String(poolID), Limit: aws.Int32(10)}
		page, err := s.ListUsers(s.ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{3, 10, 11} {
			s.AdminDeleteUser(s.ctx, &idp.AdminDeleteUserInput{UserPoolId: aws.String(poolID),
				Username: aws.String(fmt.Sprintf("u%03d@example.com", i))})
		}
		in.PaginationToken = page.PaginationToken
		if page, err = s.ListUsers(s.ctx, in); err != nil {
			t.Fatal(err)
		}
		if got := emails(page.Users[:1]); got != "u012@example.com" {
			t.Errorf("second page begins with %s, want u012@example.com", got)
		}
		in.Filter = aws.String(`status = "Enabled"`)
		_, err = s.ListUsers(s.ctx, in)
		checkRefusal(t, err, "InvalidParameterException: Invalid pagination token given.")
	})
	t.Run("over the limit", func(t *testing.T) {
		_, err := s.ListUsers(s.ctx, &idp.ListUsersInput{UserPoolId: aws.String(poolID), Limit: aws.Int32(61)})
		checkRefusal(t, err, "InvalidParameterException: 1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60")
	})
	t.Run("an invented token", func(t *testing.T) {
		_, err := s.ListUsers(s.ctx, &idp.ListUsersInput{UserPoolId: aws.String(poolID), PaginationToken: aws.String("MTIz")})
		checkRefusal(t, err, "InvalidParameterException: Invalid pagination token given.")
	})
}

func TestListUsersGivesTheWantedAttributes(t *testing.T) {
	s := newStage(t)
	s.create(original())
	out, err := s.ListUsers(s.ctx, &idp.ListUsersInput{UserPoolId: aws.String(poolID), AttributesToGet: []string{"custom:cpf"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"custom:cpf": "04212286017"}, asMap(out.Users[0].Attributes)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	_, err = s.ListUsers(s.ctx, &idp.ListUsersInput{UserPoolId: aws.String(poolID), AttributesToGet: []string{"custom:rg"}})
	checkRefusal(t, err, "InvalidParameterException: One or more requested attributes do not exist in user pool.")
}

func emails(users []types.UserType) string {
	var list []string
	for _, u := range users {
		list = append(list, asMap(u.Attributes)["email"])
	}
	return strings.Join(list, " ")
}
