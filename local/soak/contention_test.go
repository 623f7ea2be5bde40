package soak_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/local/dynamodb/enginetest"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

// TestOneOfAllWhoSignUpAtOnceIsAllowed has hundreds of people sign up at once with
// one CPF in all its spellings: one is allowed, all others read text 2, and the
// table ends with one claim, which is the one's.
func TestOneOfAllWhoSignUpAtOnceIsAllowed(t *testing.T) {
	people, rounds := setting(t, "PORTARIA_SOAK_PEOPLE", 300), setting(t, "PORTARIA_SOAK_ROUNDS", 20)
	enginetest.OnEach(t, func(t *testing.T, endpoint string) {
		client, table := newTable(t, endpoint)
		claims := patient{registry.New(client, table, lease, emptyPool{})}
		clock := func() time.Time { return time.Date(2026, time.March, 10, 9, 30, 0, 0, time.UTC) }
		var faults bytes.Buffer
		log := zerolog.New(zerolog.SyncWriter(&faults)).Level(zerolog.WarnLevel)
		h := signup.New(claims, emptyPool{}, log, clock)
		began := time.Now()
		allowed := map[string]string{} // user names by CPF
		for round := range rounds {
			c := nthCPF(t, round)
			answers := signUpAtOnce(t, h, c, people)
			got := map[string]int{}
			for userName, answer := range answers {
				if got[answer]++; answer == "allowed" {
					allowed[c.Digits()] = userName
				}
			}
			want := map[string]int{"allowed": 1, "Uma conta com esse CPF já existe": people - 1}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("round %d, answers (-want +got):\n%s\nlog: %.2000s", round, diff, faults.String())
				faults.Reset()
			}
		}
		if diff := cmp.Diff(allowed, claimants(t, client, table)); diff != "" {
			t.Errorf("claims that stand, against who was allowed (-allowed +claims):\n%s", diff)
		}
		t.Logf("%d people at once × %d CPFs in %v", people, rounds, time.Since(began).Round(time.Second/10))
	})
}

// signUpAtOnce gives what each user name was answered.
func signUpAtOnce(t *testing.T, h *signup.Handler, c cpf.CPF, people int) map[string]string {
	answers := make([]string, people)
	userNames := make([]string, people)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range people {
		userName, event := signUpEvent(t, c, i)
		userNames[i] = userName
		all.Go(func() {
			<-start
			answers[i] = "allowed"
			// Not t.Context() itself, which a thousand would wait for one another to derive from.
			if _, err := h.Invoke(context.WithoutCancel(t.Context()), event); err != nil {
				answers[i] = err.Error()
			}
		})
	}
	close(start)
	all.Wait()
	byName := make(map[string]string, people)
	for i, name := range userNames {
		byName[name] = answers[i]
	}
	if len(byName) != people {
		t.Fatalf("%d people have %d user names", people, len(byName))
	}
	return byName
}

// signUpEvent is the event of the i-th person: the user name is an e-mail or a
// UUID, the sign-up their own, an administrator's or another identity's, the
// simulation the same or another, the CPF in one of its eight spellings.
func signUpEvent(t *testing.T, c cpf.CPF, i int) (userName string, event []byte) {
	email := fmt.Sprintf("person-%d@example.com", i)
	userName = email
	if i%3 != 0 {
		userName = fmt.Sprintf("4d5f2e0c-5a3c-4f0e-9d63-%012d", i)
	}
	event, err := json.Marshal(map[string]any{
		"version": "1", "region": "us-east-1", "userPoolId": "us-east-1_portaria", "userName": userName,
		"triggerSource": [...]string{"PreSignUp_AdminCreateUser", "PreSignUp_SignUp", "PreSignUp_ExternalProvider"}[i%3],
		"callerContext": map[string]string{"awsSdkVersion": "aws-sdk-go-v2", "clientId": "CLIENT_ID_NOT_APPLICABLE"},
		"request": map[string]any{
			"userAttributes": map[string]string{"email": email, "phone_number": "+5551981980387", "custom:cpf": spell(c.Digits(), i)},
			"validationData": map[string]string{
				"trackCode": "21a81129400fbf441ae138e52eae8778", "simulationId": "mHPkDoN3TNqw7G3nxA4GAw", "loanValue": fmt.Sprint(123123 + i%2),
				"term": "180", "installment": "2439.02", "loanValueSelected": "123123", "phone": "+55 (51) 99999-9999",
			},
		},
		"response": map[string]bool{"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false},
	})
	if err != nil {
		t.Fatal(err)
	}
	return userName, event
}

// spell writes eleven digits with those of the three marks whose bit is set.
func spell(digits string, marks int) string {
	s := digits[:3]
	for i, part := range []struct{ mark, digits string }{{".", digits[3:6]}, {".", digits[6:9]}, {"-", digits[9:]}} {
		if marks&(1<<i) != 0 {
			s += part.mark
		}
		s += part.digits
	}
	return s
}

// claimants are the user names of all claims of the table, by CPF.
func claimants(t *testing.T, client *sdk.Client, table string) map[string]string {
	t.Helper()
	names := map[string]string{}
	pages := sdk.NewScanPaginator(client, &sdk.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			names[it["cpf"].(*types.AttributeValueMemberS).Value] = it["userName"].(*types.AttributeValueMemberS).Value
		}
	}
	return names
}

// patient waits for the table for as long as it takes: a thousand at once take a
// local engine longer than an invocation has. What an invocation does that runs
// out of time is tested elsewhere.
type patient struct{ signup.Registry }

func (p patient) Claim(ctx context.Context, a registry.Attempt) (registry.Outcome, error) {
	return p.Registry.Claim(context.WithoutCancel(ctx), a)
}

// emptyPool is a pool without users.
type emptyPool struct{}

func (emptyPool) Exists(context.Context, registry.Owner) (bool, error) { return false, nil }
func (emptyPool) Find(context.Context, registry.User) error            { return userpool.ErrNotFound }
