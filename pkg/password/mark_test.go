package password_test

import (
	"crypto/rand"
	"testing"

	"github.com/pontte/portaria/pkg/password"
)

func TestMark(t *testing.T) {
	mistaken := 0
	for range 10_000 {
		plain, err := password.Temporary(rand.Reader, password.Default())
		if err != nil {
			t.Fatal(err)
		}
		marked := password.Marked(plain, "EMAIL")
		if !password.IsMarked(marked, "EMAIL") || len(marked) != len(plain)+3 || marked[:len(plain)] != plain {
			t.Fatalf("the mark of %s is not to be read in %s", plain, marked)
		}
		for _, other := range []string{plain, password.Marked(plain, "other"), marked[:len(marked)-1] + "~", marked + "x"} {
			if password.IsMarked(other, "EMAIL") {
				mistaken++
			}
		}
	}
	if mistaken > 3 { // of 40,000, each with a chance of one in 170,000
		t.Errorf("%d passwords without the mark seem to have it", mistaken)
	}
	for _, short := range []string{"", "abc"} {
		if password.IsMarked(short, "EMAIL") {
			t.Errorf("%q seems to be marked", short)
		}
	}
}
