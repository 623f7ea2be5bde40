package peer

import (
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
)

// deployedEnv gives the variables that a template sets for our function to a
// value of its own, such as GOMAXPROCS, as NAME=value. Those that refer to
// something else are left to the bench.
func deployedEnv(file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	type function struct {
		Environment struct {
			Variables map[string]yaml.Node `yaml:"Variables"`
		} `yaml:"Environment"`
	}
	var template struct {
		Globals struct {
			Function function `yaml:"Function"`
		} `yaml:"Globals"`
		Resources struct {
			PreSignUpFunction struct {
				Properties *function `yaml:"Properties"`
			} `yaml:"PreSignUpFunction"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(b, &template); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	ours := template.Resources.PreSignUpFunction.Properties
	if ours == nil {
		return nil, fmt.Errorf("%s: no PreSignUpFunction with Properties", file)
	}
	var env []string
	for _, f := range []function{template.Globals.Function, *ours} {
		for name, value := range f.Environment.Variables {
			switch value.Tag {
			case "!!str", "!!int", "!!bool", "!!float":
				env = append(env, name+"="+value.Value)
			}
		}
	}
	return env, nil
}
