//go:build race

package model_test

// withRace says that the race detector slows the tests down, about tenfold.
const withRace = true
