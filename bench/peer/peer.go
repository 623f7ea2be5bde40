// Package peer knows the programs that the bench compares: how each is built and
// started, and what of it is deployed.
package peer

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The programs' names.
const (
	Ours       = "ours"
	OursAgain  = "ours again" // the control: the same file, measured as another
	OursOnce   = "ours, system roots once"
	OursThrice = "ours, system roots thrice"
	GoLimit    = "go-limit"
	GoNaive    = "go-naive"
	Rust       = "rust"
	RustAWSLC  = "rust-aws-lc" // the same source, with the SDK's default for TLS
	Python     = "python"
)

// Roots says which root certificates a program finds.
type Roots int

// The roots that there are.
const (
	BenchRoot         Roots = iota // the bench's own and no other
	SystemRootsOnce                // the system's in one file, which is how our function reads them
	SystemRootsThrice              // the system's in a file and two folders, as Go finds them on provided.al2023 by itself
)

// Program is a program that can be measured.
type Program struct {
	Name    string
	What    string   // for the table: language, libraries and version
	Command []string // absolute
	Env     []string // beside what Lambda sets
	Package []string // the files and folders that are deployed
	Roots   Roots
	Skip    string // why it cannot be measured here; "" when it can

	// ColdOnly is set for a program that differs from another in nothing but its
	// start.
	ColdOnly bool
}

// Builder builds programs.
type Builder struct {
	Root      string // of the module
	Out       string // the folder that they are built into
	Bootstrap string // our function, as `sam build` makes it
}

// Build builds every program called, in that order. A program whose toolchain is
// not installed has Skip set; everything else that goes wrong is an error.
func (b Builder) Build(ctx context.Context, names ...string) ([]Program, error) {
	deployed, err := deployedEnv(filepath.Join(b.Root, "template.yaml"))
	if err != nil {
		return nil, err
	}
	programs := make([]Program, 0, len(names))
	for _, name := range names {
		p, err := b.build(ctx, name, deployed)
		if err != nil {
			return nil, fmt.Errorf("build %s: %w", name, err)
		}
		p.Name = name
		programs = append(programs, p)
	}
	return programs, nil
}

func (b Builder) build(ctx context.Context, name string, deployed []string) (Program, error) {
	switch name {
	case Ours, OursAgain, OursOnce, OursThrice:
		p, err := built("Go, as `sam build` makes it", b.Bootstrap)
		p.Env = deployed
		switch name {
		case OursOnce:
			p.Roots, p.ColdOnly = SystemRootsOnce, true
		case OursThrice:
			p.Roots, p.ColdOnly = SystemRootsThrice, true
		}
		return p, err
	case GoNaive:
		out := filepath.Join(b.Out, name, "bootstrap")
		if err := b.run(ctx, nil, "go", "build", "-o", out, "./bench/peers/"+name); err != nil {
			return Program{}, err
		}
		return built("Go, typed event, `LoadDefaultConfig`, plain `go build`", out)
	case GoLimit:
		out := filepath.Join(b.Out, name, "bootstrap")
		err := b.run(ctx, []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-ldflags", "-s -w -buildid=", "-o", out, "./bench/peers/"+name)
		if err != nil {
			return Program{}, err
		}
		p, err := built("Go, signed by hand on raw sockets, no SDK", out)
		p.Env = deployed
		return p, err
	case Rust:
		return b.rust(ctx, name, "ring", "TLS by ring, tuned")
	case RustAWSLC:
		return b.rust(ctx, name, "aws-lc", "TLS by aws-lc-rs, the SDK's default")
	case Python:
		return b.python(ctx)
	}
	return Program{}, fmt.Errorf("there is no program of that name")
}

// rust builds the crate with one of its features. Both share what cargo has
// built, and its place for the program: each is copied away from there.
func (b Builder) rust(ctx context.Context, name, feature, tls string) (Program, error) {
	if skip := missing("cargo", "cc"); skip != "" {
		return Program{Skip: skip}, nil
	}
	target := filepath.Join(b.Out, "cargo")
	err := b.run(ctx, nil, "cargo", "build", "--quiet", "--release", "--locked", "--manifest-path", "bench/peers/rust/Cargo.toml",
		"--target-dir", target, "--no-default-features", "--features", feature)
	if err != nil {
		return Program{}, err
	}
	out := filepath.Join(b.Out, name, "bootstrap")
	if err := copyProgram(filepath.Join(target, "release", "bootstrap"), out); err != nil {
		return Program{}, err
	}
	version, err := exec.CommandContext(ctx, "rustc", "--version").Output()
	if err != nil {
		return Program{}, err
	}
	return built("Rust "+strings.Fields(string(version))[1]+", lambda_runtime, aws-sdk-dynamodb, LTO; "+tls, out)
}

func copyProgram(from, to string) error {
	program, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, program, 0o755)
}

func (b Builder) python(ctx context.Context) (Program, error) {
	if skip := missing("python3"); skip != "" {
		return Program{Skip: skip}, nil
	}
	if err := b.run(ctx, nil, ".ci/tools", "bench-python"); err != nil {
		return Program{}, err
	}
	home := filepath.Join(b.Root, ".tools", "bench-python")
	libraries, err := filepath.Glob(filepath.Join(home, "lib", "python3.*", "site-packages"))
	if err != nil || len(libraries) != 1 {
		return Program{}, fmt.Errorf("%s has %d folders of packages, want one", home, len(libraries))
	}
	folder := filepath.Join(b.Root, "bench", "peers", "python")
	return Program{
		What:    "Python " + strings.TrimPrefix(filepath.Base(filepath.Dir(libraries[0])), "python") + ", awslambdaric, boto3",
		Command: []string{filepath.Join(home, "bin", "python"), "-m", "awslambdaric", "handler.handle"},
		// The libraries are compiled already; the folder of a function is read-only.
		Env:     []string{"LAMBDA_TASK_ROOT=" + folder, "PYTHONPATH=" + folder, "PYTHONDONTWRITEBYTECODE=1"},
		Package: []string{filepath.Join(folder, "handler.py"), libraries[0]},
	}, nil
}

// missing names the first of the programs that is not installed, "" when all
// are.
func missing(programs ...string) string {
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			return program + " is not installed"
		}
	}
	return ""
}

// run runs a command in the module's root, and gives its words when it fails.
func (b Builder) run(ctx context.Context, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = b.Root
	cmd.Env = append(os.Environ(), env...)
	if words, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, words)
	}
	return nil
}

// built is a program that is one file.
func built(what, file string) (Program, error) {
	if _, err := os.Stat(file); err != nil {
		return Program{}, err
	}
	return Program{What: what, Command: []string{file}, Package: []string{file}}, nil
}
