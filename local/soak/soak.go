// Package soak holds no code but tests: they drive the sign-up and the claims
// with many clients at once, on every DynamoDB that can be had, and hold what
// comes back to what was promised.
//
// By themselves they are as small as a check can bear. These variables make them
// larger; `make soak` sets them:
//
//	PORTARIA_SOAK_PEOPLE      people who sign up at once with one CPF (300)
//	PORTARIA_SOAK_ROUNDS      CPFs that they do it with, one after the other (20)
//	PORTARIA_SOAK_OPERATIONS  calls of the registry to record and to judge (4000)
//	PORTARIA_SOAK_SEED        what the clients' choices follow from (1)
//
// The choices follow from the seed; how the clients overlap does not.
package soak
