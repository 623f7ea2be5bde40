package measure

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/pontte/portaria/bench/fake"
	"github.com/pontte/portaria/bench/peer"
	"github.com/pontte/portaria/bench/report"
)

// Limits on one process, so that a program that hangs is named and not waited for.
const (
	coldWithin = 20 * time.Second
	warmWithin = 2 * time.Minute
)

// Bench is the AWS that the programs find.
type Bench struct {
	dynamodb    *fake.DynamoDB
	env         []string // how they find it
	root        []byte   // the one that signed for it, as PEM
	systemRoots string   // the folder of LayOutRoots
	signUps     []fake.SignUp
}

// cold runs a program from its start to its first answer.
func (b *Bench) cold(ctx context.Context, p peer.Program) (report.Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, coldWithin)
	defer cancel()
	var used time.Duration
	var failed error
	calls, asked, began, err := b.run(ctx, p, b.signUps[:1], func(pr *process, i int) {
		if i == 1 {
			used, failed = cpu(pr.cmd.Process.Pid)
		}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, fmt.Errorf("%s, cold: %w", p.Name, err)
	}
	return report.Sample{
		report.Cold:    milliseconds(calls[0].Answered.Sub(began)),
		report.Init:    milliseconds(asked.Sub(began)),
		report.First:   milliseconds(calls[0].Answered.Sub(calls[0].Handed)),
		report.ColdCPU: milliseconds(used),
	}, nil
}

// warm runs a program through many invocations; the first of them, warmUp in
// number, do not count.
func (b *Bench) warm(ctx context.Context, p peer.Program, warmUp, invocations int) (report.Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, warmWithin)
	defer cancel()
	var from, to time.Duration
	var memory int64
	var failed error
	note := func(err error) {
		if failed == nil {
			failed = err
		}
	}
	calls, _, _, err := b.run(ctx, p, b.signUps[:warmUp+invocations], func(pr *process, i int) {
		var err error
		switch pid := pr.cmd.Process.Pid; i {
		case warmUp:
			from, err = cpu(pid)
			note(err)
		case warmUp + invocations:
			to, err = cpu(pid)
			note(err)
			memory, err = peak(pid)
			note(err)
		}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, fmt.Errorf("%s, warm: %w", p.Name, err)
	}
	took := make([]float64, 0, invocations)
	for _, c := range calls[warmUp:] {
		took = append(took, microseconds(c.Answered.Sub(c.Handed)))
	}
	slices.Sort(took)
	return report.Sample{
		report.P50:    report.Quantile(took, 0.5),
		report.P99:    report.Quantile(took, 0.99),
		report.CPU:    microseconds(to-from) / float64(invocations),
		report.Memory: float64(memory) / (1 << 20),
	}, nil
}

// run has one process answer signUps, all of which must be allowed, and holds
// that each was written.
func (b *Bench) run(ctx context.Context, p peer.Program, signUps []fake.SignUp, before func(*process, int)) (calls []fake.Call, asked, began time.Time, err error) {
	// The bench shares its processors with what it measures: its own collector
	// runs in between and not meanwhile.
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))

	events := make([][]byte, len(signUps))
	for i, s := range signUps {
		events[i] = s.Event
	}
	b.dynamodb.Take()
	pr, err := start(ctx, p, b.environ(p), events, nil, before)
	if err != nil {
		return nil, asked, began, err
	}
	defer pr.stop()
	if calls, asked, err = pr.wait(ctx); err != nil {
		return nil, asked, began, err
	}
	for i, c := range calls {
		if c.Failed {
			return nil, asked, began, fmt.Errorf("sign-up %d was not allowed: %s", i, c.Answer)
		}
	}
	return calls, asked, pr.began, fake.CheckWrites(b.dynamodb.Take(), signUps)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
