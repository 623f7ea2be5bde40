package password_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"html"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"mime/quotedprintable"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pontte/portaria/pkg/password"
)

// everything is a policy that asks for all there is.
func everything(length int) password.Policy {
	return password.Policy{MinLength: length, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true}
}

func mustTemporary(t testing.TB, random io.Reader, p password.Policy) string {
	t.Helper()
	s, err := password.Temporary(random, p)
	if err != nil {
		t.Fatalf("Temporary = %v, want no error", err)
	}
	return s
}

// TestMillionTemporaryPasswords has a million go the way to the customer, in the
// fragment of a link, in HTML and in quoted-printable, and holds of each that it
// arrives as it was, has the form that is promised, meets every policy and never
// came before.
func TestMillionTemporaryPasswords(t *testing.T) {
	const mails, each = 1000, 1000
	const alnum, all = "[a-km-np-zA-HJ-NP-Z2-9]", "[a-km-np-zA-HJ-NP-Z2-9_-]"
	form := regexp.MustCompile("^" + alnum + all + "{18}" + alnum + "$")
	policy := everything(12)
	random := mathrand.NewChaCha8([32]byte{5})
	seen := make(map[[20]byte]struct{}, mails*each)
	for range mails {
		var body, mail bytes.Buffer
		for range each {
			s := mustTemporary(t, random, password.Default())
			if !form.MatchString(s) {
				t.Fatalf("%q is not of the form %v", s, form)
			}
			if _, again := seen[[20]byte([]byte(s))]; again {
				t.Fatalf("%q came twice", s)
			}
			seen[[20]byte([]byte(s))] = struct{}{}
			if broken := policy.Check(s, password.Given{}); broken != nil {
				t.Fatalf("%q breaks %q", s, broken)
			}
			if url.QueryEscape(s) != s || url.PathEscape(s) != s || html.EscapeString(s) != s || html.UnescapeString(s) != s {
				t.Fatalf("%q changes in a URL or in HTML", s)
			}
			body.WriteString("&c=" + s + "\r\n")
		}
		w := quotedprintable.NewWriter(&mail)
		w.Write(body.Bytes()) // to memory
		w.Close()
		if back, err := io.ReadAll(quotedprintable.NewReader(&mail)); err != nil || !bytes.Equal(back, body.Bytes()) {
			t.Fatalf("quoted-printable changed %q, %v", body.String(), err)
		}
	}
}

func TestTemporaryInALink(t *testing.T) {
	for range 10_000 {
		s := mustTemporary(t, rand.Reader, password.Default())
		link := "https://example.com/nova-senha#u=maria%40example.com&c=" + s
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if _, c, _ := strings.Cut(u.EscapedFragment(), "&c="); c != s || u.String() != link {
			t.Fatalf("%q came out of the link as %q", s, c)
		}
	}
}

func TestTemporaryIsAsLongAsThePoolAsks(t *testing.T) {
	for minimum, want := range map[int]int{0: 20, 6: 20, 12: 20, 20: 20, 21: 21, 64: 64, 99: 99} {
		s := mustTemporary(t, rand.Reader, everything(minimum))
		if broken := everything(minimum).Check(s, password.Given{}); len(s) != want || broken != nil {
			t.Errorf("with at least %d characters: %q of %d, breaks %q, want %d", minimum, s, len(s), broken, want)
		}
	}
}

func TestTemporaryOfABrokenSource(t *testing.T) {
	broken := errors.New("no entropy")
	for name, tt := range map[string]struct {
		random io.Reader
		want   error
	}{
		"fails":            {iotest.ErrReader(broken), broken},
		"ends":             {strings.NewReader("a few bytes"), io.EOF},
		"always zero":      {constant(0), password.ErrNotRandom},
		"always one":       {constant(1), password.ErrNotRandom},
		"always all ones":  {constant(0xff), password.ErrNotRandom},
		"always a symbol":  {constant(56), password.ErrNotRandom},
		"never moves on":   {stuck{}, io.ErrNoProgress},
		"one byte a time":  {iotest.OneByteReader(rand.Reader), nil},
		"fails later on":   {io.MultiReader(io.LimitReader(rand.Reader, 10), iotest.ErrReader(broken)), broken},
		"all there is due": {io.LimitReader(rand.Reader, 1<<16), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := password.Temporary(tt.random, password.Default())
			if !errors.Is(err, tt.want) || (s == "") != (err != nil) {
				t.Errorf("Temporary = %q, %v, want error %v", s, err, tt.want)
			}
		})
	}
}

type constant byte

func (c constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// TestTemporaryHasEnoughEntropy counts the passwords that Temporary chooses
// from: all of the form, less those that lack a kind, by inclusion and exclusion.
func TestTemporaryHasEnoughEntropy(t *testing.T) {
	sizes := []int64{24, 24, 8, 2} // lower case, upper case, numbers, symbols
	total := new(big.Int)
	for lacking := range 1 << len(sizes) {
		ends, middle, sign := int64(0), int64(0), int64(1)
		for i, size := range sizes {
			switch {
			case lacking&(1<<i) != 0:
				sign = -sign
				continue
			case i < 3:
				ends += size
			}
			middle += size
		}
		count := new(big.Int).Exp(big.NewInt(middle), big.NewInt(18), nil)
		count.Mul(count, big.NewInt(ends*ends*sign))
		total.Add(total, count)
	}
	if bits := total.BitLen() - 1; bits < 112 {
		t.Errorf("Temporary chooses from 2^%d passwords, want 2^112", bits)
	}
	t.Logf("2^%d", total.BitLen()-1)
}

// TestTemporaryHasNoBias holds that every character is as likely as any other at
// every place, where the kinds are not yet decided by what must be there.
func TestTemporaryHasNoBias(t *testing.T) {
	const n, places = 200_000, 20
	var counts [places][256]int
	random := mathrand.NewChaCha8([32]byte{7})
	for range n {
		s := mustTemporary(t, random, password.Default())
		for i := range places {
			counts[i][s[i]]++
		}
	}
	for i := range places {
		for _, kind := range []string{"abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_"} {
			sum := 0
			for _, c := range []byte(kind) {
				sum += counts[i][c]
			}
			mean := float64(sum) / float64(len(kind))
			for _, c := range []byte(kind) {
				if got := float64(counts[i][c]); got < mean*0.85 || got > mean*1.15 {
					t.Errorf("place %d: %q came %.0f times, others of its kind %.0f", i, c, got, mean)
				}
			}
		}
	}
}

func BenchmarkTemporary(b *testing.B) {
	for b.Loop() {
		mustTemporary(b, rand.Reader, password.Default())
	}
}
