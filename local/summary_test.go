package local_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pontte/portaria/local"
)

// The commands of the summary are given to a shell, with an aws that prints what
// it was called with, one argument a line.
func TestSummaryHasTheCallsOfTheSpecification(t *testing.T) {
	bin := t.TempDir()
	fake := "#!/bin/sh\nprintf '%s\\n' \"$AWS_ACCESS_KEY_ID/$AWS_SECRET_ACCESS_KEY\" \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "aws"), []byte(fake), 0o700); err != nil {
		t.Fatal(err)
	}
	stack := start(t, local.Config{UserPoolID: "us-east-1_other"})
	_, calls, found := strings.Cut(stack.Summary(), "Create a user:")
	create, resend, found2 := strings.Cut(calls, "Send a new temporary password:")
	if !found || !found2 {
		t.Fatalf("Summary() = %s", stack.Summary())
	}
	common := []string{
		"local/local", "--endpoint-url", stack.CognitoURL(), "--region", "us-east-1", "cognito-idp", "admin-create-user",
		"--user-pool-id", "us-east-1_other", "--username", "email.test@gmail.com", "--desired-delivery-mediums", "EMAIL", "SMS",
	}
	tests := []struct {
		name, command string
		rest          []string
	}{
		{"the original call", create, []string{
			"--no-force-alias-creation", "--message-action", "SUPPRESS",
			"--user-attributes", "Name=email,Value=email.test@gmail.com", "Name=phone_number,Value=+5551981980387", "Name=custom:cpf,Value=04212286017",
			"--validation-data", "Name=trackCode,Value=21a81129400fbf441ae138e52eae8778", "Name=simulationId,Value=mHPkDoN3TNqw7G3nxA4GAw",
			"Name=loanValue,Value=123123", "Name=term,Value=180", "Name=installment,Value=2439.02", "Name=loanValueSelected,Value=123123",
			"Name=phone,Value=+55 (51) 99999-9999",
		}},
		{"RESEND", resend, []string{"--message-action", "RESEND"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sh := exec.Command("sh", "-c", tt.command)
			sh.Env = []string{"PATH=" + bin + ":/usr/bin:/bin"}
			out, err := sh.CombinedOutput()
			if err != nil {
				t.Fatalf("sh: %v\n%s", err, out)
			}
			want := append(append([]string{}, common...), tt.rest...)
			if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(string(out)), "\n")); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
		})
	}
}
