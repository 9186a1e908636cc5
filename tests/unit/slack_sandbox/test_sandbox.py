"""The Slack sandbox answers as Slack does, asked by slack_sdk itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from ledgercast.slack.client import send_bytes
from local.slack.faults import Fault
from local.slack.server import CHANNEL, SlackSandbox
from local.slack.workspace import Channel

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
SECTION: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 25, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[SlackSandbox]:
    with SlackSandbox(clock) as slack:
        yield slack


@pytest.fixture
def client(sandbox: SlackSandbox) -> WebClient:
    return WebClient(token=sandbox.token, base_url=f"{sandbox.url}/api/", retry_handlers=[])


def error_of(call: Any, *given: Any, **named: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(*given, **named)
    return str(refused.value.response["error"])


def upload(client: WebClient, data: bytes = PNG, name: str = "chart.png") -> str:
    ticket = client.files_getUploadURLExternal(filename=name, length=len(data))
    send_bytes(ticket["upload_url"], data)
    client.files_completeUploadExternal(files=[{"id": ticket["file_id"], "title": "Chart"}])
    return str(ticket["file_id"])


def image(file: str) -> dict[str, Any]:
    return {"type": "image", "slack_file": {"id": file}, "alt_text": "a chart"}


def test_an_image_is_shown_only_once_it_is_processed(client: WebClient, sandbox: SlackSandbox) -> None:
    file = upload(client)
    assert error_of(client.chat_postMessage, channel=CHANNEL, text="x", blocks=[image(file)]) == "invalid_blocks"
    assert client.files_info(file=file)["file"]["mimetype"] == ""

    processed = client.files_info(file=file)["file"]

    assert processed["mimetype"] == "image/png"
    assert "thumb_360" in processed
    assert client.chat_postMessage(channel=CHANNEL, text="x", blocks=[image(file)])["ok"]
    assert sandbox.files[file].sha256 == hashlib.sha256(PNG).hexdigest()
    assert sandbox.messages[0].blocks[0]["slack_file"]["id"] == file


def test_an_image_is_processed_by_the_clock_too(client: WebClient, clock: Clock) -> None:
    file = upload(client)
    clock.at += timedelta(seconds=2)

    assert client.files_info(file=file)["file"]["mimetype"] == "image/png"


def test_a_file_that_is_no_image_or_unfinished_or_unknown_is_not_shown(client: WebClient, clock: Clock) -> None:
    text = upload(client, b"just words", "a.txt")
    ticket = client.files_getUploadURLExternal(filename="a.png", length=5)
    clock.at += timedelta(seconds=5)

    for file in (text, ticket["file_id"], "F0UNKNOWN99", "nonsense"):
        assert error_of(client.chat_postMessage, channel=CHANNEL, text="x", blocks=[image(file)]) == "invalid_blocks"
    assert error_of(client.files_info, file=ticket["file_id"]) == "file_not_found"
    assert error_of(client.files_completeUploadExternal, files=[{"id": ticket["file_id"]}]) == "file_not_found"


def test_the_bytes_must_be_as_long_as_announced(client: WebClient) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.png", length=999)

    with pytest.raises(HTTPError, match="400") as refused:
        send_bytes(ticket["upload_url"], PNG)
    refused.value.close()


def test_slack_sdks_own_upload_works_too(client: WebClient, sandbox: SlackSandbox) -> None:
    client.files_upload_v2(content=PNG, filename="a.png", title="A")

    (file,) = sandbox.files.values()
    assert (file.data, file.title) == (PNG, "A")


def test_an_alt_text_is_at_most_a_thousand_characters_at_the_ticket(client: WebClient) -> None:
    ask = client.files_getUploadURLExternal
    assert error_of(ask, filename="a.png", length=5, alt_txt="x" * 1001) == "alt_txt_too_large"


def test_metadata_comes_back_where_it_is_asked_for(client: WebClient) -> None:
    metadata = {"event_type": "delivery", "event_payload": {"key": "k-1"}}
    client.chat_postMessage(channel=CHANNEL, text="x", metadata=metadata)

    bare = client.conversations_history(channel=CHANNEL)["messages"][0]["metadata"]
    whole = client.conversations_history(channel=CHANNEL, include_all_metadata=True)["messages"][0]["metadata"]

    assert bare == {"event_type": "delivery"}
    assert whole == metadata


def test_history_is_newest_first_without_replies_and_replies_oldest_first(client: WebClient) -> None:
    first = client.chat_postMessage(channel=CHANNEL, text="one")["ts"]
    client.chat_postMessage(channel=CHANNEL, text="two")
    client.chat_postMessage(channel=CHANNEL, text="reply 1", thread_ts=first)
    client.chat_postMessage(channel=CHANNEL, text="reply 2", thread_ts=first)

    history = client.conversations_history(channel=CHANNEL)["messages"]
    thread = client.conversations_replies(channel=CHANNEL, ts=first)["messages"]

    assert [one["text"] for one in history] == ["two", "one"]
    assert history[1]["reply_count"] == 2
    assert [one["text"] for one in thread] == ["one", "reply 1", "reply 2"]


def test_pages_are_followed_by_cursor_to_the_end(client: WebClient) -> None:
    for n in range(5):
        client.chat_postMessage(channel=CHANNEL, text=str(n))
    seen, cursor = [], None
    for _ in range(3):
        page = client.conversations_history(channel=CHANNEL, limit=2, cursor=cursor)
        seen += [one["text"] for one in page["messages"]]
        metadata: dict[str, str] = page.get("response_metadata") or {}
        cursor = metadata.get("next_cursor")
        assert page["has_more"] == bool(cursor)

    assert seen == ["4", "3", "2", "1", "0"]
    assert cursor is None
    assert error_of(client.conversations_history, channel=CHANNEL, cursor="nonsense") == "invalid_cursor"


def test_oldest_and_inclusive_bound_the_history(client: WebClient, clock: Clock) -> None:
    stamps = []
    for n in range(3):
        stamps.append(client.chat_postMessage(channel=CHANNEL, text=str(n))["ts"])
        clock.at += timedelta(seconds=1)

    def texts(**bounds: Any) -> list[str]:
        return [one["text"] for one in client.conversations_history(channel=CHANNEL, **bounds)["messages"]]

    assert texts(oldest=stamps[1]) == ["2"]
    assert texts(oldest=stamps[1], inclusive=True) == ["2", "1"]
    assert texts(latest=stamps[1]) == ["0"]


def test_channels_are_refused_as_slack_refuses_them(client: WebClient, sandbox: SlackSandbox) -> None:
    post = client.chat_postMessage
    sandbox.channels["C0OUT000001"] = Channel("C0OUT000001", "out", member=False)
    sandbox.channels["C0OLD000001"] = Channel("C0OLD000001", "old", archived=True)
    sandbox.channels["G0SECRET001"] = Channel("G0SECRET001", "secret", private=True, member=False)

    assert error_of(post, channel="C0OUT000001", text="x") == "not_in_channel"
    assert error_of(post, channel="C0OLD000001", text="x") == "is_archived"
    assert error_of(post, channel="G0SECRET001", text="x") == "channel_not_found"
    assert error_of(post, channel="C0NONE00001", text="x") == "channel_not_found"
    assert client.conversations_join(channel="C0OUT000001")["ok"]
    assert post(channel="C0OUT000001", text="x")["ok"]
    names = [one["name"] for one in client.conversations_list()["channels"]]
    assert names == ["finance", "out", "old"]


def test_tokens_and_scopes_are_checked(client: WebClient, sandbox: SlackSandbox) -> None:
    stranger = WebClient(token="xoxb-other", base_url=f"{sandbox.url}/api/")
    assert error_of(stranger.auth_test) == "invalid_auth"
    sandbox.workspace.scopes = ("chat:write",)
    with pytest.raises(SlackApiError) as refused:
        client.files_getUploadURLExternal(filename="a.png", length=5)
    assert refused.value.response.data == {
        "ok": False,
        "error": "missing_scope",
        "needed": "files:write",
        "provided": "chat:write",
    }
    sandbox.workspace.revoked = True
    assert error_of(client.auth_test) == "token_revoked"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section"},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}},
        {"type": "section", "text": {"type": "mrkdwn", "text": ""}},
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
        {"type": "image", "image_url": "https://x.example/a.png"},
        {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "x" * 2001},
        {"type": "context", "elements": [SECTION["text"]] * 11},
        {"type": "context", "elements": []},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x" * 76}}]},
        {"type": "carousel"},
    ],
)
def test_blocks_outside_slacks_limits_are_refused(client: WebClient, block: dict[str, Any]) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=CHANNEL, text="x", blocks=[SECTION, block])

    assert refused.value.response["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks/1" in refused.value.response["errors"][0]


def test_the_message_as_a_whole_has_limits(client: WebClient) -> None:
    post = client.chat_postMessage
    many = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5

    assert error_of(post, channel=CHANNEL, text="x", blocks=[SECTION] * 51) == "invalid_blocks"
    assert error_of(post, channel=CHANNEL, text="x", blocks=many) == "msg_blocks_too_long"
    assert error_of(post, channel=CHANNEL, text="x" * 40_001) == "msg_too_long"
    assert error_of(client.api_call, "chat.postMessage", json={"channel": CHANNEL}) == "no_text"
    assert error_of(post, channel=CHANNEL, text="x", thread_ts="1.000001") == "thread_not_found"
    assert error_of(post, channel=CHANNEL, text="x", metadata={"event_type": 1}) == "invalid_metadata_format"


def test_a_burst_is_let_through_and_a_stream_is_limited_per_channel(
    client: WebClient, sandbox: SlackSandbox, clock: Clock
) -> None:
    sandbox.channels["C0OTHER0001"] = Channel("C0OTHER0001", "other")
    sandbox.limits.post_burst = 5
    for _ in range(5):
        client.chat_postMessage(channel=CHANNEL, text="x")

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=CHANNEL, text="x")

    assert refused.value.response.status_code == 429
    assert refused.value.response["error"] == "ratelimited"
    assert refused.value.response.headers["Retry-After"] == "1"
    assert client.chat_postMessage(channel="C0OTHER0001", text="x")["ok"]
    clock.at += timedelta(seconds=1)
    assert client.chat_postMessage(channel=CHANNEL, text="x")["ok"]


def test_form_bodies_are_taken_like_json(client: WebClient, sandbox: SlackSandbox) -> None:
    client.api_call("chat.postMessage", data={"channel": CHANNEL, "text": "x", "blocks": json.dumps([SECTION])})

    assert sandbox.messages[0].blocks == [SECTION]


def test_the_timeline_tells_who_asked_what_and_never_the_token(client: WebClient, sandbox: SlackSandbox) -> None:
    sandbox.faults.add(Fault("chat.postMessage", "drop", after=True))
    client.auth_test()
    with pytest.raises(Exception, match="closed"):
        client.chat_postMessage(channel=CHANNEL, text="hello")

    assert [(call.method, call.status, call.answer) for call in sandbox.calls] == [
        ("auth.test", 200, "ok"),
        ("chat.postMessage", None, "drop after the effect"),
    ]
    assert sandbox.calls[1].params["text"] == "hello"
    assert len(sandbox.messages) == 1
    assert sandbox.token not in repr(sandbox.calls)


@pytest.mark.parametrize("after", [False, True])
def test_a_fault_replaces_the_effect_or_only_the_answer(client: WebClient, sandbox: SlackSandbox, after: bool) -> None:
    sandbox.faults.add(Fault("chat.postMessage", "error", error="fatal_error", after=after))

    assert error_of(client.chat_postMessage, channel=CHANNEL, text="x") == "fatal_error"
    assert len(sandbox.messages) == int(after)
    assert client.chat_postMessage(channel=CHANNEL, text="x")["ok"]


def test_time_and_stamps_are_the_clocks_and_rise(client: WebClient) -> None:
    first, second = (client.chat_postMessage(channel=CHANNEL, text="x") for _ in range(2))

    assert first["ts"] == "1795597200.000000"
    assert second["ts"] == "1795597200.000001"
    assert first.headers["Date"] == "Wed, 25 Nov 2026 09:00:00 GMT"


def test_it_listens_on_this_machine_alone_and_stops(clock: Clock) -> None:
    slack = SlackSandbox(clock).start()
    assert slack.url.startswith("http://127.0.0.1:")
    slack.stop()
    slack.stop()
