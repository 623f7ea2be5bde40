package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/cmd/portaria/internal/person"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/redact"
	"github.com/pontte/portaria/pkg/registry"
)

// scanRate is how many requests a second go to Cognito: as many as reconcile's.
const scanRate = 20

// personFlags say whose data, and where they are.
type personFlags struct {
	CPF      string `name:"cpf" default:"-" placeholder:"CPF" help:"The person's CPF, in any spelling; - asks for it or reads a line of standard input (which keeps it out of the shell's history)."`
	Table    string `required:"" placeholder:"NAME" env:"TABLE_NAME" help:"The claims table."`
	UserPool string `required:"" placeholder:"ID" env:"USER_POOL_ID" help:"The user pool; pools that claims name are looked into as well."`
	ScanPool bool   `default:"true" negatable:"" help:"Look at every user of the pool, for those that no claim names (some 60 users a request). On unless --no-scan-pool."`
}

// find gives what there is of the person.
func (f *personFlags) find(ctx context.Context, all *commands, term *terminal.Terminal) (*person.Archive, person.Person, error) {
	c, err := f.readCPF(term)
	if err != nil {
		return nil, person.Person{}, err
	}
	cfg, err := all.aws(ctx)
	if err != nil {
		return nil, person.Person{}, err
	}
	told := 0
	archive := &person.Archive{
		Records: registry.NewRecords(dynamodb.NewFromConfig(cfg), f.Table),
		Cognito: cognitoidentityprovider.NewFromConfig(cfg, func(o *cognitoidentityprovider.Options) {
			o.Retryer, o.HTTPClient = patient(), pace(o.HTTPClient, scanRate)
		}),
		Pool: f.UserPool,
		Scan: f.ScanPool,
		Scanned: func(pool string, n int) {
			before := told
			if told = n / progressEvery; told > 0 && told != before { // a page may have any number of users
				term.Progress("%s: %d users looked at", pool, n)
			}
		},
	}
	p, err := archive.Find(ctx, c)
	if err != nil {
		return nil, person.Person{}, errors.New(redact.Cause(err))
	}
	return archive, p, nil
}

// readCPF reads the flag, or the line that stands for it. The error does not
// hold what was typed.
func (f *personFlags) readCPF(term *terminal.Terminal) (cpf.CPF, error) {
	s := f.CPF
	if s == "-" {
		if term.Interactive {
			fmt.Fprint(term.Err, "CPF: ")
		}
		var err error
		if s, err = readLine(term.In); err != nil {
			return cpf.CPF{}, fmt.Errorf("read the CPF: %w", err)
		}
	}
	c, err := cpf.Parse(strings.TrimSpace(s))
	if err != nil {
		return cpf.CPF{}, fmt.Errorf("--cpf: %w", err)
	}
	return c, nil
}

// readLine reads one line and not a byte more: the next one may be the answer to
// a question.
func readLine(r io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < 100 { // more is no CPF
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' {
			return string(line), nil
		}
		line = append(line, one[:n]...)
		switch {
		case errors.Is(err, io.EOF) && len(line) > 0:
			return string(line), nil
		case errors.Is(err, io.EOF):
			return "", errors.New("standard input is empty: pass --cpf")
		case err != nil:
			return "", err
		}
	}
	return string(line), nil
}
