"""The HTTP front on 127.0.0.1: the API's routes, and the local helpers under `/_local/` (contracts.md 6).

It does what API Gateway does, and nothing else: no session, no business. A relay takes the place of a route for
browsers without a session: whoever consents in a browser of their own lets the program that asked go on.
"""

from __future__ import annotations

import errno
import json
import sys
import threading
from collections.abc import Callable, Mapping
from email.message import Message
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from local.aws import here
from local.aws.clock import LocalClock
from local.aws.gateway import BODY_LIMIT, Request, Response, event_of, json_response, match, response_of
from local.aws.resources.kinds import Route

Helper = Callable[[Mapping[str, str], Any], tuple[int, Any]]
"""(query, JSON body or a form's fields) -> (status, JSON answer). With 303 the answer is the address to go on to. A
ValueError is a request that cannot be read: 400."""

Relay = Callable[[str], str]
"""The address (path and query) that a browser was sent to -> the words that it is shown."""


class PortTaken(Exception):
    """The front's port belongs to another program; the message says what to do."""


class Front:
    """Binds its port at once, so that a taken one is known before anything else starts; serves from `start` on."""

    def __init__(self, port: int, clock: LocalClock, invoke: Callable[[str, bytes], tuple[bytes, bool]]) -> None:
        """Port 0 takes a free one. Raises PortTaken."""
        self._server = _listener(port)
        self.port = int(self._server.server_address[1])
        self.url = f"http://localhost:{self.port}"
        self.routes: list[Route] = []
        self.helpers: dict[tuple[str, str], Helper] = {}
        self.pages: dict[str, Callable[[], str]] = {}
        self.relays: dict[str, Relay] = {}
        self._clock, self._invoke = clock, invoke
        self._server.answer = self.answer
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="front", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.ident:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def answer(self, request: Request) -> Response:
        if len(request.body) > BODY_LIMIT:
            return json_response(413, {"message": "Request Entity Too Large"})
        if request.path.startswith("/_local/"):
            return self._help(request)
        if request.path in self.relays and not _has_session(request):
            words = self.relays[request.path](f"{request.path}?{request.query}")
            return _html(200, f"<!doctype html><html lang=en><title>Ledgercast</title><p>{escape(words)}")
        found = match(self.routes, request.method, request.path)
        if found is None:
            return json_response(404, {"message": "Not Found"})
        route, parameters = found
        event = event_of(request, route, parameters, self._clock.now())
        return response_of(*self._invoke(route.function, json.dumps(event).encode()))

    def _help(self, request: Request) -> Response:
        if not here.page(request.headers):
            return json_response(403, _error("forbidden", "the local helpers answer this machine's own pages alone"))
        if request.method == "GET" and request.path in self.pages:
            return _html(200, self.pages[request.path]())
        helper = self.helpers.get((request.method, request.path))
        if helper is None:
            return json_response(404, _error("not_found", f"there is no {request.method} {request.path}"))
        try:
            status, answer = helper(dict(parse_qsl(request.query)), _body(request))
        except (ValueError, TypeError, KeyError) as error:
            return json_response(400, _error("bad_request", str(error)))
        if status == 303:
            return Response(303, [("Location", str(answer)), ("Cache-Control", "no-store")], b"")
        return json_response(status, answer)


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


def _body(request: Request) -> Any:
    """JSON, or the fields of a form of one of our own pages. Raises ValueError."""
    kinds = [value for name, value in request.headers if name.lower() == "content-type"]
    if any(one.startswith("application/x-www-form-urlencoded") for one in kinds):
        return dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    return json.loads(request.body) if request.body else {}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _html(status: int, text: str) -> Response:
    """A page of this runtime's own: nothing in it may run or load, whatever a mail holds."""
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", _POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
    ]
    return Response(status, headers, text.encode())


def _has_session(request: Request) -> bool:
    cookies = ";".join(value for name, value in request.headers if name.lower() == "cookie")
    return any(one.strip().startswith("session=") for one in cookies.split(";"))


def free(port: int) -> None:
    """Raises PortTaken where the front could not listen, before anything slow has begun."""
    if port:
        _listener(port).server_close()


def _listener(port: int) -> _Server:
    try:
        return _Server(("127.0.0.1", port), _Handler)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PortTaken(f"Port {port} is taken; set LEDGERCAST_PORT to a free one.") from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    answer: Callable[[Request], Response]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no news; anything else is a mistake of ours and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Any method is the site's to answer, also one that nobody ever heard of."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        length = _length(self.headers)
        if length is None:
            self.close_connection = True  # where the next request begins cannot be told
            self._send(json_response(400, {"message": "Bad Request"}))
            return
        if length > BODY_LIMIT:
            self.close_connection = True
        body = self.rfile.read(min(length, BODY_LIMIT + 1))
        path, _, query = self.path.partition("?")
        headers = list(self.headers.items())
        self._send(self.server.answer(Request(self.command, path, query, headers, body, self.client_address[0])))

    def _send(self, answer: Response) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, *_args: object) -> None:
        """Silent: paths may carry tokens."""


def _length(headers: Message) -> int | None:
    """The bytes of the body; None where that is not said plainly. Browsers send no chunks."""
    given = headers.get_all("Content-Length") or ["0"]
    plain = len(given) == 1 and given[0].isascii() and given[0].isdigit()
    return int(given[0]) if plain and "Transfer-Encoding" not in headers else None
