// Command api is the Lambda function behind the HTTP API and the page for the new
// password.
package main

import "github.com/pontte/portaria/functions/internal/setup"

func main() { setup.Start("api", wire) }
