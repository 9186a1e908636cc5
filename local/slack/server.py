"""The Slack sandbox: a local server that answers our side as Slack does, and remembers everything it was sent.

    with SlackSandbox(clock) as slack:
        client = WebClient(token=slack.token, base_url=f"{slack.url}/api/")
        ...
        slack.messages, slack.files, slack.calls
        slack.faults.add(Fault("chat.postMessage", "drop", after=True))

It binds 127.0.0.1 only. Time, and with it message stamps, limits and image processing, is the given clock's.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from local.slack.faults import UPLOAD, Fault, Faults
from local.slack.limits import Limits
from local.slack.methods import METHODS, Asked, Refused
from local.slack.oauth import OAuth
from local.slack.workspace import Call, Channel, File, Json, Message, Workspace

TOKEN = "xoxb-sandbox-0000-ledgercast"
CHANNEL = "C0FINANCE01"
MOST_BODY = 5 * 1024 * 1024
SECRETS = ("token", "client_secret", "code")  # of a call's parameters; not kept


class SlackSandbox:
    """`channels` may be edited: `slack.channels[id].archived = True`. `workspace` holds scopes and `revoked`, `oauth`
    the app's id and secret and what the person does who is asked to allow it."""

    def __init__(self, clock: Callable[[], datetime], port: int = 0, *, token: str = TOKEN) -> None:
        self._clock = clock
        self._port = port
        self._lock = Lock()
        self._server: ThreadingHTTPServer | None = None
        self.workspace = Workspace(token)
        self.workspace.channels[CHANNEL] = Channel(CHANNEL, "finance")
        self.oauth = OAuth(self.workspace)
        self.faults = Faults()
        self.limits = Limits()

    @property
    def token(self) -> str:
        return self.workspace.token

    @property
    def channels(self) -> dict[str, Channel]:
        return self.workspace.channels

    @property
    def messages(self) -> list[Message]:
        return self.workspace.messages

    @property
    def files(self) -> dict[str, File]:
        return self.workspace.files

    @property
    def calls(self) -> list[Call]:
        return self.workspace.calls

    @property
    def url(self) -> str:
        """Scheme, host and port; the API lies under `/api/`."""
        assert self._server is not None, "start the sandbox first"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def now(self) -> datetime:
        return self._clock()

    def answer(self, method: str, params: Json, token: str) -> tuple[int, Json]:
        """Status and JSON of one call, its effect included."""
        with self._lock:
            now = self._clock()
            refusal = self._refused_at_the_door(method, token)
            if refusal:
                return 200, {"ok": False, "error": refusal}
            wait = self.limits.seconds_to_wait(method, str(params.get("channel", "")), now)
            if wait is not None:
                return 429, {"ok": False, "error": "ratelimited", "retry_after": wait}
            try:
                return 200, {"ok": True, **METHODS[method](Asked(self.workspace, params, now, self.url))}
            except Refused as refused:
                return 200, refused.body

    def answer_oauth(self, params: Json, authorization: str) -> tuple[int, Json]:
        """oauth.v2.access, the one method that takes the app's secret instead of a token."""
        with self._lock:
            try:
                return 200, {"ok": True, **self.oauth.access(params, authorization, self._clock())}
            except Refused as refused:
                return 200, refused.body

    def _refused_at_the_door(self, method: str, token: str) -> str | None:
        if method not in METHODS:
            return "unknown_method"
        if not token:
            return "not_authed"
        if token != self.workspace.token:
            return "invalid_auth"
        return "token_revoked" if self.workspace.revoked else None

    def receive(self, file_id: str, data: bytes) -> tuple[int, str]:
        """Bytes for an upload ticket; they must be as long as was announced."""
        with self._lock:
            file = self.workspace.files.get(file_id)
            if file is None:
                return 404, "unknown ticket"
            if len(data) != file.length:
                return 400, "the length is not the one that was announced"
            file.data = data
            return 200, f"OK - {len(data)}"

    def remember(self, method: str, params: Json, status: int | None, answer: str) -> None:
        kept = {name: value for name, value in params.items() if name not in SECRETS}
        with self._lock:
            self.workspace.calls.append(Call(method, kept, self._clock(), status, answer))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what tests do on purpose; it is no news."""


def _handler(sandbox: SlackSandbox) -> type[BaseHTTPRequestHandler]:
    return type("SlackHandler", (_Handler,), {"sandbox": sandbox})


class _Handler(BaseHTTPRequestHandler):
    sandbox: SlackSandbox
    protocol_version = "HTTP/1.1"
    server_version = "Apache"

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST_BODY))
        if path.startswith("/upload/v1/"):
            self._upload(path.removeprefix("/upload/v1/"), body)
        elif path.startswith("/api/"):
            self._call(path.removeprefix("/api/"), body)
        elif path == "/oauth/v2/authorize":
            self._authorise()
        else:
            self._send(404, b"not found", "text/plain")

    def do_GET(self) -> None:
        self.do_POST()

    def _call(self, method: str, body: bytes) -> None:
        params = self._params(body)
        token = str(params.pop("token", "")) or self.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        fault = self.sandbox.faults.take(method)
        if fault is None or fault.after or fault.kind == "slow":
            if method == "oauth.v2.access":
                status, answer = self.sandbox.answer_oauth(params, self.headers.get("Authorization", ""))
            else:
                status, answer = self.sandbox.answer(method, params, token)
            if fault is None or fault.kind == "slow":
                time.sleep(fault.delay if fault else 0)
                self.sandbox.remember(method, params, status, "ok" if answer["ok"] else answer["error"])
                self._json(status, answer)
                return
        self.sandbox.remember(method, params, _status_of(fault), _words_of(fault))
        self._spoil(fault)

    def _authorise(self) -> None:
        params = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        status, told = self.sandbox.oauth.authorise(params, self.sandbox.now())
        if status == 302:
            self._send(302, b"", "text/plain", {"Location": told})
        else:
            self._send(status, told.encode(), "text/html")

    def _upload(self, file_id: str, body: bytes) -> None:
        fault = self.sandbox.faults.take(UPLOAD)
        data = _file_part(body, self.headers.get("Content-Type", ""))
        if fault is None or fault.after:
            status, words = self.sandbox.receive(file_id, data)
            if fault is None:
                self.sandbox.remember(UPLOAD, {"file": file_id, "length": len(data)}, status, words)
                self._send(status, words.encode(), "text/plain")
                return
        self.sandbox.remember(UPLOAD, {"file": file_id, "length": len(data)}, _status_of(fault), _words_of(fault))
        self._spoil(fault)

    def _params(self, body: bytes) -> Json:
        """Query, then form or JSON body, as Slack takes them."""
        params: Json = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if "json" in self.headers.get("Content-Type", ""):
            try:
                found = json.loads(body or b"{}")
            except ValueError:
                found = {}
            params |= found if isinstance(found, dict) else {}
        else:
            params |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return params

    def _spoil(self, fault: Fault) -> None:
        if fault.kind == "error":
            self._json(200, {"ok": False, "error": fault.error})
        elif fault.kind == "limited":
            self._json(429, {"ok": False, "error": "ratelimited", "retry_after": fault.seconds})
        elif fault.kind == "status":
            self._send(fault.status, b"<html><body>Something is wrong</body></html>", "text/html")
        elif fault.kind == "garbage":
            self._send(200, b"<html>not what you asked for</html>", "text/html")
        elif fault.kind == "endless":
            self._endless()
        else:
            time.sleep(fault.delay)
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _endless(self) -> None:
        """JSON that opens and never closes, until the other side hangs up."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        piece = b'{"ok": true, "padding": "' + b"x" * 65_536
        while True:
            self.wfile.write(piece)

    def _json(self, status: int, answer: Json) -> None:
        retry = answer.pop("retry_after", None)
        headers = {"Retry-After": str(retry)} if retry is not None else {}
        headers["X-OAuth-Scopes"] = ",".join(self.sandbox.workspace.scopes)
        self._send(status, json.dumps(answer).encode(), "application/json; charset=utf-8", headers)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header tells the sandbox's clock, as Slack's tells Slack's."""
        return format_datetime(self.sandbox.now().astimezone(UTC), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing on stderr: the timeline is `calls`."""


def _status_of(fault: Fault) -> int | None:
    return {"drop": None, "limited": 429, "status": fault.status}.get(fault.kind, 200)


def _words_of(fault: Fault) -> str:
    if fault.kind == "error":
        return fault.error
    return "ratelimited" if fault.kind == "limited" else f"{fault.kind}{' after the effect' if fault.after else ''}"


def _file_part(body: bytes, content_type: str) -> bytes:
    """The file of a multipart form, or the raw body."""
    if not content_type.startswith("multipart/form-data"):
        return body
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    _, _, rest = body.partition(b"\r\n\r\n")
    return rest.rpartition(b"\r\n--" + boundary)[0]
