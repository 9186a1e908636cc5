"""What Xero's permissions (scopes) let Ledgercast read, in the words of the pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

WORDS: Final = {
    "openid": "That it is you who signs in to Xero",
    "profile": "Your name in Xero",
    "email": "Your email address in Xero",
    "offline_access": "Access while you are away, so that charts come on time",
    "accounting.settings.read": "The organisation's name, currency, time zone and list of accounts",
    "accounting.contacts.read": "Customers and suppliers: names, and what each owes or is owed",
    "accounting.invoices.read": "Invoices, bills and credit notes",
    "accounting.payments.read": "Payments, prepayments and overpayments",
    "accounting.reports.profitandloss.read": "The Profit and Loss report",
    "accounting.reports.banksummary.read": "The Bank Summary report",
    "accounting.reports.aged.read": "The aged receivables and payables reports",
    "accounting.reports.balancesheet.read": "The Balance Sheet report, to check the figures against",
    "accounting.reports.read": "All of Xero's accounting reports",
}
"""Complete: a test compares it with every scope that is ever asked for."""

_ABOUT_YOU = ("openid", "profile", "email", "offline_access")


@dataclass(frozen=True)
class Permission:
    scope: str
    words: str


def of_the_books(scopes: Iterable[str]) -> list[Permission]:
    """Those that concern the organisation's books."""
    return [Permission(one, words_for(one)) for one in scopes if one not in _ABOUT_YOU]


def about_you(scopes: Iterable[str]) -> list[Permission]:
    """Those that concern the person who consents, and the access itself."""
    return [Permission(one, words_for(one)) for one in scopes if one in _ABOUT_YOU]


def words_for(scope: str) -> str:
    """What a scope lets us read; one that Xero granted beyond what was asked is told by its name."""
    return WORDS.get(scope, scope)
