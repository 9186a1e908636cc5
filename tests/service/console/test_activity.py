"""The activity: every run with its state, why and what mends it, page by page."""

from __future__ import annotations

import html
import re

import pytest

from functions.console.activity import PAGE
from tests.service.console.desk_of_runs import SLOT, RunDesk, ended, open_desk
from tests.service.console.pages import HOSTILE, assert_inert, furnish
from tests.service.console.world import Console
from tests.service.web.browser import Answer, Browser


@pytest.fixture
def desk_of_runs(desk: Console) -> RunDesk:
    return open_desk(furnish(desk))


def runs_of(answer: Answer) -> list[tuple[str, str]]:
    return re.findall(r'<li data-run="([^"]+)" data-state="([^"]+)"', answer.body)


def text_of(answer: Answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.body)).split())


def walk(person: Browser) -> list[str]:
    answer, seen = person.get("/activity"), []
    for _ in range(20):
        seen += [run for run, _ in runs_of(answer)]
        onward = re.search(r'href="(/activity\?after=[^"]+)">Older', answer.body)
        if not onward:
            return seen
        answer = person.get(onward[1])
    raise AssertionError("the pages have no end")


def test_each_run_is_told_with_slot_state_time_and_calls(desk_of_runs: RunDesk) -> None:
    run = desk_of_runs.all_sent()
    answer = desk_of_runs.pages.person("member").get("/activity")
    assert runs_of(answer) == [(run, "sent")]
    assert "Monday revenue of Demo Bakery Ltd Planned for Wed 25 Nov 2026, 09:00 · took 8 s · 3 calls to Xero Sent" in (
        text_of(answer)
    )
    assert f'href="/activity/{run}"' in answer.body


STATES = [
    ("sent", None, [], "Sent", "", ""),
    ("failed", "xero.role.missing", [], "Failed", "may not read reports", "/sources/x-1"),
    ("failed", "GrantDisconnected", [], "Failed", "Reconnect it under Sources", "/sources/x-1"),
    ("skipped", "pulse.unchanged", [], "Skipped", "are those that were sent last", ""),
    ("skipped", "pulse.held", [], "Skipped", "Resume the pulse, or reconnect", "/pulses/p-1"),
    ("deferred", "xero.limit.day", [], "Deferred", "deferred until it resets", ""),
    (
        "partly_sent",
        "slack.channel_not_found",
        [ended("a", "failed", "slack.channel_not_found"), ended("b", "sent")],
        "Partly sent",
        "",
        "/pulses/p-1",
    ),
    (
        "partly_sent",
        "deliver.unconfirmed",
        [ended("a", "unconfirmed", "deliver.unconfirmed"), ended("b", "sent")],
        "Unconfirmed",
        "Nobody can say whether this arrived",
        "",
    ),
    ("failed", "deliver.not_allowed", [], "Failed", "under Settings", "/settings"),
]


@pytest.mark.parametrize(("state", "reason", "deliveries", "words", "why", "link"), STATES)
def test_every_way_to_end_has_its_words_and_what_mends_it(
    desk_of_runs: RunDesk, state: str, reason: str | None, deliveries: list[object], words: str, why: str, link: str
) -> None:
    desk_of_runs.pulse()
    run = desk_of_runs.run(state, reason, deliveries=deliveries)
    person = desk_of_runs.pages.person()
    for answer in (person.get("/activity"), person.get(f"/activity/{run}")):
        assert f">{words}</span>" in answer.body
        assert why in text_of(answer)
        assert not link or f'href="{link}">' in answer.body


def test_what_a_member_cannot_mend_is_not_offered_to_them(desk_of_runs: RunDesk) -> None:
    desk_of_runs.pulse()
    desk_of_runs.run("failed", "deliver.not_allowed")
    assert 'href="/settings"' not in desk_of_runs.pages.person("member").get("/activity").body


def test_runs_under_way_stand_first_and_are_looked_at_again(desk_of_runs: RunDesk) -> None:
    desk_of_runs.pulse()
    desk_of_runs.run("sent")
    desk_of_runs.run("running", slot="2026-11-25T08:00:00Z")
    answer = desk_of_runs.pages.person().get("/activity")
    assert [state for _, state in runs_of(answer)] == ["running", "sent"]
    assert answer.headers["Refresh"] == "5"
    desk_of_runs.run("sent", slot="2026-11-25T08:00:00Z")
    assert "Refresh" not in desk_of_runs.pages.person().get("/activity").headers


def test_newest_first_page_by_page_each_run_once(desk_of_runs: RunDesk) -> None:
    desk_of_runs.pulse()
    made = []
    for n in range(2 * PAGE + 3):
        if n % 3:
            desk_of_runs.pages.desk.web.clock.advance(minutes=1)  # some begin in the same moment
        made.append(desk_of_runs.run(slot=f"key-{n:03}"))
    seen = walk(desk_of_runs.pages.person("member"))
    assert sorted(seen) == made and len(seen) == len(set(seen))
    assert seen[0] == made[-1]


def test_a_deleted_pulse_keeps_its_name_and_one_of_which_nothing_is_left_its_metrics(desk_of_runs: RunDesk) -> None:
    desk_of_runs.pulse(state="deleted")
    desk_of_runs.run()
    desk_of_runs.run(pulse="p-gone", metric="net_profit")
    text = text_of(desk_of_runs.pages.person().get("/activity"))
    assert "Monday revenue" in text and "Net Profit/Loss (Monthly)" in text


def test_what_was_asked_for_by_hand_or_as_a_test_is_told_as_such(desk_of_runs: RunDesk) -> None:
    desk_of_runs.pulse()
    for slot in ("test-1", "now-2", "2026-13-45T09:00:00Z"):
        desk_of_runs.run(slot=slot)
    text = text_of(desk_of_runs.pages.person().get("/activity"))
    assert (text.count("A test ·"), text.count("Sent by hand ·")) == (1, 2)


def test_times_are_those_of_the_workspaces_zone(desk_of_runs: RunDesk) -> None:
    desk_of_runs.pages.desk.deps.settings.change(lambda _: {"timezone": "Asia/Tokyo"})
    desk_of_runs.pulse()
    desk_of_runs.run()
    text = text_of(desk_of_runs.pages.person().get("/activity"))
    assert "Planned for Wed 25 Nov 2026, 18:00" in text and "Asia/Tokyo" in text


def test_only_owners_are_led_to_who_did_what(desk_of_runs: RunDesk) -> None:
    link = 'href="/activity?show=acts"'
    assert link in desk_of_runs.pages.person().get("/activity").body
    assert link not in desk_of_runs.pages.person("member").get("/activity").body


@pytest.mark.parametrize("cursor", ["x", "p-1~never", "../../etc", "%00", "A" * 3000, "%3Cscript%3E", "~"])
def test_a_cursor_that_no_page_gave_is_refused_in_words(desk_of_runs: RunDesk, cursor: str) -> None:
    owner = desk_of_runs.pages.person()
    answer = owner.get(f"/activity?after={cursor}")
    assert answer.status == 422 and "Please" in answer.body
    told = owner.call("GET", f"/api/v1/runs?next={cursor}")
    assert (told.status, told.json["error"]["code"]) == (422, "invalid")


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_name_holds_stays_text_sx_3(desk_of_runs: RunDesk, text: str) -> None:
    desk_of_runs.pages.connect("x-1", name=text)
    desk_of_runs.pulse(name=text)
    run = desk_of_runs.run("failed", text[:40], deliveries=[ended("d-slack", "failed", text[:40])])
    person = desk_of_runs.pages.person()
    for path in ("/activity", f"/activity/{run}"):
        assert_inert(person.get(path).body)


def test_the_api_gives_the_runs_page_by_page(desk_of_runs: RunDesk) -> None:
    desk_of_runs.pulse()
    for n in range(103):
        desk_of_runs.pages.desk.web.clock.advance(minutes=1)
        desk_of_runs.run(slot=f"key-{n:03}")
    person = desk_of_runs.pages.person("member")
    first = person.call("GET", "/api/v1/runs").json
    assert (len(first["items"]), first["items"][0]["slot"]) == (100, "key-102")
    rest = person.call("GET", f"/api/v1/runs?next={first['next']}").json
    assert ([one["slot"] for one in rest["items"]], rest["next"]) == (["key-002", "key-001", "key-000"], None)
    assert first["items"][0]["status"] == "sent" and first["items"][0]["seconds"] == 8.0


def test_strangers_see_no_run(desk_of_runs: RunDesk) -> None:
    run = desk_of_runs.all_sent()
    stranger = desk_of_runs.pages.desk.browser()
    assert stranger.get(f"/activity/{run}").location == f"/sign-in?next=%2Factivity%2Fp-1~{SLOT.replace(':', '%3A')}"
    assert stranger.get(f"/activity/{run}/chart.png").location.startswith("/sign-in")
    assert stranger.call("GET", f"/api/v1/runs/{run}/facts").status == 401
