"""Whether a delivery is Xero's: HMAC-SHA256 over the bytes as they came (WH-1; facts.md 5.3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Sequence

HOLDS = 60.0
"""Seconds for which keys are used that were read: a removed one is dead a minute later, without a deployment."""

LOOKS_AGAIN = 5.0
"""Seconds after which a signature that no key fits lets them be read anew: a key that was just set works at once."""


def genuine(body: bytes, signature: str, keys: Iterable[bytes]) -> bool:
    """Whether one of the keys made this signature, in constant time for each.

    The base64 text is compared as it is, so that what merely decodes alike is none. Keys are used as the text that
    Xero's portal shows, although it looks like base64.
    """
    told = signature.encode("utf-8", "replace")
    fits = [hmac.compare_digest(base64.b64encode(hmac.digest(key, body, hashlib.sha256)), told) for key in keys]
    return any(fits)


class KeyRing:
    """The webhook keys: one, or two while they are changed (WH-1). An empty ring lets nobody in.

    `read` gives what the app's secret holds, whatever that is.
    """

    def __init__(self, read: Callable[[], object], now: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._now = now
        self._keys: Sequence[bytes] = ()
        self._read_at = float("-inf")

    def keys(self) -> Sequence[bytes]:
        return self._not_older_than(HOLDS)

    def opens(self, body: bytes, signature: str) -> bool:
        """Raises what `read` raises."""
        if genuine(body, signature, self.keys()):
            return True
        before = self._keys
        return self._not_older_than(LOOKS_AGAIN) != before and genuine(body, signature, self._keys)

    def _not_older_than(self, seconds: float) -> Sequence[bytes]:
        if self._now() - self._read_at >= seconds:
            self._keys = _usable(self._read())
            self._read_at = self._now()
        return self._keys


def _usable(given: object) -> tuple[bytes, ...]:
    """An empty key would let everybody in who knows that it is empty."""
    listed = given if isinstance(given, list) else []
    return tuple(one.strip().encode() for one in listed if isinstance(one, str) and one.strip())
