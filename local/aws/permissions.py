"""Least privilege without an account: what functions asked of AWS, judged against the roles of the template.

Workers note their calls when `LEDGERCAST_IAM_LOG` names a file (worker_main.py), and the runtime puts the roles beside
it; `verdict` reads both. Each call is mapped to the actions
it needs; each need must be allowed by a statement of the function's role. A service, an operation or a condition that
is not known here is an error: nothing passes by not being understood. Judged are identity policies of functions alone,
on the paths that ran; policies of buckets, queues and keys, and the services' own roles, are not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from local.aws.hooks import ACCOUNT
from local.aws.resources.kinds import Stack

Statement = dict[str, Any]


class NotUnderstood(Exception):
    """A call or a condition that this judge has no rule for; the message names it."""


@dataclass(frozen=True)
class Call:
    """One recorded call: who, of which service (its IAM prefix), and the names it was made with."""

    function: str
    service: str
    operation: str
    names: Mapping[str, Any]


@dataclass(frozen=True)
class Need:
    """An action on a resource (any of these ARNs), in a context of condition keys."""

    action: str
    resources: tuple[str, ...]
    context: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.action} on {' or '.join(self.resources)} {dict(self.context) or ''}".rstrip()


def read_calls(file: Path) -> list[Call]:
    """The different calls in a record."""
    return [Call(**json.loads(line)) for line in dict.fromkeys(file.read_text().splitlines())]


@dataclass(frozen=True)
class Judge:
    """`key` is the ARN of the customer key under which tables, buckets and secrets lie."""

    region: str
    key: str

    def refused(self, call: Call, statements: Iterable[Statement]) -> list[Need]:
        """The needs of a call that no statement allows. Raises NotUnderstood."""
        known = list(statements)
        return [need for need in self.needs(call) if not any(allows(one, need) for one in known)]

    def unused(self, calls: Iterable[Call], statements: Iterable[Statement]) -> set[str]:
        """Actions that are granted and that no call needed: too much, or not tested."""
        used = {need.action for call in calls for need in self.needs(call)}
        granted = {action for one in statements for action in _listed(one["Action"])}
        return granted - used

    def needs(self, call: Call) -> Iterator[Need]:
        rule = getattr(self, f"_{call.service}", None)
        if rule is None:
            raise NotUnderstood(f"{call.function} called the service {call.service}")
        yield from rule(call)

    def _arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{rest}"

    def _through_key(self, service: str, *actions: str) -> Iterator[Need]:
        """What a service does with the key in the caller's name."""
        for action in actions:
            yield Need(f"kms:{action}", (self.key,), {"kms:ViaService": f"{service}.{self.region}.amazonaws.com"})

    def _dynamodb(self, call: Call) -> Iterator[Need]:
        if call.operation not in ("GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"):
            raise NotUnderstood(f"{call.function} called dynamodb {call.operation}")
        index = f"/index/{call.names['IndexName']}" if "IndexName" in call.names else ""
        yield Need(f"dynamodb:{call.operation}", (self._arn("dynamodb", f"table/{call.names['TableName']}{index}"),))
        yield from self._through_key("dynamodb", "Decrypt")

    def _s3(self, call: Call) -> Iterator[Need]:
        if call.operation == "ListObjectsV2":
            yield Need("s3:ListBucket", (f"arn:aws:s3:::{call.names['Bucket']}",))
            return
        if call.operation == "DeleteObjects":  # its keys are not noted: a snapshot stands for them
            yield Need("s3:DeleteObject", (f"arn:aws:s3:::{call.names['Bucket']}/snapshots/any",))
            return
        actions = {"GetObject": "GetObject", "HeadObject": "GetObject", "PutObject": "PutObject"}
        if call.operation not in actions:
            raise NotUnderstood(f"{call.function} called s3 {call.operation}")
        action = actions[call.operation]
        yield Need(f"s3:{action}", (f"arn:aws:s3:::{call.names['Bucket']}/{call.names['Key']}",))
        yield from self._through_key("s3", "GenerateDataKey" if action == "PutObject" else "Decrypt")

    def _secretsmanager(self, call: Call) -> Iterator[Need]:
        writing = ("GenerateDataKey", "Decrypt")
        keys = {
            "GetSecretValue": ("Decrypt",),
            "PutSecretValue": writing,
            "CreateSecret": writing,
            "DeleteSecret": (),
        }
        if call.operation not in keys:
            raise NotUnderstood(f"{call.function} called secretsmanager {call.operation}")
        secret = str(call.names.get("SecretId") or call.names["Name"])
        # Six random characters end every secret's ARN.
        arn = secret if secret.startswith("arn:") else self._arn("secretsmanager", f"secret:{secret}-xxxxxx")
        yield Need(f"secretsmanager:{call.operation}", (arn,))
        yield from self._through_key("secretsmanager", *keys[call.operation])

    def _kms(self, call: Call) -> Iterator[Need]:
        if call.operation not in ("Encrypt", "Decrypt"):
            raise NotUnderstood(f"{call.function} called kms {call.operation}")
        context = {f"kms:EncryptionContext:{k}": str(v) for k, v in call.names.get("EncryptionContext", {}).items()}
        yield Need(f"kms:{call.operation}", (call.names.get("KeyId", self.key),), context)

    def _lambda(self, call: Call) -> Iterator[Need]:
        if call.operation != "Invoke":
            raise NotUnderstood(f"{call.function} called lambda {call.operation}")
        yield Need("lambda:InvokeFunction", (self._arn("lambda", f"function:{call.names['FunctionName']}"),))

    def _states(self, call: Call) -> Iterator[Need]:
        on = {"DescribeExecution": "executionArn", "StartExecution": "stateMachineArn"}.get(call.operation)
        if on is None:
            raise NotUnderstood(f"{call.function} called states {call.operation}")
        yield Need(f"states:{call.operation}", (call.names[on],))

    def _sqs(self, call: Call) -> Iterator[Need]:
        known = ("ReceiveMessage", "DeleteMessage", "SendMessage", "ChangeMessageVisibility", "GetQueueAttributes")
        if call.operation not in known:
            raise NotUnderstood(f"{call.function} called sqs {call.operation}")
        yield Need(f"sqs:{call.operation}", (self._arn("sqs", call.names["QueueUrl"].rpartition("/")[2]),))

    def _monitoring(self, call: Call) -> Iterator[Need]:
        """CloudWatch, by the name it signs with."""
        if call.operation != "GetMetricStatistics":
            raise NotUnderstood(f"{call.function} called cloudwatch {call.operation}")
        yield Need("cloudwatch:GetMetricStatistics", ("*",))

    def _scheduler(self, call: Call) -> Iterator[Need]:
        """Without the role that is passed on: it is part of the target, of which nothing is noted."""
        if call.operation == "ListSchedules":  # which takes no narrower resource, whatever group is named
            yield Need("scheduler:ListSchedules", (self._arn("scheduler", "schedule/*/*"),))
            return
        if call.operation not in ("CreateSchedule", "UpdateSchedule", "GetSchedule", "DeleteSchedule"):
            raise NotUnderstood(f"{call.function} called scheduler {call.operation}")
        schedule = f"schedule/{call.names['GroupName']}/{call.names['Name']}"
        yield Need(f"scheduler:{call.operation}", (self._arn("scheduler", schedule),))

    def _bedrock(self, call: Call) -> Iterator[Need]:
        """Of a model by its id; an inference profile's models in other regions are not judged."""
        if call.operation != "Converse":
            raise NotUnderstood(f"{call.function} called bedrock {call.operation}")
        yield Need("bedrock:InvokeModel", (f"arn:aws:bedrock:{self.region}::foundation-model/{call.names['modelId']}",))

    def _ses(self, call: Call) -> Iterator[Need]:
        """SES asks for both actions here and there: SendEmail by its API's name, SendRawEmail for a raw message."""
        if call.operation != "SendEmail":
            raise NotUnderstood(f"{call.function} called ses {call.operation}")
        address = parseaddr(call.names["FromEmailAddress"])[1]
        # The address itself or its domain may be the verified identity.
        resources = [tuple(self._arn("ses", f"identity/{name}") for name in (address, address.partition("@")[2]))]
        if "ConfigurationSetName" in call.names:
            resources.append((self._arn("ses", f"configuration-set/{call.names['ConfigurationSetName']}"),))
        for action in ("ses:SendEmail", "ses:SendRawEmail"):
            for arns in resources:
                yield Need(action, arns, {"ses:FromAddress": address})


@dataclass(frozen=True)
class Verdict:
    """`refused`: what is missing, a sentence each. `unused`: per function what it may and never did."""

    refused: list[str]
    unused: dict[str, set[str]]


def write_roles(calls: Path, stack: Stack) -> None:
    """Puts what the calls are to be judged by beside their record: the roles as they were deployed."""
    held = {"region": stack.region, "key": stack.keys[0], "roles": stack.roles, "statements": stack.statements}
    _roles_of(calls).write_text(json.dumps(held))


def verdict(calls: Path) -> Verdict:
    """Every call in a record against its function's role. Raises NotUnderstood."""
    held = json.loads(_roles_of(calls).read_text())
    judge, made = Judge(held["region"], held["key"]), read_calls(calls)
    refused: list[str] = []
    unused: dict[str, set[str]] = {}
    for function in sorted({call.function for call in made}):
        own = [call for call in made if call.function == function]
        statements = held["statements"][held["roles"][function]]
        refused += [f"{function} may not {need}" for call in own for need in judge.refused(call, statements)]
        unused[function] = judge.unused(own, statements)
    return Verdict(refused, unused)


def _roles_of(calls: Path) -> Path:
    return calls.with_name(f"{calls.name}.roles.json")


def allows(statement: Statement, need: Need) -> bool:
    """Whether an Allow covers the need; a Deny is not understood, as no role of ours has one."""
    if statement["Effect"] != "Allow" or "NotAction" in statement or "NotResource" in statement:
        raise NotUnderstood(f"a statement of another form: {statement}")
    acts = any(fnmatchcase(need.action, action) for action in _listed(statement["Action"]))
    reaches = any(fnmatchcase(arn, wanted) for wanted in _listed(statement["Resource"]) for arn in need.resources)
    return (
        acts
        and reaches
        and all(_holds(operator, wanted, need.context) for operator, wanted in statement.get("Condition", {}).items())
    )


def _holds(operator: str, wanted: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    if operator == "StringEquals":
        return all(context.get(key) in _listed(values) for key, values in wanted.items())
    if operator == "Null":
        return all((key not in context) == (str(value).lower() == "true") for key, value in wanted.items())
    raise NotUnderstood(f"the condition operator {operator}")


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
