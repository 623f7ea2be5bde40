package demo_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
	"github.com/pontte/portaria/local/demo"
	"github.com/pontte/portaria/pkg/cpf"
)

// build builds the function once for all tests.
var build = sync.OnceValues(func() (string, error) { return local.BuildFunction(context.Background(), "pre-signup") })

// start starts a stack and gives it as a target.
func start(t *testing.T, cfg local.Config) demo.Target {
	t.Helper()
	var err error
	if cfg.Binary, err = build(); err != nil {
		t.Fatal(err)
	}
	stack, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stack.Close)
	return demo.Target{
		Cognito: stack.Cognito(), UserPoolID: stack.UserPoolID(), ClientID: stack.ClientID(),
		Mailbox: func(_ context.Context, to string) (string, error) {
			for _, m := range stack.Mailbox.Messages() {
				if m.Medium == cognito.MediumEmail && m.To == to {
					return m.Body, nil
				}
			}
			return "", errors.New("no e-mail came")
		},
	}
}

// TestStory plays the whole story with the real binary in every kind of pool,
// with the trigger on either side of Cognito's own check for duplicates, and
// with a RESEND that runs it or does not.
func TestStory(t *testing.T) {
	kinds := map[string]cognito.PoolKind{"e-mail": cognito.EmailUserNames, "plain": cognito.PlainUserNames, "alias": cognito.EmailAliases}
	orders := map[string]cognito.TriggerOrder{"trigger first": cognito.TriggerBeforeDuplicateCheck, "duplicates first": cognito.TriggerAfterDuplicateCheck}
	resends := map[string]cognito.ResendTrigger{
		"RESEND untriggered": cognito.ResendWithoutTrigger, "RESEND triggers": cognito.ResendTriggerWithRequested,
		"RESEND triggers, stored attributes": cognito.ResendTriggerWithStored,
	}
	for kindName, kind := range kinds {
		for orderName, order := range orders {
			for resendName, resend := range resends {
				t.Run(kindName+", "+orderName+", "+resendName, func(t *testing.T) {
					target := start(t, local.Config{PoolKind: kind, TriggerOrder: order, ResendRunsTrigger: resend})
					person := demo.Original()
					if kind == cognito.EmailAliases { // where no user name may be an e-mail
						person.UserName = "email.test"
					}
					demo.Play(t.Context(), target, person, func(l demo.Line) {
						if !l.OK() {
							t.Errorf("%s: %s, want %s", l.Step, l.Got, l.Want)
						}
					})
				})
			}
		}
	}
}

// TestStoryOfAPoolWithoutAGate holds that the story can go wrong.
func TestStoryOfAPoolWithoutAGate(t *testing.T) {
	wrong := 0
	ok := demo.Play(t.Context(), start(t, local.Config{Untriggered: true}), demo.Original(), func(l demo.Line) {
		if !l.OK() {
			wrong++
		}
	})
	if ok || wrong != 7 {
		t.Errorf("Play = %v, %d lines wrong, want false and the 7 refusals", ok, wrong)
	}
}

func TestInventedPeopleHaveValidCPFs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[string]bool{}
	for range 1000 {
		p := demo.Invented(r)
		if _, err := cpf.Parse(p.CPF); err != nil {
			t.Errorf("CPF %s: %v", p.CPF, err)
		}
		seen[p.CPF] = true
	}
	if len(seen) < 990 {
		t.Errorf("%d different CPFs of 1000", len(seen))
	}
}
