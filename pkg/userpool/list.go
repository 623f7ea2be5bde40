package userpool

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// PageSize is how many users a page of a List has at most: Cognito gives no
// more.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
const PageSize = 60

// ListUsers is what a List needs of a client. When it refuses a PaginationToken
// its error must be a smithy.APIError named InvalidParameterException.
type ListUsers interface {
	ListUsers(context.Context, *cognitoidentityprovider.ListUsersInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error)
}

var _ ListUsers = (*cognitoidentityprovider.Client)(nil)

// List reads all users of a pool, page by page. Cognito's list follows the pool
// with a lag: a user who was just created may be missing, and one who was just
// deleted may stand in it.
type List struct {
	client ListUsers
	id     string
}

// NewList returns the list of the pool with that id.
func NewList(client ListUsers, poolID string) *List { return &List{client: client, id: poolID} }

// Listed is a user as a list has them.
type Listed struct {
	User
	WrittenCPF string // custom:cpf as it stands, CPF or not; "" when absent. Personal data
}

// ErrTokenRefused says that a list cannot be taken up again where its token
// points, and must be read from its beginning.
var ErrTokenRefused = errors.New("the pagination token is refused by Cognito")

// Page gives the users from token on, from the first with "". next is the token
// of the page that follows, "" when this is the last one. The error is
// ErrTokenRefused, for tokens grow old, or one of those that every call of a
// Pool can end in.
func (l *List) Page(ctx context.Context, token string) (users []Listed, next string, err error) {
	in := &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(l.id), Limit: aws.Int32(PageSize)}
	if token != "" {
		in.PaginationToken = aws.String(token)
	}
	out, err := l.client.ListUsers(ctx, in)
	switch {
	case token != "" && exception(err) == invalidParameter:
		return nil, "", ErrTokenRefused
	case err != nil:
		return nil, "", failure("list users", err)
	}
	for _, u := range out.Users {
		attributes := attributeMap(u.Attributes)
		users = append(users, Listed{
			User:       newUser(u.Username, Status(u.UserStatus), attributes),
			WrittenCPF: attributes[AttributeCPF],
		})
	}
	return users, aws.ToString(out.PaginationToken), nil
}
