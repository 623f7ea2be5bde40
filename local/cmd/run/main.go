// The run command starts the local stack: a user pool with its trigger,
// DynamoDB, a mailbox and the real function. Ctrl-C ends it.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}
