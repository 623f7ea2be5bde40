package report

import (
	"fmt"
	"strings"

	"github.com/pontte/portaria/bench/peer"
)

// Result is all that one run of the bench found.
type Result struct {
	Date     string            `json:"date"`
	Machine  string            `json:"machine"`
	Plan     string            `json:"plan"`
	Programs []Program         `json:"programs"`
	Skipped  map[string]string `json:"skipped"` // programs left out, and why
	Verdicts []Verdict         `json:"verdicts"`
	Samples  Samples           `json:"samples"`
	ItemSize int               `json:"itemSize"` // bytes of a claim in the table
}

// Program is a row of the table.
type Program struct {
	Name string `json:"name"`
	What string `json:"what"`
}

// columns are the table's figures, and how many decimals they have.
var columns = []struct {
	figure   Figure
	decimals int
}{{Cold, 1}, {Init, 1}, {First, 2}, {ColdCPU, 1}, {P50, 0}, {P99, 0}, {CPU, 0}, {Memory, 1}, {Zip, 2}}

// Markdown is the result as it stands in docs/benchmarks.md.
func (r Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s. %s.\n\n", r.Date, r.Machine, r.Plan)
	b.WriteString("| |")
	for _, c := range columns {
		fmt.Fprintf(&b, " %s |", c.figure)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(columns)) + "\n")
	for _, p := range r.Programs {
		r.row(&b, p)
	}
	b.WriteString("\nMedians, with the quartiles in brackets.\n\n")
	r.ratios(&b)
	b.WriteString("\n")
	r.roots(&b)
	b.WriteString(VerdictTable(r.Verdicts))
	return b.String()
}

func (r Result) row(b *strings.Builder, p Program) {
	if why, ok := r.Skipped[p.Name]; ok {
		fmt.Fprintf(b, "| **%s** skipped: %s |%s\n", p.Name, why, strings.Repeat(" – |", len(columns)))
		return
	}
	fmt.Fprintf(b, "| **%s** %s |", p.Name, p.What)
	for _, c := range columns {
		fmt.Fprintf(b, " %s |", r.Samples.Of(p.Name, c.figure).text(c.decimals))
	}
	b.WriteString("\n")
}

// ratios is ours divided by each of the others, round by round. That of ours and
// ours again is what chance makes of 1.
func (r Result) ratios(b *strings.Builder) {
	figures := []Figure{Cold, First, P50, P99, CPU}
	b.WriteString("| ours ÷ |")
	for _, f := range figures {
		fmt.Fprintf(b, " %s |", f)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(figures)) + "\n")
	for _, p := range r.Programs {
		if _, skipped := r.Skipped[p.Name]; skipped || p.Name == peer.Ours {
			continue
		}
		fmt.Fprintf(b, "| %s |", p.Name)
		for _, f := range figures {
			ratio := r.Samples.Ratio(peer.Ours, p.Name, f)
			decimals := 2
			if ratio.Median < 0.1 {
				decimals = 3
			}
			fmt.Fprintf(b, " %s |", ratio.text(decimals))
		}
		b.WriteString("\n")
	}
}

// roots says what the system's roots cost over the bench's one.
func (r Result) roots(b *strings.Builder) {
	for _, name := range []string{peer.OursOnce, peer.OursThrice} {
		if more := r.Samples.Difference(name, peer.Ours, Cold); more.N > 0 {
			fmt.Fprintf(b, "A cold start of **%s** takes %s ms longer than one of **%s**, and %s ms more of processor time.\n\n",
				name, more.text(1), peer.Ours, r.Samples.Difference(name, peer.Ours, ColdCPU).text(1))
		}
	}
}

// VerdictTable says of each target whether it was reached.
func VerdictTable(verdicts []Verdict) string {
	var b strings.Builder
	b.WriteString("| promised | at most | measured | |\n|---|---:|---:|---|\n")
	for _, v := range verdicts {
		decimals := 2
		if v.AtMost < 0.1 {
			decimals = 3
		}
		fmt.Fprintf(&b, "| %s | %.4g | %s | %s |\n", v.Target, v.AtMost, v.Measured.text(decimals), v)
	}
	return b.String()
}

// text is "median (q1–q3)"; a figure that does not vary has no brackets.
func (s Spread) text(decimals int) string {
	switch {
	case s.N == 0:
		return "–"
	case s.Q1 == s.Q3:
		return fmt.Sprintf("%.*f", decimals, s.Median)
	}
	return fmt.Sprintf("%.*f (%.*f–%.*f)", decimals, s.Median, decimals, s.Q1, decimals, s.Q3)
}
