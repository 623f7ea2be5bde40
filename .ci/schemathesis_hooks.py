"""What schemathesis cannot know of Portaria: which values hold beyond their schema, who is registered, and how
to keep out of the limits' way. Loaded by every process that .ci/schemathesis starts.

A value is touched only where it fits its schema. What a case has wrong stays wrong, and is all that is wrong
with it: else an invalid CPF would hide that a mutation of another field is let through.
"""
import atexit
import collections
import copy
import hashlib
import itertools
import json
import os
import re

import requests
import schemathesis
from requests.adapters import HTTPAdapter

JOB = int(os.environ["PORTARIA_JOB"])  # its number, 0 to 254, which no other process of this run has
SLICE, SLICES = (int(part) for part in os.environ["PORTARIA_SLICE"].split("/"))
REPORT = os.environ["PORTARIA_REPORT"]
COGNITO, POOL = "http://127.0.0.1:9229", "us-east-1_portaria"
API = "http://127.0.0.1:8080"


# Addresses. The limits count by address: each request comes from the next of 250, so that none of them meets a limit.

class FromAddress(HTTPAdapter):
    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, source_address=(self.address, 0), **kwargs)


adapters = itertools.cycle([FromAddress(f"127.{JOB}.{host}.1") for host in range(1, 251)])
requests.Session.get_adapter = lambda self, url: next(adapters)


# Slices. The cases of the coverage phase are always the same; each of several processes sends its share of them.

cases = itertools.count()


@schemathesis.hook
def filter_case(context, case):
    return case.meta is None or case.meta.phase.name != "coverage" or next(cases) % SLICES == SLICE


# Values.

numbers = itertools.count(1)


def cpf_of(number):
    """A valid CPF, another for each number of each job."""
    nine = f"{JOB * 1_000_000 + number:09}"
    first = check_digit(nine)
    return nine + first + check_digit(nine + first)


def check_digit(digits):
    weighed = sum(int(digit) * weight for digit, weight in zip(reversed(digits), itertools.count(2)))
    return str(0 if weighed % 11 < 2 else 11 - weighed % 11)


def spelt_like(digits, spelling):
    left = iter(digits)
    return "".join(next(left) if character.isdigit() else character for character in spelling)


def new_email(like):
    """An e-mail that no other case has, with the local part of another and, where it can be, its length."""
    local, domain = like.split("@", 1)
    unique = f"{local[:64].rstrip('.')}@n{next(numbers)}.job{JOB}."  # at most 64 characters, which the pattern does not say
    if len(unique + domain) <= 128 and all(len(label) <= 63 for label in domain.split(".")):
        return unique + domain
    return unique + ("example." * 16)[:max(len(like) - len(unique) - 1, 0)] + "x"


def within_bytes(text):
    """The beginning of the text that has at most 256 bytes of UTF-8."""
    return text.encode()[:256].decode(errors="ignore")


def password(text, typed):
    """The text where it follows the rules that no schema can say, else another of its length. Typed is what was
    typed beside it."""
    units = len(text.encode("utf-16-le")) // 2
    line_breaks = re.search("[\n\r\x85\u2028\u2029\ufffd]", text)
    monotonous = any(text == (text[:period] * len(text))[:len(text)] for period in range(1, 5))
    repeated = any(word and len(folded(text).replace(word, "")) < 6 for word in map(folded, typed))
    if units <= 256 and text == text.strip() and text not in typed and not (line_breaks or monotonous or repeated):
        return text
    return (hashlib.sha512(str(len(text)).encode()).hexdigest() * 2)[:len(text)]


def folded(text):
    return "".join(character for character in text.lower() if character.isalnum() or ord(character) > 127)


# Who is registered.

def call_cognito(operation, **values):
    response = requests.post(COGNITO, data=json.dumps({"UserPoolId": POOL, **values}), timeout=30, headers={
        "X-Amz-Target": "AWSCognitoIdentityProviderService." + operation, "Content-Type": "application/x-amz-json-1.1"})
    response.raise_for_status()


def new_user():
    """An e-mail that waits for its first password, and the temporary one."""
    number = next(numbers)
    email, temporary = f"n{number}.job{JOB}@example.com", f"provisoria-{JOB}-{number}-Kq7w"
    attributes = {"email": email, "phone_number": "+5551981980387", "custom:cpf": cpf_of(number)}
    validation = {"trackCode": "21a81129400fbf441ae138e52eae8778", "simulationId": "mHPkDoN3TNqw7G3nxA4GAw", "loanValue": "123123",
                  "term": "180", "installment": "2439.02", "loanValueSelected": "123123", "phone": "+55 (51) 99999-9999"}
    call_cognito("AdminCreateUser", Username=email, MessageAction="SUPPRESS", TemporaryPassword=temporary,
                 UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
                 ValidationData=[{"Name": name, "Value": value} for name, value in validation.items()])
    return email, temporary


# Bodies.

def fits(name, value):
    """Whether a value is a text that fits the schema of that name."""
    schema = SCHEMAS[name]
    return (isinstance(value, str) and schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1 << 30)
            and re.search(schema.get("pattern", ""), value) is not None
            and not ("not" in schema and re.search(schema["not"]["pattern"], value)))


SCHEMAS = {}


@schemathesis.hook
def after_load_schema(context, schema):
    components = schema.raw_schema["components"]["schemas"]
    registration, new_password = components["Registration"]["properties"], components["NewPassword"]["properties"]
    SCHEMAS.update(email=components["Email"], identifier=components["Identifier"], username=components["UserName"],
                   cpf=registration["cpf"], temporaryPassword=new_password["temporaryPassword"], newPassword=new_password["newPassword"])


turns = collections.Counter()
registered = {}  # what was registered last, by POST /users
live = []  # one who waits for the first password
asked = set()  # who asked for a new temporary password


def turn(name, of):
    """Whether it is this case's turn: that of the of-th, and of every of-th after it."""
    turns[name] += 1
    return turns[name] % of == 0


def mend_registration(body):
    if turn("again", 10) and registered and fits("email", body.get("email")) and fits("cpf", body.get("cpf")):
        body.update(registered)  # is answered with 200, or with 422 for what else the case has wrong
    else:
        if fits("cpf", body.get("cpf")):
            body["cpf"] = spelt_like(cpf_of(next(numbers)), body["cpf"])
        if fits("email", body.get("email")):
            body["email"] = new_email(body["email"])
    if fits("identifier", body.get("trackCode")):
        body["trackCode"] = within_bytes(body["trackCode"])
    simulation = body.get("simulation")
    if isinstance(simulation, dict):
        if fits("identifier", simulation.get("id")):
            simulation["id"] = within_bytes(simulation["id"])
        for name in ("loanValue", "installment", "loanValueSelected"):
            if isinstance(simulation.get(name), float) and simulation[name] >= 0.0001:
                simulation[name] = round(simulation[name], 4)  # binary fractions do not keep to four digits
        if isinstance(simulation.get("term"), float) and simulation["term"].is_integer():
            simulation["term"] = int(simulation["term"])  # 180.0 is an integer to JSON Schema


def mend_resend(body):
    if fits("email", body.get("email")):
        if not live:
            live.append(new_user()[0])
        body["email"] = new_email(body["email"]) if turn("unknown", 3) else live[0]


def mend_new_password(body):
    if set(body) == {"username", "temporaryPassword", "newPassword"} and all(fits(name, body[name]) for name in body) and turn("live", 2):
        body["username"], body["temporaryPassword"] = new_user()
    if fits("newPassword", body.get("newPassword")):
        body["newPassword"] = password(body["newPassword"], [str(body.get("temporaryPassword")), str(body.get("username"))])


def mend_resend_request(body):
    name = body.get("username")
    if fits("username", name):
        if name in asked:  # once a minute
            name = new_user()[0] if turn("known", 2) else f"n{next(numbers)}.job{JOB}@example.com"
        asked.add(name)
        body["username"] = name


MENDERS = {"POST /users": mend_registration, "POST /users/resend": mend_resend, "POST /password": mend_new_password,
           "POST /password/resend": mend_resend_request}


@schemathesis.hook
def before_call(context, case, kwargs):
    mend = MENDERS.get(case.operation.label)
    if mend and case.method == "POST" and isinstance(case.body, dict):
        body = copy.deepcopy(case.body)
        mend(body)
        case.body = body


# What came of it.

answers = collections.Counter()


@schemathesis.hook
def after_call(context, case, response):
    answers[case.operation.label, response.status_code] += 1
    if case.operation.label == "POST /users" and response.status_code == 201:
        registered.update(email=case.body["email"], cpf=case.body["cpf"])


@atexit.register
def report():
    with open(REPORT, "w", encoding="utf-8") as file:
        json.dump([[label, status, count] for (label, status), count in answers.items()], file)
