"""The list of pulses and the page of one: its state and why, its runs, and every button (LG-2, RL-1, SE-2)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ledgercast.store import connect
from tests.service.console.desk_of_pulses import PulseDesk, desk_of_pulses, state_of
from tests.service.console.forms import form, forms
from tests.service.console.world import Console
from tests.service.web.browser import Browser


@pytest.fixture
def pulses(desk: Console) -> PulseDesk:
    return desk_of_pulses(desk)


@pytest.fixture
def person(pulses: PulseDesk) -> Browser:
    return pulses.person()


def test_without_a_pulse_the_page_says_what_one_is(person: Browser) -> None:
    answer = person.get("/pulses")
    assert answer.status == 200 and 'href="/pulses/new"' in answer.body and "No pulse yet" in answer.body


def test_the_list_says_what_where_when_and_how_it_stands(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person, name="Board figures")
    pulses.ran(made, "2026-11-23T09:00:00Z", "sent", at="2026-11-23T09:01:02.345Z")
    body = person.get("/pulses").body
    for words in (
        "Board figures",
        "Revenue (Monthly)",
        "Demo Bakery Ltd",
        "#finance",
        "ada@example.com",
        "Every Monday at 09:00, Europe/London",
        "Active",
        "Mon 23 Nov 2026, 09:01",
        "Mon 30 Nov 2026, 09:00",
    ):
        assert words in body, words
    assert f'data-pulse="{made}" data-state="active"' in body


def test_a_pulse_without_a_name_is_called_after_its_figure(pulses: PulseDesk, person: Browser) -> None:
    assert "<h1><bdi>Revenue (Monthly)</bdi></h1>" in person.get(f"/pulses/{pulses.made(person)}").body


def test_of_many_addresses_some_are_shown_and_how_many_more(pulses: PulseDesk, person: Browser) -> None:
    addresses = [f"n{n}@example.com" for n in range(9)]
    made = pulses.made(person, destinations=[{"kind": "email", "addresses": addresses}])
    assert "6 more" in person.get("/pulses").body
    assert "n8@example.com" in person.get(f"/pulses/{made}").body


@pytest.mark.parametrize(
    ("run", "state", "words"),
    [
        (None, "active", "It has not run yet"),
        (("sent", None), "active", "Sent"),
        (("partly_sent", "slack.is_archived"), "active", "Partly sent"),
        (("skipped", "pulse.unchanged"), "active", "Skipped"),
        (("deferred", "xero.limit.day"), "active", "daily limit"),
        (("running", None), "active", "Running"),
        (("failed", "xero.role.missing"), "error", "may not read reports"),
    ],
)
def test_the_state_follows_from_the_last_run(
    pulses: PulseDesk, person: Browser, run: tuple[str, str | None] | None, state: str, words: str
) -> None:
    made = pulses.made(person)
    if run:
        pulses.ran(made, "2026-11-23T09:00:00Z", "failed", "internal", at="2026-11-23T09:00:00.000Z")
        pulses.ran(made, "now-1", *run, at="2026-11-24T09:00:00.000Z")
    answer = person.get(f"/pulses/{made}")
    assert state_of(answer) == state and words in answer.body
    assert state_of(person.get("/pulses")) == state


@pytest.mark.parametrize("shut", ["held", "disconnected"])
def test_while_its_organisation_is_shut_a_pulse_is_held_and_sends_nothing(
    pulses: PulseDesk, person: Browser, shut: Any
) -> None:
    made = pulses.made(person)
    page = person.get(f"/pulses/{made}")
    send = form(page, f"/pulses/{made}/send")
    pulses.pages.connect(state=shut, timezone="Europe/London")
    answer = person.get(f"/pulses/{made}")
    assert state_of(answer) == "held" and "Held" in answer.body
    assert f"/pulses/{made}/send" not in [one.action for one in forms(answer)]
    refused = send.send(person, "")
    assert refused.status == 409 and "Sources" in refused.alert and pulses.machine.started == []


def test_pause_and_resume_end_and_begin_the_schedule(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    planner = pulses.desk.deps.pulses.planner
    assert planner.ids() == [made]
    page = person.get(f"/pulses/{made}")
    paused = person.follow(form(page, f"/pulses/{made}/pause").send(person, ""))
    assert state_of(paused) == "paused" and "None while it is paused" in paused.body
    assert planner.ids() == []
    resumed = person.follow(form(paused, f"/pulses/{made}/resume").send(person, ""))
    assert state_of(resumed) == "active" and planner.ids() == [made]
    assert pulses.acts() == ["pulse.created ok", "pulse.paused ok", "pulse.resumed ok"]


def test_what_no_longer_comes_cannot_be_resumed(pulses: PulseDesk, person: Browser) -> None:
    schedule = {"every": "cron", "cron": "0 9 1 12 ? 2026", "timezone": "UTC"}
    made = pulses.made(person, schedule=schedule, state="paused")
    pulses.desk.web.clock.advance(days=30)
    person = pulses.person()
    answer = form(person.get(f"/pulses/{made}"), f"/pulses/{made}/resume").send(person, "")
    assert answer.status == 422 and "still to come" in answer.alert
    assert state_of(answer) == "paused"


def test_a_copy_is_paused_and_named_as_one(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person, name="N" * 100)
    answer = form(person.get(f"/pulses/{made}"), f"/pulses/{made}/duplicate").send(person, "")
    copy = next(one for one in pulses.kept() if one.id != made)
    assert answer.location == f"/pulses/{copy.id}?done=copied"
    assert copy.state == "paused" and copy.name.endswith("… (copy)") and len(copy.name) <= 100
    assert copy.destinations == pulses.kept()[0].destinations
    assert pulses.acts()[-1] == "pulse.created copied"


def test_delete_ends_it_and_a_second_press_finds_nothing(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    press = form(person.get(f"/pulses/{made}"), f"/pulses/{made}/delete")
    assert press.send(person, "").location == "/pulses?done=deleted"
    assert pulses.kept() == [] and pulses.desk.deps.pulses.planner.ids() == []
    assert press.send(person, "").status == 404
    assert pulses.acts().count("pulse.deleted ok") == 1


def test_send_now_pressed_twice_is_one_run_rl_1(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    press = form(person.get(f"/pulses/{made}"), f"/pulses/{made}/send")
    first = press.send(person, "")
    slot = press.value("key")
    assert first.location == f"/pulses/{made}?done=sent&slot={slot}"
    pulses.ran(made, slot, "running")
    assert press.send(person, "").location == first.location
    assert pulses.machine.started == [(made, slot, False)]
    assert pulses.acts().count("pulse.sent ok") == 1
    other = form(person.get("/pulses"), f"/pulses/{made}/send").value("key")
    assert other != slot


def test_a_test_is_a_slot_of_its_own_kind(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    page = person.get(f"/pulses/{made}")
    form(page, f"/pulses/{made}/test").send(person, "")
    [(_, slot, _)] = pulses.machine.started
    assert slot.startswith("test-") and pulses.acts()[-1] == "pulse.tested ok"
    crossed = form(page, f"/pulses/{made}/send").fill(key="test-1").send(person, "")
    assert crossed.status == 422 and len(pulses.machine.started) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 65, "../../x", "ключ"])
def test_a_key_of_another_form_starts_nothing(pulses: PulseDesk, person: Browser, key: str) -> None:
    made = pulses.made(person)
    answer = form(person.get(f"/pulses/{made}"), f"/pulses/{made}/send").fill(key=key).send(person, "")
    assert answer.status == 422 and pulses.machine.started == []


def test_after_sending_the_page_looks_again_until_it_is_over(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    sent = form(person.get(f"/pulses/{made}"), f"/pulses/{made}/send").send(person, "")
    waiting = person.get(sent.location)
    assert "on its way" in waiting.body and waiting.headers["Refresh"].startswith("2; url=/pulses/")
    slot = sent.location.partition("slot=")[2]
    pulses.ran(made, slot, "partly_sent", "slack.is_archived")
    over = person.get(waiting.headers["Refresh"].partition("url=")[2])
    assert "was sent in part" in over.body and "Unarchive" in over.body and "Refresh" not in over.headers
    given_up = person.get(f"/pulses/{made}?done=sent&slot=now-2&look=30")
    assert "still on its way" in given_up.body and "Refresh" not in given_up.headers


@pytest.mark.parametrize("query", ["done=sent", "done=sent&slot=%0d%0aX: y", "done=sent&slot=a&look=999999", "done=x"])
def test_a_page_of_a_strange_address_is_a_plain_page(pulses: PulseDesk, person: Browser, query: str) -> None:
    answer = person.get(f"/pulses/{pulses.made(person)}?{query}")
    assert answer.status == 200 and "Refresh" not in answer.headers


def test_a_paused_pulse_can_still_be_tested(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person, state="paused")
    form(person.get(f"/pulses/{made}"), f"/pulses/{made}/test").send(person, "")
    assert len(pulses.machine.started) == 1


def test_a_reading_repairs_what_a_crash_left_unplanned(pulses: PulseDesk, person: Browser) -> None:
    """RL: the row is the truth; its schedule is made good when the pulse is next read."""
    made = pulses.made(person)
    store, planner = pulses.desk.deps.pulses.store, pulses.desk.deps.pulses.planner
    [kept] = store.list()
    store.save(kept, kept.version)
    planner.remove(made)
    assert person.get("/pulses").status == 200
    assert planner.ids() == [made] and store.list()[0].is_planned


CHANGES = ("pause", "resume", "delete", "duplicate", "send", "test", "edit")


@pytest.mark.parametrize("word", CHANGES)
def test_strangers_and_other_sites_do_nothing_se_2(pulses: PulseDesk, person: Browser, word: str) -> None:
    made = pulses.made(person)
    before = pulses.kept()
    assert pulses.desk.browser().post(f"/pulses/{made}/{word}", key="k").location == "/sign-in"
    assert person.post(f"/pulses/{made}/{word}", key="k", csrf="A" * 43).status == 403
    assert pulses.kept() == before and pulses.machine.started == []


@pytest.mark.parametrize("word", ["", "/edit", *(f"/{one}" for one in CHANGES if one != "edit")])
def test_another_workspaces_pulse_is_not_found(pulses: PulseDesk, person: Browser, word: str) -> None:
    row = {**pulses.kept()[0].to_item()} if pulses.kept() else {}
    made = pulses.made(person)
    row = row or next(one.to_item() for one in pulses.kept() if one.id == made)
    pulses.desk.web.state.put({"pk": "WS#other", "sk": "PULSE#p-000000000000", **row})
    path = f"/pulses/p-000000000000{word}"
    answer = person.get(path) if word in ("", "/edit") else person.post(path, key="k")
    assert answer.status == 404


def test_every_button_says_which_pulse_it_is_about(pulses: PulseDesk, person: Browser) -> None:
    pulses.made(person, name="Board figures")
    body = person.get("/pulses").body
    assert len(re.findall(r'<span class="unseen">: Board figures</span>', body)) == 3


def test_rows_of_before_are_shown_too(pulses: PulseDesk, person: Browser) -> None:
    """What was stored before there were names and versions, and an organisation that is gone."""
    row = {"metric": "net_profit", "connection": "x-9", "destinations": [], "summary": "off", "state": "active"}
    pulses.desk.web.state.put({"pk": "WS#main", "sk": "PULSE#net-profit", **row, "schedule": {}})
    answer = person.get("/pulses/net-profit")
    assert state_of(answer) == "held" and "Sent by hand alone" in answer.body
    assert person.get("/pulses").status == person.get("/pulses/net-profit/edit").status == 200


def test_one_that_scheduler_could_not_be_told_of_says_so_until_it_is_planned(
    pulses: PulseDesk, person: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RL-4: nobody relies on a schedule that is not there."""
    busy = ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "CreateSchedule")

    def refuse(*_: Any, **__: Any) -> Any:
        raise busy

    with monkeypatch.context() as refusing:
        refusing.setattr(connect.client("scheduler"), "create_schedule", refuse)
        made = pulses.made(person)
        assert "not on schedule yet" in person.get(f"/pulses/{made}").body
    assert "not on schedule yet" not in person.get(f"/pulses/{made}").body
