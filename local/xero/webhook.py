"""Xero's side of a webhook: the handshake, deliveries, and what happens to those that are not taken.

    webhook = Webhook(clock)
    webhook.set_up("http://localhost:8080/webhooks/xero").passed     # intent to receive: three bad signatures, one good
    webhook.publish(events)                                          # at once, from the caller's thread
    webhook.attempts, webhook.state                                  # what was tried, and "on" or "disabled"

A delivery is taken by 2xx within five seconds, without a body and without a cookie. One that is not is tried again at
once, then every fifteen minutes for a day, by our clock; then the webhook is disabled. Events are kept for 31 days and
come in order when it is enabled again, by another handshake.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from local.background import Background
from local.xero.events import SIGNATURE, WEBHOOK_KEY, Event, Habits, body, packed, sign

PATIENCE_SECONDS: Final = 5.0
BETWEEN: Final = timedelta(minutes=15)
GIVEN_UP_AFTER: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=31)
_BAD, _GOOD = False, True


@dataclass(frozen=True)
class Attempt:
    """One POST. `status` is None where no answer came; `why` says what was wrong with it, "" where nothing was."""

    at: datetime
    signed: bool
    status: int | None
    seconds: float
    why: str
    events: int = 0


@dataclass
class Delivery:
    """`due` is when to try once more; None while there is nothing to repeat."""

    content: bytes
    events: tuple[Event, ...]
    made: datetime
    due: datetime | None = None
    tries: int = 0
    first: datetime | None = None
    taken: bool = False


@dataclass(frozen=True)
class Handshake:
    passed: bool
    attempts: tuple[Attempt, ...]

    @property
    def why(self) -> str:
        """What the portal would complain of."""
        return next((one.why for one in self.attempts if one.why), "")


class Webhook(Background):
    """`key` signs; `deliveries` are all that were ever made. Safe to use from several threads.

    It tries again by itself as our clock goes on, from `start` to `stop`; without that, at each `tick`.
    """

    def __init__(self, clock: Callable[[], datetime], key: str = WEBHOOK_KEY, seed: int = 7) -> None:
        self.key = key
        self.url = ""
        self.state: Literal["off", "on", "disabled"] = "off"
        self.attempts: list[Attempt] = []
        self.deliveries: list[Delivery] = []
        self.letters: list[str] = []
        self.rng = random.Random(seed)
        self._clock = clock
        self._sequence = 1
        self._lock = threading.RLock()
        super().__init__("xero-webhook", 0.25, self.tick)

    def set_up(self, url: str) -> Handshake:
        """Send the intent to receive to that address; passed, the webhook is on, and what was kept is sent in order."""
        self.url = url
        calls = [_BAD, _BAD, _BAD, _GOOD]
        self.rng.shuffle(calls)
        handshake = Handshake(True, tuple(self._intend(good) for good in calls))
        handshake = Handshake(not handshake.why, handshake.attempts)
        self.state = "on" if handshake.passed else self.state
        if handshake.passed:
            self._replay()
        return handshake

    def publish(self, events: Sequence[Event], habits: Habits | None = None) -> list[Delivery]:
        """What happened in the books: kept, and delivered at once where the webhook is on."""
        made = [self.pack(part) for part in packed(events, habits or Habits(max(1, len(events))), self.rng)]
        for one in made if self.state == "on" else ():
            self.send(one)
        return made

    def pack(self, events: Sequence[Event]) -> Delivery:
        """One delivery, kept and not yet sent."""
        with self._lock:
            now = self._clock()
            content = body(events, self._sequence, self.rng)
            self._sequence += len(events)
            made = Delivery(content, tuple(events), now)
            self.deliveries.append(made)
            return made

    def send(self, delivery: Delivery) -> Attempt:
        """Try it, and once more at once when the first try of all was not taken."""
        attempt = self._try(delivery)
        if not delivery.taken and delivery.tries == 1:
            attempt = self._try(delivery)
        return attempt

    def tick(self) -> None:
        """Everything that is due, by our clock."""
        while self.state == "on" and (due := self._due()):
            self.send(due)

    @property
    def waiting(self) -> list[Delivery]:
        """Deliveries nobody has taken yet."""
        with self._lock:
            return [one for one in self.deliveries if not one.taken]

    def _due(self) -> Delivery | None:
        now = self._clock()
        due = [(one.due, one.made, one) for one in self.waiting if one.due and one.due <= now and one.made > now - KEPT]
        return min(due, key=lambda found: found[:2])[2] if due else None

    def _replay(self) -> None:
        """In order, as Xero does after a webhook was enabled again."""
        now = self._clock()
        for one in self.waiting:
            if self.state == "on" and one.made > now - KEPT:
                one.tries, one.first = 0, None
                self.send(one)

    def _try(self, delivery: Delivery) -> Attempt:
        now = self._clock()
        attempt = self._post(delivery.content, sign(delivery.content, self.key), events=len(delivery.events))
        delivery.first = delivery.first or now
        delivery.tries += 1
        delivery.taken = delivery.taken or not attempt.why
        if not delivery.taken:
            delivery.due = delivery.first + BETWEEN * (delivery.tries - 1)  # the first time, at once
            if delivery.due > delivery.first + GIVEN_UP_AFTER:
                self._disable(attempt.why)
        return attempt

    def _disable(self, why: str) -> None:
        if self.state == "on":
            self.state = "disabled"
            self.letters.append(f"Your webhook has been disabled: no delivery was taken for 24 hours ({why})")

    def _intend(self, good: bool) -> Attempt:
        content = body((), 0, self.rng)
        signature = sign(content, self.key)
        if good:
            return self._post(content, signature)
        at = self.rng.randrange(len(signature) - 2)  # the padding aside; one character off, as Xero's are
        other = "B" if signature[at] == "A" else "A"
        return self._post(content, f"{signature[:at]}{other}{signature[at + 1 :]}", signed=False)

    def _post(self, content: bytes, signature: str, *, signed: bool = True, events: int = 0) -> Attempt:
        at, started = self._clock(), time.monotonic()
        status: int | None = None
        try:
            status, why = _ask(self.url, content, signature, signed)
        except (OSError, http.client.HTTPException) as failed:
            why = f"no answer: {type(failed).__name__}"
        seconds = time.monotonic() - started
        if not why and seconds > PATIENCE_SECONDS:
            why = "the answer took longer than 5 seconds"
        attempt = Attempt(at, signed, status, seconds, why, events)
        self.attempts.append(attempt)
        return attempt


def _ask(url: str, content: bytes, signature: str, signed: bool) -> tuple[int, str]:
    """Status, and what is wrong with the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=PATIENCE_SECONDS)
    try:
        headers = {"Content-Type": "application/json; charset=utf-8", SIGNATURE: signature, "User-Agent": "Xero"}
        connection.request("POST", parts.path or "/", content, headers)
        answer = connection.getresponse()
        text = answer.read(65_536)
        return answer.status, _complaint(answer, text, signed)
    finally:
        connection.close()


def _complaint(answer: http.client.HTTPResponse, text: bytes, signed: bool) -> str:
    if signed and not 200 <= answer.status < 300:
        return f"answered {answer.status}"
    if not signed and answer.status != 401:
        return f"a bad signature was answered {answer.status}, not 401"
    if text:
        return "the response contains a body"
    return "the response sets a cookie" if answer.getheader("Set-Cookie") else ""
