"""`admin secrets`: what is given replaces, what is not stays, what is wrong changes nothing; no value is ever shown."""

from __future__ import annotations

import getpass
import json
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledgercast.ops.credentials import FIELDS
from ledgercast.ops.main import main
from tests.service.ops.world import APP, STACK, World

Captured = pytest.CaptureFixture[str]
TYPED = [value if isinstance(value, str) else value[0] for value in APP.values()]


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Any], str]:
    def write(body: Any) -> str:
        path = tmp_path / "app.json"
        path.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
        path.chmod(0o600)
        return str(path)

    return write


def test_the_fields_are_those_that_the_functions_read() -> None:
    assert list(FIELDS) == list(APP)


def test_a_file_fills_the_secret(world: World, file: Callable[[Any], str], capsys: Captured) -> None:
    assert world.run("secrets", "set", "--file", file(APP)) == 0
    assert world.held() == APP
    shown = capsys.readouterr()
    assert shown.out == f"Changed: {', '.join(APP)}\n"
    assert "delete it" in shown.err and "Others" not in shown.err and "as usual" not in shown.err
    assert world.acts() == [f"secrets.set operator admin {name} ok" for name in APP]


def test_answers_fill_it_and_an_empty_one_keeps_what_is_there(world: World, capsys: Captured) -> None:
    world.answers = TYPED
    assert world.run("secrets", "set") == 0
    assert world.held() == APP
    world.answers = ["", "", "newWebhookKey0123456789==, " + TYPED[2], "", "", ""]
    assert world.run("secrets", "set") == 0
    assert world.held() == {**APP, "xero_webhook_keys": ["newWebhookKey0123456789==", TYPED[2]]}
    assert capsys.readouterr().out.splitlines()[-1] == "Changed: xero_webhook_keys"


def test_one_field_leaves_the_others_and_names_unknown_here(world: World, file: Callable[[Any], str]) -> None:
    world.hold({**APP, "of_a_later_version": "x"})
    assert world.run("secrets", "set", "--file", file({"slack_client_secret": "0" * 32})) == 0
    assert world.held() == {**APP, "of_a_later_version": "x", "slack_client_secret": "0" * 32}


def test_nothing_new_writes_no_version(world: World, file: Callable[[Any], str], capsys: Captured) -> None:
    world.hold(APP)
    before = world.versions()
    blanks = {**APP, "slack_client_id": "", "xero_webhook_keys": [], "slack_signing_secret": None}
    assert world.run("secrets", "set", "--file", file(blanks)) == 0
    assert (world.held(), world.versions(), world.acts()) == (APP, before, [])
    assert "Changed: nothing" in capsys.readouterr().out


def test_what_is_still_missing_is_named(world: World, file: Callable[[Any], str], capsys: Captured) -> None:
    some = {name: APP[name] for name in ("xero_client_id", "xero_client_secret")}
    assert world.run("secrets", "set", "--file", file(some)) == 0
    assert "Not set yet: xero_webhook_keys, slack_client_id" in capsys.readouterr().err


def test_a_wrong_file_changes_nothing_and_is_not_repeated(
    world: World, file: Callable[[Any], str], capsys: Captured
) -> None:
    world.hold({"xero_client_id": "KEPT"})
    for body in ([APP], {**APP, "slack_client_id": "with space"}, {**APP, "slack_signing_secret": TYPED[4]}):
        assert world.run("secrets", "set", "--file", file(body)) == 2
        shown = capsys.readouterr()
        assert len(shown.err.splitlines()) == 1
        assert not any(value in shown.err + shown.out for value in (*TYPED, "with space"))
    assert (world.held(), world.acts()) == ({"xero_client_id": "KEPT"}, [])


def test_a_file_of_a_windows_editor_is_read_and_one_that_others_can_read_is_remarked(
    world: World, file: Callable[[Any], str], capsys: Captured
) -> None:
    path = file(b"\xef\xbb\xbf" + json.dumps(APP).replace("}", "}\r\n").encode())
    Path(path).chmod(0o644)
    assert world.run("secrets", "set", "--file", path) == 0
    assert world.held() == APP
    assert "Others on this machine can read it" in capsys.readouterr().err


def test_a_value_that_looks_unlike_its_kind_is_taken_and_remarked(
    world: World, file: Callable[[Any], str], capsys: Captured
) -> None:
    cut = {"xero_client_id": APP["xero_client_id"][:-1]}
    assert world.run("secrets", "set", "--file", file(cut)) == 0
    assert "xero_client_id does not look as usual" in capsys.readouterr().err
    assert world.held() == cut


def test_a_secret_that_was_spoilt_by_hand_is_written_anew(
    world: World, file: Callable[[Any], str], capsys: Captured
) -> None:
    world.hold("not json")
    assert world.run("secrets", "show") == 0
    assert "no JSON object" in capsys.readouterr().err
    assert world.run("secrets", "set", "--file", file(APP)) == 0
    assert world.held() == APP


def test_show_tells_which_are_set_and_no_value(world: World, capsys: Captured) -> None:
    world.hold({**APP, "slack_client_id": "", "xero_webhook_keys": ["canary-a", "canary-b"]})
    assert world.run("secrets", "show") == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[:4] == [
        "xero_client_id: set",
        "xero_client_secret: set",
        "xero_webhook_keys: set (2)",
        "slack_client_id: not set",
    ]
    assert not any(value in shown.out + shown.err for value in TYPED)
    assert world.acts() == []


def test_where_a_terminal_would_show_the_answer_nothing_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def aloud(prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return "typed in plain sight"

    monkeypatch.setattr(getpass, "getpass", aloud)
    assert main(["admin", "secrets", "set", "--stack", STACK], now=world.clock) == 2
    assert "use --file" in capsys.readouterr().err
    assert world.held() == {}


def test_answers_that_end_early_change_nothing(world: World, capsys: Captured) -> None:
    world.answers = TYPED[:2]
    assert world.run("secrets", "set") == 2
    assert world.held() == {} and "--file" in capsys.readouterr().err


def test_no_value_reaches_output_logs_or_the_text_of_an_error_at_debug_lg_1(
    world: World,
    file: Callable[[Any], str],
    capsys: Captured,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    world.answers = TYPED
    assert world.run("secrets", "set") == 0
    assert world.run("secrets", "set", "--file", file({**APP, "slack_client_id": 'canary "quoted"'})) == 2
    assert world.run("secrets", "show") == 0
    # AWS refuses the write
    world.secretsmanager.delete_secret(SecretId=world.secret)
    assert world.run("secrets", "set", "--file", file({**APP, "xero_client_id": "F" * 32})) == 1
    shown = capsys.readouterr()
    seen = shown.out + shown.err + caplog.text
    assert "Changed" in seen
    assert not [value for value in (*TYPED, "canary", "F" * 32) if value in seen]
