package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/pontte/portaria/local/demo"
)

// stepWidth is the width of the first column, in characters.
const stepWidth = 54

// table prints lines as they come, so that a reader sees the story go on.
type table struct {
	out   io.Writer
	lines int
	wrong int
}

func newTable(out io.Writer) *table {
	t := &table{out: out}
	fmt.Fprintf(out, "\n     %s  %s\n     %s  %s\n", pad("what is done"), "what comes back", strings.Repeat("─", stepWidth), strings.Repeat("─", 40))
	return t
}

func (t *table) add(l demo.Line) {
	t.lines++
	mark := "✓"
	if !l.OK() {
		mark = "✗"
		t.wrong++
	}
	fmt.Fprintf(t.out, "%s %2d %s  %s\n", mark, t.lines, pad(l.Step), l.Got)
	if !l.OK() {
		fmt.Fprintf(t.out, "     %s  must be: %s\n", pad(""), l.Want)
	}
}

func (t *table) end() {
	fmt.Fprintf(t.out, "\n%d lines, %d not as they must be.\n", t.lines, t.wrong)
}

func pad(s string) string {
	return s + strings.Repeat(" ", max(0, stepWidth-utf8.RuneCountInString(s)))
}
