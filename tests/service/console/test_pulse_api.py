"""Metrics and pulses as JSON, to the letter of contracts.md 1."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.console.desk_of_pulses import BOARD, BODY, FINANCE, OLD, WEEKLY, PulseDesk, desk_of_pulses
from tests.service.console.world import Console
from tests.service.web.browser import Answer, Browser

API = "/api/v1/pulses"
EMAIL = {"kind": "email", "addresses": ["ada@example.com"]}


@pytest.fixture
def pulses(desk: Console) -> PulseDesk:
    return desk_of_pulses(desk)


@pytest.fixture
def person(pulses: PulseDesk) -> Browser:
    return pulses.person()


def assert_error(answer: Answer, status: int, code: str, words: str = "") -> None:
    assert answer.status == status, answer.body
    assert set(answer.json) == {"error"} and set(answer.json["error"]) == {"code", "message"}
    assert answer.json["error"]["code"] == code and words in answer.json["error"]["message"]


def with_key(person: Browser, pulse: str, key: str | None) -> Answer:
    headers = {"content-type": "application/json", "x-csrf-token": person.csrf}
    return person.send("POST", f"{API}/{pulse}/run", headers=headers | ({"idempotency-key": key} if key else {}))


def test_the_eleven_metrics_are_a_list(person: Browser) -> None:
    answer = person.call("GET", "/api/v1/metrics")
    assert answer.status == 200 and set(answer.json) == {"items", "next"} and answer.json["next"] is None
    assert len(answer.json["items"]) == 11
    first = answer.json["items"][0]
    assert (first["id"], first["recommended"], first["cadence"]) == ("revenue", True, "weekly, Monday")


def test_a_pulse_is_made_read_and_listed(pulses: PulseDesk, person: Browser) -> None:
    made = person.call("POST", API, BODY)
    assert made.status == 201
    body = made.json
    assert {name: body[name] for name in ("connection", "metric", "schedule", "summary", "state")} == {
        name: BODY[name] for name in ("connection", "metric", "schedule", "summary", "state")
    }
    assert [(one["kind"], one.get("channel"), one.get("addresses")) for one in body["destinations"]] == [
        ("slack", FINANCE, None),
        ("email", None, ["ada@example.com"]),
    ]
    assert body["next"] == "2026-11-30T09:00:00Z" and body["version"] == 1
    assert person.call("GET", f"{API}/{body['id']}").json == body
    assert person.call("GET", API).json == {"items": [body], "next": None}
    assert pulses.desk.deps.pulses.planner.ids() == [body["id"]]
    assert pulses.acts() == ["pulse.created ok"]


SCHEDULES: list[dict[str, Any]] = [
    {"every": "hour", "at": "00:15", "timezone": "UTC"},
    {"every": "day", "at": "07:30", "timezone": "America/New_York"},
    {"every": "weekday", "at": "07:30", "timezone": "UTC"},
    WEEKLY,
    {"every": "month", "at": "07:30", "day": "first_weekday", "timezone": "UTC"},
    {"every": "month", "at": "07:30", "day": "last", "timezone": "UTC"},
    {"every": "month", "at": "07:30", "day": 28, "timezone": "UTC"},
    {"every": "cron", "cron": "0 9 * * 1-5", "timezone": "UTC"},
]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_of_a_schedule_only_what_its_frequency_needs_is_given_rl_4(person: Browser, schedule: dict[str, Any]) -> None:
    answer = person.call("POST", API, {**BODY, "schedule": schedule})
    assert answer.status == 201 and answer.json["schedule"] == schedule
    assert answer.json["next"].endswith("Z")


def test_what_is_left_out_is_the_organisations_zone_and_plain_defaults(person: Browser) -> None:
    given = {
        "connection": "x-1",
        "metric": "revenue",
        "destinations": [EMAIL],
        "schedule": {"every": "day", "at": "9:00"},
    }
    made = person.call("POST", API, given).json
    assert made["schedule"] == {"every": "day", "at": "09:00", "timezone": "Europe/London"}
    assert (made["summary"], made["theme"], made["skip_unchanged"], made["state"]) == (
        "template",
        "light",
        False,
        "active",
    )


WRONG: list[tuple[Any, str]] = [
    ([], "Body"),
    (None, "Body"),
    ("pulse", "Body"),
    ({**BODY, "colour": "red"}, "no such field"),
    ({**BODY, "connection": "x-9"}, "Organisation"),
    ({**BODY, "connection": {"x": 1}}, "Organisation"),
    ({**BODY, "connection": "x" * 10_000}, "Organisation"),
    ({**BODY, "metric": "profitability"}, "Metric"),
    ({**BODY, "metric": ["revenue"]}, "Metric"),
    ({**BODY, "destinations": []}, "Where"),
    ({**BODY, "destinations": {}}, "Where"),
    ({**BODY, "destinations": ["C000000001"]}, "Where"),
    ({**BODY, "destinations": [{"kind": "fax", "number": 1}]}, "Where"),
    ({**BODY, "destinations": [{"kind": "slack", "channel": OLD}]}, "archived"),
    ({**BODY, "destinations": [{"kind": "slack", "channel": 7}]}, "Slack channel"),
    ({**BODY, "destinations": [{"kind": "slack", "channel": "finance"}]}, "Slack channel"),
    ({**BODY, "destinations": [{"kind": "email", "addresses": []}]}, "Email addresses"),
    ({**BODY, "destinations": [{"kind": "email", "addresses": ["a@elsewhere.example"]}]}, "elsewhere.example"),
    ({**BODY, "destinations": [{"kind": "email", "addresses": [None, {"a": 1}]}]}, "Email addresses"),
    (
        {**BODY, "destinations": [{"kind": "email", "addresses": "a@example.com\r\nBcc: b@example.com"}]},
        "Email addresses",
    ),
    ({**BODY, "schedule": None}, "How often"),
    ({**BODY, "schedule": {"every": ["day"]}}, "How often"),
    ({**BODY, "schedule": {**WEEKLY, "days": []}}, "Days"),
    ({**BODY, "schedule": {**WEEKLY, "days": [1]}}, "Days"),
    ({**BODY, "schedule": {**WEEKLY, "at": 9}}, "Time"),
    ({**BODY, "schedule": {**WEEKLY, "timezone": "Mars/Olympus"}}, "Time zone"),
    ({**BODY, "schedule": {**WEEKLY, "timezone": 1}}, "Time zone"),
    ({**BODY, "schedule": {"every": "month", "at": "09:00", "day": 31, "timezone": "UTC"}}, "Day of the month"),
    ({**BODY, "schedule": {"every": "month", "at": "09:00", "day": True, "timezone": "UTC"}}, "Day of the month"),
    ({**BODY, "schedule": {"every": "cron", "cron": "0 9 1 1 ? 2020", "timezone": "UTC"}}, "Cron"),
    ({**BODY, "schedule": {"every": "hour", "minute": 15, "timezone": "UTC"}}, "no such field"),
    ({**BODY, "summary": "poem"}, "Comment"),
    ({**BODY, "summary": None}, "Comment"),
    ({**BODY, "theme": 7}, "Chart"),
    ({**BODY, "skip_unchanged": "yes"}, "skip_unchanged"),
    ({**BODY, "names_to_ai": 1}, "names_to_ai"),
    ({**BODY, "name": "N" * 10_000}, "Name"),
    ({**BODY, "name": ["N"]}, "Name"),
    ({**BODY, "name": "a\nb"}, "Name"),
    ({**BODY, "state": "deleted"}, "State"),
    ({**BODY, "state": {}}, "State"),
]


@pytest.mark.parametrize(("body", "words"), WRONG)
def test_what_cannot_be_taken_is_a_422_in_words(pulses: PulseDesk, person: Browser, body: Any, words: str) -> None:
    assert_error(person.call("POST", API, body), 422, "invalid", words)
    assert pulses.kept() == [] and pulses.desk.deps.pulses.planner.ids() == []


def test_of_what_is_not_named_nothing_changes(pulses: PulseDesk, person: Browser) -> None:
    before = person.call("POST", API, BODY).json
    path = f"{API}/{before['id']}"
    changed = person.call("PATCH", path, {"name": "Mine"})
    assert changed.status == 200
    told = {"name": "Mine", "version": 2, "updated_at": changed.json["updated_at"]}
    assert changed.json == {**before, **told}
    later = person.call("PATCH", path, {"schedule": {"at": "10:30"}}).json
    assert later["schedule"] == {**WEEKLY, "at": "10:30"}
    daily = person.call("PATCH", path, {"schedule": {"every": "day"}}).json
    assert daily["schedule"] == {"every": "day", "at": "10:30", "timezone": "Europe/London"}
    moved = person.call("PATCH", path, {"schedule": {"timezone": "Asia/Tokyo"}}).json
    assert moved["next"] == "2026-11-26T01:30:00Z"
    assert person.call("PATCH", path, {}).status == 200
    assert pulses.acts()[1:] == ["pulse.changed ok"] * 5


def test_an_answer_can_be_sent_back_as_it_came(person: Browser) -> None:
    made = person.call("POST", API, BODY).json
    back = person.call("PATCH", f"{API}/{made['id']}", made)
    assert back.status == 200 and back.json["destinations"] == made["destinations"]


def test_destinations_are_replaced_as_a_whole_and_keep_their_ids(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    ids = {one.channel or one.addresses: one.id for one in pulses.kept()[0].destinations}
    places = [{"kind": "slack", "channel": BOARD}, {"kind": "slack", "channel": FINANCE}]
    person.call("PATCH", f"{API}/{made}", {"destinations": places})
    now = {one.channel or one.addresses: one.id for one in pulses.kept()[0].destinations}
    assert set(now) == {BOARD, FINANCE} and now[FINANCE] == ids[FINANCE]


def test_the_rest_can_be_changed_while_slack_cannot_be_asked(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    pulses.pages.slack.refusal = "Slack cannot be asked just now."
    assert person.call("PATCH", f"{API}/{made}", {"name": "Mine"}).status == 200
    assert_error(person.call("POST", API, BODY), 422, "invalid", "cannot be asked")


def test_paused_and_active_are_states_that_can_be_set(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    paused = person.call("PATCH", f"{API}/{made}", {"state": "paused"}).json
    assert (paused["state"], paused["next"]) == ("paused", None)
    assert pulses.desk.deps.pulses.planner.ids() == []
    assert person.call("PATCH", f"{API}/{made}", {"state": "active"}).json["state"] == "active"
    assert pulses.acts()[1:] == ["pulse.paused ok", "pulse.resumed ok"]


def test_a_pulse_is_held_while_its_organisation_is_shut(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    pulses.pages.connect(state="disconnected", timezone="Europe/London")
    told = person.call("GET", f"{API}/{made}").json
    assert told["state"] == "held"
    assert person.call("PATCH", f"{API}/{made}", told).json["state"] == "held"
    assert pulses.kept()[0].state == "active", "nothing is written to the pulse itself"
    assert_error(with_key(person, made, "k-1"), 409, "pulse.held")
    assert pulses.machine.started == []


def test_an_old_version_is_a_conflict_and_changes_nothing(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    assert person.call("PATCH", f"{API}/{made}", {"name": "First", "version": 1}).json["version"] == 2
    assert_error(person.call("PATCH", f"{API}/{made}", {"name": "Late", "version": 1}), 409, "pulse.stale")
    assert_error(person.call("PATCH", f"{API}/{made}", {"name": "Odd", "version": "x"}), 409, "pulse.stale")
    assert pulses.kept()[0].name == "First"


def test_of_two_changes_at_once_without_a_version_neither_is_lost(
    pulses: PulseDesk, person: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, between = pulses.made(person), [{"theme": "dark"}]
    find = pulses.pages.slack.look_up

    def slow(channel: str) -> Any:
        if between:
            person.call("PATCH", f"{API}/{made}", between.pop())
        return find(channel)

    monkeypatch.setattr(pulses.pages.slack, "look_up", slow)
    answer = person.call("PATCH", f"{API}/{made}", {"destinations": BODY["destinations"], "name": "Mine"})
    assert (answer.json["name"], answer.json["theme"], answer.json["version"]) == ("Mine", "dark", 3)


def test_delete_is_final(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    answer = person.call("DELETE", f"{API}/{made}")
    assert (answer.status, answer.body) == (204, "")
    assert_error(person.call("DELETE", f"{API}/{made}"), 404, "pulse.unknown")
    assert_error(person.call("GET", f"{API}/{made}"), 404, "pulse.unknown")
    assert_error(person.call("PATCH", f"{API}/{made}", {"name": "x"}), 404, "pulse.unknown")
    assert_error(with_key(person, made, "k-1"), 404, "pulse.unknown")
    assert person.call("GET", API).json == {"items": [], "next": None}
    assert pulses.desk.deps.pulses.planner.ids() == []


def test_the_key_is_the_slot_and_the_same_key_is_one_run_rl_1(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    first = with_key(person, made, "2026-11-25T09:00:00Z")
    assert first.status == 202
    assert first.json == {"run": f"{made}~2026-11-25T09:00:00Z", "slot": "2026-11-25T09:00:00Z"}
    pulses.ran(made, "2026-11-25T09:00:00Z", "sent")
    assert with_key(person, made, "2026-11-25T09:00:00Z").json == first.json
    assert pulses.machine.started == [(made, "2026-11-25T09:00:00Z", False)]
    assert pulses.acts() == ["pulse.created ok", "pulse.sent ok"]


@pytest.mark.parametrize("key", [None, "a b", "x" * 65, "a/b", "ü", ".."])
def test_without_a_good_key_nothing_is_started(pulses: PulseDesk, person: Browser, key: str | None) -> None:
    assert_error(with_key(person, pulses.made(person), key), 422, "invalid", "Idempotency-Key")
    assert pulses.machine.started == []


def test_the_list_goes_on_by_its_token(pulses: PulseDesk, person: Browser) -> None:
    pulse = pulses.desk.deps.pulses.store.get(pulses.made(person))
    assert pulse
    for n in range(100):
        item = {**pulse.to_item(), "name": f"P{n:03}"}
        pulses.desk.web.state.put({"pk": "WS#main", "sk": f"PULSE#p-{n:012x}", **item, "planned": 1})
    first = person.call("GET", API).json
    assert len(first["items"]) == 100 and first["next"]
    second = person.call("GET", f"{API}?next={first['next']}").json
    assert len(second["items"]) == 1 and second["next"] is None
    assert len({one["id"] for one in (*first["items"], *second["items"])}) == 101
    assert_error(person.call("GET", f"{API}?next=p-nothing"), 422, "invalid")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", API), ("PATCH", f"{API}/p-1"), ("DELETE", f"{API}/p-1"), ("POST", f"{API}/p-1/run")],
)
def test_strangers_and_requests_without_the_token_change_nothing_se_2(
    pulses: PulseDesk, person: Browser, method: str, path: str
) -> None:
    assert_error(pulses.desk.browser().call(method, path, BODY), 401, "signed_out")
    bare = {"content-type": "application/json"}
    assert_error(person.send(method, path, body=b"{}", headers=bare), 403, "forbidden")
    assert pulses.kept() == []
