package signup_test

import (
	"context"
	"io"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// agreeable is a registry that lets everybody in.
type agreeable struct{ signup.Registry }

func (agreeable) Claim(context.Context, registry.Attempt) (registry.Outcome, error) {
	return registry.Claimed, nil
}

// accepting is a DynamoDB that accepts every claim.
type accepting struct{ registry.DynamoDB }

func (accepting) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return &dynamodb.UpdateItemOutput{}, nil
}

// invoker answers the example's sign-up from end to end, the log line included.
func invoker(tb testing.TB, r signup.Registry) func() {
	tb.Helper()
	event, err := os.ReadFile("../../events/admin-create-user.json")
	if err != nil {
		tb.Fatal(err)
	}
	h := signup.New(r, nil, zerolog.New(io.Discard), time.Now)
	return func() {
		if _, err := h.Invoke(context.Background(), event); err != nil {
			tb.Fatal(err)
		}
	}
}

// TestAllocations holds what a sign-up that is validated without I/O may allocate,
// of which checking the CPF, which is brdoc's, is the larger part.
func TestAllocations(t *testing.T) {
	const most, runs = 150, 100
	brdoc := testing.AllocsPerRun(runs, func() { _, _ = cpf.Parse("04212286017") })
	if got := testing.AllocsPerRun(runs, invoker(t, agreeable{})); got > most {
		t.Errorf("%v allocations, %v of them the CPF's, want at most %d", got, brdoc, most)
	}
}

// BenchmarkValidate is all of a sign-up but its claim.
func BenchmarkValidate(b *testing.B) { run(b, invoker(b, agreeable{})) }

// BenchmarkClaim is the same and the making of the claim, up to the SDK.
func BenchmarkClaim(b *testing.B) {
	run(b, invoker(b, registry.New(accepting{}, "claims", 30*time.Second, nil)))
}

// BenchmarkCPF is the part of it that is brdoc's.
func BenchmarkCPF(b *testing.B) { run(b, func() { _, _ = cpf.Parse("04212286017") }) }

func run(b *testing.B, what func()) {
	b.ReportAllocs()
	for b.Loop() {
		what()
	}
}
