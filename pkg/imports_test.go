// Package pkg_test holds the order of the packages to what the README promises.
package pkg_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/pontte/portaria/"

// order is the packages from the bottom up: each imports only those before it.
var order = []string{"redact", "metric", "cpf", "simulation", "registry", "userpool", "signup", "password", "limit", "web/gateway", "web/page", "web"}

func TestPackagesImportOnlyThoseBelow(t *testing.T) {
	for path, imports := range list(t, "./...") {
		name := strings.TrimPrefix(path, module+"pkg/")
		height := slices.Index(order, name)
		if name == path || height < 0 {
			if name != module+"pkg" { // this folder has only this test
				t.Errorf("%s has no place in the order", path)
			}
			continue
		}
		for _, i := range imports {
			below, ours := strings.CutPrefix(i, module)
			if ours && !slices.Contains(order[:height], strings.TrimPrefix(below, "pkg/")) {
				t.Errorf("%s imports %s, which is not below it", path, i)
			}
		}
	}
}

// TestWhatIsDeployedIsFreeOfTools holds that neither the local stack, nor the
// bench, nor a test library ends up in a function.
func TestWhatIsDeployedIsFreeOfTools(t *testing.T) {
	tools := []string{module + "local", module + "bench", module + "events", module + "cmd",
		"testing", "github.com/google/go-cmp", "pgregory.net/rapid", "github.com/truora/minidyn", "github.com/anishathalye/porcupine", "github.com/chromedp/chromedp"}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{.ImportPath}}", "./...", "../functions/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, module+"pkg/signup") {
		t.Fatalf("go list -deps gave %d packages, but not pkg/signup", len(deps))
	}
	for _, dep := range deps {
		for _, tool := range tools {
			if dep == tool || strings.HasPrefix(dep, tool+"/") {
				t.Errorf("what is deployed depends on %s", dep)
			}
		}
	}
}

func TestOnlyCPFKnowsBrdoc(t *testing.T) {
	for path, imports := range list(t, "../...") {
		if slices.Contains(imports, "github.com/paemuri/brdoc") != (path == module+"pkg/cpf") {
			t.Errorf("%s: imports brdoc, or is pkg/cpf and does not", path)
		}
	}
}

// list gives what each package under a pattern imports, tests apart.
func list(t *testing.T, pattern string) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, pattern)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	packages := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		packages[fields[0]] = fields[1:]
	}
	if len(packages) == 0 {
		t.Fatalf("no packages under %s", pattern)
	}
	return packages
}
