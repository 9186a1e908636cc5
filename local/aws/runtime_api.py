"""The Lambda Runtime API: what awslambdaric asks.

GET  /2018-06-01/runtime/invocation/next                      waits for an event
POST /2018-06-01/runtime/invocation/<request>/response|error  the answer
POST /2018-06-01/runtime/init/error                           the handler could not be imported
"""

from __future__ import annotations

import json
import queue
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.aws import here


@dataclass(frozen=True)
class Invocation:
    request_id: str
    arn: str
    payload: bytes
    seconds: float


@dataclass(frozen=True)
class Ready:
    """The worker asked for its first event: its handler is imported."""


@dataclass(frozen=True)
class Answer:
    payload: bytes
    failed: bool


@dataclass(frozen=True)
class InitFailed:
    payload: bytes


@dataclass(frozen=True)
class Died:
    """The worker's process ended; `code` as subprocess gives it (negative: by that signal)."""

    code: int


Event = Ready | Answer | InitFailed | Died


class RuntimeApi:
    """Where one worker and the pool meet: invocations in, events out. A port each, since awslambdaric reports a
    failed import to host and port alone."""

    def __init__(self) -> None:
        self.invocations: queue.Queue[Invocation | None] = queue.Queue()
        self.events: queue.Queue[Event] = queue.Queue()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="runtime-api", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.invocations.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    api: RuntimeApi
    asked = False

    def handle_error(self, *_args: object) -> None:
        """A worker that was killed leaves its connection behind; that is no error of this server."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # with it every call waits 40 ms for a delayed acknowledgement
    server: _Server

    def parse_request(self) -> bool:
        """Events hold cookies: a web page that found this port gets none."""
        if not super().parse_request():
            return False
        if here.program(self.headers.items()):
            return True
        self.close_connection = True
        self._answer(403)
        return False

    def do_GET(self) -> None:
        if not self.server.asked:
            self.server.asked = True
            self.server.api.events.put(Ready())
        invocation = self.server.api.invocations.get()
        if invocation is None:
            self.close_connection = True
            return
        deadline = int((time.time() + invocation.seconds) * 1000)
        self._answer(
            200,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            },
        )

    def do_POST(self) -> None:
        body = self._body()
        of, what = self.path.split("/")[-2:]
        answer = InitFailed(body) if of == "init" else Answer(body, failed=what == "error")
        self.server.api.events.put(answer)
        self._answer(202)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        # awslambdaric 4.2.2 dies of SIGSEGV where the answer to `next` has no Content-Type.
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Silent: the workers' own logs tell what happened."""


def error(kind: str, message: str) -> bytes:
    """The body by which Lambda tells that a function failed."""
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
