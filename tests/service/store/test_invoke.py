"""Asking another function: over HTTP, by a real client against a server that plays Lambda's part."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config

from ledgercast.store.connect import SENDING
from ledgercast.store.invoke import Function, FunctionFailed, StillWorking

READ_TIMEOUT = 0.3


class Lambda(ThreadingHTTPServer):
    """Answers by the function's name; a slow one answers when the test is over."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[tuple[str, Any]] = []
        self.over = threading.Event()

    def handle_error(self, *_: object) -> None:
        """A caller that gave up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: Lambda

    def do_POST(self) -> None:
        name = self.path.split("/")[3]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((name, json.loads(body)))
        if name == "slow":
            self.server.over.wait(10)
        status, headers, answer = _ANSWERS.get(name, _ANSWERS["ready"])
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        raw = json.dumps(answer).encode()
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        return


_ANSWERS: dict[str, tuple[int, dict[str, str], Any]] = {
    "ready": (200, {}, {"outcome": "ready"}),
    "fails": (200, {"X-Amz-Function-Error": "Unhandled"}, {"errorType": "KeyError", "errorMessage": "a secret"}),
    "strange": (200, {"X-Amz-Function-Error": "Unhandled"}, "a secret"),
    "busy": (429, {"x-amzn-errortype": "TooManyRequestsException"}, {"message": "Rate Exceeded."}),
    "forbidden": (403, {"x-amzn-errortype": "AccessDeniedException"}, {"message": "not you"}),
    "broken": (500, {"x-amzn-errortype": "ServiceException"}, {"message": "sorry"}),
}


@pytest.fixture
def far() -> Iterator[Lambda]:
    server = Lambda()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


def function(port: int, name: str) -> Function:
    session = boto3.Session("testing", "testing", region_name="eu-west-1")
    config = SENDING.merge(Config(read_timeout=READ_TIMEOUT))
    return Function(session.client("lambda", endpoint_url=f"http://127.0.0.1:{port}", config=config), name)


def test_the_answer_is_the_functions_own(far: Lambda) -> None:
    event = {"workspace": "main", "preview": {"metric": "revenue", "connection": "x-1"}}
    assert function(far.server_port, "ready").ask(event) == {"outcome": "ready"}
    assert far.calls == [("ready", event)]


@pytest.mark.parametrize("name", ["busy", "slow"])
def test_no_answer_yet_is_not_a_failure_and_the_work_is_not_begun_again(far: Lambda, name: str) -> None:
    with pytest.raises(StillWorking):
        function(far.server_port, name).ask({})
    assert len(far.calls) == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("fails", "KeyError"),
        ("strange", "Unhandled"),
        ("forbidden", "AccessDeniedException"),
        ("broken", "ServiceException"),
    ],
)
def test_a_failure_is_told_by_its_kind_and_nothing_else(far: Lambda, name: str, kind: str) -> None:
    with pytest.raises(FunctionFailed) as failed:
        function(far.server_port, name).ask({})
    assert str(failed.value) == kind
    assert len(far.calls) == 1


def test_a_service_that_cannot_be_reached_is_a_failure(far: Lambda) -> None:
    far.shutdown()
    far.server_close()
    with pytest.raises(FunctionFailed, match="EndpointConnectionError"):
        function(far.server_port, "ready").ask({})
