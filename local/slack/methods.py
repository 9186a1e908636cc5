"""Slack's Web API methods over the pretended workspace: each takes the arguments and gives the answer's JSON.

A refusal is raised as Refused and answered HTTP 200 with `ok: false`, as Slack does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from local.slack.blocks import problems
from local.slack.workspace import APP, BOT, BOT_USER, TEAM, Channel, File, Json, Message, Workspace

T = TypeVar("T")

MOST_TEXT = 40_000
MOST_BLOCK_TEXT = 13_200
MOST_METADATA = 8_000


class Refused(Exception):
    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **more}


@dataclass(frozen=True)
class Asked:
    """One call: the workspace, its arguments, the time, and the server's own address (for upload tickets)."""

    workspace: Workspace
    params: Json
    now: datetime
    url: str

    def text(self, name: str, default: str = "") -> str:
        return str(self.params.get(name, default))

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise Refused("invalid_arguments") from None

    def data(self, name: str, error: str) -> Any:
        """An argument that is JSON, or JSON inside a form field."""
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refused(error) from None

    def scope(self, needed: str) -> None:
        if needed not in self.workspace.scopes:
            raise Refused("missing_scope", needed=needed, provided=",".join(self.workspace.scopes))

    def channel(self, kind: str = "") -> Channel:
        """The channel asked for; `kind` ("read", "history") is the scope that its privacy calls for."""
        channel = self.workspace.channels.get(self.text("channel"))
        if channel is None or (channel.private and not channel.member):
            raise Refused("channel_not_found")
        if kind:
            self.scope(f"{'groups' if channel.private else 'channels'}:{kind}")
        return channel


def auth_test(asked: Asked) -> Json:
    who = {"team": "Sandbox", "user": "ledgercast", "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT}
    return {"url": asked.url, **who, "is_enterprise_install": False}


def revoke(asked: Asked) -> Json:
    asked.workspace.revoked = True
    return {"revoked": True}


def upload_ticket(asked: Asked) -> Json:
    asked.scope("files:write")
    name, length = asked.text("filename"), asked.number("length", 0)
    if not name or length <= 0:
        raise Refused("invalid_arguments")
    alt = asked.text("alt_txt")
    if len(alt) > 1000:
        raise Refused("alt_txt_too_large")
    files = asked.workspace.files
    file = File(f"F0SBX{len(files) + 1:06d}", name, length, asked.now, alt_text=alt)
    files[file.id] = file
    return {"upload_url": f"{asked.url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(asked: Asked) -> Json:
    asked.scope("files:write")
    wanted = asked.data("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise Refused("invalid_arguments")
    done = []
    for one in wanted:
        file = asked.workspace.files.get(str(one.get("id")))
        if file is None or file.data is None:
            raise Refused("file_not_found")
        file.completed = file.completed or asked.now
        file.title = str(one.get("title") or file.name)
        done.append(_file(asked, file))
    return {"files": done}


def file_info(asked: Asked) -> Json:
    asked.scope("files:read")
    file = asked.workspace.files.get(asked.text("file"))
    if file is None or file.completed is None:
        raise Refused("file_not_found")
    file.asked += 1
    return {"file": _file(asked, file)}


def post_message(asked: Asked) -> Json:
    asked.scope("chat:write")
    workspace, channel = asked.workspace, asked.channel()
    if channel.archived:
        raise Refused("is_archived")
    if not channel.member:
        raise Refused("not_in_channel")
    text, blocks = asked.text("text"), asked.data("blocks", "invalid_blocks_format")
    if not text and not blocks:
        raise Refused("no_text")
    if len(text) > MOST_TEXT:
        raise Refused("msg_too_long")
    _check_blocks(asked, blocks)
    thread_ts = asked.text("thread_ts") or None
    if thread_ts and not any(one.ts == thread_ts and one.channel == channel.id for one in workspace.messages):
        raise Refused("thread_not_found")
    metadata = _metadata(asked)
    message = Message(channel.id, workspace.next_ts(asked.now), text, blocks or [], metadata, thread_ts, asked.now)
    workspace.messages.append(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.to_slack(0, payload=True)}


def channel_list(asked: Asked) -> Json:
    asked.scope("channels:read")
    kinds = asked.text("types", "public_channel").split(",")
    channels = [
        one.to_slack()
        for one in asked.workspace.channels.values()
        if ("private_channel" if one.private else "public_channel") in kinds
        and (one.member or not one.private)
        and not (one.archived and asked.flag("exclude_archived"))
    ]
    page, cursor = _page(asked, channels, 100)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


def channel_info(asked: Asked) -> Json:
    return {"channel": asked.channel("read").to_slack()}


def join(asked: Asked) -> Json:
    asked.scope("channels:join")
    channel = asked.channel()
    if channel.private:
        raise Refused("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refused("is_archived")
    channel.member = True
    return {"channel": channel.to_slack()}


def history(asked: Asked) -> Json:
    """Newest first, threads' replies left out."""
    channel = _readable(asked)
    top = [one for one in asked.workspace.messages if one.channel == channel.id and one.thread_ts is None]
    return _told(asked, list(reversed(top)))


def replies(asked: Asked) -> Json:
    """The parent, then its replies, oldest first."""
    channel, ts = _readable(asked), asked.text("ts")
    parent = [one for one in asked.workspace.messages if one.channel == channel.id and one.ts == ts]
    if not parent:
        raise Refused("thread_not_found")
    return _told(asked, [*parent, *asked.workspace.replies(channel.id, ts)])


def _readable(asked: Asked) -> Channel:
    channel = asked.channel("history")
    if not channel.member:
        raise Refused("not_in_channel")
    return channel


def _told(asked: Asked, messages: list[Message]) -> Json:
    oldest, latest = float(asked.text("oldest") or 0), float(asked.text("latest") or "inf")
    edge = asked.flag("inclusive")
    span = [m for m in messages if oldest < float(m.ts) < latest or (edge and float(m.ts) in (oldest, latest))]
    page, cursor = _page(asked, span, 100)
    told = [
        one.to_slack(
            len(asked.workspace.replies(one.channel, one.ts)) if one.thread_ts is None else 0,
            payload=asked.flag("include_all_metadata"),
        )
        for one in page
    ]
    more = {"response_metadata": {"next_cursor": cursor}} if cursor else {}
    return {"messages": told, "has_more": bool(cursor), **more}


def _page(asked: Asked, items: list[T], default: int) -> tuple[list[T], str]:
    """One page and the cursor of the next; a cursor is opaque to callers."""
    limit = min(max(asked.number("limit", default), 1), 999)
    start = 0
    if asked.text("cursor"):
        try:
            start = int(base64.b64decode(asked.text("cursor"), validate=True).decode().removeprefix("next:"))
        except ValueError:
            raise Refused("invalid_cursor") from None
    end = start + limit
    return items[start:end], base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""


def _check_blocks(asked: Asked, blocks: Any) -> None:
    if not blocks:
        return
    found = problems(blocks, lambda file: asked.workspace.usable_image(file, asked.now))
    if found:
        told = {"messages": [f"[ERROR] {one}" for one in found]}
        raise Refused("invalid_blocks", errors=found, response_metadata=told)
    if len(json.dumps(blocks, ensure_ascii=False)) > MOST_BLOCK_TEXT:
        raise Refused("msg_blocks_too_long")


def _metadata(asked: Asked) -> Json | None:
    metadata = asked.data("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    shaped = isinstance(metadata, dict) and isinstance(metadata.get("event_payload"), dict)
    if not shaped or not isinstance(metadata.get("event_type"), str):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata)) > MOST_METADATA:
        raise Refused("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _file(asked: Asked, file: File) -> Json:
    """Until an image is processed it has neither mimetype nor thumbnails."""
    body: Json = {
        "id": file.id,
        "created": int(file.created.timestamp()),
        "name": file.name,
        "title": file.title,
        "size": file.length,
        "mimetype": "",
        "filetype": "",
        "app_id": APP,
        "channels": [],
        "groups": [],
    }
    if asked.workspace.processed(file, asked.now):
        kind = file.image_type
        body |= {"mimetype": f"image/{kind}" if kind else "text/plain", "filetype": kind or "text"}
        if kind:
            body |= {"thumb_360": f"{asked.url}/files/{file.id}/thumb.png", "original_w": 1600, "original_h": 900}
    return body


METHODS: dict[str, Callable[[Asked], Json]] = {
    "auth.test": auth_test,
    "auth.revoke": revoke,
    "files.getUploadURLExternal": upload_ticket,
    "files.completeUploadExternal": complete_upload,
    "files.info": file_info,
    "chat.postMessage": post_message,
    "conversations.list": channel_list,
    "conversations.info": channel_info,
    "conversations.join": join,
    "conversations.history": history,
    "conversations.replies": replies,
}
