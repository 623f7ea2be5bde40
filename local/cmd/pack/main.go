// The pack command writes a zip that is the same bytes wherever it is made:
// whatever the files' times, owners, rights and folders are.
//
//	pack OUT.zip FILE…
//
// Each file stands in it by its base name alone, in that order of names, and is
// executable, as Lambda wants of a bootstrap. Only another version of Go's
// compress/flate can make other bytes of the same files.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}
