// Command bench measures our function beside its peers, and writes what it found
// into docs/benchmarks.md. With -short it measures ours and the naive one in Go
// only, and fails when ours is too slow. It is run from the module's root: make
// bench, make bench-short.
package main

import (
	"context"
	"flag"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"

	"github.com/pontte/portaria/bench/measure"
	"github.com/pontte/portaria/bench/peer"
	"github.com/pontte/portaria/bench/report"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, readOptions()); err != nil {
		log.Fatal(err)
	}
}

// options say what to measure and where to.
type options struct {
	short     bool
	plan      measure.Plan
	bootstrap string
	out       string
	doc       string
}

func readOptions() options {
	var o options
	flag.BoolVar(&o.short, "short", false, "measure ours and the naive one in Go only; fail when ours is too slow")
	flag.Uint64Var(&o.plan.Seed, "seed", 0, "of the order in each round; 0 makes one up")
	flag.IntVar(&o.plan.Cold, "cold", 0, "rounds of cold starts (41; short 15)")
	flag.IntVar(&o.plan.Warm, "warm", 0, "rounds of warm runs (15; short 5)")
	flag.IntVar(&o.plan.Invocations, "invocations", 0, "of each warm run (3000; short 1000)")
	flag.StringVar(&o.bootstrap, "bootstrap", ".build/functions/PreSignUpFunction/bootstrap", "our function")
	flag.StringVar(&o.out, "out", ".build/bench", "folder of the peers and of result.json")
	flag.StringVar(&o.doc, "doc", "docs/benchmarks.md", "document that gets the tables; empty: none")
	flag.Parse()
	defaults := measure.Plan{Cold: 41, Warm: 15, Invocations: 3000, WarmUp: 300}
	if o.short {
		defaults, o.doc = measure.Plan{Cold: 15, Warm: 5, Invocations: 1000, WarmUp: 200}, ""
	}
	o.plan.WarmUp = defaults.WarmUp
	for _, n := range []struct{ set, otherwise *int }{
		{&o.plan.Cold, &defaults.Cold}, {&o.plan.Warm, &defaults.Warm}, {&o.plan.Invocations, &defaults.Invocations},
	} {
		if *n.set <= 0 {
			*n.set = *n.otherwise
		}
	}
	if o.plan.Seed == 0 {
		o.plan.Seed = rand.Uint64()
	}
	return o
}

// programs are what is measured, in the order of the table.
func (o options) programs() []string {
	if o.short {
		return []string{peer.Ours, peer.GoNaive}
	}
	return []string{peer.Ours, peer.OursAgain, peer.OursOnce, peer.OursThrice, peer.GoLimit, peer.GoNaive, peer.Rust, peer.RustAWSLC, peer.Python}
}

func (o options) targets() []report.Target {
	if o.short {
		return report.ShortTargets
	}
	return report.Targets
}
