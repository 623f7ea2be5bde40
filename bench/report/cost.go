package report

import (
	"fmt"
	"math"
	"strings"
)

// Prices are AWS's, in US dollars without tax.
type Prices struct {
	Region, Date string
	GBSecond     float64 // Lambda, arm64
	Requests     float64 // Lambda, a million
	WriteUnits   float64 // DynamoDB on demand, a million
}

// Virginia are the list prices that docs/benchmarks.md reckons with.
var Virginia = Prices{Region: "us-east-1", Date: "DynamoDB's since November 2024", GBSecond: 0.0000133334, Requests: 0.20, WriteUnits: 0.625}

// What the model takes as given; docs/benchmarks.md says where from.
const (
	mibOfOneProcessor = 1769 // of memory, at which Lambda gives one processor
	tableAnswers      = 5.0  // ms that DynamoDB takes for a write
	connectionTakes   = 5.0  // ms more on the network for the first one: name, TCP, TLS
	writeUnit         = 1024 // bytes
	million           = 1_000_000
)

// Work is what one sign-up takes of a program.
type Work struct {
	Program  string
	CPU      float64 // ms of a processor, warm
	ColdCPU  float64 // ms of a processor, from the program's start
	Memory   float64 // MiB
	ItemSize int     // bytes
}

// Cost is what a million sign-ups cost.
type Cost struct {
	Program        string
	MemoryMB       int
	WarmMS, ColdMS float64 // what Lambda charges for, of one sign-up
	Lambda         float64 // all warm
	LambdaCold     float64 // all cold
	DynamoDB       float64
	Fits           bool // in the memory, half of which is left for what the bench does not see
}

// Estimate says what a million sign-ups cost with so much memory. Lambda gives
// processor time in proportion to memory, up to one processor for one thread, and
// charges for each millisecond that was begun, that of the start included.
func (p Prices) Estimate(w Work, memoryMB int) Cost {
	share := min(1, float64(memoryMB)/mibOfOneProcessor)
	c := Cost{
		Program:  w.Program,
		MemoryMB: memoryMB,
		WarmMS:   math.Ceil(w.CPU/share + tableAnswers),
		ColdMS:   math.Ceil(w.ColdCPU/share + connectionTakes + tableAnswers),
		DynamoDB: math.Ceil(float64(w.ItemSize)/writeUnit) * p.WriteUnits,
		Fits:     w.Memory <= float64(memoryMB)/2,
	}
	gb := float64(memoryMB) / 1024
	c.Lambda = p.Requests + c.WarmMS/1000*gb*million*p.GBSecond
	c.LambdaCold = p.Requests + c.ColdMS/1000*gb*million*p.GBSecond
	return c
}

// CostTable is the cost of a million sign-ups for each kind of work and memory.
func CostTable(p Prices, works []Work, memories []int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "List prices of %s, %s: %g $/GB-s (arm64), %.2f $ per million requests, %.3f $ per million write units.\n\n",
		p.Region, p.Date, p.GBSecond, p.Requests, p.WriteUnits)
	b.WriteString("| per million sign-ups | memory MB | charged ms, warm | Lambda, all warm | charged ms, cold | Lambda, all cold | DynamoDB | together |\n")
	b.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, w := range works {
		for _, memory := range memories {
			c := p.Estimate(w, memory)
			if !c.Fits {
				fmt.Fprintf(&b, "| %s | %d | does not fit: it takes %.0f MiB | | | | | |\n", c.Program, c.MemoryMB, w.Memory)
				continue
			}
			fmt.Fprintf(&b, "| %s | %d | %.0f | $%.3f | %.0f | $%.3f | $%.3f | $%.2f to $%.2f |\n", c.Program, c.MemoryMB,
				c.WarmMS, c.Lambda, c.ColdMS, c.LambdaCold, c.DynamoDB, c.Lambda+c.DynamoDB, c.LambdaCold+c.DynamoDB)
		}
	}
	return b.String()
}
