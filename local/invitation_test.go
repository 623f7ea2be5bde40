package local_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
)

// TestInvitationAsItArrives compares what customers get, by e-mail and by SMS and
// in each kind of pool, with testdata/invitation.txt.
func TestInvitationAsItArrives(t *testing.T) {
	var got strings.Builder
	for _, kind := range []struct {
		name     string
		kind     cognito.PoolKind
		userName string
	}{
		{"e-mails are user names", cognito.EmailUserNames, "ana+x@example.com"},
		{"user names", cognito.PlainUserNames, "ana"},
	} {
		stack := start(t, local.Config{PoolKind: kind.kind})
		_, err := stack.Cognito().AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
			UserPoolId: aws.String(stack.UserPoolID()), Username: aws.String(kind.userName), TemporaryPassword: aws.String("Provisoria-2a_bc-DEF"),
			DesiredDeliveryMediums: []cognitotypes.DeliveryMediumType{cognitotypes.DeliveryMediumTypeEmail, cognitotypes.DeliveryMediumTypeSms},
			UserAttributes: []cognitotypes.AttributeType{
				{Name: aws.String("email"), Value: aws.String("ana+x@example.com")}, {Name: aws.String("phone_number"), Value: aws.String("+5551981980387")},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range stack.Mailbox.Messages() {
			fmt.Fprintf(&got, "== %s, %s to %s: %s\n%s\n", kind.name, m.Medium, m.To, m.Subject, strings.ReplaceAll(m.Body, stack.WebURL(), "https://conta.example"))
		}
	}
	want, err := os.ReadFile("testdata/invitation.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("invitation (-testdata/invitation.txt +got):\n%s", diff)
	}
}
