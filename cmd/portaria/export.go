package main

import (
	"context"

	"github.com/pontte/portaria/cmd/portaria/internal/person"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
)

// exportCmd shows one person's data.
type exportCmd struct {
	personFlags
	Unmasked bool `help:"Show everything as it is, for the person who asked for it."`
}

// Help teaches the command.
func (exportCmd) Help() string {
	return `What the claims and the user pool hold of one person, found by CPF in every spelling: the answer to a request under article 18 of the LGPD. It is masked unless you ask for it: --unmasked. Nothing is written.

  portaria export --table portaria-claims --user-pool sa-east-1_EXAMPLE
  portaria export --unmasked --output json <cpf.txt >person.json

Cognito cannot search for a CPF. The users that the claims name are looked up; to find others too, all users of the pool are listed: some 60 a request, so that 100,000 users are 1,700 requests of the account's ListUsers quota (30 a second), at 20 a second. --no-scan-pool leaves that out.

Rights needed: dynamodb:GetItem on the table, cognito-idp:AdminGetUser and ListUsers on the pool.

JSON: {"cpf", "claims": [the attributes as they stand in DynamoDB], "users": [{"userPoolId", "userName", "status", "enabled", "createdAt", "modifiedAt", "attributes"}]}. Claims and users are empty lists when there is nothing, which is no error.

Not in it: the logs of the functions (masked CPF only), the counters of the limits table (hashes, gone within days), and what other systems keep.`
}

// Run shows the data.
func (c *exportCmd) Run(ctx context.Context, all *commands, term *terminal.Terminal) error {
	_, p, err := c.find(ctx, all, term)
	if err != nil {
		return err
	}
	view := person.Masked(p)
	if c.Unmasked {
		view = person.Unmasked(p)
	}
	return term.Print(view, view.WriteTable)
}
