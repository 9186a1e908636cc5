"""A server of Xero's identity side that answers what the test wrote down, for answers the sandbox never gives."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs

Respond = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body).items()}


class ScriptedXero:
    """Each request takes the next response of `script`; the last one is repeated."""

    def __init__(self) -> None:
        self.script: list[Respond] = []
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        cast("Any", self._server).owner = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> Respond:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        owner: ScriptedXero = cast("Any", self.server).owner
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        owner.asked.append(Asked(self.command, self.path, dict(self.headers), body))
        owner.next()(self)

    def do_POST(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def answer(status: int, body: Any = b"", **headers: str) -> Respond:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(raw)

    return respond


def access_token(user: str = "user-1", event: str | None = "event-1", serial: int = 1, padding: int = 0) -> str:
    """A token of the form that Xero's have: three parts, claims in the middle."""
    body: dict[str, Any] = {"xero_userid": user, "serial": serial}
    if event:
        body["authentication_event_id"] = event
    if padding:
        body["padding"] = "x" * padding
    payload = base64.urlsafe_b64encode(json.dumps(body).encode()).rstrip(b"=").decode()
    return f"header.{payload}.signature"


def tokens(serial: int = 1, **claims: Any) -> dict[str, Any]:
    access = access_token(serial=serial, **claims)
    return {"access_token": access, "refresh_token": f"refresh-{serial}", "expires_in": 1800, "scope": "openid a.read"}
