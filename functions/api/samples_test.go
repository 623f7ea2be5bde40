package main

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"
)

// significance is how seldom two samples of the same times may be told apart by
// chance, by each of two tests.
const significance = 1e-4

// comparison is what two samples of times have to do with each other.
type comparison struct {
	medianA, medianB time.Duration

	auc float64 // how often a time of a is longer than one of b; 0.5 when neither is
	// p is how likely samples at least as far apart are by chance: by the test of
	// Mann and Whitney, which sees a shift, and by that of Kolmogorov and Smirnov,
	// which sees any difference.
	pShift, pAny float64
}

// differ reports whether the samples can be told apart.
func (c comparison) differ() bool { return c.pShift < significance || c.pAny < significance }

// compare compares two samples, of a few hundred times or more.
func compare(a, b []time.Duration) comparison {
	type measured struct {
		took time.Duration
		ofA  bool
	}
	var all []measured
	for _, took := range a {
		all = append(all, measured{took, true})
	}
	for _, took := range b {
		all = append(all, measured{took, false})
	}
	slices.SortFunc(all, func(x, y measured) int { return cmp.Compare(x.took, y.took) })
	n, m := float64(len(a)), float64(len(b))
	var ranks, seenA, seenB, apart float64
	for i := 0; i < len(all); {
		j := i // all of one time have the mean of their ranks
		for ; j < len(all) && all[j].took == all[i].took; j++ {
			if all[j].ofA {
				seenA++
			} else {
				seenB++
			}
		}
		rank := float64(i+j+1) / 2
		for ; i < j; i++ {
			if all[i].ofA {
				ranks += rank
			}
		}
		apart = max(apart, math.Abs(seenA/n-seenB/m))
	}
	u := ranks - n*(n+1)/2
	z := (u - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
	return comparison{
		medianA: median(a), medianB: median(b), auc: u / (n * m),
		pShift: math.Erfc(math.Abs(z) / math.Sqrt2),
		pAny:   min(1, 2*math.Exp(-2*apart*apart*n*m/(n+m))),
	}
}

func median(times []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(times))[len(times)/2]
}

// leastSeen is the smallest of a few shifts that would have been told apart, had
// all of a come later by it; 0 when none would.
func leastSeen(a, b []time.Duration) time.Duration {
	for _, shift := range []time.Duration{10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000} {
		shift *= time.Microsecond
		later := slices.Clone(a)
		for i := range later {
			later[i] += shift
		}
		if compare(later, b).differ() {
			return shift
		}
	}
	return 0
}

// TestCompare holds the statistics to samples of which the answer is known.
func TestCompare(t *testing.T) {
	var low, high, wide, odd, even []time.Duration
	for i := range time.Duration(500) {
		low = append(low, i)
		high = append(high, i+500)
		wide = append(wide, 250+(i-250)*3) // the same middle, and no other
		odd, even = append(odd, 2*i+1), append(even, 2*i)
	}
	for name, tt := range map[string]struct {
		a, b   []time.Duration
		auc    float64
		differ bool
	}{
		"all lower":       {low, high, 0, true},
		"all higher":      {high, low, 1, true},
		"the same":        {low, low, 0.5, false},
		"interleaved":     {odd, even, 0.501, false},
		"only wider":      {wide, low, 0.5, true},
		"all of one time": {make([]time.Duration, 500), make([]time.Duration, 500), 0.5, false},
	} {
		got := compare(tt.a, tt.b)
		if got.differ() != tt.differ || math.Abs(got.auc-tt.auc) > 0.003 {
			t.Errorf("%s: %+v, want AUC %v and told apart: %v", name, got, tt.auc, tt.differ)
		}
	}
	if got := leastSeen(low, low); got != 10*time.Microsecond {
		t.Errorf("the least shift seen is %v, want 10µs", got)
	}
}
