package measure

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pontte/portaria/bench/fake"
	"github.com/pontte/portaria/bench/peer"
	"github.com/pontte/portaria/bench/report"
)

const growthWithin = 3 * time.Minute // for one level

// Grow has so many processes of p, each with one invocation at a time as on
// Lambda, claim the CPFs of signUps on the DynamoDB at endpoint, all at once.
// Every process answers warmUp of them before the clock starts. The claims table
// must be there and have none of them.
func Grow(ctx context.Context, p peer.Program, endpoint string, processes, warmUp int, signUps []fake.SignUp) (report.Level, error) {
	ctx, cancel := context.WithTimeout(ctx, growthWithin)
	defer cancel()
	env := []string{"TABLE_NAME=" + fake.Table, "AWS_ENDPOINT_URL_DYNAMODB=" + endpoint, "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=" + endpoint}
	var ready sync.WaitGroup
	ready.Add(processes)
	begin := make(chan struct{})
	before := func(_ *process, i int) {
		if i != warmUp {
			return
		}
		ready.Done()
		select {
		case <-begin:
		case <-ctx.Done():
		}
	}
	var running []*process
	defer func() {
		for _, pr := range running {
			pr.stop()
		}
	}()
	for share := range slices.Chunk(signUps, len(signUps)/processes) {
		if len(running) == processes {
			break // what is left when the shares are even
		}
		events := make([][]byte, len(share))
		for i, s := range share {
			events[i] = s.Event
		}
		pr, err := start(ctx, p, env, events, nil, before)
		if err != nil {
			return report.Level{}, err
		}
		running = append(running, pr)
	}
	allReady := make(chan struct{})
	go func() { ready.Wait(); close(allReady) }()
	select {
	case <-allReady:
	case <-ctx.Done(): // the processes below say why
	}
	began := time.Now()
	close(begin)
	return level(ctx, running, warmUp, began)
}

// level waits for the processes and adds up what they did since began.
func level(ctx context.Context, running []*process, warmUp int, began time.Time) (report.Level, error) {
	var took []float64
	var ended time.Time
	for _, pr := range running {
		calls, _, err := pr.wait(ctx)
		if err != nil {
			return report.Level{}, err
		}
		for _, c := range calls {
			if c.Failed {
				return report.Level{}, fmt.Errorf("a sign-up was not allowed: %s", c.Answer)
			}
			if c.Answered.After(ended) {
				ended = c.Answered
			}
		}
		for _, c := range calls[warmUp:] {
			took = append(took, milliseconds(c.Answered.Sub(c.Handed)))
		}
	}
	slices.Sort(took)
	return report.Level{
		Concurrent: len(running),
		PerSecond:  float64(len(took)) / ended.Sub(began).Seconds(),
		P50:        report.Quantile(took, 0.5),
		P99:        report.Quantile(took, 0.99),
	}, nil
}
