"""One run: the very chart, text and numbers that went out, to whom and when, and another try of what did not arrive."""

from __future__ import annotations

import base64
import html
import json
import re
from email import message_from_bytes
from typing import Any

import pytest

from ledgercast.domain.recipients import address_hash
from ledgercast.store.ledger import Place
from tests.service.console.desk_of_runs import ADA, MAX, SITE, SLOT, TOKEN, RunDesk, ended, open_desk
from tests.service.console.pages import HOSTILE, assert_inert, furnish
from tests.service.console.world import Console
from tests.service.web.browser import Answer
from tests.unit.deliver.samples import EMPTY_FACTS, PNG, REVENUE_FACTS, named

ID = f"p-1~{SLOT}"
PAGE = f"/activity/{ID}"
API = f"/api/v1/runs/{ID}"


@pytest.fixture
def runs(desk: Console) -> RunDesk:
    return open_desk(furnish(desk))


def text_of(answer: Answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.body)).split())


def test_a_run_shows_the_very_chart_text_and_numbers_that_went_out_dl_4(runs: RunDesk) -> None:
    runs.all_sent()
    person = runs.pages.person("member")
    answer = person.get(PAGE)
    text = text_of(answer)
    for words in ("£55,070.10", "£601,234.56", "Revenue was £55,070.10 in Oct 2026.", "Up 7.1% on Sep 2026."):
        assert words in text
    assert f'src="{PAGE}/chart.png" alt="Revenue, twelve months, rising"' in answer.body
    picture = person.call("GET", f"{PAGE}/chart.png")
    assert (picture.headers["Content-Type"], base64.b64decode(picture.body)) == ("image/png", PNG)
    assert person.call("GET", f"{API}/facts").json == json.loads(json.dumps(REVENUE_FACTS.to_json()))


def test_every_delivery_is_told_with_target_time_and_state_dl_4(runs: RunDesk) -> None:
    runs.all_sent()
    text = text_of(runs.pages.person("member").get(PAGE))
    assert "Slack: #finance Sent Chart Sent · 09:00:00 See the message" in text
    assert "Email: 2 addresses Sent ada@example.com Sent · 09:00:00" in text and "max@example.com Sent" in text


def test_the_message_of_a_channel_is_read_as_it_was_posted(runs: RunDesk) -> None:
    runs.all_sent()
    answer = runs.pages.person("member").get(f"{PAGE}/d-slack/message")
    text = text_of(answer)
    assert "£55,070.10" in text and "up 7.1%" in text and "C0FINANCE" in text and "[Picture: " in text
    assert f'src="{PAGE}/chart.png"' in answer.body
    assert "Dec 2025" in text_of(runs.pages.person("member").get(f"{PAGE}/d-slack/table"))


def test_a_mail_is_read_from_its_own_source_and_owners_can_have_it_whole(runs: RunDesk) -> None:
    runs.all_sent()
    person, path = runs.pages.person("member"), f"{PAGE}/d-mail/{address_hash(MAX)}"
    text = text_of(person.get(path))
    assert "max@example.com" in text and "Revenue (Monthly)" in text and "text/csv" in text and "Open in Xero" in text
    assert f"{SITE}/unsubscribe/…" in text and TOKEN not in text
    assert person.get(f"{path}/mail.eml").status == 403
    whole = runs.pages.person().call("GET", f"{path}/mail.eml")
    assert whole.headers["Content-Type"] == "message/rfc822"
    assert whole.headers["Content-Disposition"].startswith("attachment; ")
    assert message_from_bytes(base64.b64decode(whole.body))["To"] == MAX


def test_an_address_that_was_taken_out_since_is_named_only_by_the_mail_that_it_got(runs: RunDesk) -> None:
    runs.all_sent()
    runs.pulse(destinations=())
    person = runs.pages.person("member")
    page = person.get(PAGE)
    assert ADA not in page.body and page.body.count("An address that is no longer on the pulse") >= 2
    assert ADA in person.get(f"{PAGE}/d-mail/{address_hash(ADA)}").body


def test_what_failed_is_told_part_by_part_with_what_mends_it(runs: RunDesk) -> None:
    runs.pulse()
    runs.part("d-slack", "message", ("not_sent", "deliver.unknown"), ("failed", "slack.channel_not_found"))
    runs.part("d-mail", address_hash(ADA), ("sent", None))
    runs.part("d-mail", address_hash(MAX), ("unconfirmed", "deliver.unconfirmed"))
    runs.run(
        "partly_sent",
        "slack.channel_not_found",
        deliveries=[
            ended("d-slack", "failed", "slack.channel_not_found"),
            ended("d-mail", "sent", "deliver.unconfirmed"),
        ],
    )
    text = text_of(runs.pages.person().get(PAGE))
    assert "Chart Not sent · 09:00:00 · tried 2 times" in text
    assert "Email: 2 addresses Sent in part" in text
    assert "max@example.com Unconfirmed · 09:00:00 Nobody can say whether this arrived" in text


def test_a_refusal_before_any_attempt_is_told_and_has_no_message_to_see(runs: RunDesk) -> None:
    runs.pulse()
    place = Place("main", "p-1", SLOT, "d-slack", "message")
    runs.ledger.outcome(place, 0, runs.pages.desk.web.clock(), "refused", reason="deliver.not_allowed")
    runs.run("failed", "deliver.not_allowed", deliveries=[ended("d-slack", "failed", "deliver.not_allowed")])
    person = runs.pages.person()
    answer = person.get(PAGE)
    assert "Chart Not sent" in text_of(answer) and "See the message" not in answer.body
    assert person.get(f"{PAGE}/d-slack/message").status == 404


def test_a_destination_that_came_to_no_attempt_says_why(runs: RunDesk) -> None:
    runs.pulse()
    runs.run("failed", "ArtefactMissing", deliveries=[ended("d-slack", "failed", "artefact.missing")])
    text = text_of(runs.pages.person().get(PAGE))
    assert "Slack: #finance Not sent The run's chart or figures are no longer stored." in text


def test_what_is_no_longer_kept_is_said_and_the_record_stays(runs: RunDesk) -> None:
    runs.all_sent()
    runs.pages.desk.deps.artefacts.delete_under(f"runs/main/p-1/{SLOT}/")
    person = runs.pages.person()
    answer = person.get(PAGE)
    assert "No longer kept" in answer.body and "ada@example.com" in answer.body and "<picture" not in answer.body
    assert "No longer kept" in person.get(f"{PAGE}/d-mail/{address_hash(ADA)}").body
    assert person.get(f"{PAGE}/chart.png").status == 404
    assert person.call("GET", f"{PAGE}/d-mail/{address_hash(ADA)}/mail.eml").status == 404
    told = person.call("GET", f"{API}/facts")
    assert (told.status, told.json["error"]["code"]) == (404, "artefact.missing")


def test_no_activity_is_told_in_words_and_without_a_picture(runs: RunDesk) -> None:
    runs.pulse()
    runs.keep(EMPTY_FACTS)
    runs.pages.desk.deps.artefacts.put_json(runs.key("chart.json"), {"alt": "No activity"})
    runs.run()
    answer = runs.pages.person().get(PAGE)
    assert "No activity" in answer.body and "<picture" not in answer.body and "<table" not in answer.body


def test_why_the_computed_comment_went_out_in_place_of_a_models_is_said_ai_1(runs: RunDesk) -> None:
    runs.pulse()
    runs.keep()
    runs.run(summary={"kind": "template", "why": "summary.timeout", "model": "m", "prompt_hash": "", "facts_hash": ""})
    page = runs.pages.person().get(PAGE)
    assert "Computed here from the figures." in page.body and re.search(r'class="small wary">\w', page.body)


@pytest.mark.parametrize(
    "path",
    [
        "/activity/p-1~never",
        "/activity/nothing",
        f"{PAGE}/d-none/message",
        f"{PAGE}/d-slack/none",
        f"{PAGE}/d-slack/message/mail.eml",
        "/activity/p-1~never/chart.png",
    ],
)
def test_what_there_is_not_is_not_found(runs: RunDesk, path: str) -> None:
    runs.all_sent()
    assert runs.pages.person().get(path).status == 404
    assert runs.pages.person().call("GET", "/api/v1/runs/nothing").json["error"]["code"] == "run.unknown"


# Another try


def failed_in_part(runs: RunDesk, **pulse: Any) -> None:
    runs.pulse(**pulse)
    runs.part("d-slack", "message", ("failed", "slack.is_archived"))
    runs.run("partly_sent", "slack.is_archived", deliveries=[ended("d-slack", "failed", "slack.is_archived")])


def test_another_try_starts_the_same_slot_with_resume_and_is_audited_rl_3(runs: RunDesk) -> None:
    failed_in_part(runs)
    person = runs.pages.person("member")
    assert "Retry what failed" in person.get(PAGE).body
    answer = person.post(f"{PAGE}/retry")
    assert answer.location == f"{PAGE}?done=retried"
    assert runs.started.asked == [("p-1", SLOT, True)]
    [entry], _ = runs.pages.desk.web.edge.audit.newest(1)
    assert (entry.act, entry.subject) == ("run.retried", f"p-1/{SLOT}")
    waiting = person.get(answer.location)
    assert waiting.headers["Refresh"] == f"3; url={PAGE}" and "It is being tried again" in waiting.body


def test_a_run_that_waits_says_when_it_goes_on_by_itself(runs: RunDesk) -> None:
    runs.pulse()
    runs.run("deferred", "xero.limit.day", seconds=3 * 3600)
    person = runs.pages.person("member")
    for path in ("/activity", PAGE):
        assert "It goes on by itself about Wed 25 Nov 2026, 12:00." in text_of(person.get(path))
    assert "Try it now" in person.get(PAGE).body
    runs.run("deferred", "xero.limit.day", seconds=3 * 3600, attempt=5)
    assert "goes on by itself" not in text_of(person.get(PAGE))


@pytest.mark.parametrize("state", ["sent", "skipped", "running"])
def test_a_run_of_which_nothing_is_left_is_not_tried_again(runs: RunDesk, state: str) -> None:
    runs.pulse()
    runs.run(state)
    person = runs.pages.person()
    assert "Retry what failed" not in person.get(PAGE).body
    answer = person.post(f"{PAGE}/retry")
    assert answer.status == 409 and answer.alert
    assert runs.started.asked == []


def test_what_nobody_can_be_sure_of_is_never_sent_again_rl_1(runs: RunDesk) -> None:
    runs.pulse()
    runs.run("partly_sent", "deliver.unconfirmed", deliveries=[ended("d-slack", "unconfirmed", "deliver.unconfirmed")])
    assert "never sent a second time" in runs.pages.person().post(f"{PAGE}/retry").alert
    assert runs.started.asked == []


@pytest.mark.parametrize(
    ("pulse", "connection", "words"),
    [
        ({"state": "paused"}, "connected", "paused"),
        ({"state": "deleted"}, "connected", "deleted"),
        ({}, "disconnected", "held"),
        ({}, "held", "held"),
    ],
)
def test_a_pulse_that_would_not_send_is_not_started(
    runs: RunDesk, pulse: dict[str, Any], connection: Any, words: str
) -> None:
    failed_in_part(runs, **pulse)
    runs.pages.connect(state=connection)
    person = runs.pages.person()
    answer = person.post(f"{PAGE}/retry")
    assert answer.status == 409 and words in answer.alert
    told = person.call("POST", f"{API}/retry", {})
    assert (told.status, told.json["error"]["code"]) == (409, "run.not_retriable")
    assert runs.started.asked == []


def test_programs_get_the_same(runs: RunDesk) -> None:
    runs.all_sent()
    person = runs.pages.person("member")
    told = person.call("GET", API).json
    assert (told["status"], told["xero_calls"], told["metric"], told["retry"]) == ("sent", 3, "revenue", False)
    assert (told["facts"], told["image"]) == (f"{API}/facts", f"{PAGE}/chart.png")
    slack, ada, other = told["deliveries"]
    assert (slack["kind"], slack["status"], slack["parts"]) == ("slack", "sent", {"message": "sent", "table": "sent"})
    assert (ada["address"], ada["status"], other["address"]) == (ADA, "sent", MAX)
    assert ada["sent_at"] == "2026-11-25T09:00:00+00:00"
    assert told["summary"]["headline"] == "Revenue was £55,070.10 in Oct 2026."


def test_programs_try_again_too(runs: RunDesk) -> None:
    failed_in_part(runs)
    answer = runs.pages.person("member").call("POST", f"{API}/retry", {})
    assert (answer.status, answer.json) == (202, {"run": ID, "slot": SLOT})
    assert runs.started.asked == [("p-1", SLOT, True)]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_went_out_stays_text_sx_3(runs: RunDesk, text: str) -> None:
    facts = named(text)
    runs.all_sent()
    runs.keep(facts, {"kind": "template", "headline": text, "points": [text]})
    runs.post(facts)
    runs.mail(ADA, facts)
    person = runs.pages.person()
    for path in (PAGE, f"{PAGE}/d-slack/message", f"{PAGE}/d-mail/{address_hash(ADA)}"):
        answer = person.get(path)
        assert answer.status == 200
        assert_inert(answer.body)
