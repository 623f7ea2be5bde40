package password

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// lettersAndDigits has no two that look alike: 0 and O, 1, l and I.
	lowercase        = "abcdefghijkmnpqrstuvwxyz"
	uppercase        = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	numbers          = "23456789"
	lettersAndDigits = lowercase + uppercase + numbers

	// temporaryAlphabet needs no escape in a URL, in HTML and in mail.
	temporaryAlphabet = lettersAndDigits + "-_"

	temporaryLength = 20

	// maxTries is for a whole password, of which more than a third are kept, and
	// for one character, of which more than four fifths are.
	maxTries = 1000
)

// ErrNotRandom says that what a source of randomness gave had to be thrown away
// a thousand times in a row: it is broken.
var ErrNotRandom = errors.New("the source of randomness is not random")

// Temporary makes a temporary password of what rand gives, which must be
// cryptographically random, such as crypto/rand.Reader. It has 20 characters, or
// as many as p asks for if that is more, of A–Z a–z 0–9 - _ without those that
// look alike (0 O o, 1 l I), the first and the last a letter or digit, and of
// lower case, upper case, numbers and symbols at least one each, whether p asks
// for them or not: a pool whose policy is changed later takes it too. All such
// passwords are equally likely; there are more than 2^112 of them. The error is
// ErrNotRandom or says why rand could not be read.
func Temporary(rand io.Reader, p Policy) (string, error) {
	random := bufio.NewReaderSize(rand, 64)
	b := make([]byte, max(temporaryLength, p.minLength()))
	for range maxTries {
		for i := range b {
			alphabet := temporaryAlphabet
			if i == 0 || i == len(b)-1 {
				alphabet = lettersAndDigits
			}
			var err error
			if b[i], err = pick(random, alphabet); err != nil {
				return "", err
			}
		}
		// To throw the whole away keeps all that remain equally likely.
		if s := string(b); hasAllKinds(s) {
			return s, nil
		}
	}
	return "", ErrNotRandom
}

// pick gives one of at most 64 characters, each equally likely.
func pick(random io.ByteReader, alphabet string) (byte, error) {
	for range maxTries {
		b, err := random.ReadByte()
		if err != nil {
			return 0, fmt.Errorf("read randomness: %w", err)
		}
		// Six bits; those beyond the alphabet are thrown away, not wrapped.
		if i := int(b & 63); i < len(alphabet) {
			return alphabet[i], nil
		}
	}
	return 0, ErrNotRandom
}

func hasAllKinds(s string) bool {
	for _, kind := range []string{lowercase, uppercase, numbers, "-_"} {
		if !strings.ContainsAny(s, kind) {
			return false
		}
	}
	return true
}
