package cognito

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
)

const (
	upperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerLetters = "abcdefghijklmnopqrstuvwxyz"
	digits       = "0123456789"
)

// random draws ids and secrets from a reader. It is safe for concurrent use.
type random struct {
	mu     sync.Mutex
	reader io.Reader
}

func (r *random) bytes(n int) ([]byte, error) {
	b := make([]byte, n)
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := io.ReadFull(r.reader, b); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return b, nil
}

// uuid returns a random UUID, version 4.
func (r *random) uuid() (string, error) {
	b, err := r.bytes(16)
	if err != nil {
		return "", err
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// token returns n random bytes in the letters of URLs.
func (r *random) token(n int) (string, error) {
	b, err := r.bytes(n)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// text returns n letters of alphabet, each as likely as any other.
func (r *random) text(n int, alphabet string) (string, error) {
	var text strings.Builder
	fair := 256 - 256%len(alphabet)
	for text.Len() < n {
		b, err := r.bytes(1)
		if err != nil {
			return "", err
		}
		if int(b[0]) < fair {
			text.WriteByte(alphabet[int(b[0])%len(alphabet)])
		}
	}
	return text.String(), nil
}
