"""The operator's pages say what the code does: permissions, addresses, settings, commands and the first pulse."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from infra.settings import Pace, Settings
from ledgercast.domain.audit import WORDS
from ledgercast.domain.schedules import WINDOW_MINUTES, Schedule
from ledgercast.ops.credentials import FIELDS
from ledgercast.ops.main import parser
from ledgercast.slack.install import SCOPES
from ledgercast.slack.manifest import CALLBACK, EXAMPLE, text
from ledgercast.xero.scopes import CLASSIC, GRANULAR
from tests.service.ops.world import APP

DOCS = Path(__file__).parents[3] / "docs"
DEPLOY, XERO, SLACK = ((DOCS / f"{name}.md").read_text() for name in ("deploy", "xero-app", "slack-app"))


def section(page: str, title: str) -> str:
    return page.partition(f"## {title}\n")[2].partition("\n## ")[0]


def first_column(part: str) -> list[str]:
    """The code words of each row's first cell."""
    cells = re.findall(r"^ *\| ((?:`[^`]+`(?:, )?)+)", part, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def test_the_permissions_of_the_xero_page_are_those_that_are_asked_for_oa_4() -> None:
    permissions = section(XERO, "Permissions")
    assert tuple(first_column(permissions)) == GRANULAR
    assert f"`{' '.join(CLASSIC)}`" in permissions


def test_the_permissions_of_the_slack_page_are_those_of_the_manifest() -> None:
    assert tuple(first_column(section(SLACK, "Permissions"))) == SCOPES


def test_the_manifest_of_the_docs_is_the_generated_one() -> None:
    assert (DOCS / "slack-manifest.json").read_text() == text(EXAMPLE)


def test_the_redirect_addresses_are_those_that_come_back_oa_2() -> None:
    assert "`https://<your site>/oauth/xero/callback`" in XERO
    assert "`http://localhost:8080/oauth/xero/callback`" in XERO
    assert f"`https://<your site>{CALLBACK}`" in SLACK


def test_the_settings_are_those_that_the_stack_reads() -> None:
    read = {one.name for kind in (Settings, Pace) for one in fields(kind)} - {"pace", "local"}
    assert set(first_column(section(DEPLOY, "Settings"))) == read


def test_the_credentials_file_of_the_page_has_every_field() -> None:
    example = re.search(r"```json\n(.*?)```", section(DEPLOY, "4. Hand over the credentials"), re.DOTALL)
    assert example
    assert list(json.loads(example[1])) == list(FIELDS) == list(APP)


@pytest.mark.parametrize("page", sorted([*DOCS.glob("*.md")]), ids=lambda page: page.name)
def test_every_command_of_a_page_is_one(page: Path) -> None:
    for line in re.findall(r"-m ledgercast ([a-z][^\n`]*)", page.read_text()):
        assert parser().parse_args(shlex.split(line, comments=True))


def test_every_command_has_its_row() -> None:
    rows = first_column(section(DEPLOY, "The operator's commands"))
    assert {re.sub(r" (EMAIL|\[.*)", "", row).strip() for row in rows} == set(commands(parser()))


def commands(of: argparse.ArgumentParser) -> list[str]:
    groups = [one for one in of._actions if isinstance(one, argparse._SubParsersAction)]
    if not groups:
        return [""]
    return [f"{name} {rest}".strip() for name, sub in groups[0].choices.items() for rest in commands(sub)]


def test_the_page_of_schedules_names_the_window_that_is_planned() -> None:
    """RL-4"""
    numbers = {5: "five"}
    told = (DOCS / "pulses.md").read_text()
    assert f"A run begins within {numbers[WINDOW_MINUTES]} minutes after its time." in told
    for unix in re.findall(r"`([^`]*\* ?[^`]*)`", section(told, "Schedules")):
        assert Schedule.read({"every": "cron", "cron": unix, "timezone": "UTC"}).expression()


@pytest.mark.parametrize("page", [DEPLOY, XERO, SLACK], ids=["deploy", "xero-app", "slack-app"])
def test_a_page_says_that_it_was_never_tried(page: str) -> None:
    assert re.search(r"Nobody has followed it on a real account|have not been followed with a real", page)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        assert re.match(r"https://", target) or (page.parent / target).exists(), target


def test_each_act_of_the_operator_has_its_words_lg_2() -> None:
    source = "".join(file.read_text() for file in sorted((DOCS.parent / "ledgercast" / "ops").glob("*.py")))
    acts = set(re.findall(r"\.note\(\s*\"([a-z_.]+)\"", source))
    people = {"sign_in.link_sent", "member.created", "session.ended"}
    assert acts == people | {"secrets.set", "stream.replayed", "figures.deleted"}
    assert acts <= set(WORDS)
