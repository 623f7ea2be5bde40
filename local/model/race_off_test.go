//go:build !race

package model_test

const withRace = false
