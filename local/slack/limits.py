"""Slack's rate limits as token buckets on our clock: a burst is let through, a stream is not.

chat.postMessage: about one a second per channel, short bursts allowed. The others: calls a minute by tier.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

POST_BURST = 30
TIERS = {
    "conversations.list": 20,
    "conversations.info": 50,
    "conversations.join": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "files.info": 100,
    "files.getUploadURLExternal": 100,
    "files.completeUploadExternal": 100,
    "auth.test": 300,
}


@dataclass
class _Bucket:
    left: float
    at: datetime


class Limits:
    def __init__(self, post_burst: int = POST_BURST) -> None:
        self.post_burst = post_burst
        self._buckets: dict[str, _Bucket] = {}

    def seconds_to_wait(self, method: str, channel: str, now: datetime) -> int | None:
        """None when the call may pass (and is counted); else the seconds of Retry-After."""
        if method == "chat.postMessage":
            return self._take(f"{method}:{channel}", self.post_burst, 1.0, now)
        a_minute = TIERS.get(method, 50)
        return self._take(method, a_minute, a_minute / 60, now)

    def _take(self, name: str, most: float, a_second: float, now: datetime) -> int | None:
        bucket = self._buckets.setdefault(name, _Bucket(most, now))
        passed = max((now - bucket.at).total_seconds(), 0.0)
        bucket.left, bucket.at = min(most, bucket.left + passed * a_second), now
        if bucket.left < 1:
            return max(math.ceil((1 - bucket.left) / a_second), 1)
        bucket.left -= 1
        return None
