"""Direct links into Xero, always through the organisation's short code where it is known (facts.md 6)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from ledgercast.domain.streams import FAMILIES
from ledgercast.xero.links import document_link

ID = "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777"


@pytest.mark.parametrize(
    ("family", "side", "path"),
    [
        ("invoice", "sales", f"/AccountsReceivable/View.aspx?InvoiceID={ID}"),
        ("invoice", "bills", f"/AccountsPayable/View.aspx?InvoiceID={ID}"),
        ("credit_note", "sales", f"/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={ID}"),
        ("credit_note", "bills", f"/AccountsPayable/ViewCreditNote.aspx?creditNoteID={ID}"),
        ("contact", None, f"/Contacts/View/{ID}"),
        ("prepayment", "sales", f"/Bank/ViewTransaction.aspx?bankTransactionID={ID}"),
    ],
)
def test_a_document_opens_in_its_organisation(family: str, side: None, path: str) -> None:
    address = urlsplit(document_link("!!aB1", family, side, ID))
    query = parse_qs(address.query)

    assert f"{address.netloc}{address.path}" == "go.xero.com/organisationlogin/default.aspx"
    assert (query["shortcode"], query["redirecturl"]) == (["!!aB1"], [path])


def test_an_invoice_of_which_nobody_knows_more_has_an_address_that_asks_no_more() -> None:
    assert document_link("!aB1", "invoice", None, ID) == f"https://go.xero.com/app/%21aB1/invoicing/view/{ID}"


@pytest.mark.parametrize("family", FAMILIES.values())
def test_without_a_short_code_there_is_a_link_still(family: str) -> None:
    link = document_link("", family, None, ID)
    assert link.startswith("https://go.xero.com/") and ID in link
