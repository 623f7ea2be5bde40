"""Rules of ours for how the stack is run: parameters, deployments, alarms, figures and what it costs.

For .ci/transform, which gives every template in which no condition is left.
"""
import json
import re

# What each kind of resource costs by the month while nobody signs up, in US dollars. A kind that is
# not here is looked up before it is added: https://aws.amazon.com/pricing/
IDLE_COST = {
    "AWS::ApiGatewayV2::Api": 0,
    "AWS::ApiGatewayV2::ApiMapping": 0,
    "AWS::ApiGatewayV2::DomainName": 0,
    "AWS::ApiGatewayV2::Integration": 0,
    "AWS::ApiGatewayV2::Route": 0,
    "AWS::ApiGatewayV2::Stage": 0,
    "AWS::CloudWatch::Alarm": 0.10,  # for each metric that it looks at
    "AWS::CloudWatch::Dashboard": 0,  # an account's first three, of up to 50 metrics; 3 USD beyond
    "AWS::CodeDeploy::Application": 0,
    "AWS::CodeDeploy::DeploymentGroup": 0,
    "AWS::Cognito::LogDeliveryConfiguration": 0,
    "AWS::Cognito::UserPool": 0,
    "AWS::Cognito::UserPoolClient": 0,
    "AWS::DynamoDB::Table": 0,  # on demand; what is stored is paid for
    "AWS::IAM::Policy": 0,
    "AWS::IAM::Role": 0,
    "AWS::Lambda::Alias": 0,
    "AWS::Lambda::Function": 0,
    "AWS::Lambda::Permission": 0,
    "AWS::Lambda::Version": 0,
    "AWS::Logs::LogGroup": 0,
    "AWS::Logs::MetricFilter": 0,
}
# What would cost by the hour though its kind does not: (kind, property).
HOURLY = [
    ("AWS::DynamoDB::Table", "ProvisionedThroughput"),
    ("AWS::Lambda::Alias", "ProvisionedConcurrencyConfig"),
    ("AWS::Lambda::Function", "SnapStart"),
]
# The alarms that there must be; MessageDeliveryAlarm only with a pool of ours.
ALARMS = {
    "PreSignUpErrorsAlarm", "PreSignUpFailedAlarm", "PreSignUpSlowAlarm", "PreSignUpThrottlesAlarm", "PreSignUpRefusalsAlarm",
    "TakeoversAlarm", "OwnerLookupAlarm", "MessageDeliveryAlarm",
    "ApiErrorsAlarm", "ApiServerErrorsAlarm", "ApiWarningsAlarm", "ApiThrottlesAlarm",
}
# Which of them take a new version back.
ROLLBACK = {
    "PreSignUpFunction": ["PreSignUpErrorsAlarm", "PreSignUpFailedAlarm", "PreSignUpSlowAlarm"],
    "ApiFunction": ["ApiErrorsAlarm", "ApiServerErrorsAlarm"],
}
NAMESPACE = {"Fn::Sub": "Portaria/${AWS::StackName}"}


def rule(holds, text):
    if not holds:
        yield text


def of_type(resources, kind):
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}


def faults(template):
    resources = template["Resources"]
    yield from faults_in_deployments(resources)
    yield from faults_in_versions(template)
    yield from faults_in_alarms(resources)
    yield from faults_in_metrics(resources)
    yield from faults_in_costs(resources)
    for name, resource in resources.items():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            yield from rule(len(skip.get("comment", "").split()) > 3, f"{name}: {skip.get('id')} is skipped without a reason")


def faults_in_parameters(template):
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    for name in sorted(set(grouped) | set(template["Parameters"])):
        yield from rule(name in template["Parameters"], f"{name}: is in a group, but no parameter")
        yield from rule(grouped.count(name) == 1, f"{name}: must be in one group of the parameters, not in {grouped.count(name)}")
    for name, parameter in template["Parameters"].items():
        yield from rule(parameter.get("Description"), f"{name}: has no description")
        free = parameter["Type"] == "String" and "AllowedValues" not in parameter
        yield from rule(not free or {"AllowedPattern", "ConstraintDescription"} <= set(parameter), f"{name}: takes any text, or does not say which")
        yield from rule(parameter["Type"] != "Number" or "AllowedValues" in parameter or {"MinValue", "MaxValue"} <= set(parameter),
                        f"{name}: takes any number")
        pattern, default = parameter.get("AllowedPattern"), parameter.get("Default")
        yield from rule(pattern is None or default is None or re.fullmatch(pattern, default) is not None, f"{name}: its pattern refuses its default")


def faults_in_deployments(resources):
    for function, alarms in ROLLBACK.items():
        alias = resources[f"{function}Aliaslive"]
        group = f"{function}DeploymentGroup"
        update = alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
        yield from rule(update.get("DeploymentGroupName") == {"Ref": group}, f"{function}: its alias must move by CodeDeploy")
        properties = resources.get(group, {}).get("Properties", {})
        gradual = "AllAtOnce" not in json.dumps(properties.get("DeploymentConfigName"))
        want = [{"Name": {"Ref": alarm}} for alarm in alarms]
        got = properties.get("AlarmConfiguration", {})
        yield from rule(got == ({"Enabled": True, "Alarms": want} if gradual else {}),
                        f"{function}: a gradual deployment must be taken back by {alarms}, and AllAtOnce ask none")
        events = set(properties.get("AutoRollbackConfiguration", {}).get("Events", []))
        yield from rule({"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= events, f"{function}: is not rolled back")
        for alarm in alarms:
            # A fault of the new version must show in it, and one of another version must not.
            ours = resources[alarm]["Properties"]
            if ours.get("Namespace") == "AWS/Lambda":
                yield from rule(on_alias(ours["Dimensions"], function), f"{alarm}: must be on the alias that is deployed")


def faults_in_versions(template):
    """A parameter that reaches a function must stand in its versions' description, or changing it alone changes no version."""
    resources, parameters = template["Resources"], template["Parameters"]
    for name, version in of_type(resources, "AWS::Lambda::Version").items():
        function = version["FunctionName"]["Ref"]
        reached = parameters_in(resources[function]["Properties"], parameters)
        told = parameters_in(version.get("Description", ""), parameters)
        yield from rule(reached <= told, f"{function}: VersionDescription must have {sorted(reached - told)}, or a change of it does not reach the alias")
        # The address that AWS makes up has fewer characters than PageUrl may have.
        page = max(parameters["PageUrl"]["MaxLength"], len("https:///nova-senha") + parameters["DomainName"]["MaxLength"])
        length = sum(longest(parameters[parameter]) + 1 for parameter in told - {"PageUrl", "DomainName"})
        length += page if function == "ApiFunction" else 0
        yield from rule(length <= 256, f"{function}: VersionDescription may have {length} characters; Lambda takes 256")


def parameters_in(value, parameters):
    """Gives the names of the parameters that value refers to."""
    if isinstance(value, dict):
        text = value.get("Fn::Sub", "")
        text = text if isinstance(text, str) else text[0]
        found = {value.get("Ref")} | set(re.findall(r"\$\{(\w+)\}", text))
        return {name for name in found if name in parameters}.union(*(parameters_in(inner, parameters) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(parameters_in(inner, parameters) for inner in value))
    return set()


def longest(parameter):
    if "AllowedValues" in parameter:
        return max(len(str(value)) for value in parameter["AllowedValues"])
    return parameter["MaxLength"] if parameter["Type"] == "String" else len(str(parameter["MaxValue"]))


def on_alias(dimensions, function):
    values = {dimension["Name"]: dimension["Value"] for dimension in dimensions}
    return values == {"FunctionName": {"Ref": function}, "Resource": {"Fn::Sub": "${" + function + "}:live"}}


def faults_in_alarms(resources):
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    want = ALARMS if "UserPool" in resources else ALARMS - {"MessageDeliveryAlarm"}
    yield from rule(set(alarms) == want, f"alarms: must be those of ALARMS of .ci/operation.py: {sorted(set(alarms) ^ want)}")
    told = {json.dumps(alarm.get("AlarmActions")) for alarm in alarms.values()}
    yield from rule(len(told) == 1, f"alarms: all or none must have AlarmActions: {told}")
    for name, alarm in alarms.items():
        yield from rule(alarm.get("AlarmDescription"), f"{name}: does not say what it means")
        yield from rule(alarm.get("TreatMissingData") == "notBreaching", f"{name}: wakes people when nobody signs up")
        yield from rule(alarm.get("AlarmActions", []) == alarm.get("OKActions", []), f"{name}: must tell of its end whom it told of its beginning")
        yield from rule(alarm.get("AlarmActions") in (None, [{"Ref": "AlarmTopicArn"}]), f"{name}: must tell AlarmTopicArn and nobody else")
        for metric in [alarm] + [part["MetricStat"]["Metric"] for part in alarm.get("Metrics", []) if "MetricStat" in part]:
            if metric.get("Namespace") == "AWS/Lambda":
                function = metric["Dimensions"][0]["Value"]["Ref"]
                yield from rule(on_alias(metric["Dimensions"], function), f"{name}: must be on the alias, by which the function is called")
    slow = alarms.get("PreSignUpSlowAlarm", {})
    yield from rule((slow.get("ExtendedStatistic"), slow.get("Threshold"), slow.get("ComparisonOperator")) == ("p99", 2500, "GreaterThanThreshold"),
                    "PreSignUpSlowAlarm: must go off when the 99th percentile is over 2.5 s")


def faults_in_metrics(resources):
    for name, function in of_type(resources, "AWS::Lambda::Function").items():
        yield from rule(function["Environment"]["Variables"].get("METRICS_NAMESPACE") == NAMESPACE, f"{name}: must count in the stack's namespace")
        # PreSignUpCrashes reads lines that Lambda writes as text.
        yield from rule(function["LoggingConfig"].get("LogFormat", "Text") == "Text", f"{name}: its log must be text, which the metric filter reads")
    made = {("signups", "service", "outcome"), ("signups", "service", "claim"), ("doubts", "service"), ("warnings", "service")}
    for name, log in of_type(resources, "AWS::Logs::MetricFilter").items():
        for metric in log["MetricTransformations"]:
            yield from rule(metric["MetricNamespace"] == NAMESPACE, f"{name}: must count in the stack's namespace")
            made.add((metric["MetricName"],))
    for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items():
        if alarm.get("Namespace") == NAMESPACE:
            asked = (alarm["MetricName"], *(dimension["Name"] for dimension in alarm.get("Dimensions", [])))
            yield from rule(asked in made, f"{name}: nothing counts {asked}")
    for name, board in of_type(resources, "AWS::CloudWatch::Dashboard").items():
        yield from rule("${AWS::Region}" in board["DashboardName"].get("Fn::Sub", ""), f"{name}: an account's dashboards are of all its regions, so their names must tell the region")
        body = board["DashboardBody"]["Fn::Sub"]
        try:
            # As it is when the variables are put in, none of which needs escaping.
            json.loads(re.sub(r"\$\{[\w:]+\}", "x", body))
        except ValueError as wrong:
            yield f"{name}: is not JSON: {wrong}"
        for variable in re.findall(r"\$\{([\w:]+)\}", body):
            yield from rule(variable in resources or variable.startswith("AWS::"), f"{name}: there is no {variable}")


def faults_in_costs(resources):
    cost = 0
    for name, resource in resources.items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind not in IDLE_COST:
            yield f"{name}: what {kind} costs when idle is not in IDLE_COST of .ci/operation.py"
            continue
        metrics = len([part for part in properties.get("Metrics", []) if "MetricStat" in part]) if kind == "AWS::CloudWatch::Alarm" else 0
        cost += IDLE_COST[kind] * max(1, metrics)
        for hourly, what in HOURLY:
            yield from rule(kind != hourly or what not in properties, f"{name}: {what} costs by the hour")
    alarms = sum(IDLE_COST[kind] > 0 for kind in (resource["Type"] for resource in resources.values()) if kind in IDLE_COST)
    yield from rule(alarms == len(of_type(resources, "AWS::CloudWatch::Alarm")), "an idle stack must cost nothing but for its alarms")
    yield from rule(cost <= 1.31, f"an idle stack costs {cost:.2f} USD a month")
