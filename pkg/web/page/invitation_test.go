package page_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pontte/portaria/pkg/web/page"
)

// TestInvitationIsThatOfTheTemplate holds the text for the local stack and for
// pools that are there already to the one that a new pool gets.
func TestInvitationIsThatOfTheTemplate(t *testing.T) {
	text, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources struct {
			UserPool struct {
				Properties struct {
					AdminCreateUserConfig struct {
						InviteMessageTemplate struct {
							EmailSubject string      `yaml:"EmailSubject"`
							EmailMessage []yaml.Node `yaml:"EmailMessage"` // a text and what its ${Page} stands for
							SMSMessage   []yaml.Node `yaml:"SMSMessage"`
						} `yaml:"InviteMessageTemplate"`
					} `yaml:"AdminCreateUserConfig"`
					Policies struct {
						PasswordPolicy struct {
							TemporaryPasswordValidityDays int `yaml:"TemporaryPasswordValidityDays"`
						} `yaml:"PasswordPolicy"`
					} `yaml:"Policies"`
				} `yaml:"Properties"`
			} `yaml:"UserPool"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	pool := template.Resources.UserPool.Properties
	message := pool.AdminCreateUserConfig.InviteMessageTemplate
	if len(message.EmailMessage) == 0 || len(message.SMSMessage) == 0 {
		t.Fatalf("InviteMessageTemplate = %+v, want two texts that are substituted", message)
	}
	const address = "https://conta.example/nova-senha"
	substitute := func(n yaml.Node) string { return strings.ReplaceAll(n.Value, "${Page}", address) }
	want := page.Invitation{EmailSubject: message.EmailSubject, EmailMessage: substitute(message.EmailMessage[0]), SMSMessage: substitute(message.SMSMessage[0])}
	got := page.NewInvitation(address, pool.Policies.PasswordPolicy.TemporaryPasswordValidityDays)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NewInvitation (-template.yaml +got):\n%s", diff)
	}
}

func TestInvitationSaysForHowLongThePasswordWorks(t *testing.T) {
	for days, want := range map[int]string{1: "vale por 1 dia.", 7: "vale por 7 dias."} {
		if got := page.NewInvitation("https://conta.example/nova-senha", days); !strings.Contains(got.EmailMessage, want) {
			t.Errorf("e-mail for %d days = %s, want %q in it", days, got.EmailMessage, want)
		}
	}
}
