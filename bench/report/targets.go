package report

import (
	"fmt"

	"github.com/pontte/portaria/bench/peer"
)

// Target is the most that a figure of ours may be.
type Target struct {
	Figure Figure
	Over   string // the program whose figure ours is divided by; "" for the figure itself
	AtMost float64
}

// Targets are all that was promised.
var Targets = []Target{
	{Cold, peer.GoLimit, 1.45},
	{Cold, peer.GoNaive, 0.75},
	{Cold, peer.Python, 0.04},
	{Cold, peer.RustAWSLC, 1.0},
	{Cold, peer.Rust, 1.0},
	{First, "", 1.0},
	{CPU, peer.GoNaive, 0.60},
	{CPU, peer.RustAWSLC, 1.2},
	{CPU, peer.Rust, 1.2},
	{P99, peer.GoNaive, 0.30},
	{Memory, "", 15},
	{Zip, "", 3.2},
}

// ShortTargets are those that the short bench holds, loosened by Slack.
var ShortTargets = []Target{
	{Cold, peer.GoNaive, 0.75 * Slack},
	{CPU, peer.GoNaive, 0.60 * Slack},
}

// Slack is how much worse than promised the short bench may find us: it has few
// rounds, on whatever machine CI gives it.
const Slack = 1.25

// String names what is measured: "cold ms ÷ go-naive". Of the two in Rust it says
// which is which.
func (t Target) String() string {
	name := string(t.Figure) + " ÷ " + t.Over
	switch t.Over {
	case "":
		return string(t.Figure)
	case peer.RustAWSLC:
		return name + " (TLS by the SDK's default)"
	case peer.Rust:
		return name + " (TLS tuned: ring)"
	}
	return name
}

// Verdict is what became of a target.
type Verdict struct {
	Target   string  `json:"target"`
	AtMost   float64 `json:"atMost"`
	Measured Spread  `json:"measured"`
	Skipped  string  `json:"skipped,omitempty"` // why it was not measured
}

// Reached reports whether the median is within the target.
func (v Verdict) Reached() bool { return v.Measured.N > 0 && v.Measured.Median <= v.AtMost }

// String says whether the target was reached, and else by how much not.
func (v Verdict) String() string {
	switch {
	case v.Skipped != "":
		return "not measured: " + v.Skipped
	case v.Measured.N == 0:
		return "not measured"
	case v.Reached():
		return "reached"
	}
	return fmt.Sprintf("**missed by %.0f %%**", (v.Measured.Median/v.AtMost-1)*100)
}

// Judge holds the samples to targets. Programs that were left out are in
// skipped, each with the reason.
func Judge(s Samples, targets []Target, skipped map[string]string) []Verdict {
	verdicts := make([]Verdict, 0, len(targets))
	for _, t := range targets {
		v := Verdict{Target: t.String(), AtMost: t.AtMost, Skipped: skipped[t.Over]}
		if t.Over == "" {
			v.Measured = s.Of(peer.Ours, t.Figure)
		} else {
			v.Measured = s.Ratio(peer.Ours, t.Over, t.Figure)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}
