"""The trigger in Python, with the stack of the function that Portaria replaced.

A peer of the bench, not for use: it knows neither leases nor retries of Cognito.
"""

import json
import os
import re
import sys
import time
from datetime import datetime, timezone

import boto3
from botocore.exceptions import BotoCoreError, ClientError

TABLE = os.environ["TABLE_NAME"]
AREA_CODES = set(
    "11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 61 62 63"
    " 64 65 66 67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99".split()
)
AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?")
PHONE = re.compile(r"\+55 ?(?:\(([0-9]{2})\)|([0-9]{2})) ?(?:9[0-9]{4}|[2-5][0-9]{3})-?[0-9]{4}")
TERM = re.compile(r"[0-9]{1,3}")

TEXTS = {
    "invalid_cpf": "O cpf informado não é válido",
    "cpf_taken": "Uma conta com esse CPF já existe",
    "missing_track_code": "o parâmetro trackCode não foi enviado",
    "invalid_simulation": "informações da simulação estão erradas",
    "internal": "Não foi possível concluir o cadastro agora; tente novamente em instantes",
}

client = boto3.client("dynamodb")
client.get_item(TableName=TABLE, Key={"cpf": {"S": "warm"}})  # the connection is made before the first event
cold = True


class Refusal(Exception):
    """A sign-up that may not be; its text is what the customer reads."""

    def __init__(self, code):
        super().__init__(TEXTS[code])
        self.code = code


def handle(event, context):
    """Answers one event: with the event, or with a Refusal."""
    global cold
    began = time.time()
    line = {"level": "info", "service": "python", "cold_start": cold, "trigger_source": event["triggerSource"]}
    cold = False
    try:
        decide(event, line, began)
        line["outcome"] = "allowed"
    except Refusal as refusal:
        line["outcome"], line["code"] = "refused", refusal.code
        raise
    finally:
        ended = time.time()
        line["function_request_id"] = context.aws_request_id
        line["xray_trace_id"] = os.environ.get("_X_AMZN_TRACE_ID", "")
        stamp = datetime.fromtimestamp(ended, timezone.utc)
        line["timestamp"] = stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line["duration_ms"] = int((ended - began) * 1000)
        line["message"] = "sign-up " + line["outcome"]
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return event


def decide(event, line, began):
    attributes = event["request"].get("userAttributes") or {}
    values = event["request"].get("validationData") or {}
    cpf = re.sub(r"[.-]", "", attributes.get("custom:cpf", ""))
    if not valid_cpf(cpf):
        raise Refusal("invalid_cpf")
    if not identifier(values.get("trackCode", "")):
        raise Refusal("missing_track_code")
    if not valid_simulation(values):
        raise Refusal("invalid_simulation")
    line["cpf"] = f"***.{cpf[3:6]}.{cpf[6:9]}-**"
    line["claim"] = "new"
    try:
        client.put_item(
            TableName=TABLE,
            ConditionExpression="attribute_not_exists(cpf)",
            Item={
                "cpf": {"S": cpf},
                "userPoolId": {"S": event["userPoolId"]},
                "userName": {"S": event["userName"]},
                "email": {"S": attributes["email"]},
                "phoneNumber": {"S": attributes["phone_number"]},
                "trackCode": {"S": values["trackCode"]},
                "triggerSource": {"S": event["triggerSource"]},
                "claimedAt": {"N": str(int(began * 1000))},
                "simulation": {
                    "M": {
                        "id": {"S": values["simulationId"]},
                        "loanValue": {"N": values["loanValue"]},
                        "term": {"N": values["term"]},
                        "installment": {"N": values["installment"]},
                        "loanValueSelected": {"N": values["loanValueSelected"]},
                        "phone": {"S": values["phone"]},
                    }
                },
            },
        )
    except client.exceptions.ConditionalCheckFailedException:
        raise Refusal("cpf_taken") from None
    except (BotoCoreError, ClientError) as error:
        line["error"] = type(error).__name__
        raise Refusal("internal") from None


def valid_cpf(s):
    if not re.fullmatch(r"[0-9]{11}", s) or s == s[0] * 11:
        return False
    return check_digit(s[:9]) == s[9] and check_digit(s[:10]) == s[10]


def check_digit(s):
    return str(sum(int(d) * (len(s) + 1 - i) for i, d in enumerate(s)) * 10 % 11 % 10)


def identifier(s):
    return s.strip() != "" and len(s.encode()) <= 256


def valid_simulation(values):
    amounts = [values.get(name, "") for name in ("loanValue", "installment", "loanValueSelected")]
    phone = PHONE.fullmatch(values.get("phone", ""))
    term = values.get("term", "")
    return bool(
        identifier(values.get("simulationId", ""))
        and all(AMOUNT.fullmatch(a) and a.strip("0.") for a in amounts)
        and TERM.fullmatch(term)
        and 1 <= int(term) <= 600
        and phone
        and (phone[1] or phone[2]) in AREA_CODES
    )
