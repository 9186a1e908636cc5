"""`python -m local facts` and `chart` as a user runs them, against a Xero of another name on another port."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from ledgercast.domain.catalogue import METRICS
from local.__main__ import main
from local.xero.books import Books
from local.xero.generate import generate
from local.xero.server import XeroSandbox

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
EVERY = [one.id for one in METRICS]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own settings, and a redirect port that nobody has."""
    for name in [name for name in os.environ if name.startswith("LEDGERCAST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LEDGERCAST_PORT", str(free_port()))
    monkeypatch.setenv("LEDGERCAST_NOW", NOW.isoformat())


@pytest.fixture(scope="module")
def books() -> list[Books]:
    return [generate(NOW.date(), 11, name="Lakeside Frames Ltd"), generate(NOW.date(), 12, name="Second Co")]


@pytest.fixture
def xero(books: list[Books], monkeypatch: pytest.MonkeyPatch) -> Iterator[XeroSandbox]:
    with XeroSandbox(books, lambda: NOW) as sandbox:
        for name in ("LOGIN", "IDENTITY", "API"):
            monkeypatch.setenv(f"LEDGERCAST_XERO_{name}_URL", sandbox.url)
        yield sandbox


@dataclass(frozen=True)
class Ended:
    status: int
    stdout: str
    lines: list[str]
    page: requests.Response

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def run(*words: str) -> Ended:
    """The command in a process of its own, and a person who opens the printed address."""
    command = [sys.executable, "-m", "local", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        printed = process.stderr.readline()
        assert printed.startswith("Open: http"), printed
        page = requests.get(printed.removeprefix("Open: ").strip(), timeout=20)
        stdout, stderr = process.communicate(timeout=60)
    assert "Traceback" not in stderr
    return Ended(process.returncode, stdout, stderr.splitlines(), page)


def test_facts_come_from_the_configured_xero_after_a_consent(xero: XeroSandbox, books: list[Books]) -> None:
    ended = run("facts", "revenue", "--json")
    facts = ended.json
    revenue = sum(
        -one.amount
        for one in books[0].postings
        if one.account.type in ("REVENUE", "SALES") and facts["window"]["from"] <= one.day.isoformat() <= "2026-11-25"
    )
    assert (ended.status, ended.lines) == (0, [])
    assert facts["organisation"]["name"] == "Lakeside Frames Ltd"
    assert facts["window"]["to"] == "2026-11-25"
    assert facts["total"] == str(revenue)
    assert all(check["ok"] for check in facts["checks"])
    assert ended.page.status_code == 200
    assert "You can close this page" in ended.page.text
    assert {call.method for call in xero.calls if call.accounting} == {"GET"}


def test_all_is_an_array_in_the_catalogues_order_with_failures_in_their_place(xero: XeroSandbox) -> None:
    xero.faults.answer("Reports/BankSummary", 500, "<html>", times=99, content_type="text/html")
    ended = run("facts", "all", "--json")
    assert ended.status == 1
    assert [one["metric"] for one in ended.json] == EVERY
    failed = {one["metric"]: one for one in ended.json if "error" in one}
    assert set(failed) == {"cash_position", "cash_in_vs_out"}
    assert set(failed["cash_position"]) == {"metric", "error"}
    assert failed["cash_position"]["error"]["code"] == "xero.unavailable"
    assert "try again in a few minutes" in failed["cash_position"]["error"]["message"]


def test_a_refused_consent_is_one_line_and_status_2(xero: XeroSandbox) -> None:
    xero.identity.consent.deny = True
    ended = run("facts", "revenue", "--json")
    assert (ended.status, ended.stdout) == (2, "")
    assert ended.lines == ["ledgercast: The consent was refused in Xero; run the command again and allow access"]


def test_several_organisations_are_named_and_status_2(xero: XeroSandbox, books: list[Books]) -> None:
    xero.identity.consent.organisations = [one.organisation.id for one in books]
    ended = run("facts", "all")
    [line] = ended.lines
    assert (ended.status, ended.stdout) == (2, "")
    assert line.endswith("choose one of: Lakeside Frames Ltd, Second Co")


def test_the_consented_organisation_is_taken_and_not_the_first_of_the_list(
    xero: XeroSandbox, books: list[Books]
) -> None:
    """/connections lists every organisation this user ever authorised; only one belongs to this consent."""
    for one in books:
        xero.identity.consent.organisations = [one.organisation.id]
        assert run("facts", "cash_position", "--json").json["organisation"]["name"] == one.organisation.name


def test_a_failed_code_exchange_is_a_named_error_for_every_metric(xero: XeroSandbox) -> None:
    xero.faults.answer("/connect/token", 400, '{"error":"invalid_grant"}')
    ended = run("facts", "all", "--json")
    assert ended.status == 1
    assert [(one["metric"], one["error"]["code"]) for one in ended.json] == [
        (one, "xero.token.rejected") for one in EVERY
    ]


def test_a_minute_limit_is_waited_for(xero: XeroSandbox) -> None:
    headers = {"Retry-After": "1", "X-Rate-Limit-Problem": "minute"}
    xero.faults.answer("Reports/BankSummary", 429, headers=headers)
    assert run("facts", "cash_position", "--json").status == 0


def test_after_a_day_limit_nothing_more_is_asked(xero: XeroSandbox) -> None:
    xero.limits.per_day = 6
    ended = run("facts", "all", "--json")
    refused = [call.status for call in xero.calls if call.accounting and call.status == 429]
    assert ended.status == 1
    assert 1 <= len(refused) <= 4  # those under way at once
    assert {one["error"]["code"] for one in ended.json if "error" in one} == {"xero.limit.day"}
    assert "error" in ended.json[-1]


def test_the_chart_is_written(xero: XeroSandbox, tmp_path: Path) -> None:
    out = tmp_path / "cash.png"
    ended = run("chart", "cash_position", "--out", str(out))
    assert (ended.status, ended.lines) == (0, [])
    assert ended.stdout.startswith(f"{out}: Cash Position")
    with Image.open(out) as picture:
        assert (picture.format, picture.size) == ("PNG", (1600, 900))


def test_without_any_setting_our_own_sandbox_answers_and_consents_by_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["facts", "all"]) == 0
    out, err = capsys.readouterr()
    assert all(one.title in out for one in METRICS)
    assert "Nov 2026 (to date)" in out
    assert re.fullmatch(r"Open: http://127\.0\.0\.1:\d+/identity/connect/authorize\?\S+\n", err)


def test_an_organisation_without_activity_says_so(xero: XeroSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    xero.stop()
    with XeroSandbox(generate(NOW.date(), empty=True, name="New Co"), lambda: NOW) as empty:
        for name in ("LOGIN", "IDENTITY", "API"):
            os.environ[f"LEDGERCAST_XERO_{name}_URL"] = empty.url
        ended = run("facts", "revenue")
    assert ended.status == 0
    assert "Note: No activity" in ended.stdout


API_OF_NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("words", "env", "status", "told"),
    [
        (["facts", "ebitda"], {}, 2, "The metrics are: revenue, gross_profit"),
        (["facts", "ebitda", "--json"], {}, 2, "There is no metric 'ebitda'"),
        (["chart", "all", "--out", "x.png"], {}, 2, "There is no metric 'all'"),
        (["chart", "revenue", "--out", "no/such/folder/x.png"], {}, 2, "there is no folder no/such/folder"),
        (["chart", "revenue", "--out", "."], {}, 2, "name a file"),
        (["facts", "revenue"], {"LEDGERCAST_PORT": "eighty"}, 2, "LEDGERCAST_PORT must be a port number"),
        (["facts", "revenue"], {"LEDGERCAST_NOW": "soon"}, 2, "LEDGERCAST_NOW must be an instant"),
        (["facts", "revenue"], {"LEDGERCAST_XERO_API_URL": "localhost"}, 2, "LEDGERCAST_XERO_API_URL must be"),
        (["facts", "all"], {"LEDGERCAST_XERO_API_URL": API_OF_NOBODY}, 1, "127.0.0.1:9 did not answer"),
        (["facts", "all"], {"LEDGERCAST_XERO_IDENTITY_URL": API_OF_NOBODY}, 1, "LEDGERCAST_XERO_LOGIN_URL, _IDENTITY"),
    ],
)
def test_bad_input_is_one_clear_line(
    words: list[str],
    env: dict[str, str],
    status: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert main(words) == status
    out, err = capsys.readouterr()
    [line] = [line for line in err.splitlines() if not line.startswith("Open: ")]
    assert line.startswith("ledgercast: ")
    assert told in line
    assert out == ""


def test_ctrl_c_while_waiting_for_consent_leaves_no_traceback(xero: XeroSandbox) -> None:
    command = [sys.executable, "-m", "local", "facts", "revenue"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("Open: http")
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (130, "ledgercast: stopped\n")


def test_a_taken_port_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", int(os.environ["LEDGERCAST_PORT"]))):
        assert main(["facts", "revenue"]) == 2
    assert re.fullmatch(
        r"ledgercast: Port \d+ cannot be used .+; set LEDGERCAST_PORT to a free one\n", capsys.readouterr().err
    )
