package main

import (
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/cognito"
)

func TestConfigure(t *testing.T) {
	standard := func(change func(*local.Config)) local.Config {
		cfg := local.Config{
			CognitoAddr: "127.0.0.1:9229", DynamoDBAddr: "127.0.0.1:8000", WebAddr: "127.0.0.1:8080",
			UserPoolID: "us-east-1_portaria", ClientID: "portaria", Table: "portaria-claims",
			PoolKind: cognito.EmailUserNames, TriggerOrder: cognito.TriggerBeforeDuplicateCheck,
			Lease: 30 * time.Second, LogLevel: "info",
		}
		if change != nil {
			change(&cfg)
		}
		return cfg
	}
	tests := []struct {
		name string
		args string
		env  map[string]string
		want local.Config
		err  string
	}{
		{name: "nothing given", want: standard(nil)},
		{
			name: "every flag",
			args: "--cognito-addr 127.0.0.1:1 --dynamodb-addr 127.0.0.1:2 --web-addr 127.0.0.1:3 --user-pool-id p --client-id c --table t " +
				"--pool-kind alias --trigger-order after --resend-trigger stored --self-sign-up --lease 20s --log-level debug --function f",
			want: local.Config{
				CognitoAddr: "127.0.0.1:1", DynamoDBAddr: "127.0.0.1:2", WebAddr: "127.0.0.1:3",
				UserPoolID: "p", ClientID: "c", Table: "t", Binary: "f",
				PoolKind: cognito.EmailAliases, TriggerOrder: cognito.TriggerAfterDuplicateCheck, ResendRunsTrigger: cognito.ResendTriggerWithStored,
				SelfSignUp: true, Lease: 20 * time.Second, LogLevel: "debug",
			},
		},
		{
			name: "every variable",
			env: map[string]string{
				"PORTARIA_COGNITO_ADDR": "127.0.0.1:1", "PORTARIA_DYNAMODB_ADDR": "127.0.0.1:2", "PORTARIA_WEB_ADDR": "127.0.0.1:3",
				"PORTARIA_USER_POOL_ID": "p", "PORTARIA_CLIENT_ID": "c", "PORTARIA_TABLE": "t", "PORTARIA_POOL_KIND": "plain",
				"PORTARIA_TRIGGER_ORDER": "after", "PORTARIA_RESEND_TRIGGER": "requested", "PORTARIA_SELF_SIGN_UP": "true",
				"PORTARIA_LEASE": "20s", "PORTARIA_LOG_LEVEL": "debug", "PORTARIA_FUNCTION": "f",
			},
			want: local.Config{
				CognitoAddr: "127.0.0.1:1", DynamoDBAddr: "127.0.0.1:2", WebAddr: "127.0.0.1:3",
				UserPoolID: "p", ClientID: "c", Table: "t", Binary: "f",
				PoolKind: cognito.PlainUserNames, TriggerOrder: cognito.TriggerAfterDuplicateCheck, ResendRunsTrigger: cognito.ResendTriggerWithRequested,
				SelfSignUp: true, Lease: 20 * time.Second, LogLevel: "debug",
			},
		},
		{
			name: "flag before variable",
			args: "--lease=20s",
			env:  map[string]string{"PORTARIA_LEASE": "25s", "PORTARIA_TABLE": "t"},
			want: standard(func(c *local.Config) { c.Lease, c.Table = 20*time.Second, "t" }),
		},
		{name: "variable that cannot be read", env: map[string]string{"PORTARIA_LEASE": "soon"}, err: "PORTARIA_LEASE=soon: "},
		{name: "flag that cannot be read", args: "--lease soon", err: `invalid value "soon" for flag -lease`},
		{name: "kind of pool that is none", args: "--pool-kind phone", err: "want one of email, plain, alias"},
		{name: "unknown flag", args: "--port 1", err: "flag provided but not defined: -port (--help lists the flags)"},
		{name: "argument", args: "now", err: `unexpected argument "now"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := configure(strings.Fields(tt.args), func(name string) string { return tt.env[name] }, new(strings.Builder))
			switch {
			case tt.err == "" && err != nil, tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
				t.Fatalf("configure = %v, want %q", err, tt.err)
			case tt.err != "":
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("configure (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHelpNamesFlagsDefaultsAndVariables(t *testing.T) {
	var out strings.Builder
	_, err := configure([]string{"--help"}, func(string) string { return "" }, &out)
	if !errors.Is(err, flag.ErrHelp) {
		t.Errorf("configure = %v, want %v", err, flag.ErrHelp)
	}
	for _, want := range []string{"-cognito-addr address", `(default "127.0.0.1:9229")`, "-pool-kind email", "PORTARIA_COGNITO_ADDR"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help lacks %q:\n%s", want, out.String())
		}
	}
}
