package signup_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/pontte/portaria/local/dynamodb"
	"github.com/pontte/portaria/local/dynamodb/enginetest"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
)

// nobody is a pool without users.
type nobody struct{}

func (nobody) Exists(context.Context, registry.Owner) (bool, error) { return false, nil }

// TestThreeHundredSignUpsAtOnceOneIsAllowed sends sign-ups of 300 people with
// one CPF in all its spellings: one is allowed, the others read text 2.
func TestThreeHundredSignUpsAtOnceOneIsAllowed(t *testing.T) {
	const rounds, people = 20, 300
	enginetest.OnEach(t, func(t *testing.T, endpoint string) {
		client, table := dynamodb.Client(endpoint), fmt.Sprint("claims-signup-", os.Getpid())
		if err := dynamodb.CreateTable(t.Context(), client, table); err != nil {
			t.Fatal(err)
		}
		claims := registry.New(client, table, signupLease, nobody{})
		h := signup.New(claims, &fakeUsers{}, zerolog.Nop(), clockAt(began))
		for round := range rounds {
			c := cpfNumber(round)
			answers := make([]string, people)
			var all sync.WaitGroup
			start := make(chan struct{})
			for i := range people {
				event := []byte(strings.NewReplacer(
					"4d5f2e0c-5a3c-4f0e-9d63-0f6a1f4b7a10", fmt.Sprintf("4d5f2e0c-5a3c-4f0e-9d63-%012d", i),
					"email.test@gmail.com", fmt.Sprintf("person-%d@example.com", i), "04212286017", spell(c, i)).Replace(original))
				all.Go(func() {
					<-start
					answers[i] = "allowed"
					if _, err := h.Invoke(t.Context(), event); err != nil {
						answers[i] = err.Error()
					}
				})
			}
			close(start)
			all.Wait()
			got := map[string]int{}
			for _, a := range answers {
				got[a]++
			}
			want := map[string]int{"allowed": 1, "Uma conta com esse CPF já existe": people - 1}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("round %d, answers (-want +got):\n%s", round, diff)
			}
		}
	})
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

// cpfNumber gives the i-th of a row of valid CPFs.
func cpfNumber(i int) string {
	base := fmt.Sprintf("%09d", 987654300+i)
	for range 2 {
		sum := 0
		for j, d := range base {
			sum += int(d-'0') * (len(base) + 1 - j)
		}
		base += fmt.Sprint(sum * 10 % 11 % 10)
	}
	return base
}
