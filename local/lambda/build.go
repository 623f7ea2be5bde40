package lambda

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Build builds the Go package pkg, as seen from the folder dir, into the file
// out with the flags of the deployed function, for this machine. out is replaced
// in one step, so that whoever runs it is not disturbed. The error has the
// compiler's own words. Go's build cache makes a second build quick.
func Build(ctx context.Context, dir, pkg, out string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	fresh := fmt.Sprintf("%s.%d", out, os.Getpid())
	cmd := exec.CommandContext(ctx, "go", "build",
		"-tags", "lambda.norpc,nethttpomithttp2", "-trimpath", "-ldflags", "-s -w -buildid=",
		"-buildvcs=false", // SAM builds a copy without .git
		"-o", fresh, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	if words, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, words)
	}
	if err := os.Rename(fresh, out); err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	return nil
}
