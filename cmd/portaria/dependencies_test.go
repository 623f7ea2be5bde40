package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestCommandIsFreeOfTools holds that the binary that operators get has neither
// the local stack nor a test library in it.
func TestCommandIsFreeOfTools(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{.ImportPath}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "github.com/pontte/portaria/pkg/signup") {
		t.Fatalf("go list -deps gave %d packages, but not pkg/signup", len(deps))
	}
	for _, dep := range deps {
		for _, tool := range []string{"github.com/pontte/portaria/local", "github.com/pontte/portaria/events", "github.com/truora/minidyn", "testing"} {
			if dep == tool || strings.HasPrefix(dep, tool+"/") {
				t.Errorf("the command depends on %s", dep)
			}
		}
	}
}
