"""A model on this machine, asked as Amazon Bedrock is (Converse over HTTP): an honest writer, and every bad one.

    with ModelSandbox() as model:
        model.behaviour = invents

A behaviour gets the JSON document of the prompt and gives the reply. Nothing here sleeps: one that answers late waits
until the sandbox stops. It binds 127.0.0.1 only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Self
from urllib.parse import unquote

MODEL = "sandbox.writer-v1:0"
Document = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """`text` is what the model says; `error` is one of Bedrock's; `raw` replaces the whole body."""

    text: str = ""
    stopped: str = "end_turn"
    status: int = 200
    error: str = ""
    raw: bytes | None = None
    late: bool = False
    trickles: bool = False


@dataclass(frozen=True)
class Asked:
    model: str
    system: str
    message: str
    document: Document = field(default_factory=dict)


Behaviour = Callable[[Document], Reply]


def said(headline: str, *analysis: str) -> Reply:
    return Reply(json.dumps({"headline": headline, "analysis": list(analysis)}, ensure_ascii=False))


def honest(document: Document) -> Reply:
    """Says the computed words again, as sentences."""
    headline, *points = document["computed_summary"]
    return said(headline, *(f"{point}." for point in points[:4] or [headline]))


def invents(document: Document) -> Reply:
    return said(document["computed_summary"][0], "The forecast for next month is 123,456.78.")


def cuts_off(document: Document) -> Reply:
    """Rounds every figure down, to whole units."""
    cut = re.sub(r"(\d)\.\d+", r"\1", document["computed_summary"][0])
    return said(cut, "Nothing else stands out.")


def obeys(document: Document) -> Reply:
    """Does what a name in the facts tells it: «write that …»."""
    told = re.search(r"write that ([^\"]+)", json.dumps(document, ensure_ascii=False))
    return said(told[1], "As I was told.") if told else honest(document)


def contradicts(document: Document) -> Reply:
    """Turns every rise into a fall and every fall into a rise."""
    other = {"up": "down", "down": "up"}
    turned = re.sub(r"\b(up|down)\b", lambda word: other[word[1]], document["computed_summary"][0])
    return said(turned, "Nothing else stands out.")


def misplaces(document: Document) -> Reply:
    """Tells a true figure of the first month."""
    first = document["period"].split(" to ")[0]
    return said(re.sub(r"\b[A-Z][a-z]{2} \d{4}\b", first, document["computed_summary"][0]), "Nothing else stands out.")


def links(document: Document) -> Reply:
    return said(document["computed_summary"][0], "Verify your account at https://evil.example/login.")


def html(_: Document) -> Reply:
    return Reply("<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>")


def endless(document: Document) -> Reply:
    return said(document["computed_summary"][0], "and so on " * 10_000)


def declines(_: Document) -> Reply:
    return Reply("I'm sorry, but I cannot comment on financial data.")


BAD: dict[str, tuple[Behaviour, str]] = {
    "invents": (invents, "summary.figure"),
    "cuts off": (cuts_off, "summary.figure"),
    "contradicts": (contradicts, "summary.direction"),
    "misplaces": (misplaces, "summary.place"),
    "sends people away": (links, "summary.malformed"),
    "answers HTML": (html, "summary.malformed"),
    "answers 100 kB": (endless, "summary.malformed"),
    "says nothing": (lambda _: Reply(""), "summary.malformed"),
    "says nothing in JSON": (lambda _: said("", ""), "summary.malformed"),
    "answers a list": (lambda _: Reply("[]"), "summary.malformed"),
    "stops in the middle": (lambda _: Reply('{"headline": "Rev', stopped="max_tokens"), "summary.malformed"),
    "declines": (declines, "summary.refused"),
    "declines in JSON": (lambda _: said("I cannot help with that", "Sorry."), "summary.refused"),
    "is filtered": (lambda _: Reply(stopped="guardrail_intervened"), "summary.refused"),
    "is throttled": (lambda _: Reply(status=429, error="ThrottlingException"), "summary.throttled"),
    "is denied": (lambda _: Reply(status=403, error="AccessDeniedException"), "summary.denied"),
    "is not there": (lambda _: Reply(status=404, error="ResourceNotFoundException"), "summary.denied"),
    "takes too long": (lambda _: Reply(status=408, error="ModelTimeoutException"), "summary.late"),
    "does not understand": (lambda _: Reply(status=400, error="ValidationException"), "summary.failed"),
    "fails": (lambda _: Reply(status=500, error="InternalServerException"), "summary.failed"),
    "is a proxy's page": (lambda _: Reply(raw=b"<html>Bad Gateway</html>"), "summary.failed"),
    "answers another JSON": (lambda _: Reply(raw=b'{"output": {}}'), "summary.failed"),
    "answers late": (lambda _: Reply(late=True), "summary.late"),
    "trickles": (lambda _: Reply(trickles=True), "summary.late"),
}
"""Every way in which a model can be of no use, with the reason that the run then gives."""


class ModelSandbox:
    def __init__(self, behaviour: Behaviour = honest) -> None:
        self.behaviour = behaviour
        self.asked: list[Asked] = []
        self._stopped = Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None, "start the sandbox first"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        self._stopped.clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        self._stopped.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def reply(self, model: str, body: Document) -> Reply:
        message = body["messages"][0]["content"][0]["text"]
        document = json.loads(message.removeprefix("<facts>\n").removesuffix("\n</facts>"))
        self.asked.append(Asked(model, body["system"][0]["text"], message, document))
        return self.behaviour(document)

    def hold(self) -> None:
        """Returns when the sandbox stops."""
        self._stopped.wait()


def _handler(sandbox: ModelSandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = sandbox.reply(unquote(self.path.split("/")[2]), given)
            if reply.late:
                sandbox.hold()
                return
            body = _body(reply)
            self.send_response(reply.status)
            if reply.error:
                self.send_header("x-amzn-ErrorType", reply.error)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + (1000 if reply.trickles else 0)))
            self.end_headers()
            self.wfile.write(body)
            if reply.trickles:
                self.wfile.flush()
                sandbox.hold()

        def log_message(self, *_: Any) -> None:
            """Requests are kept in `asked`."""

    return Handler


def _body(reply: Reply) -> bytes:
    if reply.raw is not None:
        return reply.raw
    if reply.error:
        return json.dumps({"message": f"played: {reply.error}"}).encode()
    content = [{"text": reply.text}] if reply.text else []
    return json.dumps(
        {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": reply.stopped,
            "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
            "metrics": {"latencyMs": 1},
        }
    ).encode()
