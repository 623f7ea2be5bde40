// Package portaria_test holds template.yaml to the rules of others.
package portaria_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// excused is what breaks a rule on purpose: "rule resource", and why.
var excused = map[string]string{
	"LambdaDLQ PreSignUpFunction":                      "Cognito calls it synchronously and gets the failure itself; nothing is left to queue",
	"LambdaDLQ ApiFunction":                            "API Gateway calls it synchronously and gets the failure itself; nothing is left to queue",
	"IAMNoWildcardPermissions PreSignUpFunctionRole":   "X-Ray's two actions: AWS knows no resource for them",
	"IAMNoWildcardPermissions ApiFunctionRole":         "X-Ray's two actions: AWS knows no resource for them",
	"IAMNoWildcardPermissions UserPoolSmsRole":         "sns:Publish: a phone number is no resource",
	"IAMNoWildcardPermissions PreSignUpDeploymentRole": "cloudwatch:DescribeAlarms, as in AWS's own policy for CodeDeploy; .ci/rights holds the rest",
	"IAMNoWildcardPermissions ApiDeploymentRole":       "cloudwatch:DescribeAlarms, as in AWS's own policy for CodeDeploy; .ci/rights holds the rest",
}

// broken gives what in t breaks a rule, as "rule resource", sorted.
func broken(t template) []string {
	var found []string
	for _, rule := range rules() {
		for id, r := range t.Resources {
			if slices.Contains(rule.of, r.Type) && !rule.holds(r.Properties) {
				found = append(found, rule.name+" "+id)
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestServerlessRules(t *testing.T) {
	used := map[string]bool{}
	for path, text := range templates(t) {
		for _, fault := range broken(parse(t, text)) {
			if excused[fault] == "" {
				t.Errorf("%s: %s", filepath.Base(path), fault)
			}
			used[fault] = true
		}
	}
	for fault := range excused {
		if !used[fault] {
			t.Errorf("%s is excused, but nothing breaks it", fault)
		}
	}
}

// TestEachServerlessRuleCanFail breaks every rule once, in a template that keeps
// it, and no other rule with it.
func TestEachServerlessRuleCanFail(t *testing.T) {
	const fn = "PreSignUpFunction"
	drop := func(id, name string) func(template) {
		return func(t template) { delete(t.Resources[id].Properties, name) }
	}
	add := func(kind string, p properties) func(template) {
		return func(t template) { t.Resources["Added"] = resource{kind, p} }
	}
	stage := func(name string, value any) func(template) {
		return func(t template) {
			settings := t.Resources["HttpApiStage"].Properties.at(name).(map[string]any)
			if value == nil {
				clear(settings)
			} else {
				settings["Format"] = value
			}
		}
	}
	target := []any{map[string]any{"Arn": "arn", "Id": "id"}}
	star := map[string]any{"Statement": map[string]any{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:sa-east-1:123456789012:table/claims"}}
	mutations := map[string]struct {
		mutate func(template)
		want   []string
	}{
		"LambdaTracing":                       {drop(fn, "TracingConfig"), []string{"LambdaTracing " + fn}},
		"LambdaEventSourceMappingDestination": {add("AWS::Lambda::EventSourceMapping", properties{}), []string{"LambdaEventSourceMappingDestination Added"}},
		"LambdaLatestVersion":                 {func(t template) { t.Resources[fn].Properties["Runtime"] = "provided.al2" }, []string{"LambdaLatestVersion " + fn}},
		"LambdaAsyncFailureDestination":       {add("AWS::Lambda::EventInvokeConfig", properties{}), []string{"LambdaAsyncFailureDestination Added"}},
		"LambdaDefaultMemorySize":             {drop(fn, "MemorySize"), []string{"LambdaDefaultMemorySize " + fn}},
		"LambdaDefaultTimeout":                {drop(fn, "Timeout"), []string{"LambdaDefaultTimeout " + fn}},
		"LambdaDLQ": {add("AWS::Lambda::Function", properties{
			"Runtime": "provided.al2023", "MemorySize": 128.0, "Timeout": 3.0, "TracingConfig": map[string]any{"Mode": "Active"},
		}), []string{"LambdaDLQ Added"}},
		"IAMNoWildcardPermissions":          {add("AWS::IAM::Policy", properties{"PolicyDocument": star}), []string{"IAMNoWildcardPermissions Added"}},
		"CloudWatchLogGroupRetentionPeriod": {drop("ApiLogGroup", "RetentionInDays"), []string{"CloudWatchLogGroupRetentionPeriod ApiLogGroup"}},
		// Without any log there is no structured one.
		"APIGWAccessLogging":           {drop("HttpApiStage", "AccessLogSettings"), []string{"APIGWAccessLogging HttpApiStage", "APIGWStructuredLogging HttpApiStage"}},
		"APIGWXrayEnabled":             {add("AWS::ApiGateway::Stage", properties{"AccessLogSetting": map[string]any{"DestinationArn": "arn", "Format": `{"a":"b"}`}}), []string{"APIGWXrayEnabled Added"}},
		"APIGWStructuredLogging":       {stage("AccessLogSettings", "$context.requestId $context.status"), []string{"APIGWStructuredLogging HttpApiStage"}},
		"APIGWDefaultThrottling":       {stage("DefaultRouteSettings", nil), []string{"APIGWDefaultThrottling HttpApiStage"}},
		"AppSyncTracing":               {add("AWS::AppSync::GraphQLApi", properties{}), []string{"AppSyncTracing Added"}},
		"EventBusDLQ":                  {add("AWS::Events::Rule", properties{"Targets": target}), []string{"EventBusDLQ Added"}},
		"SNSRedrivePolicy":             {add("AWS::SNS::Subscription", properties{}), []string{"SNSRedrivePolicy Added"}},
		"SQSRedrivePolicy":             {add("AWS::SQS::Queue", properties{}), []string{"SQSRedrivePolicy Added"}},
		"StepFunctionStateMachineXray": {add("AWS::StepFunctions::StateMachine", properties{}), []string{"StepFunctionStateMachineXray Added"}},
	}
	var names []string
	for _, rule := range rules() {
		names = append(names, rule.name)
	}
	slices.Sort(names)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(mutations)), names); diff != "" || len(names) != 18 {
		t.Fatalf("%d rules, want 18, each broken once (-broken +rules):\n%s", len(names), diff)
	}
	for path, text := range templates(t) {
		before := broken(parse(t, text))
		for name, tt := range mutations {
			mutated := parse(t, text)
			tt.mutate(mutated)
			var found []string
			for _, fault := range broken(mutated) {
				if !slices.Contains(before, fault) {
					found = append(found, fault)
				}
			}
			if diff := cmp.Diff(tt.want, found); diff != "" {
				t.Errorf("%s, %s broken (-want +got):\n%s", filepath.Base(path), name, diff)
			}
		}
		return // of one template, since all have what is broken here
	}
}

// templates gives the transformed templates by their paths. They need Python to be
// made, so that they are asked for by `make serverless-rules`, which makes them.
func templates(t *testing.T) map[string][]byte {
	t.Helper()
	if os.Getenv("PORTARIA_TEMPLATES") != "required" {
		t.Skip("make serverless-rules runs this, on templates that it makes first")
	}
	paths, err := filepath.Glob(".build/template/*.json")
	if err != nil || len(paths) < 90 {
		t.Fatalf("%d templates in .build/template, %v; make serverless-rules writes them", len(paths), err)
	}
	texts := map[string][]byte{}
	for _, path := range paths {
		if texts[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

func parse(t *testing.T, text []byte) template {
	t.Helper()
	var parsed template
	if err := json.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}
