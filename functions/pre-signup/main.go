// Command pre-signup is the Lambda function behind a user pool's PreSignUp
// trigger.
package main

import "github.com/pontte/portaria/functions/internal/setup"

func main() { setup.Start("pre-signup", wire) }
