package redact_test

import (
	"strings"
	"testing"

	"github.com/pontte/portaria/pkg/redact"
)

func TestText(t *testing.T) {
	for name, tt := range map[string]struct{ s, want string }{
		"a secret":                {"value hunter22 is wrong", "value [hidden] is wrong"},
		"a secret twice":          {"hunter22hunter22", "[hidden][hidden]"},
		"a short word stays":      {"the abc is wrong", "the abc is wrong"},
		"an e-mail":               {"user maria@example.com not found", "user [hidden] not found"},
		"an e-mail in quotes":     {`{"email":"maria@example.com"}`, `{"email":"[hidden]"}`},
		"a CPF":                   {"key 52998224725 too long", "key [hidden] too long"},
		"a formatted CPF":         {"key 529.982.247-25 too long", "key [hidden] too long"},
		"a phone":                 {"to +55 (51) 99999-9999 failed", "to +[hidden] failed"},
		"an address and port":     {"dial tcp 127.0.0.1:8000: refused", "dial tcp 127.0.0.1:8000: refused"},
		"a status":                {"StatusCode: 400, attempts, 2", "StatusCode: 400, attempts, 2"},
		"seven digits stay":       {"code 1234567", "code 1234567"},
		"cut off inside a letter": {strings.Repeat("é", 500), strings.Repeat("é", 300) + " …"},
	} {
		if got := redact.Text(tt.s, "hunter22", "abc"); got != tt.want {
			t.Errorf("%s: Text(%q) = %q, want %q", name, tt.s, got, tt.want)
		}
	}
}
