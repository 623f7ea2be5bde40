package setup_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/pontte/portaria/functions/internal/setup"
)

func TestRuntimeLogKeepsWhatTheHandlerDoesNotSay(t *testing.T) {
	var log bytes.Buffer
	w := setup.RuntimeLog{Writer: &log}
	for _, line := range []string{`{"errorMessage":"O cpf informado não é válido","errorType":"Refusal"}` + "\n", "connection refused\n", `malformed HTTP response "04212286017 \"x" of it` + "\n", `"", "a\\" and "never` + "\n"} {
		if n, err := io.WriteString(w, line); n != len(line) || err != nil {
			t.Errorf("Write = %d, %v, want %d, nil", n, err, len(line))
		}
	}
	if log.String() != "connection refused\nmalformed HTTP response \"…\" of it\n\"…\", \"…\" and \"…\"\n" {
		t.Errorf("log = %q, want what is not a function's error", log.String())
	}
}
