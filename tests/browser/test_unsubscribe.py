"""A reader who is nobody here follows the link of a mail, and the pulse's page says so."""

from __future__ import annotations

from playwright.sync_api import expect

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.store.optouts import OptOuts
from ledgercast.store.pulses import PulseStore
from tests.browser.looks import Looks
from tests.browser.place import Place

READER = "a-reader-with-a-rather-long-address.of-the-finance-department@example.com"


def test_a_reader_leaves_a_pulse_and_comes_back(place: Place, looks: Looks) -> None:
    table = place.system.table
    to = Destination("email", "email", addresses=(READER, "bo@example.com"))
    pulse = Pulse("p-0123456789ab", "revenue", "none", (to,), "off", "paused", {}, name="Weekly revenue")
    PulseStore(table, WORKSPACE).create(pulse)
    link = f"/unsubscribe/{OptOuts(table, WORKSPACE).token(pulse.id, READER)}"

    reader = place.visitor(javascript=False)
    reader.open("/unsubscribe/no-such-link")
    looks_at = place.visitor()
    looks_at.open("/unsubscribe/no-such-link")
    looks.at(looks_at.page, "unsubscribe_unknown")
    looks_at.open(link)
    looks.at(looks_at.page, "unsubscribe", "asked")

    reader.open(link)
    reader.press("Unsubscribe")
    expect(reader.page.get_by_role("status")).to_contain_text("No more mails of Weekly revenue")
    looks_at.open(link)
    looks.at(looks_at.page, "unsubscribe", "done")

    owner = place.owner()
    owner.open(f"/pulses/{pulse.id}")
    expect(owner.page.get_by_text("Unsubscribed, and left out")).to_contain_text(READER)
    looks.at(owner.page, "pulse", "with-somebody-unsubscribed")

    reader.press("Subscribe again")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("You get the mails again")
    assert OptOuts(table, WORKSPACE).of_pulse(pulse.id) == {}
