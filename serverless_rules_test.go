package portaria_test

import (
	"encoding/json"
	"slices"
	"strings"
)

// template is a CloudFormation template after the SAM transform.
type template struct {
	Resources map[string]resource
}

type resource struct {
	Type       string
	Properties properties
}

type properties map[string]any

// at gives what stands at a path, nil when nothing does.
func (p properties) at(path ...string) any {
	var value any = map[string]any(p)
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// rule is one of cdk-nag's Serverless pack, under the name that it has there.
// https://github.com/cdklabs/cdk-nag/blob/main/src/packs/serverless.ts
type rule struct {
	name  string
	of    []string // the types that it is about
	holds func(p properties) bool
}

// rules are all 18 of them. Several are about kinds of resource that the template
// does not have, and will hold the first one that it gets.
func rules() []rule {
	const function, stage2, stage1 = "AWS::Lambda::Function", "AWS::ApiGatewayV2::Stage", "AWS::ApiGateway::Stage"
	return []rule{
		{"LambdaTracing", []string{function}, func(p properties) bool { return p.at("TracingConfig", "Mode") == "Active" }},
		{"LambdaEventSourceMappingDestination", []string{"AWS::Lambda::EventSourceMapping"}, func(p properties) bool {
			return p.at("DestinationConfig", "OnFailure", "Destination") != nil
		}},
		{"LambdaLatestVersion", []string{function}, func(p properties) bool { return p.at("Runtime") == "provided.al2023" }},
		{"LambdaAsyncFailureDestination", []string{"AWS::Lambda::EventInvokeConfig"}, func(p properties) bool {
			return p.at("DestinationConfig", "OnFailure", "Destination") != nil
		}},
		{"LambdaDefaultMemorySize", []string{function}, func(p properties) bool { return p.at("MemorySize") != nil }},
		{"LambdaDefaultTimeout", []string{function}, func(p properties) bool { return p.at("Timeout") != nil }},
		{"LambdaDLQ", []string{function}, func(p properties) bool { return p.at("DeadLetterConfig", "TargetArn") != nil }},
		{"IAMNoWildcardPermissions", []string{"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}, noWildcards},
		{"CloudWatchLogGroupRetentionPeriod", []string{"AWS::Logs::LogGroup"}, func(p properties) bool { return p.at("RetentionInDays") != nil }},
		{"APIGWAccessLogging", []string{stage1, stage2}, func(p properties) bool {
			return p.at("AccessLogSettings", "DestinationArn") != nil || p.at("AccessLogSetting", "DestinationArn") != nil
		}},
		{"APIGWXrayEnabled", []string{stage1}, func(p properties) bool { return p.at("TracingEnabled") == true }}, // HTTP APIs have no tracing
		{"APIGWStructuredLogging", []string{stage1, stage2}, structuredLog},
		{"APIGWDefaultThrottling", []string{stage2}, func(p properties) bool {
			return p.at("DefaultRouteSettings", "ThrottlingRateLimit") != nil && p.at("DefaultRouteSettings", "ThrottlingBurstLimit") != nil
		}},
		{"AppSyncTracing", []string{"AWS::AppSync::GraphQLApi"}, func(p properties) bool { return p.at("XrayEnabled") == true }},
		{"EventBusDLQ", []string{"AWS::Events::Rule"}, everyTargetHasDLQ},
		{"SNSRedrivePolicy", []string{"AWS::SNS::Subscription"}, func(p properties) bool { return p.at("RedrivePolicy") != nil }},
		{"SQSRedrivePolicy", []string{"AWS::SQS::Queue"}, func(p properties) bool {
			return p.at("RedrivePolicy") != nil || p.at("RedriveAllowPolicy") != nil // the second is a dead letter queue's own
		}},
		{"StepFunctionStateMachineXray", []string{"AWS::StepFunctions::StateMachine"}, func(p properties) bool {
			return p.at("TracingConfiguration", "Enabled") == true
		}},
	}
}

// noWildcards reports whether every right is for named actions on named resources.
func noWildcards(p properties) bool {
	documents := []any{p.at("PolicyDocument")}
	inline, _ := p.at("Policies").([]any)
	for _, policy := range inline {
		object, _ := policy.(map[string]any)
		documents = append(documents, object["PolicyDocument"])
	}
	for _, document := range documents {
		statements := list(properties{"": document}.at("", "Statement"))
		for _, statement := range statements {
			object, _ := statement.(map[string]any)
			for _, granted := range slices.Concat(list(object["Action"]), list(object["Resource"])) {
				text, err := json.Marshal(granted)
				if err != nil || strings.Contains(string(text), "*") {
					return false
				}
			}
		}
	}
	return len(list(p.at("ManagedPolicyArns"))) == 0
}

// list gives a value that may stand alone as a list.
func list(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	}
	return []any{value}
}

// structuredLog reports whether the access log is JSON.
func structuredLog(p properties) bool {
	for _, name := range []string{"AccessLogSettings", "AccessLogSetting"} {
		format, _ := p.at(name, "Format").(string)
		var line map[string]any
		if json.Unmarshal([]byte(format), &line) == nil && len(line) > 0 {
			return true
		}
	}
	return false
}

func everyTargetHasDLQ(p properties) bool {
	for _, target := range list(p.at("Targets")) {
		object, _ := target.(map[string]any)
		if properties(object).at("DeadLetterConfig", "Arn") == nil {
			return false
		}
	}
	return true
}
