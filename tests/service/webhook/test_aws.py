"""The webhook's own calls of SQS and Secrets Manager, over HTTP: what they send is understood, what fails is known."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.credentials import Credentials
from moto.server import ThreadedMotoServer

from functions.webhook import compose
from functions.webhook import handler as webhook
from functions.webhook.aws import Aws, Unavailable, here
from tests.service.conftest import REGION
from tests.unit.webhook.test_receive import DELIVERY, request
from tests.unit.webhook.test_signing import KEY, sign

EVENTS = f"events-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def cloud() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def queue(cloud: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The function's environment; the queue's client."""
    told = {"endpoint_url": cloud, "region_name": REGION, "aws_access_key_id": "x", "aws_secret_access_key": "y"}
    sqs, secrets = boto3.client("sqs", **told), boto3.client("secretsmanager", **told)  # type: ignore[call-overload]
    url = sqs.create_queue(QueueName=EVENTS)["QueueUrl"]
    secret = secrets.create_secret(Name=EVENTS, SecretString=json.dumps({"xero_webhook_keys": [KEY]}))["ARN"]
    environment = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_SESSION_TOKEN": "z",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": cloud,
        "LEDGERCAST_APP_SECRET": secret,
        "LEDGERCAST_EVENTS_QUEUE": url,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    compose.door.cache_clear()
    made: list[Aws] = []

    def make() -> Aws:
        made.append(here())
        return made[-1]

    monkeypatch.setattr(compose, "here", make)
    yield sqs
    compose.door.cache_clear()
    for one in made:
        one.close()


def test_a_delivery_comes_out_of_the_queue_as_it_went_in(queue: Any) -> None:
    """WH-5"""
    body = '{"events":[{"x":"Söhne & <Co> 漢"}]}'.encode()
    assert webhook.handler(request(DELIVERY), None)["statusCode"] == 200
    assert webhook.handler(request(body), None)["statusCode"] == 200
    assert webhook.handler(request(b"\xff\x00"), None)["statusCode"] == 200
    assert webhook.handler(request(body, sign(body, "wrong")), None)["statusCode"] == 401

    url = queue.get_queue_url(QueueName=EVENTS)["QueueUrl"]
    found = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])["Messages"]
    bodies = {one["Body"]: one["MessageAttributes"] for one in found}
    assert set(bodies) == {DELIVERY.decode(), body.decode(), "/wA="}
    assert bodies["/wA="]["encoding"]["StringValue"] == "base64"
    assert all(one["delivery"]["StringValue"] == "JKJaXmPLvHcESHA=" for one in bodies.values())


@dataclass
class Far:
    """A server that pretends to be AWS: answers as it is told, and remembers what it was asked."""

    url: str = ""
    script: list[str] = field(default_factory=list)
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0


@pytest.fixture
def far() -> Iterator[Far]:
    held = Far()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            held.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            held.asked.append((dict(self.headers.items()), body))
            what = held.script.pop(0) if held.script else "ok"
            if what == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            answer = b"x" * 200_000 if what == "endless" else b"<html>" if what == "html" else b'{"MessageId": "1"}'
            self.send_response(int(what) if what.isdigit() else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            if what == "hang up":
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    held.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield held
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(far: Far) -> Iterator[Aws]:
    made = Aws(REGION, Credentials("AKID", "secret-key", "session-token"), far.url)
    yield made
    made.close()


def send(client: Aws) -> dict[str, Any]:
    return client.ask("sqs", "AmazonSQS.SendMessage", {"QueueUrl": "q", "MessageBody": "hello"})


def test_a_call_is_signed_for_its_service_and_one_connection_serves_them_all(far: Far, client: Aws) -> None:
    assert send(client) == {"MessageId": "1"}
    client.ask("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": "app"})

    (headers, body), (second, _) = far.asked
    assert json.loads(body) == {"QueueUrl": "q", "MessageBody": "hello"}
    assert headers["X-Amz-Target"] == "AmazonSQS.SendMessage"
    assert headers["Content-Type"] == "application/x-amz-json-1.0"
    assert headers["X-Amz-Security-Token"] == "session-token"
    assert f"/{REGION}/sqs/aws4_request" in headers["Authorization"]
    assert f"/{REGION}/secretsmanager/aws4_request" in second["Authorization"]
    assert "secret-key" not in str(far.asked)
    assert far.connections == 1


@pytest.mark.parametrize("first", ["drop", "500", "503", "endless"])
def test_what_fails_once_is_tried_once_more(far: Far, client: Aws, first: str) -> None:
    far.script = [first]
    assert send(client) == {"MessageId": "1"}
    assert len(far.asked) == 2


def test_a_connection_that_died_between_two_invocations_is_no_news(far: Far, client: Aws) -> None:
    far.script = ["hang up"]
    assert send(client) and send(client)
    assert far.connections == 2


@pytest.mark.parametrize("script", [["400"], ["403"], ["500", "500"], ["drop", "drop"], ["drop", "503"], ["302"]])
def test_what_goes_on_failing_is_said_and_nothing_of_its_body(far: Far, client: Aws, script: list[str]) -> None:
    """WH-7: then Xero tries again"""
    far.script = list(script)
    with pytest.raises(Unavailable, match=r"^[A-Za-z0-9, ]+$"):
        send(client)
    assert len(far.asked) == len(script)


def test_a_queue_that_cannot_be_reached_is_known_within_the_functions_time() -> None:
    with pytest.raises(Unavailable, match="ConnectionRefusedError"):
        Aws(REGION, Credentials("a", "b"), "http://127.0.0.1:9").ask("sqs", "AmazonSQS.SendMessage", {})


def test_no_second_try_is_begun_when_the_time_is_over(far: Far) -> None:
    ticks = iter([0.0, 0.0, 3.1])
    far.script = ["500"]
    late = Aws(REGION, Credentials("a", "b"), far.url, lambda: next(ticks))
    with pytest.raises(Unavailable, match=r"^500$"):
        send(late)
    late.close()
    assert len(far.asked) == 1
