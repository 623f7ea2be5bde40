package peer_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pontte/portaria/bench/peer"
)

// root makes a module with nothing but a template.
func root(t *testing.T, template string) (dir, bootstrap string) {
	t.Helper()
	dir = t.TempDir()
	bootstrap = filepath.Join(dir, "bootstrap")
	for file, content := range map[string]string{"template.yaml": template, "bootstrap": "x"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, bootstrap
}

const template = `
Globals: {Function: {Environment: {Variables: {GOGC: "200"}}}}
Resources:
  PreSignUpFunction:
    Properties:
      Environment: {Variables: {GOMAXPROCS: 1, TABLE_NAME: !Ref Table}}
`

func TestMissingToolchainIsNamed(t *testing.T) {
	dir, bootstrap := root(t, template)
	t.Setenv("PATH", t.TempDir()) // nothing is installed
	programs, err := peer.Builder{Root: dir, Out: dir, Bootstrap: bootstrap}.Build(t.Context(), peer.Ours, peer.Rust, peer.RustAWSLC, peer.Python)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		peer.Ours: "", peer.Rust: "cargo is not installed", peer.RustAWSLC: "cargo is not installed", peer.Python: "python3 is not installed",
	}
	for _, p := range programs {
		if p.Skip != want[p.Name] {
			t.Errorf("%s: Skip = %q, want %q", p.Name, p.Skip, want[p.Name])
		}
	}
	if len(programs) != len(want) {
		t.Errorf("Build = %v, want %d programs, the skipped ones too", programs, len(want))
	}
}

func TestRootsOfOursAreForTheStartOnly(t *testing.T) {
	dir, bootstrap := root(t, template)
	programs, err := peer.Builder{Root: dir, Bootstrap: bootstrap}.Build(t.Context(), peer.Ours, peer.OursAgain, peer.OursOnce, peer.OursThrice)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []peer.Roots{peer.BenchRoot, peer.BenchRoot, peer.SystemRootsOnce, peer.SystemRootsThrice} {
		if p := programs[i]; p.Roots != want || p.ColdOnly != (want != peer.BenchRoot) {
			t.Errorf("%s: roots %d, cold only %t, want roots %d", p.Name, p.Roots, p.ColdOnly, want)
		}
	}
}

// TestRustsShareWhatCargoBuilds has a cargo that builds its own arguments.
func TestRustsShareWhatCargoBuilds(t *testing.T) {
	dir, _ := root(t, template)
	tools := t.TempDir()
	for tool, script := range map[string]string{
		"cargo": "#!/bin/sh\nmkdir -p out/cargo/release && echo \"$*\" > out/cargo/release/bootstrap\n",
		"rustc": "#!/bin/sh\necho rustc 1.95.0\n",
		"cc":    "#!/bin/sh\n",
	} {
		if err := os.WriteFile(filepath.Join(tools, tool), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", tools+string(filepath.ListSeparator)+os.Getenv("PATH"))
	programs, err := peer.Builder{Root: dir, Out: filepath.Join(dir, "out")}.Build(t.Context(), peer.Rust, peer.RustAWSLC)
	if err != nil {
		t.Fatal(err)
	}
	target := " --target-dir " + filepath.Join(dir, "out", "cargo") + " "
	for i, want := range []string{" --no-default-features --features ring\n", " --no-default-features --features aws-lc\n"} {
		p := programs[i]
		program, err := os.ReadFile(p.Command[0])
		if err != nil || !strings.HasSuffix(string(program), want) || !strings.Contains(string(program), target) {
			t.Errorf("%s is built by %q, %v, want %q and %q", p.Name, program, err, target, want)
		}
		if !strings.HasPrefix(p.What, "Rust 1.95.0, ") || p.What == programs[1-i].What {
			t.Errorf("%s is told as %q, want its version and what the other is not", p.Name, p.What)
		}
	}
}

func TestFailedBuildIsAnError(t *testing.T) {
	dir, bootstrap := root(t, template) // has no peers to build
	_, err := peer.Builder{Root: dir, Out: dir, Bootstrap: bootstrap}.Build(t.Context(), peer.GoNaive)
	if err == nil || !strings.Contains(err.Error(), "build go-naive") {
		t.Errorf("Build = %v, want an error that names go-naive", err)
	}
}

func TestOursRunsWithTheTemplatesVariables(t *testing.T) {
	dir, bootstrap := root(t, template)
	programs, err := peer.Builder{Root: dir, Out: dir, Bootstrap: bootstrap}.Build(t.Context(), peer.Ours)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := programs[0].Env, []string{"GOGC=200", "GOMAXPROCS=1"}; !slices.Equal(got, want) {
		t.Errorf("Env = %v, want %v", got, want)
	}
	dir, bootstrap = root(t, "Resources: {}")
	if _, err := (peer.Builder{Root: dir, Bootstrap: bootstrap}).Build(t.Context(), peer.Ours); err == nil {
		t.Error("a template without the function: no error")
	}
}

func TestSizeIsOfWhatIsDeployed(t *testing.T) {
	dir := t.TempDir()
	noise := make([]byte, 10_000) // does not get smaller
	rand.Read(noise)
	for file, content := range map[string][]byte{
		"libraries/boto3/client.py":             noise,
		"libraries/boto3/data.json":             bytes.Repeat([]byte("a"), 100_000),
		"libraries/boto3/__pycache__/x.pyc":     noise,
		"libraries/pip/install.py":              noise,
		"beside/not-deployed.py":                noise,
		"libraries/boto3/deeper/pip/of-pip.txt": noise,
	} {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	size, err := peer.Program{Package: []string{filepath.Join(dir, "libraries")}}.Size()
	if err != nil || size < 10_000 || size > 11_500 {
		t.Errorf("Size = %d, %v, want a little over 10000", size, err)
	}
}
