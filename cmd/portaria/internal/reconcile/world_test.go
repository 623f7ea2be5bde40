package reconcile_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	idptypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/cmd/portaria/internal/reconcile"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/dynamodb/enginetest"
	"github.com/pontte/portaria/local/lambda"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/userpool"
)

const (
	poolID  = "us-east-1_portaria"
	lease   = 30 * time.Second
	trigger = "arn:aws:lambda:us-east-1:000000000000:function:pre-signup:live"
)

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func millis(at time.Time) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(at.UnixMilli())}
}

// world is a pool and a claims table, with taps on the ways to both, and time
// that passes only when told.
type world struct {
	t     *testing.T
	table string
	pool  *tap // what is compared reaches the pool and the table by these
	store *tap

	users *idp.Client // and the test itself past the taps
	items *sdk.Client

	mu   sync.Mutex
	time time.Time
}

var tables atomic.Int64

// onEveryStore runs test in a new world on every engine that can be had.
func onEveryStore(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	enginetest.OnEach(t, func(t *testing.T, endpoint string) { test(t, newWorld(t, endpoint, nil)) })
}

// newWorld is an empty world. f is the pool's trigger; nil: none.
func newWorld(t *testing.T, endpoint string, f func(*world) lambda.Function) *world {
	t.Helper()
	w := &world{t: t, time: time.Date(2026, time.March, 10, 9, 30, 0, 0, time.UTC)}
	w.table = fmt.Sprintf("claims-%d-%d", os.Getpid(), tables.Add(1))
	w.items = dynamodb.Client(endpoint)
	w.store = newTap(t, endpoint)
	if err := dynamodb.CreateTable(t.Context(), w.items, w.table); err != nil {
		t.Fatal(err)
	}
	config := cognito.Config{Now: w.now}
	settings := cognito.PoolSettings{ID: poolID, ClientID: "portaria", Attributes: []cognito.Attribute{{Name: "cpf"}}}
	if f != nil {
		config.Functions = map[string]lambda.Function{trigger: f(w)}
		settings.PreSignUp = trigger
	}
	pools, err := cognito.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := pools.CreatePool(settings); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(pools)
	t.Cleanup(server.Close)
	w.users, w.pool = poolClient(server.URL), newTap(t, server.URL)
	return w
}

// now is the time of this world, pass lets some of it go by.
func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = w.time.Add(d)
}

func poolClient(endpoint string) *idp.Client {
	return idp.New(idp.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Retryer: aws.NopRetryer{}, HTTPClient: readerOnly{},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// readerOnly hides all of a request's body but Read: the SDK's own body, closed
// early, makes net/http drop the connection under a long answer.
type readerOnly struct{}

func (readerOnly) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return http.DefaultClient.Do(r)
}

// tap passes requests on, counts them by operation and lets a test meddle.
type tap struct {
	url string

	mu     sync.Mutex
	calls  map[string]int
	meddle func(operation string, body []byte) // before a request is passed on
}

func newTap(t *testing.T, endpoint string) *tap {
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{calls: map[string]int{}}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // whoever asked is gone
		}
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		p.mu.Lock()
		p.calls[operation]++
		meddle := p.meddle
		p.mu.Unlock()
		if meddle != nil {
			meddle(operation, body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// before has meddle called before every request from now on; nil ends it.
func (p *tap) before(meddle func(operation string, body []byte)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meddle = meddle
}

// take gives what was called since the last take.
func (p *tap) take() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := p.calls
	p.calls = map[string]int{}
	return calls
}

// run is a Run on this world that keeps its findings in found.
func (w *world) run(fix bool, found *[]reconcile.Finding) *reconcile.Run {
	users := poolClient(w.pool.url)
	return &reconcile.Run{
		PoolID: poolID, Fix: fix, Lease: lease,
		Users:  userpool.NewList(users, poolID),
		Owners: userpool.New(users),
		Claims: registry.NewRecords(dynamodb.Client(w.store.url), w.table),
		Now:    w.now,
		Wait:   func(_ context.Context, d time.Duration) error { w.pass(d); return nil },
		Report: func(f reconcile.Finding) error { *found = append(*found, f); return nil },
		Save:   func(reconcile.State) error { return nil }, Progress: func(reconcile.State) {},
		Restart: func() { w.t.Error("the list was read from its beginning") },
	}
}

// reconcile runs from beginning to end and gives what was found and how many
// writes there were. No run may do more to a pool than read it.
func (w *world) reconcile(fix bool, change ...func(*reconcile.Run)) (found []reconcile.Finding, writes int) {
	w.t.Helper()
	w.store.take()
	w.pool.take()
	run := w.run(fix, &found)
	for _, c := range change {
		c(run)
	}
	if _, err := run.Do(w.t.Context(), reconcile.Begin(poolID, w.table, fix)); err != nil {
		w.t.Fatalf("Do = %v", err)
	}
	for operation, n := range w.pool.take() {
		if operation != "ListUsers" && operation != "AdminGetUser" {
			w.t.Errorf("the pool was asked for %s %d times", operation, n)
		}
	}
	for operation, n := range w.store.take() {
		switch operation {
		case "Scan", "GetItem", "BatchGetItem":
		default:
			writes += n
		}
	}
	return found, writes
}

// create makes a user past every trigger, and gives the user name.
func (w *world) create(email, number string) string {
	w.t.Helper()
	in := &idp.AdminCreateUserInput{
		UserPoolId: aws.String(poolID), Username: &email, MessageAction: idptypes.MessageActionTypeSuppress,
		UserAttributes: []idptypes.AttributeType{
			{Name: aws.String("email"), Value: &email}, {Name: aws.String("phone_number"), Value: aws.String("+5551981980387")},
		},
	}
	if number != "" {
		in.UserAttributes = append(in.UserAttributes, idptypes.AttributeType{Name: aws.String("custom:cpf"), Value: &number})
	}
	out, err := w.users.AdminCreateUser(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.User.Username
}

func (w *world) delete(name string) {
	w.t.Helper()
	if _, err := w.users.AdminDeleteUser(w.t.Context(), &idp.AdminDeleteUserInput{UserPoolId: aws.String(poolID), Username: &name}); err != nil {
		w.t.Error(err)
	}
}

// put writes an item as it is.
func (w *world) put(key string, attributes item) {
	w.t.Helper()
	it := item{"cpf": text(key)}
	maps.Copy(it, attributes)
	if _, err := w.items.PutItem(w.t.Context(), &sdk.PutItemInput{TableName: &w.table, Item: it}); err != nil {
		w.t.Fatal(err)
	}
}

// claimOf is a claim that names a user and is so old.
func (w *world) claimOf(name, email string, age time.Duration) item {
	return item{"userPoolId": text(poolID), "userName": text(name), "email": text(email), "trackCode": text("kept"),
		"content": text("of an attempt"), "claimedAt": millis(w.now().Add(-age))}
}

// dump is every item of the table, by its key, as plain text.
func (w *world) dump() map[string]map[string]string {
	w.t.Helper()
	all := map[string]map[string]string{}
	pages := sdk.NewScanPaginator(w.items, &sdk.ScanInput{TableName: &w.table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.WithoutCancel(w.t.Context()))
		if err != nil {
			w.t.Fatal(err)
		}
		for _, it := range page.Items {
			plain := map[string]string{}
			for name, value := range it {
				switch v := value.(type) {
				case *types.AttributeValueMemberS:
					plain[name] = v.Value
				case *types.AttributeValueMemberN:
					plain[name] = v.Value
				default:
					plain[name] = fmt.Sprintf("%T", v)
				}
			}
			all[plain["cpf"]] = plain
		}
	}
	return all
}

// stateFile is a state file that does not exist yet.
func stateFile(t *testing.T) string { return filepath.Join(t.TempDir(), "state.json") }
