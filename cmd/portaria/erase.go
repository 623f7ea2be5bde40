package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pontte/portaria/cmd/portaria/internal/person"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
	"github.com/pontte/portaria/pkg/redact"
)

// eraseCmd erases one person's data.
type eraseCmd struct {
	personFlags
	Lease time.Duration `default:"30s" env:"CLAIM_LEASE" help:"How long the gate holds a CPF for an unfinished sign-up."`
	Yes   bool          `help:"Erase without asking."`
}

// Help teaches the command.
func (eraseCmd) Help() string {
	return `Deletes one person's users and claims, found as export finds them: run that first, and see that no law obliges you to keep the data. What will be erased is shown, masked, and has to be confirmed. Erased is erased.

  portaria erase --table portaria-claims --user-pool sa-east-1_EXAMPLE
  portaria erase --yes --output json <cpf.txt

The users go first, then the claims, so that no second account with the CPF can come into being meanwhile. A run that was broken off can be repeated; a second run finds nothing. While a claim is younger than the lease nothing is erased, because its sign-up may be under way: wait and run it again. With --no-scan-pool nothing is erased when no claim leads to a user.

Rights needed: dynamodb:GetItem and DeleteItem on the table, cognito-idp:AdminGetUser, ListUsers and AdminDeleteUser on the pool.

JSON: {"found": what export prints, masked, "erased": {"users": 1, "claims": 1}, "remains": [...]}. Exit codes: 0 erased, or nothing was there; 1 not, or not all of it; 4 not confirmed.`
}

// remains is what cannot be erased from here.
var remains = [...]string{
	"point-in-time backups of the claims table, for up to 35 days; a table restored from one needs this command again",
	"on-demand backups and exports of the table, where somebody made them",
	"the functions' logs, which have the CPF masked, until their retention ends",
	"counters of the limits table, under hashes of e-mail and address, until they expire within days",
	"tokens that the person holds: Cognito refuses them, others may take them until they expire",
	"Cognito's and CloudTrail's own logs, and whatever other systems keep",
}

// erasure is what is printed.
type erasure struct {
	Found   person.View   `json:"found"`
	Erased  person.Erased `json:"erased"`
	Remains []string      `json:"remains"`
}

// Run erases the data.
func (c *eraseCmd) Run(ctx context.Context, all *commands, term *terminal.Terminal, now clock) error {
	archive, p, err := c.find(ctx, all, term)
	if err != nil {
		return err
	}
	result := erasure{Found: person.Masked(p), Remains: remains[:]}
	if p.IsEmpty() {
		return term.Print(result, func(w io.Writer) { fmt.Fprintf(w, "There is nothing of %s.\n", p.CPF.Masked()) })
	}
	if !c.ScanPool && len(p.Users) == 0 {
		return errors.New("no claim leads to a user, and the pool was not searched for one, whose CPF would be free without the claim; nothing was erased: run it without --no-scan-pool")
	}
	if err := person.Erasable(p, c.Lease, now()); err != nil {
		return fmt.Errorf("%w: run it again in %s", err, c.Lease)
	}
	if term.Format == terminal.Table || !c.Yes {
		if err := term.Show(result.Found.WriteTable); err != nil {
			return err
		}
	}
	question := fmt.Sprintf("This deletes %s and %s for good.", count(len(p.Users), "user"), count(len(p.Claims), "claim"))
	if err := term.Confirm(c.Yes, question, "erase"); err != nil {
		return err
	}
	var failed error
	if result.Erased, failed = archive.Erase(ctx, p); failed != nil {
		failed = fmt.Errorf("erased %s and %s, then: %s; run it again", count(result.Erased.Users, "user"), count(result.Erased.Claims, "claim"), redact.Cause(failed))
	}
	return errors.Join(failed, term.Print(result, func(w io.Writer) {
		fmt.Fprintf(w, "Erased %s and %s. Not erased from here:\n", count(result.Erased.Users, "user"), count(result.Erased.Claims, "claim"))
		for _, what := range remains {
			fmt.Fprintf(w, "- %s\n", what)
		}
	}))
}

// count gives "1 user" or "2 users".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
