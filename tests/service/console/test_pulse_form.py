"""Making and changing a pulse in the browser: nothing typed is ever lost, and what is wrong is told at its field.

RL-4 (schedules in words and times), DL-1 (destinations at save), LG-2 (every change is in the audit).
"""

from __future__ import annotations

import re

import pytest

from ledgercast.store.invoke import StillWorking
from ledgercast.xero.scopes import GRANULAR
from tests.service.console.desk_of_pulses import BOARD, BODY, FINANCE, NEW, OLD, SHARED, PulseDesk, desk_of_pulses
from tests.service.console.forms import Form, form
from tests.service.console.pages import HOSTILE, TEAM, assert_inert
from tests.service.console.world import Console
from tests.service.web.browser import Answer, Browser


@pytest.fixture
def pulses(desk: Console) -> PulseDesk:
    return desk_of_pulses(desk)


@pytest.fixture
def person(pulses: PulseDesk) -> Browser:
    return pulses.person()


def filled(pulses: PulseDesk, person: Browser) -> Form:
    """A new pulse's form with one destination: everything else is as it is offered."""
    return pulses.new(person).fill(addresses="ada@example.com")


def again(answer: Answer, action: str = NEW) -> Form:
    return form(answer, action)


def told(answer: Answer, name: str) -> str:
    """What the page says at that field, which points to it."""
    found = re.search(rf'<p class="wrong" id="{name}-error">(.*?)</p>', answer.body, re.DOTALL)
    assert not found or name == "destinations" or f'{name}-error"' in answer.body.partition(found[0])[0] + answer.body
    return found[1] if found else ""


def test_what_a_finance_person_wants_is_three_entries_away(pulses: PulseDesk, person: Browser) -> None:
    """«Last year's revenue into #finance every Monday at nine, with a short comment»: all else is offered."""
    page = pulses.new(person)
    assert (page.value("metric"), page.value("every"), page.values("days"), page.value("at")) == (
        "revenue",
        "week",
        ["mon"],
        "09:00",
    )
    assert (page.value("connection"), page.value("timezone"), page.value("summary")) == (
        "x-1",
        "Europe/London",
        "template",
    )
    answer = page.fill(q="#finance").send(person)
    [made] = pulses.kept()
    assert answer.location == f"/pulses/{made.id}?done=created"
    assert made.when and made.when.words() == "Every Monday at 09:00, Europe/London"
    assert [(one.kind, one.channel, one.channel_name) for one in made.destinations] == [("slack", FINANCE, "finance")]
    assert made.is_planned and made.created_by == pulses.pages.member("member").id
    assert pulses.acts() == ["pulse.created ok"]


def test_a_metric_that_was_chosen_elsewhere_brings_its_cadence(pulses: PulseDesk, person: Browser) -> None:
    page = pulses.new(person, "?connection=x-1&metric=cash_position")
    assert (page.value("metric"), page.value("every")) == ("cash_position", "weekday")
    assert pulses.new(person, "?metric=nonsense&connection=x-9").value("metric") == "revenue"


def test_of_several_organisations_one_has_to_be_chosen(pulses: PulseDesk, person: Browser) -> None:
    pulses.pages.connect("x-2", "Second Ltd", timezone="Pacific/Auckland")
    page = pulses.new(person)
    assert page.offered["connection"] == ["", "x-1", "x-2"] and page.value("connection") == ""
    assert page.value("timezone") == "", "that of whichever is chosen"
    refused = page.fill(addresses="ada@example.com").send(person)
    assert refused.status == 422 and "Choose the organisation" in told(refused, "connection")
    assert pulses.new(person, "?connection=x-2").value("timezone") == "Pacific/Auckland"
    assert page.fill(connection="x-2").send(person).status == 303
    assert pulses.kept()[0].schedule["timezone"] == "Pacific/Auckland"


def test_without_an_organisation_the_page_leads_to_xero(pulses: PulseDesk, person: Browser) -> None:
    pulses.pages.connect(state="disconnected")
    answer = person.get(NEW)
    assert answer.status == 200 and 'href="/sources#connect"' in answer.body


def test_the_organisations_zone_is_learned_once_from_its_figures(pulses: PulseDesk, person: Browser) -> None:
    pulses.pages.connect(timezone="")
    pulses.pages.ready()
    assert pulses.new(person).value("timezone") == "Europe/London"
    assert pulses.new(person).value("timezone") == "Europe/London"
    assert len(pulses.pages.fetch.asked) == 1


def test_a_zone_that_is_not_known_yet_is_said_to_be_a_guess(pulses: PulseDesk, person: Browser) -> None:
    pulses.pages.connect(timezone="")
    pulses.pages.fetch.answers = [StillWorking()]
    answer = person.get(NEW)
    assert form(answer, NEW).value("timezone") == "UTC" and "not known yet" in answer.body


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"every": "hour", "minute": "15"}, "Every hour, 15 minutes past, Europe/London"),
        ({"every": "day", "at": "07:30"}, "Every day at 07:30, Europe/London"),
        ({"every": "weekday"}, "Every weekday, Monday to Friday, at 09:00, Europe/London"),
        ({"every": "week", "days": ["fri", "mon"]}, "Every Monday and Friday at 09:00, Europe/London"),
        ({"every": "month", "day": "first_weekday"}, "On the first weekday of every month at 09:00, Europe/London"),
        ({"every": "month", "day": "last"}, "On the last day of every month at 09:00, Europe/London"),
        ({"every": "month", "day": "28"}, "On the 28th of every month at 09:00, Europe/London"),
        ({"every": "cron", "cron": "0 9 * * 1-5"}, "By cron 0 9 * * 1-5, Europe/London"),
        ({"timezone": "Asia/Tokyo"}, "Every Monday at 09:00, Asia/Tokyo"),
    ],
)
def test_every_frequency_takes_only_what_it_needs(
    pulses: PulseDesk, person: Browser, fields: dict[str, str | list[str]], words: str
) -> None:
    """All fields are sent, as without JavaScript they are; those of other frequencies are not even looked at."""
    page = filled(pulses, person).fill(cron="nonsense", day="31").fill(**fields)
    answer = page.send(person)
    assert answer.status == 303, answer.alert
    [made] = pulses.kept()
    assert made.when and made.when.words() == words
    assert words in person.follow(answer).body


WRONG: list[tuple[dict[str, str | list[str]], str, str]] = [
    ({"every": "yearly"}, "every", "how often"),
    ({"every": ""}, "every", "how often"),
    ({"at": "25:00"}, "at", "hours and minutes"),
    ({"at": ""}, "at", "hours and minutes"),
    ({"at": "nine"}, "at", "hours and minutes"),
    ({"every": "hour", "minute": "75"}, "at", "hours and minutes"),
    ({"days": []}, "days", "at least one day"),
    ({"days": ["someday"]}, "days", "mon, tue"),
    ({"every": "month", "day": "31"}, "day", "28"),
    ({"every": "month", "day": "0"}, "day", "28"),
    ({"every": "month", "day": ""}, "day", "28"),
    ({"every": "cron", "cron": ""}, "cron", "five fields"),
    ({"every": "cron", "cron": "61 9 * * *"}, "cron", "cron expression"),
    ({"every": "cron", "cron": "0 9 30 2 *"}, "cron", "no time"),
    ({"every": "cron", "cron": "* " * 5_000}, "cron", "five fields"),
    ({"timezone": "Mars/Olympus"}, "timezone", "Europe/London"),
    ({"timezone": "../../etc/passwd"}, "timezone", "Europe/London"),
    ({"name": "N" * 10_000}, "name", "At most 100 characters"),
    ({"name": "bell \x07"}, "name", "letters"),
    ({"metric": "profitability"}, "metric", "eleven"),
    ({"metric": ""}, "metric", "figure"),
    ({"connection": "x-9"}, "connection", "Sources"),
    ({"summary": "poem"}, "summary", "off, template, ai"),
    ({"theme": "sepia"}, "theme", "light, dark"),
    ({"addresses": "ada.example.com"}, "addresses", "no @"),
    ({"addresses": "ada@example.com, bob@elsewhere.example"}, "addresses", "elsewhere.example"),
    ({"addresses": "Zoë <zoë@example.com>"}, "addresses", "plain letters"),
    ({"addresses": "\n".join(f"n{n}@example.com" for n in range(51))}, "addresses", "At most 50"),
    ({"addresses": "", "channel": []}, "destinations", "at least one place"),
    ({"channel": f"{OLD}/old-books"}, "channel", "archived"),
    ({"channel": f"{SHARED}/with-auditors"}, "channel", "another company"),
    ({"channel": "C999999999/gone"}, "channel", "/invite"),
    ({"channel": "finance"}, "channel", "id"),
    ({"q": "no-such-channel"}, "channel", "no channel of that name"),
    ({"q": "x" * 10_000}, "channel", "part of its name"),
]


@pytest.mark.parametrize(("fields", "name", "words"), WRONG)
def test_what_cannot_be_taken_is_said_at_its_field_and_nothing_is_lost(
    pulses: PulseDesk, person: Browser, fields: dict[str, str | list[str]], name: str, words: str
) -> None:
    page = filled(pulses, person).fill(name="Revenue for the board", skip_unchanged="yes", theme="dark").fill(**fields)
    sent = dict(page.fields)
    answer = page.send(person)
    assert answer.status == 422 and answer.alert
    assert words in told(answer, name), told(answer, name)
    assert pulses.kept() == [] and pulses.acts() == []
    kept = again(answer)
    lost = {"csrf", "version", "seen"}
    if "metric" in fields or fields.get("every") in ("yearly", "") or "summary" in fields or "theme" in fields:
        lost |= {"metric", "every", "summary", "theme"} & fields.keys()  # no choice of the form
    if "connection" in fields or "timezone" in fields or fields.get("day") in ("31", "0", ""):
        lost |= {"connection", "day"} & fields.keys()
    for key, value in sent.items():
        if key not in lost and not (key == "days" and value == "someday"):
            assert kept.value(key).strip() == value.strip(), key


def test_several_wrong_entries_are_all_told_at_once(pulses: PulseDesk, person: Browser) -> None:
    page = filled(pulses, person).fill(name="N" * 101, at="", days=[], addresses="nobody", channel=f"{OLD}/old-books")
    answer = page.send(person)
    assert "5 entries" in answer.alert
    assert all(told(answer, name) for name in ("name", "at", "days", "addresses", "channel"))


def test_a_channel_is_found_within_the_form_and_nothing_else_is_lost(pulses: PulseDesk, person: Browser) -> None:
    page = filled(pulses, person).fill(name="Weekly", at="07:45", days=["tue", "thu"], q="finance")
    found = page.send(person, "find")
    assert found.status == 200 and pulses.kept() == []
    shown = again(found)
    assert shown.offered["channel"] == [f"{FINANCE}/finance", "C000000005/finance-team"]
    assert shown.values("channel") == []
    assert (shown.value("name"), shown.value("at"), shown.values("days")) == ("Weekly", "07:45", ["tue", "thu"])
    assert shown.value("addresses") == "ada@example.com"
    answer = shown.tick("channel", "C000000005/finance-team").send(person)
    assert answer.status == 303
    assert [one.channel for one in pulses.kept()[0].destinations] == ["C000000005", ""]


def test_a_single_hit_is_chosen_at_once_and_another_can_be_added(pulses: PulseDesk, person: Browser) -> None:
    one = again(pulses.new(person).fill(q="board").send(person, "find"))
    assert one.values("channel") == [f"{BOARD}/board"] and one.value("q") == ""
    both = again(one.fill(q=FINANCE).send(person, "look"))
    assert both.values("channel") == [f"{BOARD}/board", f"{FINANCE}/finance"]
    both.send(person)
    assert [target.channel_name for target in pulses.kept()[0].destinations] == ["board", "finance"]


def test_what_cannot_be_chosen_says_why_and_is_not_offered(pulses: PulseDesk, person: Browser) -> None:
    pulses.pages.slack.channels = [one for one in pulses.pages.slack.channels if one.id in (OLD, SHARED)]
    answer = pulses.new(person).send(person, "find")
    shown = again(answer)
    assert shown.off["channel"] == [f"{OLD}/old-books", f"{SHARED}/with-auditors"]
    assert "It is archived" in answer.body and "another company" in answer.body


def test_the_list_of_channels_goes_on_where_it_stopped(pulses: PulseDesk, person: Browser) -> None:
    first = again(pulses.new(person).send(person, "find"))
    assert len(first.offered["channel"]) == 2 and first.value("rest")
    second = again(first.send(person, "further"))
    assert [value.partition("/")[2] for value in second.off["channel"]] == ["old-books", "with-auditors"]


@pytest.mark.parametrize("typed", [FINANCE, f"https://acme.slack.com/archives/{FINANCE}/p1700000000", "#finance"])
def test_an_id_a_link_and_an_exact_name_need_no_search(pulses: PulseDesk, person: Browser, typed: str) -> None:
    assert pulses.new(person).fill(q=typed).send(person).status == 303
    assert pulses.kept()[0].destinations[0].channel == FINANCE


def test_when_several_channels_may_be_meant_they_are_shown_to_be_told_apart(pulses: PulseDesk, person: Browser) -> None:
    answer = pulses.new(person).fill(q="finan").send(person)
    assert answer.status == 422 and "Several may be meant" in told(answer, "channel")
    assert len(again(answer).offered["channel"]) == 2 and pulses.kept() == []


def test_a_wrong_channel_and_one_to_be_told_apart_are_both_told(pulses: PulseDesk, person: Browser) -> None:
    answer = pulses.new(person).fill(q="finan", channel=f"{OLD}/old-books").send(person)
    assert "archived" in told(answer, "channel") and "Tick the one you mean" in told(answer, "channel")


def test_enter_in_a_field_saves_nothing_and_says_so(pulses: PulseDesk, person: Browser) -> None:
    """The first button of a form is what Enter presses."""
    page = filled(pulses, person)
    assert page.buttons[0] == ("do", "look")
    answer = page.send(person, "look")
    assert answer.status == 200 and "Nothing is saved yet" in answer.body and pulses.kept() == []


@pytest.mark.parametrize("do", ["find", "save"])
def test_what_slack_refuses_is_told_and_nothing_typed_is_lost(pulses: PulseDesk, person: Browser, do: str) -> None:
    pulses.pages.slack.refusal = "Slack no longer knows the app's token."
    answer = filled(pulses, person).fill(q="finance", name="Kept").send(person, do)
    assert answer.status in (409, 422) and "no longer knows" in answer.alert
    assert (again(answer).value("q"), again(answer).value("name")) == ("finance", "Kept")


def test_the_next_five_runs_are_shown_with_what_daylight_saving_does(pulses: PulseDesk, person: Browser) -> None:
    pulses.desk.web.clock.advance(days=120)  # late in March
    person = pulses.person()
    page = pulses.new(person).fill(every="day", at="01:30", name="Kept")
    answer = page.send(person, "next")
    assert answer.status == 200 and again(answer).value("name") == "Kept"
    runs = re.findall(r"<time datetime=\"([^\"]+)\">", answer.body)
    assert len(runs) == 6 and runs[0] == "2027-03-26T01:30:00+00:00"
    assert "The clocks go forward and this time does not exist that day: no run" in answer.body
    assert "begins within 5 minutes" in answer.body
    unread = pulses.new(person).fill(at="nonsense").send(person, "next")
    assert unread.status == 422 and "once the schedule can be read" in unread.body


def test_pressed_twice_it_makes_one_pulse(pulses: PulseDesk, person: Browser) -> None:
    page = filled(pulses, person)
    first, second = page.send(person), page.send(person)
    assert first.location == second.location and len(pulses.kept()) == 1
    assert pulses.acts() == ["pulse.created ok"]
    page.fill(name="Another one").send(person)
    assert len(pulses.kept()) == 2


def test_a_pulse_is_changed_and_its_targets_keep_their_ids(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    page = form(person.get(f"/pulses/{made}/edit"), f"/pulses/{made}/edit")
    assert (page.value("addresses"), page.values("channel")) == ("ada@example.com", [f"{FINANCE}/finance"])
    before = pulses.kept()[0]
    answer = page.fill(name="Mine", timezone="Asia/Tokyo", addresses="ada@example.com\nbob@example.com").send(person)
    assert answer.location == f"/pulses/{made}?done=changed"
    [after] = pulses.kept()
    assert (after.name, after.schedule["timezone"], after.version, after.planned) == ("Mine", "Asia/Tokyo", 2, 2)
    assert [one.id for one in after.destinations] == [one.id for one in before.destinations]
    assert pulses.acts()[-1] == "pulse.changed ok"


def test_a_channel_stays_in_the_form_when_slack_is_gone(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    path = f"/pulses/{made}/edit"
    pulses.desk.web.state.delete("WS#main", f"SLACK#{TEAM}")
    page = form(person.get(path), path)
    assert page.values("channel") == [f"{FINANCE}/finance"]
    answer = page.send(person)
    assert answer.status == 422 and "Slack is not connected" in told(answer, "channel")
    assert again(answer, path).values("channel") == [f"{FINANCE}/finance"]
    assert page.fill(channel=[]).send(person).status == 303


def test_who_saves_later_sees_what_changed_and_keeps_what_was_typed(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    path = f"/pulses/{made}/edit"
    mine, theirs = form(person.get(path), path), form(person.get(path), path)
    assert theirs.fill(at="08:00", name="Theirs").send(person).status == 303
    answer = mine.fill(theme="dark", name="Mine").send(person)
    assert answer.status == 409 and "Somebody else saved" in answer.alert
    assert "Every Monday at 08:00" in answer.body and "Every Monday at 09:00" in answer.body
    assert "<li>Name:" in answer.body and "<li>Chart" not in answer.body
    kept = again(answer, path)
    assert (kept.value("theme"), kept.value("name"), kept.value("at")) == ("dark", "Mine", "09:00")
    assert pulses.kept()[0].name == "Theirs"
    assert kept.send(person).status == 303
    assert (pulses.kept()[0].name, pulses.kept()[0].theme) == ("Mine", "dark")


def test_what_was_deleted_meanwhile_can_be_made_anew(pulses: PulseDesk, person: Browser) -> None:
    made = pulses.made(person)
    path = f"/pulses/{made}/edit"
    page = form(person.get(path), path)
    person.call("DELETE", f"/api/v1/pulses/{made}")
    answer = page.fill(name="Dear to me").send(person)
    assert answer.status == 409 and "deleted" in answer.alert
    assert again(answer).send(person).status == 303
    assert [one.name for one in pulses.kept()] == ["Dear to me"] and pulses.kept()[0].id != made


@pytest.mark.parametrize("seen", ["", "null", "[" * 5_000, '{"schedule": 1, "destinations": 2, "state": []}', "{}"])
def test_a_form_that_was_tampered_with_breaks_nothing(pulses: PulseDesk, person: Browser, seen: str) -> None:
    made = pulses.made(person)
    path = f"/pulses/{made}/edit"
    answer = form(person.get(path), path).fill(seen=seen, version="7" * 30, id="../x").send(person)
    assert answer.status == 409
    assert pulses.new(person).fill(id="../x", rest="T9 zz", addresses="ada@example.com").send(person).status == 303


def test_a_metric_that_the_connection_lacks_permission_for_is_refused_in_words(
    pulses: PulseDesk, person: Browser
) -> None:
    pulses.pages.connect(scopes=[one for one in GRANULAR if "profitandloss" not in one], timezone="Europe/London")
    page = filled(pulses, person)
    assert "revenue" not in page.off.get("metric", []) and "net_profit" in page.off["metric"]
    answer = page.send(person)
    assert answer.status == 422 and "Profit and Loss" in told(answer, "metric")


def test_ai_is_offered_only_where_the_operator_named_a_model(
    pulses: PulseDesk, person: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ai" not in pulses.new(person).offered["summary"]
    monkeypatch.setenv("LEDGERCAST_AI_MODEL", "anthropic.some-model-v1")
    answer = person.get(NEW)
    page = form(answer, NEW)
    assert "ai" in page.offered["summary"] and page.values("names_to_ai") == []
    assert "Nothing else leaves the AWS account" in answer.body
    page.fill(summary="ai", names_to_ai="yes", addresses="ada@example.com").send(person)
    assert (pulses.kept()[0].summary, pulses.kept()[0].names_to_ai) == ("ai", True)


@pytest.mark.parametrize("name", HOSTILE)
def test_foreign_names_stay_text_sx_3(pulses: PulseDesk, person: Browser, name: str) -> None:
    pulses.pages.connect(name=name, timezone="Europe/London")
    pulses.pages.slack.channels[0] = type(pulses.pages.slack.channels[0])(FINANCE, name, False, True, False, False)
    plain = "".join(one for one in name if one.isprintable())
    page = pulses.new(person).fill(name=plain, q=FINANCE, addresses=plain, cron=plain)
    for answer in (page.send(person, "find"), page.send(person)):
        assert answer.status in (200, 422)
        assert_inert(answer.body)
    made = pulses.made(person, name=plain[:100])
    for answer in (person.get(f"/pulses/{made}"), person.get(f"/pulses/{made}/edit"), person.get("/pulses")):
        assert answer.status == 200
        assert_inert(answer.body)


def test_strangers_and_other_sites_make_nothing_se_2(pulses: PulseDesk, person: Browser) -> None:
    page = filled(pulses, person)
    assert page.send(pulses.desk.browser()).location == "/sign-in"
    assert page.fill(csrf="A" * 43).send(person).status == 403
    assert pulses.kept() == []


def test_a_member_may_all_that_an_owner_may(pulses: PulseDesk) -> None:
    assert pulses.made(pulses.person("owner"), **BODY) and filled(pulses, pulses.person()).send(pulses.person())


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        ("cron", {"every": "cron", "cron": "0 9 30 2 *"}, "names no time that ever comes"),
        ("at", {"every": "day", "at": "25:99"}, "such as 09:00"),
    ],
)
def test_next_runs_that_cannot_be_shown_say_why(
    pulses: PulseDesk, person: Browser, field: str, given: dict[str, str], words: str
) -> None:
    answer = filled(pulses, person).fill(**given).send(person, "next")
    assert answer.status == 422 and words in told(answer, field) and 'role="alert"' in answer.body
    assert again(answer).value("addresses") == "ada@example.com"
