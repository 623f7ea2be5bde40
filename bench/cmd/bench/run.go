package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pontte/portaria/bench/measure"
	"github.com/pontte/portaria/bench/peer"
	"github.com/pontte/portaria/bench/report"
)

const originalEvent = "events/admin-create-user.json"

// systemRoots is where Debian has the roots that it trusts, which are about those
// of provided.al2023.
const systemRoots = "/etc/ssl/certs/ca-certificates.crt"

// memories are those that the cost is reckoned for.
var memories = []int{128, 256, 512}

func run(ctx context.Context, o options) error {
	fmt.Printf("seed %d\n", o.plan.Seed)
	programs, skipped, err := build(ctx, o)
	if err != nil {
		return err
	}
	original, err := os.ReadFile(originalEvent)
	if err != nil {
		return err
	}
	out, err := filepath.Abs(o.out)
	if err != nil {
		return err
	}
	bench, err := measure.Open(out, original, o.plan)
	if err != nil {
		return err
	}
	defer bench.Close()
	if programs, err = useSystemRoots(bench, out, programs, skipped); err != nil {
		return err
	}
	result, err := measured(ctx, o, bench, programs)
	if err != nil {
		return err
	}
	maps.Copy(result.Skipped, skipped)
	result.Programs = rows(o.programs(), programs)
	result.Verdicts = report.Judge(result.Samples, o.targets(), skipped)
	return publish(o, result)
}

// build builds the programs, and gives those apart that cannot be had here, each
// with the reason.
func build(ctx context.Context, o options) (programs []peer.Program, skipped map[string]string, err error) {
	bootstrap, err := filepath.Abs(o.bootstrap)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.Getwd()
	if err != nil {
		return nil, nil, err
	}
	all, err := peer.Builder{Root: root, Out: filepath.Join(root, o.out), Bootstrap: bootstrap}.Build(ctx, o.programs()...)
	if err != nil {
		return nil, nil, err
	}
	skipped = map[string]string{}
	for _, p := range all {
		if p.Skip != "" {
			skipped[p.Name] = p.Skip
			fmt.Printf("%s is skipped: %s\n", p.Name, p.Skip)
			continue
		}
		programs = append(programs, p)
	}
	return programs, skipped, nil
}

// useSystemRoots lays out the roots of the system for the programs that want
// them, or leaves those out where there are none.
func useSystemRoots(bench *measure.Bench, out string, programs []peer.Program, skipped map[string]string) ([]peer.Program, error) {
	wants := func(p peer.Program) bool { return p.Roots != peer.BenchRoot }
	if !slices.ContainsFunc(programs, wants) {
		return programs, nil
	}
	bundle, err := os.ReadFile(systemRoots)
	if err == nil {
		return programs, bench.LayOutRoots(out, bundle)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, p := range programs {
		if wants(p) {
			skipped[p.Name] = systemRoots + " is not there (ca-certificates)"
			fmt.Printf("%s is skipped: %s\n", p.Name, skipped[p.Name])
		}
	}
	return slices.DeleteFunc(programs, wants), nil
}

// measured checks that the programs do the job, and measures them.
func measured(ctx context.Context, o options, bench *measure.Bench, programs []peer.Program) (report.Result, error) {
	for _, p := range programs {
		if err := bench.Check(ctx, p); err != nil {
			return report.Result{}, err
		}
	}
	samples, err := bench.Measure(ctx, o.plan, programs, os.Stderr)
	if err != nil {
		return report.Result{}, err
	}
	for _, p := range programs {
		size, err := p.Size()
		if err != nil {
			return report.Result{}, err
		}
		samples.Add(p.Name, report.Sample{report.Zip: float64(size) / (1 << 20)})
	}
	size, err := bench.ItemSize(ctx, programs[0])
	if err != nil {
		return report.Result{}, err
	}
	return report.Result{
		Date:     time.Now().UTC().Format(time.DateOnly),
		Machine:  fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
		Plan:     fmt.Sprintf("%d rounds cold, %d rounds warm of %d invocations, seed %d", o.plan.Cold, o.plan.Warm, o.plan.Invocations, o.plan.Seed),
		Skipped:  map[string]string{},
		Samples:  samples,
		ItemSize: size,
	}, nil
}

func rows(names []string, programs []peer.Program) []report.Program {
	what := map[string]string{}
	for _, p := range programs {
		what[p.Name] = p.What
	}
	list := make([]report.Program, 0, len(names))
	for _, name := range names {
		list = append(list, report.Program{Name: name, What: what[name]})
	}
	return list
}

// publish prints the result and writes it down. In the short bench a target that
// is missed is an error.
func publish(o options, r report.Result) error {
	table := r.Markdown()
	fmt.Println(table)
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.out, "result.json"), b, 0o644); err != nil {
		return err
	}
	if o.short {
		return failMissed(r.Verdicts)
	}
	costs := report.CostTable(report.Virginia, works(r), memories)
	fmt.Println(costs)
	if o.doc == "" {
		return nil
	}
	doc, err := os.ReadFile(o.doc)
	if err != nil {
		return err
	}
	text := string(doc)
	for _, part := range []struct{ name, table string }{{"bench", table}, {"cost", costs}} {
		if text, err = report.Replace(text, part.name, part.table); err != nil {
			return fmt.Errorf("%s: %w", o.doc, err)
		}
	}
	return os.WriteFile(o.doc, []byte(text), 0o644)
}

func failMissed(verdicts []report.Verdict) error {
	var missed []string
	for _, v := range verdicts {
		if !v.Reached() {
			missed = append(missed, fmt.Sprintf("%s is %.2f, must be at most %.4g (%.2f times what was promised)", v.Target, v.Measured.Median, v.AtMost, report.Slack))
		}
	}
	if len(missed) > 0 {
		return errors.New(strings.Join(missed, "; "))
	}
	return nil
}

// works are what a sign-up takes of ours and of Python.
func works(r report.Result) []report.Work {
	var all []report.Work
	for _, name := range []string{peer.Ours, peer.Python} {
		if r.Samples[name] == nil {
			continue // skipped, which the first table says
		}
		all = append(all, report.Work{
			Program:  name,
			CPU:      r.Samples.Of(name, report.CPU).Median / 1000,
			ColdCPU:  r.Samples.Of(name, report.ColdCPU).Median,
			Memory:   r.Samples.Of(name, report.Memory).Median,
			ItemSize: r.ItemSize,
		})
	}
	return all
}
