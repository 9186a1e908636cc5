"""What the pretended Slack workspace holds: channels, messages, files, and the calls it was asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]

BOT_USER = "U0LEDGERCAST"
BOT = "B0LEDGERCAST"
APP = "A0LEDGERCAST"
TEAM = "T0SANDBOX"
SCOPES = (
    "chat:write",
    "files:write",
    "files:read",
    "channels:read",
    "channels:join",
    "channels:history",
    "groups:read",
    "groups:history",
)


@dataclass
class Channel:
    """`shared`: with another company by Slack Connect; `invited`: another company may accept to share it;
    `org_shared`: with another workspace of the same company."""

    id: str
    name: str
    private: bool = False
    member: bool = True
    archived: bool = False
    shared: bool = False
    invited: bool = False
    org_shared: bool = False

    def to_slack(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.private,
            "is_group": self.private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.private,
            "is_archived": self.archived,
            "is_member": self.member,
            "is_shared": self.shared or self.org_shared,
            "is_ext_shared": self.shared,
            "is_org_shared": self.org_shared,
            "is_pending_ext_shared": self.invited,
            "context_team_id": TEAM,
        }


@dataclass
class Message:
    channel: str
    ts: str
    text: str
    blocks: list[Json]
    metadata: Json | None
    thread_ts: str | None
    at: datetime

    def to_slack(self, replies: int, *, payload: bool) -> Json:
        """As conversations.history tells it: the metadata's payload only when asked for."""
        body: Json = {
            "type": "message",
            "ts": self.ts,
            "user": BOT_USER,
            "bot_id": BOT,
            "app_id": APP,
            "text": self.text,
            "blocks": self.blocks,
        }
        if self.metadata:
            body["metadata"] = self.metadata if payload else {"event_type": self.metadata["event_type"]}
        if self.thread_ts or replies:
            body["thread_ts"] = self.thread_ts or self.ts
        if replies:
            body["reply_count"] = replies
        return body


@dataclass
class File:
    """An upload: a ticket, then bytes, then complete, then (a moment later) processed."""

    id: str
    name: str
    length: int
    created: datetime
    alt_text: str = ""
    title: str = ""
    data: bytes | None = None
    completed: datetime | None = None
    asked: int = 0

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data or b"").hexdigest()

    @property
    def image_type(self) -> str | None:
        head = (self.data or b"")[:8]
        if head.startswith(b"\x89PNG"):
            return "png"
        return "jpg" if head.startswith(b"\xff\xd8") else "gif" if head.startswith(b"GIF8") else None


@dataclass(frozen=True)
class Call:
    """Who asked what: params without the token; `answer` is "ok", Slack's error, or how the answer was spoilt."""

    method: str
    params: Json
    at: datetime
    status: int | None
    answer: str


@dataclass
class Processing:
    """An image is ready at the n-th files.info, or once so many seconds of our clock have passed."""

    asks: int = 2
    seconds: float = 2.0


@dataclass
class Workspace:
    """All that is remembered. `ts` values rise strictly, as Slack's do within a channel."""

    token: str
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    scopes: tuple[str, ...] = SCOPES
    processing: Processing = field(default_factory=Processing)
    revoked: bool = False
    _last_ts: int = 0

    def next_ts(self, now: datetime) -> str:
        micros = max(int(now.timestamp() * 1_000_000), self._last_ts + 1)
        self._last_ts = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def processed(self, file: File, now: datetime) -> bool:
        if file.completed is None:
            return False
        waited = now - file.completed >= timedelta(seconds=self.processing.seconds)
        return file.asked >= self.processing.asks or waited

    def usable_image(self, file_id: str, now: datetime) -> bool:
        file = self.files.get(file_id)
        return file is not None and file.image_type is not None and self.processed(file, now)

    def replies(self, channel: str, ts: str) -> list[Message]:
        return [one for one in self.messages if one.channel == channel and one.thread_ts == ts]
