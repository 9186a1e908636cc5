"""Somebody who takes Xero's deliveries: checks the signature as the contract says, and does what a test tells it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Receiver:
    """`answers` are the statuses of the next good deliveries; after them 200. `body` and `cookie` go with each."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.answers: list[int] = []
        self.always: int | None = None
        self.body = b""
        self.cookie = ""
        self.bad_status = 401
        self.taken: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.url = ""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.taken for event in body["events"]]

    def status_for(self, content: bytes, signature: str) -> int:
        self.raw.append(content)
        expected = base64.b64encode(hmac.new(self.key.encode(), content, hashlib.sha256).digest()).decode()
        if signature != expected:
            return self.bad_status
        status = self.always or (self.answers.pop(0) if self.answers else 200)
        if status == 200:
            self.taken.append(json.loads(content))
        return status


@contextmanager
def receiver(key: str) -> Iterator[Receiver]:
    told = Receiver(key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(told.status_for(content, self.headers["x-xero-signature"]))
            if told.cookie:
                self.send_header("Set-Cookie", told.cookie)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}/webhooks/xero"
    yield told
    server.shutdown()
    server.server_close()
    thread.join()
