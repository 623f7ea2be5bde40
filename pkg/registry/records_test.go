package registry_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
)

// joaosCPF is a well-known number that belongs to nobody.
var joaosCPF = mustCPF("11144477735")

// sameItem compares items as DynamoDB has them.
var sameItem = cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberM{})

func records(s *store) *registry.Records { return registry.NewRecords(s.client, s.name) }

// mustGet reads a record on which a test builds.
func mustGet(t *testing.T, s *store, c cpf.CPF) registry.Record {
	t.Helper()
	r, err := records(s).Get(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecordsAreReadAsTheyStand(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		if r, err := records(s).Get(t.Context(), mariasCPF); !errors.Is(err, registry.ErrNoRecord) || !r.IsZero() {
			t.Errorf("Get of no record = %v, %v, want %v", r, err, registry.ErrNoRecord)
		}
		s.mustClaim(maria())
		r := mustGet(t, s, mariasCPF)
		want := registry.Record{Key: mariasCPF.Digits(), CPF: mariasCPF, User: registry.User{PoolID: pool, Name: "maria-1"},
			Email: "maria@example.com", PhoneNumber: "+5551999999999", ClaimedAt: now}
		if diff := cmp.Diff(want, r, cmpopts.IgnoreUnexported(registry.Record{}), cmp.Comparer(func(a, b cpf.CPF) bool { return a == b })); diff != "" {
			t.Errorf("a claim (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(s.item(mariasCPF), r.Attributes(), sameItem); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}

		for name, tt := range map[string]struct {
			it   item
			want registry.Record
			says string // Malformed
		}{
			"nothing but a key": {item{}, registry.Record{}, "userPoolId"},
			"no user name":      {item{"userPoolId": text(pool)}, registry.Record{User: registry.User{PoolID: pool}}, "userName"},
			"time in seconds, as text": {item{"userPoolId": text(pool), "userName": text("x"), "claimedAt": text("1773135000")},
				registry.Record{User: registry.User{PoolID: pool, Name: "x"}}, "claimedAt"},
			"e-mail as a number": {item{"userPoolId": text(pool), "userName": text("x"), "claimedAt": millis(now), "email": number("7")},
				registry.Record{User: registry.User{PoolID: pool, Name: "x"}, ClaimedAt: now}, "email"},
		} {
			s.put(joaosCPF, tt.it)
			got := mustGet(t, s, joaosCPF)
			if got.User != tt.want.User || got.Email != "" || !got.ClaimedAt.Equal(tt.want.ClaimedAt) || got.Malformed == nil || !strings.Contains(got.Malformed.Error(), tt.says) {
				t.Errorf("%s: got %+v, want %+v, malformed for its %s", name, got, tt.want, tt.says)
			}
		}
	})
}

func TestManyAreReadAtOnce(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		var asked []cpf.CPF
		for i := range 150 { // more than a batch holds
			c := numbered(i)
			asked = append(asked, c, c)
			if i%3 != 0 {
				s.put(c, item{"userPoolId": text(pool), "userName": text(fmt.Sprint("user-", i)), "claimedAt": millis(now)})
			}
		}
		got, err := records(s).GetMany(t.Context(), asked)
		if err != nil || len(got) != 100 {
			t.Fatalf("GetMany = %d records, %v, want 100", len(got), err)
		}
		for i := range 150 {
			r, found := got[numbered(i)]
			if found != (i%3 != 0) || found && r.User.Name != fmt.Sprint("user-", i) {
				t.Errorf("record %d: %+v, found %t", i, r, found)
			}
		}
		if got, err := records(s).GetMany(t.Context(), nil); len(got) != 0 || err != nil {
			t.Errorf("GetMany of none = %v, %v", got, err)
		}
	})
}

// numbered gives CPFs that nobody need have.
func numbered(i int) cpf.CPF {
	nine := fmt.Sprintf("%09d", 100_000_000+7*i)
	for check := range 100 {
		if c, err := cpf.Parse(fmt.Sprintf("%s%02d", nine, check)); err == nil {
			return c
		}
	}
	panic("no check digits fit " + nine)
}

// stingy answers one key of a batch and leaves the rest unprocessed.
type stingy struct{ registry.RecordsClient }

func (c stingy) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	rest := map[string]types.KeysAndAttributes{}
	for name, k := range in.RequestItems {
		if len(k.Keys) > 1 {
			rest[name] = types.KeysAndAttributes{Keys: k.Keys[1:], ConsistentRead: k.ConsistentRead}
		}
		in.RequestItems[name] = types.KeysAndAttributes{Keys: k.Keys[:1], ConsistentRead: k.ConsistentRead}
	}
	out, err := c.RecordsClient.BatchGetItem(ctx, in, o...)
	if err == nil {
		out.UnprocessedKeys = rest
	}
	return out, err
}

func TestWhatABatchLeavesIsAskedForAgain(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		var asked []cpf.CPF
		for i := range 5 {
			asked = append(asked, numbered(i))
			s.put(numbered(i), item{})
		}
		got, err := registry.NewRecords(stingy{s.client}, s.name).GetMany(t.Context(), asked)
		if len(got) != 5 || err != nil {
			t.Errorf("GetMany = %d records, %v, want all 5", len(got), err)
		}
	})
}

func TestPagesGiveEveryRecordOnce(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		want := map[string]int{"not a CPF": 1, "529.982.247-25": 1}
		for key := range want {
			putKey(t, s, key, item{})
		}
		for i := range 23 {
			s.put(numbered(i), item{})
			want[numbered(i).Digits()] = 1
		}
		got, after := map[string]int{}, ""
		for pages := 0; ; pages++ {
			page, next, err := records(s).Page(t.Context(), after, 5)
			if err != nil || len(page) > 5 || pages > 10 {
				t.Fatalf("page %d after %q: %d records, %v", pages, after, len(page), err)
			}
			for _, r := range page {
				got[r.Key]++
			}
			if after = next; after == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("records seen (-want +got):\n%s", diff)
		}
	})
}

func putKey(t *testing.T, s *store, key string, it item) {
	t.Helper()
	whole := item{"cpf": text(key)}
	maps.Copy(whole, it)
	if _, err := s.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &s.name, Item: whole}); err != nil {
		t.Fatal(err)
	}
}

var ana = registry.Holder{User: registry.User{PoolID: pool, Name: "ana-1"}, Email: "Ana@Example.com", PhoneNumber: "+5511988887777", Sub: "ana-sub"}

func TestAssign(t *testing.T) {
	made := item{"cpf": text(mariasCPF.Digits()), "userPoolId": text(pool), "userName": text("ana-1"), "email": text("ana@example.com"),
		"phoneNumber": text("+5511988887777"), "sub": text("ana-sub"), "triggerSource": text("reconcile"), "claimedAt": millis(now)}
	with := func(more item) item {
		it := maps.Clone(made)
		maps.Copy(it, more)
		return it
	}
	old := item{"trackCode": text("old"), "loanValue": text("123123"), "sub": number("1"), "email": text("old@example.com"), "content": text("of an attempt")}
	for _, tt := range []struct {
		name   string
		before item // nil: none
		to     registry.Holder
		want   item
	}{
		{"where there is none", nil, ana, made},
		{"of the old function", old, ana, with(item{"trackCode": text("old"), "loanValue": text("123123")})},
		{"of somebody else", item{"userPoolId": text(pool), "userName": text("nobody"), "claimedAt": millis(now.Add(-time.Hour)), "phoneNumber": text("+55")}, ana, made},
		{"to somebody without e-mail and phone", item{"email": text("x@example.com"), "phoneNumber": text("+55")}, registry.Holder{User: ana.User, Sub: "ana-sub"},
			item{"cpf": made["cpf"], "userPoolId": text(pool), "userName": text("ana-1"), "sub": text("ana-sub"), "triggerSource": text("reconcile"), "claimedAt": millis(now)}},
		{"to nobody", item{"userPoolId": text(pool), "userName": text("nobody"), "claimedAt": millis(now.Add(-time.Hour)), "trackCode": text("kept")}, registry.Holder{},
			item{"cpf": made["cpf"], "trackCode": text("kept"), "triggerSource": text("reconcile"), "claimedAt": millis(now)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, s *store) {
				var was registry.Record
				if tt.before != nil {
					s.put(mariasCPF, tt.before)
					was = mustGet(t, s, mariasCPF)
				}
				if err := records(s).Assign(t.Context(), mariasCPF, was, tt.to, now); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, s.item(mariasCPF), sameItem); diff != "" {
					t.Errorf("claim (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestAClaimToNobodyClosesTheCPF is what a claim to nobody is for.
func TestAClaimToNobodyClosesTheCPF(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		if err := records(s).Assign(t.Context(), mariasCPF, registry.Record{}, registry.Holder{}, now.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.table.Claim(t.Context(), maria()); !errors.Is(err, registry.ErrTaken) {
			t.Errorf("Claim = %v, want %v", err, registry.ErrTaken)
		}
	})
}

// TestNothingIsWrittenOverAChange has the claim change between the reading and
// each of the writes, in every way that a sign-up can change it.
func TestNothingIsWrittenOverAChange(t *testing.T) {
	claimed := item{"userPoolId": text(pool), "userName": text("maria-1"), "claimedAt": millis(now.Add(-time.Hour))}
	changes := map[string]item{
		"taken over": {"userPoolId": text(pool), "userName": text("joao-1"), "claimedAt": millis(now)},
		"renewed":    {"userPoolId": text(pool), "userName": text("maria-1"), "claimedAt": millis(now)},
		"bound":      {"userPoolId": text(pool), "userName": text("maria-1"), "claimedAt": millis(now.Add(-time.Hour)), "sub": text("maria-sub")},
		"moved":      {"userPoolId": text("us-east-1_other"), "userName": text("maria-1"), "claimedAt": millis(now.Add(-time.Hour))},
		"gone":       nil,
	}
	writes := map[string]func(context.Context, *registry.Records, registry.Record) error{
		"Assign": func(ctx context.Context, rs *registry.Records, r registry.Record) error {
			return rs.Assign(ctx, mariasCPF, r, ana, now)
		},
		"Stamp":  func(ctx context.Context, rs *registry.Records, r registry.Record) error { return rs.Stamp(ctx, r, now) },
		"Remove": func(ctx context.Context, rs *registry.Records, r registry.Record) error { return rs.Remove(ctx, r) },
	}
	onEveryStore(t, func(t *testing.T, s *store) {
		for name, write := range writes {
			for change, after := range changes {
				s.put(mariasCPF, claimed)
				was := mustGet(t, s, mariasCPF)
				s.remove(mariasCPF)
				if after != nil {
					s.put(mariasCPF, after)
				}
				before := s.item(mariasCPF)
				if err := write(t.Context(), records(s), was); !errors.Is(err, registry.ErrChanged) {
					t.Errorf("%s of a claim that was %s = %v, want %v", name, change, err, registry.ErrChanged)
				}
				if diff := cmp.Diff(before, s.item(mariasCPF), sameItem); diff != "" {
					t.Errorf("%s wrote over a claim that was %s:\n%s", name, change, diff)
				}
				s.remove(mariasCPF)
			}
		}
		s.mustClaim(maria())
		if err := records(s).Assign(t.Context(), mariasCPF, registry.Record{}, ana, now); !errors.Is(err, registry.ErrChanged) {
			t.Errorf("Assign where there was no claim = %v, want %v", err, registry.ErrChanged)
		}
	})
}

func TestRemoveAndStamp(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, it := range []item{{}, {"userName": number("1")}, {"claimedAt": text("soon"), "sub": text("x")}, {"userPoolId": text(pool), "userName": text("maria-1"), "claimedAt": millis(now)}} {
			s.put(mariasCPF, it)
			if err := records(s).Stamp(t.Context(), mustGet(t, s, mariasCPF), now.Add(time.Second)); err != nil {
				t.Fatalf("Stamp of %v = %v", it, err)
			}
			r := mustGet(t, s, mariasCPF)
			if !r.ClaimedAt.Equal(now.Add(time.Second)) {
				t.Errorf("claimedAt of %v after Stamp = %v", it, r.ClaimedAt)
			}
			if err := records(s).Remove(t.Context(), r); err != nil {
				t.Errorf("Remove of %v = %v", it, err)
			}
			if left := s.item(mariasCPF); left != nil {
				t.Errorf("after Remove there is %v", left)
			}
		}
	})
}

func TestCopy(t *testing.T) {
	const key = "529.982.247-25"
	old := item{"trackCode": text("old"), "term": text("180"), "userName": text("someone"), "email": text("old@example.com")}
	mine := item{"userPoolId": text(pool), "userName": text("maria-1"), "claimedAt": millis(now), "trackCode": text("mine")}
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, tt := range []struct {
			name       string
			old, there item
			want       item
		}{
			{"nothing there", old, nil, old},
			{"a key and no more", item{}, nil, item{"triggerSource": text("reconcile")}},
			{"a claim there", old, mine, item{"userPoolId": text(pool), "userName": text("maria-1"), "claimedAt": millis(now), "trackCode": text("mine"), "term": text("180")}},
			{"a claim there that lacks nothing", item{"trackCode": text("old")}, mine, mine},
		} {
			s.remove(mariasCPF)
			if tt.there != nil {
				s.put(mariasCPF, tt.there)
			}
			putKey(t, s, key, tt.old)
			page, _, err := records(s).Page(t.Context(), "", 10)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(page, func(r registry.Record) bool { return r.Key == key })
			if page[i].CPF != mariasCPF {
				t.Errorf("%s: the CPF of %s is %v", tt.name, key, page[i].CPF)
			}
			for range 2 { // the second finds nothing left to write
				if err := records(s).Copy(t.Context(), page[i]); err != nil {
					t.Errorf("%s: Copy = %v", tt.name, err)
				}
			}
			want := item{"cpf": text(mariasCPF.Digits())}
			maps.Copy(want, tt.want)
			if diff := cmp.Diff(want, s.item(mariasCPF), sameItem); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
	})
}

func TestATableThatDoesNotAnswer(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		s.put(mariasCPF, item{})
		r := mustGet(t, s, mariasCPF)
		none := registry.NewRecords(s.client, "no-such-table")
		_, getErr := none.Get(t.Context(), mariasCPF)
		_, manyErr := none.GetMany(t.Context(), []cpf.CPF{mariasCPF})
		_, _, pageErr := none.Page(t.Context(), "", 10)
		for call, err := range map[string]error{
			"Get": getErr, "GetMany": manyErr, "Page": pageErr,
			"Assign": none.Assign(t.Context(), mariasCPF, r, ana, now),
			"Stamp":  none.Stamp(t.Context(), r, now),
			"Copy":   none.Copy(t.Context(), r),
			"Remove": none.Remove(t.Context(), r),
		} {
			if _, gone := errors.AsType[*types.ResourceNotFoundException](err); !gone || errors.Is(err, registry.ErrChanged) || errors.Is(err, registry.ErrNoRecord) {
				t.Errorf("%s = %v, want that the table does not exist", call, err)
			}
		}
	})
}
