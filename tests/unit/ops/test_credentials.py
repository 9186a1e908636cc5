"""What the file of `admin secrets set` may hold, and that a refusal names the field and nothing else (LG-1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledgercast.ops.credentials import agreeing, from_answers, from_file, unusual
from ledgercast.ops.terminal import Stop
from tests.service.ops.world import APP


def written(tmp_path: Path, body: Any) -> Path:
    path = tmp_path / "app.json"
    path.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    return path


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe{}", b"[" * 50_000, b'{"xero_client_id": "canary"', b" " * 70_000, [APP], "canary", None]
)
def test_what_is_no_json_object_is_told_so_lg_1(tmp_path: Path, body: Any) -> None:
    with pytest.raises(Stop, match="must hold one JSON object") as refused:
        from_file(written(tmp_path, body))
    assert refused.value.status == 2 and "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"canary-value": "xero_client_secret"}, "a name that is none of"),
        ({"xero_client_id": 5}, "xero_client_id must be"),
        ({"xero_client_secret": "canary secret"}, "xero_client_secret must be"),
        ({"xero_client_secret": "canary\u00e9\u2019canary"}, "xero_client_secret must be"),
        ({"xero_client_secret": "canary\x00\x1b[2J"}, "xero_client_secret must be"),
        ({"xero_client_secret": "canary" * 43}, "xero_client_secret must be"),
        ({"slack_client_id": {"a": "canary"}}, "slack_client_id must be"),
        ({"slack_client_secret": '"canary"'}, "slack_client_secret must be"),
        ({"slack_client_secret": "xoxb-canary-canary"}, "a token of Slack's"),
        ({"xero_webhook_keys": ["canary-a1", "canary-b2", "canary-c3"]}, "xero_webhook_keys must be"),
        ({"xero_webhook_keys": ["canary-a1", ""]}, "xero_webhook_keys must be"),
        ({"xero_webhook_keys": {"canary": 1}}, "xero_webhook_keys must be"),
        ({"xero_webhook_keys": True}, "xero_webhook_keys must be"),
    ],
)
def test_a_wrong_field_is_named_without_its_value_lg_1(tmp_path: Path, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(Stop, match=told) as refused:
        from_file(written(tmp_path, {**APP, **wrong}))
    assert refused.value.status == 2 and "canary" not in str(refused.value)


def test_space_around_a_value_is_no_part_of_it_and_blanks_are_not_given(tmp_path: Path) -> None:
    body: dict[str, Any] = {
        "xero_client_id": " abcd\n",
        "slack_client_id": "  ",
        "slack_client_secret": None,
        "xero_webhook_keys": [],
    }
    assert from_file(written(tmp_path, body)) == {"xero_client_id": "abcd"}


def test_webhook_keys_are_one_or_two_in_a_list_or_an_answer(tmp_path: Path) -> None:
    for keys in (["k-one"], ["k-one", "k-two"]):
        assert from_file(written(tmp_path, {"xero_webhook_keys": keys})) == {"xero_webhook_keys": keys}
        assert from_answers({"xero_webhook_keys": " , ".join(keys)}) == {"xero_webhook_keys": keys}
    assert from_file(written(tmp_path, {"xero_webhook_keys": "k-one"})) == {"xero_webhook_keys": ["k-one"]}


def test_one_value_in_two_fields_is_refused_without_it() -> None:
    agreeing(APP)
    with pytest.raises(Stop, match="slack_client_secret and slack_signing_secret are the same") as refused:
        agreeing({**APP, "slack_signing_secret": APP["slack_client_secret"]})
    assert APP["slack_client_secret"] not in str(refused.value)
    with pytest.raises(Stop, match="xero_webhook_keys and xero_webhook_keys are the same"):
        agreeing({"xero_webhook_keys": ["twice", "twice"]})


def test_the_usual_forms_are_known() -> None:
    assert unusual(APP) == []
    cut = {name: value[:-1] for name, value in APP.items() if name not in ("xero_webhook_keys", "slack_client_id")}
    assert set(unusual(cut)) == set(cut) - {"xero_client_secret"}
