package main

import (
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
)

// The people of a scene.
var (
	signer   = person{"signer", "signer@example.com"}     // whose sign-up crashes
	stranger = person{"stranger", "stranger@example.com"} // who comes later
	former   = person{"former", "former@example.com"}     // who was there before
	last     = person{"last", "last@example.com"}         // who comes when all is over
)

// path is a way through the function, by what stands before.
type path struct {
	name   string
	before func(*scene)
	// attempt is what crashes, in its last try; later is the same person's
	// next request.
	attempt, later func(*scene) string
}

func signerSignsUp(s *scene) string { return s.signUp(signer, nil) }

func signerAsksAgain(s *scene) string { return s.resend(signer) }

func formerGone(s *scene) {
	formerThere(s)
	s.leave(former)
}

func formerThere(s *scene) {
	s.must("the former owner", s.signUp(former, nil), "in")
	s.passLease()
}

// paths are the ways through the function that make a call.
var paths = []path{
	{"new", func(*scene) {}, signerSignsUp, signerSignsUp},
	{"replay", func(*scene) {}, func(s *scene) string { s.lost = 1; return s.signUp(signer, nil) }, signerSignsUp},
	{"takeover", formerGone, signerSignsUp, signerSignsUp},
	{"conflict", formerThere, signerSignsUp, signerSignsUp},
	{"in progress", func(s *scene) {
		s.lost = 3 // Cognito gives up
		s.signUp(signer, map[string]string{"trackCode": "of an earlier visit"})
	}, signerSignsUp, signerSignsUp},
	{"no trackCode", func(*scene) {}, func(s *scene) string {
		return s.signUp(signer, map[string]string{"trackCode": " "})
	}, signerSignsUp},
	{"simulation wrong", formerGone, func(s *scene) string {
		return s.signUp(signer, map[string]string{"term": "0"})
	}, signerSignsUp},
	{"RESEND", func(s *scene) {
		s.must("the signer", s.signUp(signer, nil), "in")
		s.passLease()
	}, signerAsksAgain, signerAsksAgain},
}

// worlds are the kinds of pool that differ in what a later request is: in one
// every sign-up is another user, in the other the same person is the same user.
var worlds = []struct {
	name string
	cfg  local.Config
}{
	{"e-mails as user names", local.Config{}},
	{"plain user names", local.Config{PoolKind: cognito.PlainUserNames, TriggerOrder: cognito.TriggerAfterDuplicateCheck}},
}

// TestCrash kills the binary before and after every call that it makes, and
// looks at what the tries and sign-ups that follow leave behind.
func TestCrash(t *testing.T) {
	for _, world := range worlds {
		world.cfg.ResendRunsTrigger = cognito.ResendTriggerWithStored
		t.Run(world.name, func(t *testing.T) {
			tables := make([]strings.Builder, len(paths))
			t.Run("paths", func(t *testing.T) {
				for i, p := range paths {
					t.Run(p.name, func(t *testing.T) {
						t.Parallel()
						crashEverywhere(t, world.cfg, p, &tables[i])
					})
				}
			})
			printTable(t, tables)
		})
	}
}

// crashEverywhere writes a line of the table for each point of a path.
func crashEverywhere(t *testing.T, cfg local.Config, p path, table *strings.Builder) {
	s := newScene(t, cfg)
	p.before(s)
	calm := p.attempt(s)
	calls := s.aws.made()
	if len(calls) == 0 {
		t.Fatal("the path makes no call")
	}
	for _, c := range calls {
		moments := []moment{before, flying, after}
		if !c.writes() {
			moments = []moment{before, after}
		}
		for _, m := range moments {
			fmt.Fprintf(table, "%s\t%s call %d, %s", p.name, m, c.number, c.op)
			for _, q := range sequels {
				t.Run(fmt.Sprintf("%s %d/%s", m, c.number, q.name), func(t *testing.T) {
					s := newScene(t, cfg)
					p.before(s)
					s.crash = &crash{process: s.process, call: c.number, moment: m, left: q.crashes}
					s.faults = q.tried
					word := q.play(s, p, calm)
					s.crash.land()
					fmt.Fprintf(table, "\t%s/%s", word, strings.TrimSuffix(s.holder(), "@example.com"))
					s.wantOneInTheEnd()
				})
			}
			fmt.Fprintln(table)
		}
	}
}

// printTable prints path × point × what came of it and who has the CPF then.
func printTable(t *testing.T, tables []strings.Builder) {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "path\tkilled")
	for _, q := range sequels {
		fmt.Fprintf(w, "\t%s", q.name)
	}
	fmt.Fprintln(w)
	for i := range tables {
		fmt.Fprint(w, tables[i].String())
	}
	w.Flush()
	t.Logf("what came of it / who has the CPF:\n%s", out.String())
}
