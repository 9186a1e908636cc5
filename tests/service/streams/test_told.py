"""Which events are told where, each once; what a message says, and how many become a list (WH-6, WH-7, SX-3)."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from ledgercast.domain.streams import KINDS, TEST, sample_body
from local.slack.blocks import problems
from tests.service.streams.world import World, event, new_id

LINK = re.compile(r"<https://go\.xero\.com/([^|>]*)\|")


def header(message: Any) -> str:
    return str(message.blocks[0]["text"]["text"])


def said(message: Any) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def test_an_event_becomes_a_message_of_the_same_make_as_a_pulses(world: World) -> None:
    tenant, connection = world.organisation()
    route = world.route(connection)
    document = new_id()
    world.xero.knows_invoice(document)
    world.post.deliver(event(tenant, document))

    assert world.turn() == []

    (message,) = world.posts()
    assert [block["type"] for block in message.blocks] == ["header", "section", "context"]
    assert header(message) == "🧾 Invoice updated"
    section, small = message.blocks[1]["text"]["text"], [one["text"] for one in message.blocks[2]["elements"]]
    address = (
        "https://go.xero.com/organisationlogin/default.aspx?shortcode=%21a1b2C"
        f"&redirecturl=%2FAccountsReceivable%2FView.aspx%3FInvoiceID%3D{document}"
    )
    assert section == (
        f"<{address}|INV-0042> · Ridgeway University\n*£1,234.50* · now awaiting payment · due 3 Dec 2026"
    )
    assert small == [
        "*Acme &amp; Sons Ltd* · Sale",
        "25 Nov 2026, 22:41 NZDT",
        f"<{address}|Open in Xero>",
    ], "the event's own time in the organisation's zone"
    assert message.text.startswith("🧾 Invoice updated · INV-0042 · Ridgeway University · Acme &amp; Sons Ltd")
    assert not problems(message.blocks, lambda _: True)
    noted = world.have.routes.get(route.id)
    assert noted and (noted.last_event_at, noted.last_posted_at) == (int(world.clock().timestamp()),) * 2
    (stored,) = world.kept.items()
    folder = f"runs/{world.workspace}/stream-{route.id}/{slot(message)}"
    assert stored[0] == f"{folder}/sent/{route.id}-stream-1.json"
    assert (stored[1]["part"], stored[1]["blocks"]) == ("stream", message.blocks)


def slot(message: Any) -> str:
    return str(message.metadata["event_payload"]["key"].split("/")[2])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_even_where_nothing_is_known_of_it(world: World, kind: str) -> None:
    tenant, connection = world.organisation(scopes=[])
    world.route(connection, kind)
    family, _, happening = kind.partition(".")
    category = {"credit_note": "CREDITNOTE"}.get(family, family.upper())
    document = new_id()
    world.post.deliver(
        event(tenant, document, eventCategory=category, eventType="CREATE" if happening == "created" else "UPDATE")
    )

    world.finish()

    (message,) = world.posts()
    assert header(message).endswith(f"{family.replace('_', ' ').capitalize()} {happening}")
    assert not message.text[0].isdigit() and not header(message)[0].isdigit()
    assert document in LINK.findall(said(message))[0]
    assert world.xero.asked == [], "without the permission nothing is asked"


def test_one_event_once_and_two_edits_both(world: World) -> None:
    """WH-6"""
    tenant, connection = world.organisation()
    world.route(connection)
    document = new_id()
    first, second = (event(tenant, document, eventDateUtc=f"2026-11-25T09:4{n}:00") for n in (0, 1))
    world.post.deliver(first, first)
    world.post.deliver(first)
    world.finish()
    world.post.deliver(second, first)
    world.finish()
    world.clock.advance(31 * 86_400)
    world.post.deliver(first, second)
    world.finish()

    assert len(world.posts()) == 2
    assert not world.post.dead


def test_any_order_and_any_repetition_tells_each_event_once_wh_6(world: World) -> None:
    chance = random.Random(11)
    tenants = [world.organisation(f"Organisation {n}") for n in range(2)]
    for _, connection in tenants:
        world.route(connection, *KINDS)
    documents = [new_id() for _ in range(6)]
    events = [
        event(tenants[n % 2][0], documents[n % 6], eventDateUtc=f"2026-11-25T09:{n:02d}:00", eventCategory=category)
        for n, category in zip(range(24), ["INVOICE", "CONTACT", "CREDITNOTE"] * 8, strict=True)
    ]
    arriving = [*events, *chance.choices(events, k=12)]
    chance.shuffle(arriving)
    while arriving:
        size = chance.randrange(1, 6)
        world.post.deliver(*arriving[:size])
        arriving = arriving[size:]
        if chance.random() < 0.4:
            world.turn()
            world.clock.advance(3)
    world.finish()

    told = [document for message in world.posts() for document in set(LINK.findall(said(message)))]
    counted = sum(int(header(one).split()[0]) if header(one)[0].isdigit() else 1 for one in world.posts())
    assert counted == len(events)
    assert told and all(any(document in link for link in told) for document in documents)
    assert not world.post.dead and not world.post.waiting


def test_an_event_older_than_the_newest_posted_is_told_as_an_earlier_change(world: World) -> None:
    """WH-6"""
    tenant, connection = world.organisation()
    world.route(connection)
    document = new_id()
    for minute in (40, 50, 45):
        world.post.deliver(event(tenant, document, eventDateUtc=f"2026-11-25T08:{minute}:00"))
        world.finish()

    titles = [header(one) for one in world.posts()]
    assert titles == ["🧾 Invoice updated", "🧾 Invoice updated", "🧾 Invoice updated (an earlier change)"]
    assert "A newer change was posted before" in said(world.posts()[-1])


def test_what_comes_together_is_told_in_the_order_in_which_it_happened(world: World) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    document = new_id()
    for minute in (50, 40, 45):
        world.post.deliver(event(tenant, document, eventDateUtc=f"2026-11-25T08:{minute}:00"))
    world.finish()

    assert [re.search(r"(\d\d:\d\d) NZDT", said(one))[1] for one in world.posts()] == ["21:40", "21:45", "21:50"]  # type: ignore[index]
    assert all("earlier" not in header(one) for one in world.posts())


def test_three_have_a_message_each_and_four_become_one(world: World) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    for _ in range(3):
        world.post.deliver(event(tenant))
    world.finish()
    assert len(world.posts()) == 3

    documents = [new_id() for _ in range(4)]
    for document in documents[:2]:
        world.xero.knows_invoice(document)
    world.post.deliver(*[event(tenant, one) for one in documents[:3]])
    world.post.deliver(event(tenant, documents[3]))
    world.finish()

    message = world.posts()[3]
    assert len(world.posts()) == 4
    assert header(message) == "4 invoices updated 🧾" and message.text.startswith("4 invoices updated")
    links = LINK.findall(said(message))
    assert len(links) == 4 and all(any(document in link for link in links) for document in documents)
    assert "INV-0042" in said(message) and "now awaiting payment" in said(message)


@pytest.mark.parametrize(("events", "lists"), [(41, [21, 20]), (80, [40, 40])])
def test_a_long_list_is_told_in_several_each_with_its_own_count(world: World, events: int, lists: list[int]) -> None:
    """Two messages of 40, not twice 80."""
    tenant, connection = world.organisation()
    world.route(connection)
    documents = [new_id() for _ in range(events)]
    for document in documents:
        world.xero.knows_invoice(document)
    world.post.deliver(*[event(tenant, one) for one in documents])
    world.finish()

    told = [(int(header(one).split()[0]), len(LINK.findall(said(one)))) for one in world.posts()]
    assert told == [(count, count) for count in lists]
    assert all(document in "".join(map(said, world.posts())) for document in documents)


def test_a_list_of_long_names_in_many_organisations_still_fits(world: World) -> None:
    """Slack refuses a message above its length: details are left out rather than events."""
    channel = world.channel("wide")
    for _ in range(5):
        tenant, connection = world.organisation("&" * 200 + new_id())
        world.route(connection, channel=channel)
        documents = [new_id() for _ in range(8)]
        for document in documents:
            world.xero.knows_invoice(document, InvoiceNumber="<*&*>" * 60, Contact={"Name": "&<>" * 100})
        world.post.deliver(*[event(tenant, one) for one in documents])
    world.finish()

    (message,) = world.posts(channel)
    assert header(message).startswith("40 invoices updated")
    assert len(LINK.findall(said(message))) == 40
    assert not problems(message.blocks, lambda _: True)


def test_a_list_of_several_kinds_says_so(world: World) -> None:
    tenant, connection = world.organisation()
    world.route(connection, *KINDS)
    for category in ("INVOICE", "CONTACT", "CREDITNOTE", "PREPAYMENT"):
        world.post.deliver(event(tenant, eventCategory=category))
    world.finish()

    assert [header(one) for one in world.posts()] == ["4 changes in Xero 🔔"]


def test_what_several_routes_bring_to_a_channel_counts_together(world: World) -> None:
    """What one invocation receives for a channel, whichever organisation it is from."""
    channel = world.channel("all")
    tenants = []
    for name in ("First Ltd", "Second Ltd"):
        tenant, connection = world.organisation(name)
        world.route(connection, channel=channel)
        tenants.append(tenant)
    world.post.deliver(*[event(tenant) for tenant in tenants * 2])
    world.finish()

    (message,) = world.posts(channel)
    assert header(message) == "4 invoices updated 🧾"
    assert "First Ltd" in said(message) and "Second Ltd" in said(message)


def test_events_go_to_any_number_of_channels_by_kind(world: World) -> None:
    tenant, connection = world.organisation()
    channels = {name: world.channel(name) for name in ("invoices", "contacts", "both")}
    world.route(connection, "invoice.updated", channel=channels["invoices"])
    world.route(connection, "contact.created", channel=channels["contacts"])
    world.route(connection, "invoice.updated", "contact.created", channel=channels["both"])
    world.post.deliver(
        event(tenant),
        event(tenant, eventCategory="CONTACT", eventType="CREATE"),
        event(tenant, eventType="CREATE"),
    )
    world.finish()

    assert {name: len(world.posts(channel)) for name, channel in channels.items()} == {
        "invoices": 1,
        "contacts": 1,
        "both": 2,
    }


def test_a_channel_hears_of_an_event_once_however_many_routes_lead_there(world: World) -> None:
    tenant, connection = world.organisation()
    world.route(connection, "invoice.updated")
    world.route(connection, *KINDS)
    world.post.deliver(event(tenant))
    world.finish()
    assert len(world.posts()) == 1


def test_sales_bills_or_both(world: World) -> None:
    tenant, connection = world.organisation()
    channels = {name: world.channel(name) for name in ("sales", "bills", "both")}
    for name, channel in channels.items():
        only: Any = {"both": None}.get(name, name)
        world.route(connection, "invoice.updated", "credit_note.updated", channel=channel, only=only)
    sale, bill, unknown = new_id(), new_id(), new_id()
    world.xero.knows_invoice(sale)
    world.xero.knows_invoice(bill, "ACCPAY", InvoiceNumber="")
    credit = event(tenant, eventCategory="CREDITNOTE", data={"Type": "ACCPAYCREDIT", "Status": "DRAFT"})
    world.post.deliver(event(tenant, sale), event(tenant, bill), event(tenant, unknown))
    world.finish()
    world.post.deliver(event(tenant, bill), event(tenant, sale))
    world.finish()
    assert len(world.xero.asked) == 2, "a repetition asks nothing: once the organisation, once its documents"
    world.post.deliver(credit)
    world.finish()

    def heard(name: str) -> str:
        return "".join(said(one) for one in world.posts(channels[name]))

    assert sale in heard("sales") and bill not in heard("sales") and credit["resourceId"] not in heard("sales")
    assert bill in heard("bills") and sale not in heard("bills") and credit["resourceId"] in heard("bills")
    assert sale in heard("both") and bill in heard("both")
    assert all(unknown in heard(name) for name in channels), "what nobody knows is told rather than lost"
    assert "Bill updated" in heard("bills") and f"AccountsPayable%2FView.aspx%3FInvoiceID%3D{bill}" in heard("bills")
    assert f"/app/%21a1b2C/invoicing/view/{unknown}" in heard("both"), "an address that asks neither sale nor bill"


def test_one_question_for_each_organisation_and_batch(world: World) -> None:
    tenants = [world.organisation(f"Org {n}", told_at=int(world.clock().timestamp()), short_code="!x") for n in (1, 2)]
    for _, connection in tenants:
        world.route(connection, *KINDS)
    world.route(tenants[1][1], *KINDS, channel=world.channel("other"))
    world.post.deliver(*[event(tenants[0][0]) for _ in range(30)])
    world.post.deliver(*[event(tenants[0][0]) for _ in range(12)])
    world.post.deliver(event(tenants[1][0]), event(tenants[1][0], eventCategory="CONTACT"))
    world.turn()

    assert world.xero.paths() == ["Invoices", "Invoices"]
    assert sorted(len(params["IDs"].split(",")) for _, params in world.xero.asked) == [1, 40]


def test_contacts_and_credit_notes_are_looked_up_where_there_are_no_invoices(world: World) -> None:
    tenant, connection = world.organisation(told_at=int(world.clock().timestamp()), short_code="!x")
    world.route(connection, *KINDS)
    contact, note = new_id(), new_id()
    world.xero.documents[contact] = {"ContactID": contact, "Name": "Bank West", "ContactStatus": "ARCHIVED"}
    world.xero.documents[note] = {"CreditNoteID": note, "CreditNoteNumber": "CN-1", "Status": "AUTHORISED", "Type": "X"}
    world.post.deliver(event(tenant, contact, eventCategory="CONTACT"))
    world.turn()
    world.post.deliver(event(tenant, note, eventCategory="CREDITNOTE", data={"Type": "ACCRECCREDIT"}))
    world.turn()

    first, second = world.posts()
    assert "Bank West" in said(first) and "now archived" in said(first)
    assert "CN-1" in said(second) and "now open" in said(second)
    assert world.xero.asked[0] == ("Contacts", {"IDs": contact})
    assert world.xero.asked[1] == ("CreditNotes", {"where": f'CreditNoteID==guid("{note}")'})


def test_the_organisation_itself_is_asked_once_a_day(world: World) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    for seconds in (0, 3600, 86_400):
        world.clock.advance(seconds)
        world.post.deliver(event(tenant))
        world.turn()
    assert world.xero.paths().count("Organisation") == 2


def test_an_unknown_tenant_a_shut_organisation_and_an_unknown_kind_fail_nobody(world: World) -> None:
    """WH-7"""
    tenant, connection = world.organisation()
    world.route(connection)
    shut, held = world.organisation(state="disconnected"), world.organisation(state="held")
    for one in (shut, held):
        world.route(one[1])
    world.post.deliver(
        event(new_id()),
        event(shut[0]),
        event(held[0]),
        event(tenant, eventCategory="SUBSCRIPTION"),
        event(tenant, eventType="ARCHIVE"),
        event(tenant, eventCategory="CONTACT"),
        event(tenant),
    )

    assert world.turn() == []
    assert len(world.posts()) == 1 and not world.post.dead


def test_without_a_route_nothing_is_told_and_nothing_asked(world: World) -> None:
    tenant, _ = world.organisation()
    world.post.deliver(event(tenant))
    assert world.turn() == []
    assert not world.posts() and not world.xero.asked


def test_a_deleted_route_tells_nothing_more_and_is_not_made_anew_by_a_note(world: World) -> None:
    tenant, connection = world.organisation()
    route = world.route(connection)
    world.post.deliver(event(tenant))
    world.turn()
    assert world.have.routes.delete(route.id)
    world.have.routes.note(route.id, last_event_at=1)
    world.post.deliver(event(tenant))
    world.turn()

    assert len(world.posts()) == 1 and world.have.routes.list() == []


def test_a_test_event_is_marked_and_goes_to_its_route_alone(world: World) -> None:
    tenant, connection = world.organisation()
    route = world.route(connection, "contact.created", channel=world.channel("tests"))
    world.route(connection, *KINDS)
    world.post.deliver(raw=sample_body(tenant, "contact.created", world.clock()), **{TEST: route.id})
    world.finish()

    (message,) = world.slack.messages
    assert (message.channel, header(message)) == (route.channel, "🧪 Test: contact created")
    assert "nothing happened in Xero" in said(message)
    assert list(world.have.rhythm.hours(connection)) == [], "it is no sign of life of Xero's"
    assert "Contacts" not in world.xero.paths()


def test_the_rhythm_of_an_organisation_is_noted(world: World) -> None:
    """WH-8"""
    tenant, connection = world.organisation()
    world.route(connection)
    world.post.deliver(event(tenant))
    world.finish()
    assert [f"{hour:%H}" for hour in world.have.rhythm.hours(connection)] == ["09"]
