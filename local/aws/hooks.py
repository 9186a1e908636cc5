"""Beside once.py the only module that touches moto's insides.

It is written for moto 5.2.5; `tests/unit/runtime/test_hooks.py` fails when they change.

Each hook says what it is for. All of them are taken back by `Hooks.close`, because moto is also used by other tests.
"""

from __future__ import annotations

import datetime as real_datetime
import logging
import threading
import time as real_time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import boto3
import moto.dynamodb.models  # noqa: F401 - its handler cannot be imported before it
import moto.stepfunctions.parser.asl.component.common.retry.retrier_decl as retrier
import moto.stepfunctions.parser.asl.component.state.state as state
import moto.stepfunctions.parser.asl.utils.boto_client as engine_clients
import moto.stepfunctions.parser.backend.execution as execution
import moto.stepfunctions.parser.models as engine
from botocore.config import Config
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.responses import DynamoHandler
from moto.moto_api._internal.models import moto_api_backend
from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends
from moto.server import ThreadedMotoServer
from moto.ses.models import SESBackend
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

from local.aws import dynamodb, here, once
from local.aws.clock import LocalClock
from local.aws.expressions import InvalidExpression, timing

__all__ = ["ACCOUNT", "Hooks", "Letter", "Outbox", "server"]

Invoke = Callable[[str, bytes, bool], tuple[bytes, bool]]
"""(function ARN, payload, wait for it?) -> (answer, did the function fail?)"""


@dataclass(frozen=True)
class Letter:
    """One message handed to SES; `raw` is the whole MIME text."""

    id: str
    at: real_datetime.datetime
    sender: str
    to: tuple[str, ...]
    raw: str


class Outbox:
    """Every message SES took, oldest first."""

    def __init__(self) -> None:
        self._letters: list[Letter] = []

    def add(self, letter: Letter) -> None:
        self._letters.append(letter)

    def letters(self) -> list[Letter]:
        return list(self._letters)


def server() -> ThreadedMotoServer:
    """A moto server on a free port of 127.0.0.1, not yet started, that does not chatter."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return _Server(ip_address="127.0.0.1", port=0, verbose=False)


class _Server(ThreadedMotoServer):
    """moto lets every web page read its answers (CORS), and checks no signature; here are the apps' secrets."""

    def start(self) -> None:
        super().start()
        assert self._server
        self._server.app = _for_programs(self._server.app)


def _for_programs(app: Any) -> Any:
    def guarded(environ: dict[str, Any], start_response: Any) -> Any:
        headers = {_name(key[5:]): str(value) for key, value in environ.items() if key[:5] == "HTTP_"}
        if not here.program(headers.items()):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"the local AWS answers this machine's own programs alone"]
        if not dynamodb.is_asked(headers.get(dynamodb.TARGET, "")):
            return app(environ, start_response)
        headers["Content-Type"] = environ["CONTENT_TYPE"]
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        status, told, said = dynamodb.answer(headers, body)
        start_response(f"{status} {HTTPStatus(status).phrase}", [(name, str(one)) for name, one in told.items()])
        return [said.encode() if isinstance(said, str) else said]

    return guarded


def _name(key: str) -> str:
    """HTTP_X_AMZ_TARGET's end, as HTTP writes it: X-Amz-Target."""
    return key.replace("_", "-").title()


class Hooks:
    """Binds moto to this runtime's clock, workers and outbox."""

    def __init__(self, region: str, clock: LocalClock, invoke: Invoke) -> None:
        self.outbox = Outbox()
        self._region = region
        self._clock = clock
        self._undo = ExitStack()
        moto_api_backend.reset()
        once.remember()
        self._configure()
        self._run_functions(invoke)
        self._serialise_dynamodb()
        self._pass_items_on()
        self._keep_mail()
        self._keep_our_time()
        self._refuse_invalid_schedules()

    def close(self) -> None:
        self._undo.close()

    def use_endpoint(self, endpoint: str) -> None:
        """Step Functions' engine makes a client for every task, for `localhost`; here it keeps them, for `endpoint`."""
        clients: dict[tuple[str, str], Any] = {}
        session: Any = boto3.Session()
        lock = threading.Lock()

        def client(*, service_name: str, region_name: str, config: Config, **given: Any) -> Any:
            with lock:
                key = (service_name, region_name)
                if key not in clients:
                    pooled = config.merge(Config(max_pool_connections=64, proxies={}))
                    given["endpoint_url"] = endpoint
                    clients[key] = session.client(service_name, region_name=region_name, config=pooled, **given)
                return clients[key]

        self._replace(engine_clients, "boto3", SimpleNamespace(client=client))

    def schedules(self) -> list[dict[str, Any]]:
        """Every schedule with its target, as GetSchedule gives it; instants are POSIX seconds."""
        groups = list(scheduler_backends[ACCOUNT][self._region].schedule_groups.values())
        return [schedule.to_dict() for group in groups for schedule in list(group.schedules.values())]

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        before = vars(owner)[name]  # as it stands there: getattr would unwrap a static method
        setattr(owner, name, value)
        self._undo.callback(setattr, owner, name, before)

    def _configure(self) -> None:
        """Execute state machines for real, and never look for Docker."""
        for service, flag, value in (("stepfunctions", "execute_state_machine", True), ("lambda", "use_docker", False)):
            section: Any = default_user_config[service]  # type: ignore[literal-required]
            self._undo.callback(section.__setitem__, flag, section[flag])
            section[flag] = value

    def _run_functions(self, invoke: Invoke) -> None:
        """Every Invoke, by Step Functions, the scheduler or a client, ends in our workers."""

        def run(
            backend: Any, function_name: str, qualifier: str | None, body: Any, headers: Any, answer: dict[str, str]
        ) -> bytes:
            function = backend.get_function(function_name, qualifier)
            payload = body.encode() if isinstance(body, str) else bytes(body or b"{}")
            waits = headers.get("X-Amz-Invocation-Type") != "Event"
            result, failed = invoke(function.function_arn, payload or b"{}", waits)
            if failed:
                answer["x-amz-function-error"] = "Unhandled"  # makes Retry and Catch look at errorType
            return result

        self._replace(LambdaSimpleBackend, "invoke", run)

    def _serialise_dynamodb(self) -> None:
        """moto checks a condition and writes in two steps; two threads may both pass. One request at a time."""
        lock = threading.RLock()
        real = DynamoHandler.call_action

        def call_action(handler: Any) -> Any:
            with lock:
                return real(handler)

        self._replace(DynamoHandler, "call_action", call_action)

    def _pass_items_on(self) -> None:
        """For each attribute moto looks under five names for each of ten kinds, and so takes 30 ms for eleven items.
        An attribute that is in DynamoDB's own form already, all but binaries and sets, is given as it is."""
        real = BaseJSONSerializer._serialize_type_structure

        def structure(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
            if shape.name == "AttributeValue" and key and _is_plain(value):
                serialized[key] = value
            else:
                real(serializer, serialized, value, shape, key)

        self._replace(BaseJSONSerializer, "_serialize_type_structure", structure)

    def _keep_mail(self) -> None:
        """moto keeps messages without their time, and adds the recipients of the headers to those of the envelope."""
        raw_email, simple_email = SESBackend.send_raw_email, SESBackend.send_email

        def send_raw_email(backend: Any, source: str, destinations: list[str], raw_data: str) -> Any:
            envelope = tuple(destinations)
            sent = raw_email(backend, source, destinations, raw_data)
            self._post(sent.id, sent.source, envelope or tuple(sent.destinations), raw_data)
            return sent

        def send_email(
            backend: Any, source: str, subject: str, body: str, destinations: dict[str, list[str]], **given: Any
        ) -> Any:
            sent = simple_email(backend, source, subject, body, destinations, **given)
            to = tuple(address for addresses in destinations.values() for address in addresses)
            self._post(sent.id, source, to, _mime(source, to, subject, body))
            return sent

        self._replace(SESBackend, "send_raw_email", send_raw_email)
        self._replace(SESBackend, "send_email", send_email)

    def _post(self, message_id: str, source: str, to: tuple[str, ...], raw: str) -> None:
        self.outbox.add(Letter(message_id, self._clock.now(), source, to, raw))

    def _keep_our_time(self) -> None:
        """Wait states, the back-off of a Retry and the engine's time stamps follow our clock."""
        clock = self._clock

        def wait(_function: Any, env: Any, wait_seconds: int) -> None:
            clock.sleep(wait_seconds, interrupted=lambda: not env.is_running())

        now = SimpleNamespace(now=lambda tz=None: clock.now().astimezone(tz))
        ours = SimpleNamespace(**{**vars(real_datetime), "datetime": now})
        for module in (state, engine, execution):
            self._replace(module, "datetime", ours)
        self._replace(retrier, "time", SimpleNamespace(**{**vars(real_time), "sleep": clock.sleep}))
        self._replace(WaitFunction, "_wait_interval", wait)
        self._replace(EventManager, "_get_current_timestamp", staticmethod(clock.now))

    def _refuse_invalid_schedules(self) -> None:
        """moto takes any text for an expression, and measures a StartDate with the machine's clock."""

        def checked(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(backend: Any, **given: Any) -> Any:
                zone = given.get("schedule_expression_timezone") or "UTC"
                try:
                    timing(given["schedule_expression"], zone, created=self._clock.now())
                except InvalidExpression as error:
                    raise ValidationException(message=str(error)) from error
                return real(backend, **given)

            return call

        for name in ("create_schedule", "update_schedule"):
            self._replace(EventBridgeSchedulerBackend, name, checked(getattr(EventBridgeSchedulerBackend, name)))
        self._replace(Schedule, "_validate_start_date", lambda _schedule, start_date: start_date)


def _mime(source: str, to: tuple[str, ...], subject: str, body: str) -> str:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = source, ", ".join(to), subject
    message.set_content(body, subtype="html" if body.lstrip().startswith("<") else "plain")
    return message.as_string()


def _is_plain(value: Any) -> bool:
    """Whether this is one attribute as DynamoDB writes it, of text, numbers and what is made of them."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    [(kind, inner)] = value.items()
    if kind == "M":
        return all(map(_is_plain, inner.values()))
    if kind == "L":
        return all(map(_is_plain, inner))
    return (kind in ("S", "N") and isinstance(inner, str)) or (kind in ("BOOL", "NULL") and isinstance(inner, bool))
