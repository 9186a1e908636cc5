"""The page of the streams and its API: what is told where, its states, and nothing lost that was typed."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.console.stream_views import FAMILY_TITLES
from ledgercast.domain.streams import DELIVERY, FAMILIES, KINDS, MOST_ROUTES, RECEIVED, TEST, Route
from ledgercast.slack.channels import Channel
from ledgercast.store import connect
from ledgercast.store.events import EventQueue
from tests.service.console.pages import HOSTILE, TEAM, Pages, assert_inert, furnish
from tests.service.console.world import Console
from tests.service.web.browser import ORIGIN, Answer, Browser

FINANCE = Channel("C0FINANCE01", "finance", False, True, False, False)
SALES = Channel("C0SALES0002", "sales", False, True, False, False)
API = "/api/v1/stream-routes"


@pytest.fixture
def pages(desk: Console) -> Pages:
    made = furnish(desk)
    made.slack.channels = [FINANCE, SALES]
    return made


@pytest.fixture
def ready(pages: Pages) -> Pages:
    pages.connect()
    pages.install()
    return pages


def send(person: Browser, *, do: str = "save", to: str = "/streams/new", **fields: Any) -> Answer:
    """The form, with lists for repeated fields."""
    given = {"csrf": person.csrf, "do": do, "connection": "x-1", "only": "both", **fields}
    body = urlencode(given, doseq=True).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": ORIGIN, "sec-fetch-site": "same-origin"}
    return person.send("POST", to, body=body, headers=headers)


def filled(**more: Any) -> dict[str, Any]:
    return {"channel": "C0FINANCE01/finance", "kinds": ["invoice.created", "invoice.updated"], **more}


def route(pages: Pages, number: int = 1, **more: Any) -> Route:
    given = {"channel": "C0FINANCE01", "install": TEAM, "channel_name": "finance", "kinds": KINDS, **more}
    made = Route(f"r-{number:012x}", **{"connection": "x-1", **given})
    assert pages.desk.deps.routes.create(made)
    return made


def states(answer: Answer) -> dict[str, str]:
    return dict(re.findall(r'data-route="([^"]+)" data-state="([^"]+)"', answer.body))


def test_the_first_page_leads_to_an_organisation_and_then_to_the_first_stream(pages: Pages) -> None:
    person = pages.person("member")
    assert 'href="/sources#connect"' in person.get("/streams").body

    pages.connect()

    assert 'href="/streams/new"' in person.get("/streams").body


def test_the_page_says_where_xero_delivers_to_and_how_the_key_is_given(pages: Pages) -> None:
    body = html.unescape(pages.person().get("/streams").body)

    assert f'<code class="address" id="delivery-address">{ORIGIN}/webhooks/xero</code>' in body
    assert "python -m ledgercast admin secrets set" in body
    assert "Send ‘Intent to receive’" in body and "<details>\n    <summary>The steps" not in body


def test_a_stream_is_made_by_the_form_and_told_on_the_page(ready: Pages) -> None:
    person = ready.person("member")
    form = person.get("/streams/new")
    assert form.body.count('name="kinds"') == len(KINDS) == form.body.count(" checked>") - 1

    answer = send(person, id=form.hidden("id"), **filled(only="sales"))

    assert (answer.status, answer.location) == (303, "/streams?done=added")
    shown = person.follow(answer)
    assert states(shown) == {form.hidden("id"): "waiting"}
    for words in ("#finance", "Invoices and bills: created, updated", "Sales only", "Waiting for the first event"):
        assert words in shown.body
    [kept] = ready.desk.deps.routes.list()
    assert (kept.connection, kept.channel, kept.install, kept.only) == ("x-1", "C0FINANCE01", TEAM, "sales")
    assert kept.created_by == ready.member("member").id


def test_a_second_press_of_the_form_makes_no_second_stream(ready: Pages) -> None:
    person = ready.person()
    name = person.get("/streams/new").hidden("id")

    for _ in range(2):
        assert send(person, id=name, **filled()).location == "/streams?done=added"

    assert len(ready.desk.deps.routes.list()) == 1


def test_a_channel_is_found_inside_the_form_and_nothing_typed_is_lost(ready: Pages) -> None:
    person = ready.person()
    person.get("/streams/new")

    found = send(person, do="find", q="#sal", kinds=["contact.created"], only="bills")

    assert found.status == 200
    assert '<input type="radio" name="channel" value="C0SALES0002/sales" checked>' in found.body
    assert re.findall(r'name="kinds" value="([^"]+)" checked', found.body) == ["contact.created"]
    assert 'value="bills" checked' in found.body
    saved = send(person, **filled(channel="", q="sales"))
    assert saved.status == 303
    assert ready.desk.deps.routes.list()[0].channel_name == "sales"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"connection": ""}, "connection", "Organisation: Choose the organisation"),
        ({"connection": "x-9"}, "connection", "There is no such organisation"),
        ({"channel": ""}, "channel", "Slack channel: Choose a channel"),
        ({"channel": "C0NOTHERE1/no"}, "channel", "Slack shows the app no channel C0NOTHERE1"),
        ({"kinds": []}, "kinds", "Events: Tick at least one kind"),
        ({"kinds": ["invoice.eaten"]}, "kinds", "There is no kind of event"),
        ({"only": "neither"}, "only", "Choose sales, bills or both"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_the_rest_is_kept(
    ready: Pages, fields: dict[str, Any], field: str, words: str
) -> None:
    person = ready.person()
    person.get("/streams/new")

    answer = send(person, **filled(**fields))

    assert answer.status == 422 and words in answer.alert
    assert f'id="{field}-error"' in answer.body and f"{field}-error" in answer.body.split(f'id="{field}-error"')[0]
    if field != "kinds":
        assert 'value="invoice.updated" checked' in answer.body
    if field != "channel":
        assert 'value="C0FINANCE01/finance" checked' in answer.body
    assert ready.desk.deps.routes.list() == []


def test_a_channel_hears_of_an_event_once(ready: Pages) -> None:
    """LG: nothing twice, not even by two streams."""
    person = ready.person()
    route(ready, kinds=("invoice.created",), only="sales")
    person.get("/streams/new")

    both = send(person, **filled())
    assert both.status == 422 and "Another stream tells #finance of this already: invoice created" in both.alert

    apart = (
        {"kinds": ["contact.updated"]},
        {"only": "bills", "kinds": ["invoice.created"]},
        {"channel": "C0SALES0002/s"},
    )
    for allowed in apart:
        assert send(person, **filled(**allowed)).status == 303, allowed


def test_streams_of_a_held_organisation_cannot_be_made(ready: Pages) -> None:
    ready.connect("x-2", name="Held Ltd", state="held")
    person = ready.person()
    assert "Held Ltd" not in person.get("/streams/new").body

    assert "Held Ltd is not connected at the moment" in send(person, **filled(connection="x-2")).alert


def test_without_slack_the_form_says_who_can_mend_it(pages: Pages) -> None:
    pages.connect()

    assert 'href="/settings#slack"' in pages.person("owner").get("/streams/new").body
    assert "An owner of the workspace can connect it" in pages.person("member").get("/streams/new").body


def test_the_four_states_and_why(ready: Pages) -> None:
    """WH-8"""
    desk = ready.desk
    now = desk.web.clock()
    route(ready, 1)
    route(ready, 2, last_event_at=int(now.timestamp()))
    route(ready, 3, last_event_at=int(now.timestamp()), failing_reason="slack.is_archived")
    ready.connect("x-2", name="Gone Ltd", state="disconnected", held_reason="disconnect.in_xero")
    route(ready, 4, connection="x-2", last_event_at=5)
    ready.connect("x-3", name="Quiet Ltd")
    route(ready, 5, connection="x-3", last_event_at=int((now - timedelta(days=2)).timestamp()))
    for days in range(2, 20):
        day = {"sk": f"DAY#{now - timedelta(days=days):%Y-%m-%d}", **{f"h{hour:02d}": 1 for hour in range(24)}}
        desk.web.state.put({"pk": "WS#main#HEARD#x-3", **day})

    answer = ready.person().get("/streams")

    assert list(states(answer).values()) == ["waiting", "receiving", "failing", "failing", "silent"]
    text = html.unescape(answer.body)
    assert "Unarchive" in text or "archived" in text
    assert "It was disconnected in Xero" in text
    assert "which is unusually long" in text
    assert "Events arrive" in text


def test_a_test_event_goes_by_the_queue_to_that_stream_alone(ready: Pages) -> None:
    sqs = connect.client("sqs")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    ready.desk.deps = replace(ready.desk.deps, events=EventQueue(sqs, url))
    made = route(ready, kinds=("credit_note.updated",))
    person = ready.person("member")
    person.get("/streams")

    answer = person.post(f"/streams/{made.id}/test")

    assert answer.location == "/streams?done=tested"
    [message] = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert told[TEST] == made.id and told[DELIVERY].startswith("test-")
    assert float(told[RECEIVED]) == pytest.approx(ready.desk.web.clock().timestamp(), abs=1)
    [event] = json.loads(message["Body"])["events"]
    assert (event["eventCategory"], event["eventType"]) == ("CREDITNOTE", "UPDATE")
    assert event["tenantId"] == "tenant-x-1"
    assert person.post("/streams/r-nothing/test").status == 404


def test_a_stream_is_deleted(ready: Pages) -> None:
    made = route(ready)
    person = ready.person("member")
    person.get("/streams")

    assert person.post(f"/streams/{made.id}/delete").location == "/streams?done=deleted"

    assert ready.desk.deps.routes.list() == []
    assert person.post(f"/streams/{made.id}/delete").status == 404


def test_the_api_lists_makes_and_deletes(ready: Pages) -> None:
    person = ready.person("member")
    person.get("/streams")
    assert person.get(API).json == {"items": [], "next": None}

    wanted = {"connection": "x-1", "channel": "C0FINANCE01", "kinds": ["contact.updated"], "only": None}
    made = person.call("POST", API, wanted)

    assert made.status == 201
    assert {name: made.json[name] for name in wanted} == wanted
    assert (made.json["state"], made.json["last_event_at"]) == ("waiting", None)
    assert person.get(API).json["items"] == [made.json]
    gone = person.call("DELETE", f"{API}/{made.json['id']}")
    assert (gone.status, gone.body) == (204, "")
    assert person.call("DELETE", f"{API}/{made.json['id']}").json["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"connection": 7, "channel": ["C0FINANCE01"], "kinds": "invoice.created", "only": 3},
        {"connection": "x-1", "channel": "C0FINANCE01", "kinds": [{}], "only": {}},
        {"connection": "x" * 9999, "channel": "C" * 9999, "kinds": KINDS * 99, "only": "sales "},
    ],
)
def test_the_api_refuses_what_is_no_stream_in_its_own_words(ready: Pages, body: Any) -> None:
    person = ready.person()
    person.get("/streams")

    answer = person.call("POST", API, body)

    assert answer.status == 422 and answer.json["error"]["code"] == "invalid" and answer.json["error"]["message"]
    assert ready.desk.deps.routes.list() == []


def test_there_is_a_bound_on_streams(ready: Pages) -> None:
    for number in range(MOST_ROUTES):
        route(ready, number, channel=f"C0OTHER{number:04d}")
    person = ready.person()
    person.get("/streams")

    answer = person.call("POST", API, {"connection": "x-1", "channel": "C0FINANCE01", "kinds": list(KINDS)})

    assert answer.status == 422 and str(MOST_ROUTES) in answer.json["error"]["message"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_outside_do_nothing_on_the_pages(ready: Pages, name: str) -> None:
    ready.connect("x-1", name=name)
    ready.slack.channels = [Channel("C0FINANCE01", name, False, True, False, False)]
    route(ready, channel_name=name)
    person = ready.person()
    assert_inert(person.get("/streams").body)
    assert_inert(person.get("/streams/new").body)
    assert_inert(send(person, do="find", q=name[:150], channel=f"C0FINANCE01/{name}", kinds=[name], only=name).body)


def test_every_family_has_a_row_in_the_form() -> None:
    assert list(FAMILY_TITLES) == list(FAMILIES.values())
