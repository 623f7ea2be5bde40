package cognito

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

const pageSize = 60

type listUsersInput struct {
	UserPoolId      userPoolID `api:"required"`
	AttributesToGet []attributeName
	Filter          userFilter
	Limit           queryLimit
	PaginationToken paginationToken
}

type listUsersOutput struct {
	Users           []userType
	PaginationToken string `json:",omitempty"`
}

// listUsers gives users in the order of their creation. A user that is there
// from the first page to the last is given once, whatever else comes and goes.
func (s *Service) listUsers(_ context.Context, in *listUsersInput) (listUsersOutput, error) {
	wanted, err := parseFilter(string(in.Filter))
	if err != nil {
		return listUsersOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(in.UserPoolId)
	if err != nil {
		return listUsersOutput{}, err
	}
	for _, name := range in.AttributesToGet {
		if p.schema.find(string(name)) == nil {
			return listUsersOutput{}, refuse(invalidParameter, "One or more requested attributes do not exist in user pool.")
		}
	}
	from, err := in.start()
	if err != nil {
		return listUsersOutput{}, err
	}
	out := listUsersOutput{Users: []userType{}}
	first, _ := p.users.place(from)
	for _, u := range p.users.inOrder[first:] {
		if !wanted.matches(p, u) {
			continue
		}
		if len(out.Users) == cmp.Or(int(in.Limit), pageSize) {
			out.PaginationToken = in.token(u.number)
			break
		}
		found := u.describe()
		if in.AttributesToGet != nil {
			found.Attributes = slices.DeleteFunc(found.Attributes, func(a attribute) bool {
				return !slices.Contains(in.AttributesToGet, a.Name)
			})
		}
		out.Users = append(out.Users, found)
	}
	return out, nil
}

// token names the user that the next page starts with, and the list it is of.
func (in *listUsersInput) token(number int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(number) + " " + string(in.UserPoolId) + " " + string(in.Filter)))
}

// start returns the number of the user that the page starts with.
func (in *listUsersInput) start() (int, error) {
	if in.PaginationToken == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(string(in.PaginationToken))
	digits, _, _ := strings.Cut(string(text), " ")
	number, numberErr := strconv.Atoi(digits)
	if err != nil || numberErr != nil || in.token(number) != string(in.PaginationToken) {
		return 0, refuse(invalidParameter, "Invalid pagination token given.")
	}
	return number, nil
}

// filter is a condition on users; the zero filter lets all pass.
type filter struct {
	name   string
	prefix bool // the value is how the attribute begins
	value  string
}

// parseFilter reads Cognito's Filter: a searchable attribute, = or ^=, and a
// value in double quotes, in which a backslash guards a quote or a backslash.
func parseFilter(text string) (filter, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return filter{}, nil
	}
	i := strings.IndexAny(text, "^=")
	if i < 0 {
		return filter{}, badFilter()
	}
	f := filter{name: strings.Trim(strings.TrimSpace(text[:i]), `"`)}
	rest, ok := strings.CutPrefix(text[i:], "^=")
	f.prefix = ok
	if !ok {
		rest, ok = strings.CutPrefix(text[i:], "=")
	}
	if !ok {
		return filter{}, badFilter()
	}
	if !slices.Contains([]string{"username", "email", "phone_number", "name", "given_name", "family_name",
		"preferred_username", "cognito:user_status", "status", "sub"}, f.name) {
		return filter{}, badFilter()
	}
	f.value, ok = unquote(strings.TrimSpace(rest))
	if !ok {
		return filter{}, badFilter()
	}
	return f, nil
}

func unquote(text string) (string, bool) {
	text, ok := strings.CutPrefix(text, `"`)
	var value strings.Builder
	for i := 0; ok && i < len(text); i++ {
		switch {
		case text[i] == '"':
			return value.String(), i == len(text)-1
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		value.WriteByte(text[i])
	}
	return "", false
}

func (f filter) matches(p *pool, u *user) bool {
	var value string
	wanted := f.value
	switch f.name {
	case "":
		return true
	case "username":
		value, wanted = p.canonical(u.name), p.canonical(wanted)
	case "sub":
		value = u.sub
	case "status":
		value = "Enabled"
	case "cognito:user_status":
		value, wanted = u.status, strings.ToUpper(wanted)
	case "email", "preferred_username":
		value, wanted = p.canonical(u.attributes[f.name]), p.canonical(wanted)
	default:
		value = u.attributes[f.name]
	}
	if f.prefix {
		return strings.HasPrefix(value, wanted) && value != ""
	}
	return value == wanted && value != ""
}

func badFilter() error { return refuse(invalidParameter, "Error while parsing filter.") }
