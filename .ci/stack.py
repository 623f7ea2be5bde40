"""template.yaml as CloudFormation gets it: after the SAM transform, for given parameters.

For the scripts beside it, which run with the SAM CLI's Python.
"""
import copy
import itertools
import os
import pathlib

# The translator looks up the region; none is asked anything.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What each choice that the template offers is made by: the parameters for "no" and for "yes". The
# first is the way in which the conditions are false.
CHOICES = {
    "HasAlarmTopic": ({"AlarmTopicArn": ""}, {"AlarmTopicArn": "arn:aws:sns:sa-east-1:123456789012:on-call"}),
    "HasDashboard": ({"Dashboard": "no"}, {"Dashboard": "yes"}),
    "HasDomain": (
        {"DomainName": "", "DomainCertificateArn": ""},
        {"DomainName": "cadastro.example.com",
         "DomainCertificateArn": "arn:aws:acm:sa-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"},
    ),
    "HasPageUrl": ({"PageUrl": ""}, {"PageUrl": "https://www.example.com/nova-senha"}),
    "HasSes": (
        {"SesIdentityArn": "", "EmailFrom": ""},
        {"SesIdentityArn": "arn:aws:ses:sa-east-1:123456789012:identity/example.com", "EmailFrom": "Portaria <cadastro@example.com>"},
    ),
    "IsGradual": ({"DeploymentType": "AllAtOnce"}, {"DeploymentType": "Canary10Percent5Minutes"}),
    "MakesPool": ({"ExistingUserPoolId": "sa-east-1_AbCdEfGhI"}, {"ExistingUserPoolId": ""}),
}
REQUIRED = {"SignInUrl": "https://conta.example.com/entrar"}


class Policies:
    def load(self):
        return get_bundled_managed_policy_map("aws")


def source():
    """Gives template.yaml as it stands."""
    return yaml_parse((ROOT / "template.yaml").read_text())


def transformed(parameters, template=None):
    """Gives the template after the transform; its conditions still stand."""
    template = copy.deepcopy(template) if template else source()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"  # as `sam package` leaves it
    for name, value in parameters.items():
        template["Parameters"][name]["Default"] = value
    return transform(template, dict(parameters), Policies())


def combinations(template):
    """Yields (name, parameters) for every combination of choices that the template's Rules let pass."""
    for chosen in itertools.product((False, True), repeat=len(CHOICES)):
        parameters = dict(REQUIRED)
        for (choice, ways), yes in zip(CHOICES.items(), chosen):
            parameters.update(ways[yes])
        if not list(refusals(template, parameters)):
            yield "+".join(name for name, yes in zip(CHOICES, chosen) if yes) or "none", parameters


def refusals(template, parameters):
    """Yields what the template's Rules have against the parameters."""
    for rule in template.get("Rules", {}).values():
        for assertion in rule["Assertions"]:
            if not holds(assertion["Assert"], template, parameters):
                yield assertion["AssertDescription"]


def holds(condition, template, parameters):
    """Evaluates a condition."""
    (function, arguments), = condition.items()
    if function == "Condition":
        return holds(template["Conditions"][arguments], template, parameters)
    if function == "Fn::Equals":
        left, right = (literal(side, template, parameters) for side in arguments)
        return left == right
    results = [holds(argument, template, parameters) for argument in arguments]
    if function == "Fn::Not":
        return not results[0]
    return {"Fn::And": all, "Fn::Or": any}[function](results)


def literal(value, template, parameters):
    if isinstance(value, dict):
        name = value["Ref"]
        value = parameters.get(name, template["Parameters"][name].get("Default"))
    return str(value)


NOTHING = object()


def resolved(template, parameters):
    """Gives a transformed template without conditions, as they are with these parameters."""
    state = {name: holds(condition, template, parameters) for name, condition in template.get("Conditions", {}).items()}

    def resolve(value):
        if value == {"Ref": "AWS::NoValue"}:
            return NOTHING
        if isinstance(value, dict):
            if set(value) == {"Fn::If"}:
                condition, yes, no = value["Fn::If"]
                return resolve(yes if state[condition] else no)
            made = {key: resolve(inner) for key, inner in value.items()}
            return {key: inner for key, inner in made.items() if inner is not NOTHING}
        if isinstance(value, list):
            return [inner for inner in map(resolve, value) if inner is not NOTHING]
        return value

    result = {key: value for key, value in template.items() if key not in ("Conditions", "Rules")}
    for section in ("Resources", "Outputs"):
        result[section] = {}
        for name, item in template[section].items():
            item = dict(item)
            condition = item.pop("Condition", None)
            if condition is None or state[condition]:
                result[section][name] = resolve(item)
    return result
