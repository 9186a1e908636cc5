"""Deep links into Xero (facts.md 6).

Always through the organisation switch: a plain link would open whichever organisation the reader looked at last.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from ledgercast.domain.catalogue import Report, metric

_SWITCH = "https://go.xero.com/organisationlogin/default.aspx"

# Report addresses differ by region and are not all documented; the report centre is the same everywhere.
_TARGETS: Final[dict[Report, str]] = {
    "Profit and Loss": "/Reports/",
    "Bank Summary": "/Bank/BankAccounts.aspx",
    "open invoices": "/AccountsReceivable/Search.aspx?invoiceStatus=INVOICESTATUS%2FAUTHORISED",
    "open bills": "/AccountsPayable/Search.aspx?invoiceStatus=INVOICESTATUS%2FAUTHORISED",
}


def report_link(short_code: str, metric_id: str) -> str:
    """Where in Xero a reader finds what this metric is made from. Raises UnknownMetric."""
    return _link(short_code, _TARGETS[metric(metric_id).source])


def _link(short_code: str, path: str) -> str:
    """A short code begins with one or two "!" and mixes cases, so it is encoded as a whole."""
    return f"{_SWITCH}?shortcode={quote(short_code, safe='')}&redirecturl={quote(path, safe='')}"
