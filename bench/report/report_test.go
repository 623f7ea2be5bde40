package report_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/bench/peer"
	"github.com/pontte/portaria/bench/report"
)

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		sorted  []float64
		q, want float64
	}{
		{[]float64{7}, 0.99, 7},
		{[]float64{1, 2, 3}, 0.5, 2},
		{[]float64{1, 2}, 0.5, 1.5},
		{[]float64{10, 20, 30, 40, 50}, 0.25, 20},
		{[]float64{10, 20, 30, 40, 50}, 0.9, 46},
		{[]float64{10, 20}, 1, 20},
	} {
		if got := report.Quantile(c.sorted, c.q); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("Quantile(%v, %v) = %v, want %v", c.sorted, c.q, got, c.want)
		}
	}
}

// samples are three rounds in which ours takes half, a third and a quarter.
func samples() report.Samples {
	s := report.Samples{}
	for i, naive := range []float64{4, 9, 16} {
		s.Add(peer.Ours, report.Sample{report.Cold: naive / float64(i+2)})
		s.Add(peer.GoNaive, report.Sample{report.Cold: naive})
	}
	return s
}

func TestRatioIsTakenRoundByRound(t *testing.T) {
	want := report.Spread{Median: 1. / 3, Q1: (1./3 + 1./4) / 2, Q3: (1./3 + 1./2) / 2, N: 3}
	got := samples().Ratio(peer.Ours, peer.GoNaive, report.Cold)
	for _, p := range [][2]float64{{got.Median, want.Median}, {got.Q1, want.Q1}, {got.Q3, want.Q3}} {
		if math.Abs(p[0]-p[1]) > 1e-9 || got.N != want.N {
			t.Fatalf("Ratio = %+v, want %+v", got, want)
		}
	}
	if got := samples().Ratio(peer.Ours, peer.Rust, report.Cold); got.N != 0 {
		t.Errorf("Ratio to what was not measured = %+v, want none", got)
	}
}

func TestRootsAreToldAsWhatTheyCost(t *testing.T) {
	s := report.Samples{}
	for _, ours := range []float64{2, 10, 30} { // the difference is not that of the medians
		s.Add(peer.Ours, report.Sample{report.Cold: ours, report.ColdCPU: ours})
		s.Add(peer.OursOnce, report.Sample{report.Cold: 2 * ours, report.ColdCPU: ours + 1})
	}
	got := report.Result{Samples: s}.Markdown()
	const want = "\nA cold start of **ours, system roots once** takes 10.0 (6.0–20.0) ms longer than one of **ours**, and 1.0 ms more of processor time.\n\n"
	if strings.Count(got, "A cold start of") != 1 || !strings.Contains(got, want) {
		t.Errorf("Markdown = %s\nwant only %q of those that were measured", got, want)
	}
}

func TestJudge(t *testing.T) {
	targets := []report.Target{
		{report.Cold, peer.GoNaive, 0.75}, {report.Cold, peer.GoNaive, 0.25}, {report.Cold, "", 3}, {report.Cold, peer.Rust, 1},
		{report.Cold, peer.RustAWSLC, 1}, {report.Zip, "", 3},
	}
	var got []string
	skipped := map[string]string{peer.Rust: "cargo is not installed", peer.RustAWSLC: "cargo is not installed"}
	for _, v := range report.Judge(samples(), targets, skipped) {
		got = append(got, v.Target+": "+v.String())
	}
	want := []string{
		"cold ms ÷ go-naive: reached",
		"cold ms ÷ go-naive: **missed by 33 %**",
		"cold ms: reached",
		"cold ms ÷ rust (TLS tuned: ring): not measured: cargo is not installed",
		"cold ms ÷ rust-aws-lc (TLS by the SDK's default): not measured: cargo is not installed",
		"zip MiB: not measured",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Judge: -want +got\n%s", diff)
	}
}

func TestMarkdownNamesWhatWasSkipped(t *testing.T) {
	s := samples()
	skipped := map[string]string{peer.Rust: "cargo is not installed"}
	got := report.Result{
		Programs: []report.Program{{Name: peer.Ours, What: "Go"}, {Name: peer.GoNaive, What: "Go too"}, {Name: peer.Rust}},
		Skipped:  skipped, Samples: s, Verdicts: report.Judge(s, []report.Target{{report.Cold, peer.Rust, 1}}, skipped),
	}.Markdown()
	for _, want := range []string{
		"| **ours** Go | 3.0 (2.5–3.5) | – |",
		"| **rust** skipped: cargo is not installed | – |",
		"| go-naive | 0.33 (0.29–0.42) | – |",
		"| cold ms ÷ rust (TLS tuned: ring) | 1 | – | not measured: cargo is not installed |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the tables have no line that begins with %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "| rust | ") {
		t.Errorf("there is a ratio to what was skipped:\n%s", got)
	}
}

func TestBothRustsAreHeldToTheSameTargets(t *testing.T) {
	most := map[string]map[report.Figure]float64{peer.Rust: {}, peer.RustAWSLC: {}}
	for _, target := range report.Targets {
		if most[target.Over] != nil {
			most[target.Over][target.Figure] = target.AtMost
		}
	}
	for rust, got := range most {
		if diff := cmp.Diff(map[report.Figure]float64{report.Cold: 1.0, report.CPU: 1.2}, got); diff != "" {
			t.Errorf("targets over %s: -want +got\n%s", rust, diff)
		}
	}
}

func TestShortTargetsAreThePromisedOnesLoosened(t *testing.T) {
	for _, short := range report.ShortTargets {
		found := false
		for _, full := range report.Targets {
			found = found || full.String() == short.String() && full.AtMost*report.Slack == short.AtMost
		}
		if !found {
			t.Errorf("%v at most %v is not a target times %v", short, short.AtMost, report.Slack)
		}
	}
}

func TestEstimate(t *testing.T) {
	prices := report.Prices{GBSecond: 0.00001, Requests: 0.2, WriteUnits: 0.6}
	work := report.Work{Program: "ours", CPU: 0.5, ColdCPU: 10, Memory: 64, ItemSize: 1025}
	for _, c := range []struct {
		memoryMB int
		want     report.Cost
	}{
		// Half a processor: 0.5 ms take 1, and 5 for the table; 10 take 20, and 10.
		{1769 / 2, report.Cost{Program: "ours", MemoryMB: 884, WarmMS: 7, ColdMS: 31, Lambda: 0.2 + 7*884./1024*0.01, LambdaCold: 0.2 + 31*884./1024*0.01, DynamoDB: 1.2, Fits: true}},
		// More than one processor does not help one thread.
		{3008, report.Cost{Program: "ours", MemoryMB: 3008, WarmMS: 6, ColdMS: 20, Lambda: 0.2 + 6*3008./1024*0.01, LambdaCold: 0.2 + 20*3008./1024*0.01, DynamoDB: 1.2, Fits: true}},
		{128, report.Cost{Program: "ours", MemoryMB: 128, WarmMS: 12, ColdMS: 149, Lambda: 0.2 + 12*0.125*0.01, LambdaCold: 0.2 + 149*0.125*0.01, DynamoDB: 1.2, Fits: true}},
	} {
		got := prices.Estimate(work, c.memoryMB)
		near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
		if diff := cmp.Diff(c.want, got, near); diff != "" {
			t.Errorf("Estimate with %d MB: -want +got\n%s", c.memoryMB, diff)
		}
	}
	work.Memory = 65
	if prices.Estimate(work, 128).Fits {
		t.Error("65 MiB fit in 128 MB; half of it must stay free")
	}
}

func TestReplace(t *testing.T) {
	const doc = "before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n"
	got, err := report.Replace(doc, "bench", "new\n")
	if want := strings.Replace(doc, "old", "new", 1); got != want || err != nil {
		t.Errorf("Replace = %q, %v, want %q", got, err, want)
	}
	for _, broken := range []string{"", "<!-- bench:end -->\n<!-- bench:begin -->\n", doc + doc, "<!-- bench:begin -->\n"} {
		if _, err := report.Replace(broken, "bench", "new"); err == nil {
			t.Errorf("Replace in %q: no error", broken)
		}
	}
}
