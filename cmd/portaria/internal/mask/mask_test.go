package mask_test

import (
	"testing"

	"github.com/pontte/portaria/cmd/portaria/internal/mask"
)

func TestMasks(t *testing.T) {
	for _, c := range []struct {
		name     string
		mask     func(string) string
		in, want string
	}{
		{"e-mail", mask.Email, "maria@example.com", "m***@example.com"},
		{"e-mail of one letter", mask.Email, "m@example.com", "m***@example.com"},
		{"accented e-mail", mask.Email, "ágata@example.com", "á***@example.com"},
		{"no e-mail", mask.Email, "maria", "***"},
		{"no name before the @", mask.Email, "@maria", "***"},
		{"nothing after the @", mask.Email, "maria@", "***"},
		{"empty", mask.Email, "", "***"},
		{"mobile", mask.Phone, "+5551981980387", "+5551*********"},
		{"foreign", mask.Phone, "+14155550100", "***"},
		{"short", mask.Phone, "+555198", "***"},
		{"user name, a UUID", mask.UserName, "1eafd00e-cad6-4b3e-abd3-5f1266df1a70", "1eafd00e-cad6-4b3e-abd3-5f1266df1a70"},
		{"user name, an e-mail", mask.UserName, "maria@example.com", "m***@example.com"},
		{"user name, a phone", mask.UserName, "+5551981980387", "+5551*********"},
		{"user name, a CPF", mask.UserName, "529.982.247-25", "***"},
		{"user name, none", mask.UserName, "", ""},
	} {
		if got := c.mask(c.in); got != c.want {
			t.Errorf("%s: %q is masked %q, want %q", c.name, c.in, got, c.want)
		}
	}
}
