"""The one factory of Slack clients: no retries of its own, no redirects, a deadline and a size cap (SX-1, SX-2).

slack_sdk retries a dropped connection by default, which after a commit would post twice; here every retry is decided
by the ledger (design 10). Its logger is silenced, because at debug level it writes whole messages (LG-1).
"""

from __future__ import annotations

import io
import logging
import time
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from slack_sdk import WebClient

TIMEOUT = 10  # seconds for connecting and for each read
DEADLINE = 15.0  # seconds for a whole answer; the look-up relies on it (`ledgercast/resolve.py`)
MOST_BYTES = 4 * 1024 * 1024


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


_OPENER = build_opener(_NoRedirects, ProxyHandler({}))


class _Client(WebClient):
    """slack_sdk's client over an opener of ours. The overridden method is private: a test pins that it is called."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        ends = time.monotonic() + DEADLINE
        try:
            with _OPENER.open(req, timeout=self.timeout) as answer:
                body = _read(answer, ends)
                return {"status": answer.status, "headers": answer.headers, "body": body.decode("utf-8", "replace")}
        except HTTPError as refused:
            with refused:
                body = _read(refused, ends)
            raise HTTPError(url, refused.code, refused.reason, refused.headers, io.BytesIO(body)) from None


def _read(answer: IO[bytes], ends: float) -> bytes:
    """The whole body. Raises TimeoutError past the deadline, ValueError past the size cap."""
    pieces, size = [], 0
    while piece := answer.read1(65_536):  # type: ignore[attr-defined]  # one recv a turn, so the deadline is seen
        size += len(piece)
        if size > MOST_BYTES:
            raise ValueError("the answer is larger than is safe to read")
        if time.monotonic() > ends:
            raise TimeoutError("the answer did not end in time")
        pieces.append(piece)
    return b"".join(pieces)


def send_bytes(url: str, data: bytes) -> None:
    """Post raw bytes. Raises what urllib raises; an answer other than 2xx is an HTTPError."""
    request = Request(url, data=data, method="POST", headers={"Content-Type": "application/octet-stream"})  # noqa: S310
    with _OPENER.open(request, timeout=TIMEOUT) as answer:
        _read(answer, time.monotonic() + DEADLINE)


def slack_client(token: str, api: str) -> WebClient:
    """A client for one install. `api` is Slack's scheme, host and port."""
    silent = logging.getLogger("ledgercast.slack.sdk")
    silent.setLevel(logging.CRITICAL)
    silent.propagate = False
    return _Client(token=token, base_url=f"{api}/api/", timeout=TIMEOUT, retry_handlers=[], logger=silent)
