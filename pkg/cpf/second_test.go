package cpf_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/pontte/portaria/pkg/cpf"
)

// isCPF is a second implementation, apart from the one under test in every way:
// it works on the number and not on its text, and by another form of the rule. A
// number is a CPF when its digits, weighted 10 to 1 without the last and 11 to 1
// with it, come to multiples of 11, where a check digit 0 may also stand for 10,
// and when it is not one digit eleven times.
func isCPF(n uint64) bool {
	var digits [11]uint64 // from the last to the first
	for i := range digits {
		digits[i] = n % 10
		n /= 10
	}
	same := true
	for _, d := range digits {
		same = same && d == digits[0]
	}
	holds := func(digits []uint64) bool {
		sum := uint64(0)
		for i, d := range digits {
			sum += uint64(i+1) * d
		}
		return sum%11 == 0 || digits[0] == 0 && sum%11 == 1
	}
	return !same && holds(digits[1:]) && holds(digits[:])
}

// TestNumbersByTwoImplementations reads the hundred numbers of each of a thousand
// nine-digit bases, of which exactly one is a CPF, and none where the base is
// one digit nine times. PORTARIA_CPF_NUMBERS asks for more than 100000 (make cpf-oracles: a
// million, which take brdoc half a minute).
func TestNumbersByTwoImplementations(t *testing.T) {
	numbers := 100_000
	if s := os.Getenv("PORTARIA_CPF_NUMBERS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1000 {
			t.Fatalf("PORTARIA_CPF_NUMBERS=%q, want a number of at least 1000", s)
		}
		numbers = n
	}
	const seed = 20260310
	choices := rand.New(rand.NewPCG(seed, 0))
	work := make(chan uint64)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for base := range work {
				valid := 0
				for pair := range uint64(100) {
					n := base*100 + pair
					if compare(t, n) {
						valid++
					}
				}
				want := 1
				if base%111_111_111 == 0 {
					want = 0 // one digit nine times asks for the same digit twice more
				}
				if valid != want {
					t.Errorf("seed %d: %d numbers of base %09d are CPFs, want %d", seed, valid, base, want)
				}
			}
		})
	}
	for d := range uint64(10) {
		work <- d * 111_111_111
	}
	for range numbers/100 - 10 {
		work <- choices.Uint64N(1_000_000_000)
	}
	close(work)
	all.Wait()
	t.Logf("seed %d: %d numbers", seed, numbers/100*100)
}

// compare reports whether n is a CPF, and fails where the two differ.
func compare(t *testing.T, n uint64) bool {
	s := elevenDigits(n)
	want := isCPF(n)
	c, err := cpf.Parse(s)
	if (err == nil) != want || want && c.Digits() != s {
		t.Errorf("Parse(%q) = %q, %v, where a second implementation says %v", s, c.Digits(), err, want)
	}
	if invalid, ok := errors.AsType[*cpf.InvalidError](err); ok && invalid.Reason != cpf.CheckDigits && n%11_111_111_111 != 0 {
		t.Errorf("Parse(%q) finds wrong its %s", s, invalid.Reason)
	}
	return want
}

// elevenDigits writes n with zeros before it.
func elevenDigits(n uint64) string {
	var b [11]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = '0' + byte(n%10)
		n /= 10
	}
	return string(b[:])
}
