package main

import (
	"fmt"
	"slices"
	"strings"
)

// faultsDoc is where the results are kept.
const faultsDoc = "../../docs/faults.md"

const faultsHead = `# What the trigger answers when AWS fails

Written by a test: ` + "`PORTARIA_FAULTS=write go test -run TestFaults ./functions/pre-signup`" + ` measures all of it with the real binary and
writes this file, on a machine that has nothing else to do; without the variable the same test measures all of it again and fails where an answer is another.

One table for each way through the function, with its calls in their order. In a cell stand three answers: for a fault in the **first** try of the
call, in the **second** (the first being a 500 that does nothing) and in **all** its tries; one word where the three are the same. The last column has the
fault in all tries of every call, and what is about no call. ` + "`allowed`" + ` is the event, byte for byte; everything else is the code of a refusal.
` + "`cpf_taken?`" + ` is ` + "`cpf_taken`" + ` because nobody could say whether the owner exists: the log has a warning with the cause.

The test holds of every cell: an answer within 4 s; whoever is allowed has the claim in the table, as this very attempt and from this invocation on; a claim of
somebody else is untouched; no call is tried more than twice; neither answer nor log tells anything of the person, although AWS's answers do; the same process answers the
next event. "But done" means that the service did what was asked, and the answer said otherwise. A late request is performed when its caller has given up and the invocation is over.
`

// row is the cells of a way and a fault.
type row []*cell

// print prints the row as the document has it.
func (cells row) print() string {
	words := []string{cells[0].fault.name}
	for _, call := range cells[0].calls {
		var three []string
		for _, c := range cells {
			if c.call == call.number {
				three = append(three, c.word)
			}
		}
		if one := slices.Compact(slices.Clone(three)); len(one) == 1 {
			three = one
		}
		words = append(words, strings.Join(three, ", "))
	}
	return "| " + strings.Join(append(words, cells[len(cells)-1].word), " | ") + " |\n"
}

// head begins the table of a way.
func (w *way) head() string {
	var ops strings.Builder
	for _, c := range w.calls {
		fmt.Fprintf(&ops, " %d %s |", c.number, c.op)
	}
	return fmt.Sprintf("\n## %s\n\nWithout a fault: `%s`.\n\n| fault |%s every call |\n|%s\n",
		w.name, w.calm, &ops, strings.Repeat(" --- |", len(w.calls)+2))
}

func printDoc(rows []row) string {
	var out strings.Builder
	out.WriteString(faultsHead)
	for i, r := range rows {
		if w := r[0].way; i == 0 || rows[i-1][0].way != w {
			out.WriteString(w.head())
		}
		out.WriteString(r.print())
	}
	return out.String()
}

// keeps says whether the document has the row.
func keeps(doc string, r row) bool {
	_, table, _ := strings.Cut(doc, "\n## "+r[0].name+"\n")
	table, _, _ = strings.Cut(table, "\n## ")
	return strings.Contains(table, "\n"+r.print())
}
