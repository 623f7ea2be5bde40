package reconcile_test

import (
	"context"
	"io"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	idptypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/cmd/portaria/internal/reconcile"
	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

// TestBesideSignUps mends again and again while hundreds sign up through the
// trigger, over CPFs that are free, orphaned, or held by users whose claim is
// missing or wrong. Whatever happens, no CPF has two users, and in the end each
// user has a claim.
func TestBesideSignUps(t *testing.T) {
	const signUps = 200
	server := httptest.NewServer(dynamodb.NewHandler())
	t.Cleanup(server.Close)
	w := newWorld(t, server.URL, func(w *world) lambda.Function {
		return lambda.Func(func(ctx context.Context, event []byte) ([]byte, error) {
			claims := registry.New(w.items, w.table, lease, userpool.New(w.users))
			return signup.New(claims, userpool.New(w.users), zerolog.New(io.Discard), w.now).Invoke(ctx, event)
		})
	})
	// Each CPF is after by two: the same person twice, or two strangers.
	for i := range signUps / 2 {
		switch p := seedPerson(i); i % 4 {
		case 1:
			w.put(p.cpf, w.claimOf("nobody", p.email(9), longAgo))
		case 2: // who tried before, in vain
			w.put(p.cpf, w.claimOf(p.email(0), p.email(0), lease))
		case 3: // a former user's, by the old function, with a mark: no sign-up sees it
			w.put(p.marked, oldItem())
		}
	}
	var created, refused atomic.Int64
	var all sync.WaitGroup
	// A sign-up begins with every eighth request of the runs, so that they meet
	// each other everywhere.
	begin, over := make(chan struct{}, signUps), make(chan struct{})
	var requests atomic.Int64
	meddle := func(string, []byte) {
		if requests.Add(1)%8 == 0 {
			select {
			case begin <- struct{}{}:
			default: // all have begun
			}
		}
	}
	w.pool.before(meddle)
	w.store.before(meddle)
	for i := range signUps {
		p := seedPerson(i / 2)
		email := p.email(i % 2 * (i / 2 % 3))
		in := &idp.AdminCreateUserInput{UserPoolId: aws.String(poolID), Username: &email, MessageAction: idptypes.MessageActionTypeSuppress,
			UserAttributes: []idptypes.AttributeType{{Name: aws.String("email"), Value: &email}, {Name: aws.String("custom:cpf"), Value: &p.cpf}}}
		for name, value := range simulated {
			in.ValidationData = append(in.ValidationData, idptypes.AttributeType{Name: &name, Value: &value})
		}
		if i%10 == 7 { // refused by Cognito when the CPF is claimed already
			in.TemporaryPassword = aws.String("short")
		}
		all.Go(func() {
			<-begin
			if _, err := w.users.AdminCreateUser(t.Context(), in); err != nil {
				refused.Add(1)
			} else {
				created.Add(1)
			}
		})
	}
	go func() { all.Wait(); close(over) }()
	var mended, runs atomic.Int64
	once := func() {
		var found []reconcile.Finding
		run := w.run(true, &found)
		run.Wait = func(context.Context, time.Duration) error { return nil } // in this test time stands still
		if _, err := run.Do(t.Context(), reconcile.Begin(poolID, w.table, true)); err != nil {
			t.Error(err)
		}
		for _, f := range found {
			if f.Code == reconcile.CPFShared {
				t.Errorf("two users have one CPF: %+v", f)
			}
			if f.Result == reconcile.Mended {
				mended.Add(1)
			}
		}
		runs.Add(1)
	}
	var operators sync.WaitGroup
	for range 3 { // at once, which is no good idea, and harmless
		operators.Go(func() {
			for {
				once()
				select {
				case <-over:
					return
				default:
				}
			}
		})
	}
	operators.Wait()
	once() // when all is quiet
	if users := w.checkUsersHoldTheirs(); users != int(created.Load()) || users < signUps/4 || refused.Load() < signUps/4 {
		t.Errorf("%d users of %d created, %d refused", users, created.Load(), refused.Load())
	}
	t.Logf("%d runs, %d mended, %d created, %d refused", runs.Load(), mended.Load(), created.Load(), refused.Load())
	w.pass(lease)
	w.reconcile(true)
	if users, claims := w.checkUsersHoldTheirs(), len(w.dump()); claims != users {
		t.Errorf("a lease later %d claims are left for %d users", claims, users)
	}
}
