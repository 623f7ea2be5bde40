// Command cpfverdicts says of each text of a JSON array on its standard input what
// pkg/cpf makes of it: the eleven digits, or the reason why it is no CPF. It is
// there for .ci/cpf-oracles.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pontte/portaria/pkg/cpf"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cpfverdicts:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var texts []string
	if err := json.NewDecoder(in).Decode(&texts); err != nil {
		return fmt.Errorf("read the texts: %w", err)
	}
	verdicts := make([]string, len(texts))
	for i, s := range texts {
		c, err := cpf.Parse(s)
		verdicts[i] = c.Digits()
		if invalid, ok := errors.AsType[*cpf.InvalidError](err); ok {
			verdicts[i] = string(invalid.Reason)
		}
	}
	return json.NewEncoder(out).Encode(verdicts)
}
