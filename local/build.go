package local

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pontte/portaria/local/lambda"
)

// BuildFunction builds functions/<name> of the module that the working folder is
// in, as it is deployed, and returns the binary's path. The binary stays in the
// module's git-ignored folder .build.
func BuildFunction(ctx context.Context, name string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(out)))
	if root == "." || root == filepath.Dir("/dev/null") {
		return "", errors.New("not in the folder of the module: go to where go.mod is")
	}
	binary := filepath.Join(root, ".build", "local", name, "bootstrap")
	return binary, lambda.Build(ctx, root, "./functions/"+name, binary)
}
