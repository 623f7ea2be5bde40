package web_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pontte/portaria/pkg/password"
)

// TestPoolOfTheTemplateAsksForTheSameRules holds that the pool that template.yaml
// makes takes what the API and the page take, and asks for nothing more.
func TestPoolOfTheTemplateAsksForTheSameRules(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Parameters map[string]struct {
			Default  any `yaml:"Default"`
			MinValue any `yaml:"MinValue"`
		} `yaml:"Parameters"`
		Resources struct {
			UserPool struct {
				Properties struct {
					Policies struct {
						PasswordPolicy map[string]any `yaml:"PasswordPolicy"`
					} `yaml:"Policies"`
				} `yaml:"Properties"`
			} `yaml:"UserPool"`
		} `yaml:"Resources"`
	}
	var whole yaml.Node // CloudFormation's own tags are no Go types
	if err := yaml.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	if err := whole.Decode(&template); err != nil {
		t.Fatal(err)
	}
	p := password.Default()
	want := map[string]any{
		"MinimumLength":    password.MinLength,
		"RequireLowercase": p.RequireLowercase, "RequireUppercase": p.RequireUppercase,
		"RequireNumbers": p.RequireNumbers, "RequireSymbols": p.RequireSymbols,
		"TemporaryPasswordValidityDays": 3, // as the invitation says
	}
	got := template.Resources.UserPool.Properties.Policies.PasswordPolicy
	length := template.Parameters["PasswordMinLength"]
	if got["MinimumLength"] != "PasswordMinLength" || length.MinValue != password.MinLength { // a reference, to this decoder
		t.Errorf("MinimumLength = %v, at least %v, want the parameter, at least %d", got["MinimumLength"], length.MinValue, password.MinLength)
	}
	got["MinimumLength"] = length.Default
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("PasswordPolicy of template.yaml (-want +got):\n%s", diff)
	}
}
