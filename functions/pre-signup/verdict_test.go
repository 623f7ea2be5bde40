package main

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// nobody holds a CPF that is free.
const nobody = "nobody"

// claimant is whom the claim of the CPF names.
type claimant struct {
	userName, email, trackCode string
	at                         time.Time
}

// claim is the claim of the CPF, nil when there is none.
func (s *scene) claim() *claimant {
	s.t.Helper()
	out, err := s.stack.DynamoDB().GetItem(s.t.Context(), &sdk.GetItemInput{
		TableName: aws.String(s.stack.Table()), Key: s.key(), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(out.Item) == 0 {
		return nil
	}
	text := func(name string) string {
		v, _ := out.Item[name].(*types.AttributeValueMemberS)
		if v == nil {
			s.t.Fatalf("the claim has no %s", name)
		}
		return v.Value
	}
	at, _ := out.Item["claimedAt"].(*types.AttributeValueMemberN)
	if at == nil {
		s.t.Fatal("the claim has no claimedAt")
	}
	ms, err := strconv.ParseInt(at.Value, 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return &claimant{text("userName"), text("email"), text("trackCode"), time.UnixMilli(ms)}
}

func (s *scene) key() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"cpf": &types.AttributeValueMemberS{Value: oneCPF}}
}

// passLease lets a lease pass, by making the claim that much older: the binary
// has the real clock.
func (s *scene) passLease() {
	s.t.Helper()
	c := s.claim()
	if c == nil {
		return
	}
	_, err := s.stack.DynamoDB().UpdateItem(s.t.Context(), &sdk.UpdateItemInput{
		TableName: aws.String(s.stack.Table()), Key: s.key(),
		UpdateExpression: aws.String("SET claimedAt = :at"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":at": &types.AttributeValueMemberN{Value: strconv.FormatInt(c.at.Add(-defaultLease-time.Second).UnixMilli(), 10)},
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// holder is the user who has the CPF. It fails the test when there are two, or
// the claim does not name the one there is.
func (s *scene) holder() string {
	s.t.Helper()
	out, err := s.stack.Cognito().ListUsers(s.t.Context(), &idp.ListUsersInput{UserPoolId: aws.String(s.stack.UserPoolID())})
	if err != nil {
		s.t.Fatal(err)
	}
	holders, userName := []string{}, ""
	for _, u := range out.Users {
		values := make(map[string]string)
		for _, a := range u.Attributes {
			values[aws.ToString(a.Name)] = aws.ToString(a.Value)
		}
		if values["custom:cpf"] == oneCPF {
			holders, userName = append(holders, values["email"]), aws.ToString(u.Username)
		}
	}
	switch len(holders) {
	case 0:
		return nobody
	case 1:
		if c := s.claim(); c == nil || c.userName != userName || c.email != holders[0] {
			s.t.Errorf("%s has the CPF, the claim is %+v", holders[0], c)
		}
		return holders[0]
	}
	s.t.Errorf("%v have the CPF", holders)
	return "two"
}

// forecast is what must come of a sign-up of p, made now with a good form: what
// DESIGN promises, told from what stands in the pool and the table.
func (s *scene) forecast(p person) (words []string) {
	s.t.Helper()
	if s.holder() != nobody {
		return []string{"cpf_taken", "name_taken"}
	}
	c := s.claim()
	switch {
	case c == nil || time.Since(c.at) >= defaultLease:
		return []string{"in"}
	case c.userName == *s.nameOf(p) && c.trackCode == goodForm["trackCode"]: // the same attempt
		return []string{"in"}
	case c.email == p.email:
		return []string{"signup_in_progress"}
	}
	return []string{"cpf_taken"}
}
