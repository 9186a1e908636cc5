"""The sandbox as a server: one address that stands for Xero's login, identity and API hosts.

    with XeroSandbox(generate(today), clock) as xero:
        xero.url, xero.client_id, xero.client_secret     # where it is and what the app is called there
        xero.calls                                       # every request: Call(method, path, params, status, tenant, at)
        xero.faults, xero.limits                         # what goes wrong, and how much is allowed
        xero.identity.consent = Consent(deny=True)       # what the person at the consent page does
        xero.identity.connections, .forget_tokens()      # what a person may change behind our back
        xero.accounting.without_reports.add(user)        # a Xero user whose role may not read reports
        xero.webhook.set_up(address)                     # where events go; nowhere until then
        xero.desk.pay(document)                          # what a bookkeeper does, with its event

It keeps nothing on disk, binds 127.0.0.1 alone, and goes by the clock it is given.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local.xero.accounting import NOT_FOUND, PREFIX, Accounting
from local.xero.answers import Answer, Refusal
from local.xero.books import Books
from local.xero.desk import Desk
from local.xero.faults import Fault, Faults
from local.xero.identity import Identity
from local.xero.limits import Limits
from local.xero.webhook import Webhook

Clock = Callable[[], datetime]
SECRETS = ("client_secret", "refresh_token", "code", "code_verifier", "token")


@dataclass(frozen=True)
class Call:
    """One request as it was answered; status 0 means the connection was dropped. Secrets are not kept."""

    method: str
    path: str
    params: Mapping[str, str]
    status: int
    tenant: str | None
    at: datetime

    @property
    def accounting(self) -> bool:
        return self.path.startswith(PREFIX)


class XeroSandbox:
    def __init__(self, books: Books | list[Books], clock: Clock, port: int = 0) -> None:
        self.books = books if isinstance(books, list) else [books]
        self.clock = clock
        self.client_id = "9B1C5E0E6A9D4B7E8F2A3C4D5E6F7A8B"
        self.client_secret = "sandbox-secret-of-no-value"
        self.limits = Limits()
        self.faults = Faults()
        self.calls: list[Call] = []
        organisations = [one.organisation for one in self.books]
        self.identity = Identity(clock, self.client_id, self.client_secret, organisations)
        self.accounting = Accounting(self.books, self.identity, self.limits, clock)
        self.webhook = Webhook(clock)
        self.desk = Desk(self.books, clock, self.webhook)
        self.stopping = threading.Event()
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> XeroSandbox:
        """Listens; a taken port is an OSError here, at once."""
        self.stopping.clear()
        self._server = _Server(("127.0.0.1", self._port), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="xero-sandbox", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends every open connection too, so that no thread of ours waits on a client that has gone."""
        if self._server is None or self._thread is None:
            return
        self.stopping.set()
        self.faults.clear()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the Xero sandbox is not running")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> XeroSandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(
        self, method: str, path: str, params: Mapping[str, str], headers: Mapping[str, str], form: Mapping[str, str]
    ) -> Answer:
        """What Xero would answer; faults are not looked at here."""
        if path.startswith(PREFIX):
            return self.accounting.handle(method, path, params, headers)
        bearer, identity = headers.get("authorization"), self.identity
        try:
            if (method, path) == ("GET", "/identity/connect/authorize"):
                return identity.authorise(params)
            if (method, path) == ("POST", "/connect/token"):
                return identity.token(form, bearer)
            if (method, path) == ("POST", "/connect/revocation"):
                return identity.revoke(form, bearer)
            if (method, path) == ("GET", "/.well-known/openid-configuration"):
                return identity.discovery(self.url)
            if (method, path) == ("GET", "/connections"):
                return identity.list_connections(bearer, params)
            if method == "DELETE" and path.startswith("/connections/"):
                return identity.delete_connection(bearer, path.removeprefix("/connections/"))
        except Refusal as refusal:
            return refusal.answer
        return NOT_FOUND


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: XeroSandbox) -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        with self._guard:
            for connection in self._open:
                with suppress(OSError):  # the client was quicker
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news; anything else is a mistake of ours and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        sandbox, parts = self.server.sandbox, urlsplit(self.path)
        headers = {key.lower(): value for key, value in self.headers.items()}
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self.rfile.read(int(headers.get("content-length", 0)))
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        fault = sandbox.faults.take(f"{self.command} {self.path}")
        while fault and fault.gate and not fault.gate.wait(0.05) and not sandbox.stopping.is_set():
            pass
        if fault and fault.drop == "before":
            answer = Answer(0)
        elif fault and fault.answer:
            answer = fault.answer
        else:
            answer = sandbox.answer(self.command, parts.path, params, headers, form)
        dropped = fault is not None and fault.drop is not None
        shown = {key: value for key, value in {**params, **form}.items() if key not in SECRETS}
        status = 0 if dropped else answer.status
        tenant = headers.get("xero-tenant-id")
        sandbox.calls.append(Call(self.command, parts.path, shown, status, tenant, sandbox.clock()))
        if dropped:
            self.close_connection = True
            with suppress(OSError):  # the client was quicker
                self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._send(answer, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _send(self, answer: Answer, fault: Fault | None) -> None:
        body = answer.body
        if fault and fault.change:
            body = json.dumps(fault.change(json.loads(body))).encode()
        self.send_response(answer.status)
        for key, value in answer.headers.items():
            self.send_header(key, value)
        if answer.status != 204:
            self.send_header("Content-Type", (fault.content_type if fault else None) or answer.kind)
        if fault and fault.endless:
            self._send_endless()
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault and fault.pause is not None:
            self._drip(body, fault.pause)
        elif self.command != "HEAD":
            self.wfile.write(body)

    def _send_endless(self) -> None:
        self.close_connection = True
        self.end_headers()
        while not self.server.sandbox.stopping.is_set():
            self.wfile.write(b" " * 65_536)

    def _drip(self, body: bytes, pause: float) -> None:
        for number in range(len(body)):
            if self.server.sandbox.stopping.wait(pause):
                return
            self.wfile.write(body[number : number + 1])

    def version_string(self) -> str:
        return "nginx"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Calls are kept in `calls`; a log line would hold the query."""
