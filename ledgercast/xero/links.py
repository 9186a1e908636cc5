"""Deep links into Xero (facts.md 6).

Always through the organisation switch: a plain link would open whichever organisation the reader looked at last.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from ledgercast.domain.catalogue import Report, metric
from ledgercast.domain.streams import Side

_SWITCH = "https://go.xero.com/organisationlogin/default.aspx"

# Report addresses differ by region and are not all documented; the report centre is the same everywhere.
_TARGETS: Final[dict[Report, str]] = {
    "Profit and Loss": "/Reports/",
    "Bank Summary": "/Bank/BankAccounts.aspx",
    "open invoices": "/AccountsReceivable/Search.aspx?invoiceStatus=INVOICESTATUS%2FAUTHORISED",
    "open bills": "/AccountsPayable/Search.aspx?invoiceStatus=INVOICESTATUS%2FAUTHORISED",
}

_APP = "https://go.xero.com/app"
_LEDGERS: Final[dict[Side, str]] = {"sales": "AccountsReceivable", "bills": "AccountsPayable"}
_DOCUMENTS: Final = {
    "invoice": "/{ledger}/View.aspx?InvoiceID={id}",
    "credit_note": "/{ledger}/ViewCreditNote.aspx?creditNoteID={id}",
    "contact": "/Contacts/View/{id}",
    "prepayment": "/Bank/ViewTransaction.aspx?bankTransactionID={id}",
    "overpayment": "/Bank/ViewTransaction.aspx?bankTransactionID={id}",
}


def report_link(short_code: str, metric_id: str) -> str:
    """Where in Xero a reader finds what this metric is made from. Raises UnknownMetric."""
    return _link(short_code, _TARGETS[metric(metric_id).source])


def document_link(short_code: str, family: str, side: Side | None, resource: str) -> str:
    """Where in Xero a document or a contact is shown. Without a short code it opens in the organisation last open.

    `resource` is a validated id. Where nobody knows whether an invoice is a sale or a bill, the one address that asks
    neither is used; the addresses of prepayments and overpayments are documented nowhere (facts.md 6).
    """
    if family == "invoice" and side is None and short_code:
        return f"{_APP}/{quote(short_code, safe='')}/invoicing/view/{resource}"
    path = _DOCUMENTS[family].format(ledger=_LEDGERS[side or "sales"], id=resource)
    return _link(short_code, path) if short_code else f"https://go.xero.com{path}"


def _link(short_code: str, path: str) -> str:
    """A short code begins with one or two "!" and mixes cases, so it is encoded as a whole."""
    return f"{_SWITCH}?shortcode={quote(short_code, safe='')}&redirecturl={quote(path, safe='')}"
