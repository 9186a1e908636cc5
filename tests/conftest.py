"""For every test: AWS in memory without the work that is the same each time.

A test has a session of its own, and a new session reads the descriptions of its services and builds their endpoint
rules anew: a sixth of a second for five clients, a thousand times over. moto looks for each of the ten forms that a
value of DynamoDB may have under six names, where its rows are plain dictionaries in DynamoDB's own words already; and
it searches for the primes of an RSA key whenever a key is made, though ours are symmetric and never use it. It lists
the methods of a service at each call; and it lays thirteen hundred traps for an AWS that is asked with requests,
which every call of the sandboxes must pass: one for all of AWS is as good, for we ask it with boto3 only.

And DynamoDB one request at a time, as the runtime has it: moto checks a condition and writes in two steps, and two
threads of a test may both pass. It is asked directly, as the runtime does too (local/aws/dynamodb.py).
"""

from __future__ import annotations

import gc
import threading
from functools import cache, wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.loaders
import botocore.regions
import botocore.session
import moto.core.models
import moto.core.responses
import moto.kms.models
import pytest
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.responses import DynamoHandler

from local.aws import dynamodb

HERE = Path(__file__).parent
ORDER = ("infra", "unit", "workflow", "scenarios", "service", "browser", "samples")


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    _share_descriptions()
    _read_rows_plainly()
    _search_for_primes_once()
    _list_methods_once()
    _trap_requests_once()
    _write_one_at_a_time()
    _ask_dynamodb_directly()


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In a parallel run the bundles are built while others do what needs none, and what takes long is begun early;
    a process is handed a file at a time, for most tests are shorter than the asking for another one."""
    items.sort(key=lambda item: ORDER.index(item.path.relative_to(HERE).parts[0]))
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(HERE))))


def pytest_collection_finish() -> None:
    """What was imported and collected stays for good: not to be searched for garbage again and again."""
    gc.collect()
    gc.freeze()


def _share_descriptions() -> None:
    """They are only ever read; the loader keeps what it read, so that one service's rules are one object."""
    loader = botocore.loaders.create_loader()
    endpoints: dict[int, Any] = {}
    sessions: Any = botocore.session
    regions: Any = botocore.regions
    made = regions.EndpointProvider

    def provider(ruleset_data: Any, **given: Any) -> Any:
        if id(ruleset_data) not in endpoints:
            endpoints[id(ruleset_data)] = made(ruleset_data=ruleset_data, **given)
        return endpoints[id(ruleset_data)]

    sessions.create_loader = lambda *_: loader
    regions.EndpointProvider = provider


def _read_rows_plainly() -> None:
    serialisers: Any = ResponseSerializer
    real = serialisers.get_value

    def get_value(serialiser: Any, value: Any, key: str, shape: Any) -> Any:
        if type(value) is dict and serialiser.operation_model.service_model.service_name == "dynamodb":
            return value.get(key)
        return real(serialiser, value, key, shape)

    serialisers.get_value = get_value


def _search_for_primes_once() -> None:
    keys: Any = moto.kms.models
    keys.generate_private_key = cache(keys.generate_private_key)


def _list_methods_once() -> None:
    responses: Any = moto.core.responses
    responses.method_names_from_class = cache(responses.method_names_from_class)


def _trap_requests_once() -> None:
    """What is left is moto's own last trap: whatever goes to amazonaws.com gets an error of a service not there."""
    models: Any = moto.core.models
    models.backend_index = SimpleNamespace(backend_url_patterns=())


def _write_one_at_a_time() -> None:
    lock = threading.RLock()
    real = DynamoHandler.call_action

    @wraps(real)
    def call_action(handler: Any) -> Any:
        with lock:
            return real(handler)

    handlers: Any = DynamoHandler
    handlers.call_action = call_action


def _ask_dynamodb_directly() -> None:
    stubber: Any = BotocoreStubber
    real = stubber.process_request

    def process_request(stub: Any, request: Any) -> Any:
        headers = {name: one.decode() if isinstance(one, bytes) else one for name, one in request.headers.items()}
        if dynamodb.is_asked(headers.get(dynamodb.TARGET, "")):
            return dynamodb.answer(headers, request.body)
        return real(stub, request)

    stubber.process_request = process_request
