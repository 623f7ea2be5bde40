package main

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// processes is how many cells are measured at once. The slow ones wait, they do
// not work.
const processes = 24

// TestFaults puts every fault into every call of every way through the function,
// and compares the answers with docs/faults.md.
func TestFaults(t *testing.T) {
	var rigs []*rig
	for range processes {
		rigs = append(rigs, newRig(t, nil))
	}
	sound := caseOf(t, "admin-create-user.json").Event
	ways := slices.Clone(ways)
	var rows []row
	for i := range ways {
		ways[i].prepare(t, rigs[0])
		for _, f := range faults {
			rows = append(rows, cellsOf(&ways[i], f))
		}
	}
	measure(t, rigs, sound, rows)
	kept, err := os.ReadFile(faultsDoc)
	writing := os.Getenv("PORTARIA_FAULTS") == "write"
	if err != nil && !writing {
		t.Fatal(err)
	}
	// On a busy machine one second may last longer than the function waits. What is
	// promised of every cell is held each time it is measured.
	for range 2 {
		if !writing {
			measure(t, rigs, sound, slices.DeleteFunc(slices.Clone(rows), func(r row) bool {
				return !r[0].fault.slow && !r[0].fault.varies || keeps(string(kept), r)
			}))
		}
	}
	doc := printDoc(rows)
	t.Log(doc)
	switch {
	case t.Failed():
	case writing:
		if err := os.WriteFile(faultsDoc, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		if diff := cmp.Diff(strings.Split(string(kept), "\n"), strings.Split(doc, "\n")); diff != "" {
			t.Errorf("docs/faults.md is not what was measured (-kept +measured):\n%s", diff)
		}
	}
}

// measure measures all cells of the rows, the slow ones first.
func measure(t *testing.T, rigs []*rig, sound []byte, rows []row) {
	t.Helper()
	queue := make(chan *cell)
	var work sync.WaitGroup
	for _, r := range rigs {
		work.Go(func() {
			for c := range queue {
				if c.measure(r, sound); c.err != nil {
					t.Errorf("%s: %v", c, c.err)
				}
			}
		})
	}
	for _, slow := range []bool{true, false} {
		for _, r := range rows {
			for _, c := range r {
				if c.fault.slow == slow {
					queue <- c
				}
			}
		}
	}
	close(queue)
	work.Wait()
}
