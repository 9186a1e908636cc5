"""What Ledgercast asks of Slack, each answer sorted into sent, not sent and unknown (design 10).

Known not sent: a name or connection failure, 429, `ok: false` other than internal_error and fatal_error.
Unknown: those two, a timeout or a dropped connection once the request may have left, 5xx, and an answer that is not
Slack's. Every method raises NotSent, Limited or Unclear of `ledgercast.domain.sending`, without token or content.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from ledgercast.domain.sending import Limited, NotSent, Unclear
from ledgercast.slack.client import send_bytes
from ledgercast.slack.errors import MAYBE_DONE

EVENT = "ledgercast_delivery"
PAGE = 200
MOST_PAGES = 20
UNREACHED_SECONDS = 5

_ERROR_WORD = re.compile(r"[a-z][a-z0-9_]{1,80}")
_LOOPBACK = ("127.0.0.1", "localhost")
_NEVER_LEFT = (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL)

Json = dict[str, Any]
T = TypeVar("T")


class Slack:
    """One install of the app. `far_time` is Slack's clock as its last answer told it, in seconds since 1970."""

    def __init__(self, client: WebClient, send_bytes: Callable[[str, bytes], None] = send_bytes) -> None:
        self.client = client
        self._send_bytes = send_bytes
        self.far_time: float | None = None

    def ask(self, method: Callable[..., SlackResponse], **given: Any) -> Json:
        """One call of the client's methods. Raises NotSent, Limited or Unclear."""
        answer = _sorted(lambda: method(**given))
        self.far_time = _date_of(answer.headers) or self.far_time
        if not isinstance(answer.data, dict):
            raise Unclear("not_slack")
        return answer.data

    def test(self) -> None:
        """Ask whether the token is good; Slack's time is known afterwards."""
        self.ask(self.client.auth_test)

    def time_there(self) -> float | None:
        """Slack's clock, asked for where no answer has told it; a look-up then reads from there. Raises nothing."""
        if self.far_time is None:
            with suppress(NotSent, Unclear):
                self.test()
        return self.far_time

    def ticket(self, name: str, length: int, alt: str) -> tuple[str, str]:
        """A file id and the address that takes its bytes."""
        answer = self.ask(self.client.files_getUploadURLExternal, filename=name, length=length, alt_txt=alt)
        return str(answer["file_id"]), str(answer["upload_url"])

    def upload(self, url: str, data: bytes) -> None:
        """Post the bytes to a ticket's address, which must be Slack's own."""
        if not _same_house(url, self.client.base_url):
            raise NotSent("slack.upload_refused")
        _sorted(lambda: self._send_bytes(url, data))

    def complete(self, file: str, title: str) -> None:
        """Finish an upload without a channel: nobody sees the file until a message shows it."""
        self.ask(self.client.files_completeUploadExternal, files=[{"id": file, "title": title}])

    def processed(self, file: str) -> bool:
        """Whether a message may show the image. Raises NotSent slack.file_not_found for an unfinished upload."""
        return bool(self.ask(self.client.files_info, file=file)["file"].get("mimetype"))

    def post(self, channel: str, message: Json, marks: Json, thread_ts: str | None = None) -> str:
        """Post text and blocks; the message's ts. `marks` become its metadata, `key` among them.

        A public channel that the app is not in is joined first.
        """
        given: Json = {"channel": channel, **message, "metadata": {"event_type": EVENT, "event_payload": marks}}
        given |= {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}
        given |= {"thread_ts": thread_ts} if thread_ts else {}
        return str(self._joining(channel, lambda: self.ask(self.client.chat_postMessage, **given))["ts"])

    def find(self, channel: str, key: str, oldest: float, thread_ts: str | None = None) -> str | None:
        """The ts of the message that carries the key; None when every message since `oldest` was read without it.

        Raises NotSent or Unclear when the look-up cannot be completed.
        """
        for message in self._messages(channel, oldest, thread_ts):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == EVENT and payload.get("key") == key:
                return str(message["ts"])
        return None

    def _messages(self, channel: str, oldest: float, thread_ts: str | None) -> Iterator[Json]:
        """The channel since `oldest`, or the whole of one thread, page by page to the end."""
        given: Json = {"channel": channel, "include_all_metadata": True, "limit": PAGE}
        given |= {"ts": thread_ts} if thread_ts else {"oldest": f"{oldest:.6f}", "inclusive": True}
        method = self.client.conversations_replies if thread_ts else self.client.conversations_history
        for _ in range(MOST_PAGES):
            page = self._joining(channel, lambda: self.ask(method, **given))
            yield from page["messages"]
            given["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
            if not given["cursor"]:
                if page.get("has_more"):
                    break
                return
        raise Unclear("history_incomplete")

    def _joining(self, channel: str, ask: Callable[[], Json]) -> Json:
        try:
            return ask()
        except NotSent as refused:
            if refused.reason != "slack.not_in_channel":
                raise
        try:
            self.ask(self.client.conversations_join, channel=channel)
        except (NotSent, Unclear):
            raise NotSent("slack.not_in_channel") from None
        return ask()


def _sorted(ask: Callable[[], T]) -> T:
    """The answer, or what its absence means."""
    try:
        return ask()
    except SlackApiError as refused:
        raise _refusal(refused.response) from None
    except HTTPError as refused:
        raise _by_status(refused.code, dict(refused.headers), "slack.upload_refused") from None
    except URLError as failed:
        if _never_left(failed.reason):
            raise Limited("slack.unreachable", UNREACHED_SECONDS) from None
        raise Unclear(type(failed.reason).__name__) from None
    except Exception as failed:
        # Whatever it was: the request may have been acted on, and its text may hold what must not be logged.
        raise Unclear(type(failed).__name__) from None


def _refusal(answer: SlackResponse) -> Exception:
    """A 2xx whose JSON says no; or a status that says it, whatever the body."""
    word = answer.data.get("error") if isinstance(answer.data, dict) else None
    if answer.status_code != 200:
        return _by_status(answer.status_code, answer.headers, "")
    if not isinstance(word, str) or not _ERROR_WORD.fullmatch(word):
        return Unclear("not_slack")
    if word in MAYBE_DONE:
        return Unclear(word)
    return NotSent(f"slack.{word}")


def _by_status(status: int, headers: Mapping[str, Any], refusal: str) -> Exception:
    if status == 429:
        return Limited("slack.ratelimited", _retry_after(headers))
    return NotSent(refusal) if refusal and status < 500 else Unclear(f"http_{status}")


def _retry_after(headers: Mapping[str, Any]) -> int:
    told = str({name.lower(): value for name, value in headers.items()}.get("retry-after", ""))
    return int(told) if told.isdecimal() else 1


def _date_of(headers: Mapping[str, Any]) -> float | None:
    told = {name.lower(): value for name, value in headers.items()}.get("date")
    try:
        return parsedate_to_datetime(str(told)).timestamp()
    except ValueError:
        return None


def _never_left(reason: object) -> bool:
    """A name that was not found, a refused connection or a bad certificate: no byte of the request went out."""
    if isinstance(reason, (socket.gaierror, ssl.SSLCertVerificationError)):
        return True
    return isinstance(reason, OSError) and reason.errno in _NEVER_LEFT


def _same_house(url: str, api: str) -> bool:
    """Whether an address lies at Slack: the API's own host or one below it, by the same scheme."""
    theirs, ours = urlsplit(url), urlsplit(api)
    hosts = theirs.hostname or "", ours.hostname or ""
    same = hosts[0] == hosts[1] or hosts[0].endswith(f".{hosts[1]}") or set(hosts) <= set(_LOOPBACK)
    return same and theirs.scheme == ours.scheme
