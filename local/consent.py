"""The commands' own consent: no stored grant, one listener on this machine, tokens in memory for the run.

Xero takes http redirects for the name `localhost` alone, which a browser may look up as either loopback address; the
listener therefore stands on both. A callback with another state is answered 400 and otherwise ignored: it is not
the answer to our question, and must neither end the flow nor be able to.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import queue
import secrets
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Final, cast
from urllib.parse import parse_qs, urlsplit

import requests

from ledgercast.clock import Clock
from ledgercast.domain.errors import TokenRejected
from ledgercast.xero.identity import Connection, Identity, TokenSet, claims
from local.plain import one_line

CALLBACK: Final = "/oauth/xero/callback"
_DONE = "/oauth/xero/done"
_WAIT = timedelta(minutes=5)
_LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


class NoConsent(Exception):
    """The command cannot begin: refused, too late, several organisations, or no port to listen on. Exit status 2."""


@dataclass(frozen=True)
class Consent:
    tokens: TokenSet
    connection: Connection


def announce(address: str) -> None:
    print(f"Open: {address}", file=sys.stderr, flush=True)


def consent(
    identity: Identity,
    *,
    port: int,
    scopes: tuple[str, ...],
    clock: Clock,
    by_itself: bool,
    announce: Callable[[str], None] = announce,
) -> Consent:
    """Ask for consent and wait for it, five minutes of `clock` at most. `by_itself` follows the address by program.

    Raises NoConsent, and what `Identity.exchange` and `Identity.connections` raise.
    """
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    redirect = f"http://localhost:{port}{CALLBACK}"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    address = identity.authorise_url(redirect=redirect, state=state, challenge=challenge, scopes=scopes)
    with Listener(port, state) as listener:
        announce(address)
        if by_itself:
            _follow(address)
        tokens = identity.exchange(listener.code(clock), redirect=redirect, verifier=verifier)
        return Consent(tokens, _one_organisation(identity, tokens))


class MemoryGrant:
    """The token set of one run. Threads may share it; each rejected token is renewed once."""

    def __init__(self, identity: Identity, tokens: TokenSet) -> None:
        self._identity = identity
        self._tokens = tokens
        self._lock = threading.Lock()

    def access_token(self) -> str:
        return self._tokens.access_token

    def renew(self, rejected: str) -> str:
        """Another token than the rejected one. Raises what `Identity.refresh` raises."""
        with self._lock:
            if self._tokens.access_token == rejected:
                self._tokens = self._identity.refresh(self._tokens.refresh_token)
            return self._tokens.access_token


class Listener:
    """The redirect address, open between entering and leaving. Raises NoConsent when its port is taken."""

    def __init__(self, port: int, state: str) -> None:
        self._state = state
        self._taken = threading.Lock()
        self._answers: queue.Queue[dict[str, str]] = queue.Queue()
        self._shown = threading.Event()
        self._servers = _bind(port, self)

    def __enter__(self) -> Listener:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def code(self, clock: Clock) -> str:
        """The authorisation code. Raises NoConsent when it is refused or late."""
        ends = clock() + _WAIT
        while True:
            with suppress(queue.Empty):
                answer = self._answers.get(timeout=0.1)
                break
            if clock() >= ends:
                raise NoConsent("No consent came within five minutes; run the command again and open the address")
        if "code" in answer:
            self._shown.wait(1)  # the browser is on its way to the page that says so
            return answer["code"]
        if answer["error"] == "access_denied":
            raise NoConsent("The consent was refused in Xero; run the command again and allow access")
        raise NoConsent(f"Xero gave no consent ({_word(answer['error'])}); check the app's scopes and redirect address")

    def take(self, query: str) -> dict[str, str] | None:
        """The first answer to our own question; None for anything else."""
        given = {name: values[0] for name, values in parse_qs(query).items() if len(values) == 1}
        ours = secrets.compare_digest(given.get("state", "").encode(), self._state.encode())
        if not ours or not given.keys() & {"error", "code"} or not self._taken.acquire(blocking=False):
            return None
        return {"error": given["error"]} if "error" in given else {"code": given["code"]}

    def hand_over(self, answer: dict[str, str]) -> None:
        """Let the command go on, which may end this process: only once the browser has its page."""
        self._answers.put(answer)

    def shown(self) -> None:
        self._shown.set()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, family: socket.AddressFamily, host: str, port: int, listener: Listener) -> None:
        self.address_family = family
        self.listener = listener
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    """Answers with a redirect where the address holds a code, so that the code leaves the browser's history."""

    timeout = 10

    def do_GET(self) -> None:
        listener = cast("_Server", self.server).listener
        parts = urlsplit(self.path)
        if parts.path == _DONE:
            self._page(200, "Xero is connected for this run. You can close this page.")
            listener.shown()
        elif parts.path != CALLBACK:
            self._page(404, "There is nothing here.")
        elif (answer := listener.take(parts.query)) is None:
            self._page(400, "This is not the answer to the consent that was asked for. Open the printed address again.")
        else:
            try:
                self._conclude(answer)
            finally:
                listener.hand_over(answer)

    def _conclude(self, answer: dict[str, str]) -> None:
        if "code" in answer:
            self._answer(303, b"", {"Location": _DONE})
        else:
            self._page(200, "No access was given. You can close this page.")

    def log_message(self, *_: object) -> None:
        """Nothing: the request line holds the code."""

    def _page(self, status: int, words: str) -> None:
        body = f"<!doctype html><html lang=en><title>Ledgercast</title><p>{words}".encode()
        self._answer(status, body, {"Content-Type": "text/html; charset=utf-8"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        common = {"Content-Length": str(len(body)), "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        for name, value in {**headers, **common}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _bind(port: int, listener: Listener) -> list[_Server]:
    servers: list[_Server] = []
    for family, host in _LOOPBACK:
        try:
            servers.append(_Server(family, host, port, listener))
        except OSError as error:
            if family == socket.AF_INET6 and error.errno not in (errno.EADDRINUSE, errno.EACCES):
                continue  # this machine has no IPv6
            for server in servers:
                server.server_close()
            raise NoConsent(
                f"Port {port} cannot be used ({error.strerror}); set LEDGERCAST_PORT to a free one"
            ) from None
    return servers


def _follow(address: str) -> None:
    """Our own sandbox's authorise address leads to the callback by redirects alone."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.get(address, timeout=30)
    except requests.RequestException as error:
        raise NoConsent(f"The Xero sandbox gave no consent ({type(error).__name__})") from None


def _one_organisation(identity: Identity, tokens: TokenSet) -> Connection:
    """This consent's organisation. Where Xero names none for the consent, the only one there is, and never a guess."""
    event: str | None = None
    with suppress(TokenRejected):  # of another form than Xero's: it names no consent, and nothing here is kept by user
        event = claims(tokens.access_token).auth_event
    found = identity.connections(tokens.access_token, event) if event else []
    found = found or identity.connections(tokens.access_token)
    if not found:
        raise NoConsent("The consent brought no organisation; run the command again and choose one in Xero")
    if len(found) > 1:
        names = ", ".join(sorted(one_line(one.name) for one in found))
        raise NoConsent(f"The consent brought several organisations; run the command again and choose one of: {names}")
    return found[0]


def _word(error: str) -> str:
    """OAuth's error word: what a stranger puts there must not reach the terminal as it is."""
    return error if error.replace("_", "").isalnum() and len(error) < 40 else "an unknown error"
