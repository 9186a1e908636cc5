"""The organisation and its chart of accounts: what every figure is read against. Both hold for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from functions.fetch.questions import ALWAYS, Question
from functions.fetch.snapshots import Snapshot, Snapshots
from ledgercast.domain import facts
from ledgercast.domain.errors import UnknownReportShape
from ledgercast.xero.timezones import iana

Kind = Literal["revenue", "other_income", "cost_of_sales", "operating", "currency"]

CURRENCY_SYSTEM: Final = frozenset({"BANKCURRENCYGAIN", "REALISEDCURRENCYGAIN", "UNREALISEDCURRENCYGAIN"})
_KINDS: Final[dict[str, Kind]] = {
    "SALES": "revenue",
    "REVENUE": "revenue",
    "OTHERINCOME": "other_income",
    "DIRECTCOSTS": "cost_of_sales",
    "EXPENSE": "operating",
    "OVERHEADS": "operating",
    "DEPRECIATN": "operating",
}
_CLASSES: Final[dict[str, Kind]] = {"REVENUE": "revenue", "EXPENSE": "operating"}


@dataclass(frozen=True)
class Organisation:
    name: str
    currency: str
    zone: ZoneInfo
    short_code: str
    notes: tuple[str, ...]
    snapshot: Snapshot

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    @property
    def facts(self) -> facts.Organisation:
        return facts.Organisation(self.name, self.currency, self.zone.key, self.short_code)


@dataclass(frozen=True)
class Account:
    id: str
    name: str
    type: str
    klass: str
    system: str

    @property
    def kind(self) -> Kind:
        """Where a row of this account belongs in the profit and loss (metrics.md 2). Raises UnknownReportShape."""
        if self.system in CURRENCY_SYSTEM:
            return "currency"
        kind = _KINDS.get(self.type) or _CLASSES.get(self.klass)
        if kind is None:
            raise UnknownReportShape(f"The profit and loss lists an account of type {self.type!r}")
        return kind


@dataclass(frozen=True)
class Chart:
    """The chart of accounts, by id in lower case."""

    accounts: dict[str, Account]
    snapshot: Snapshot

    def find(self, account_id: str) -> Account | None:
        return self.accounts.get(account_id.casefold())

    def system(self, name: str) -> Account | None:
        """The account that Xero itself uses as `DEBTORS`, `CREDITORS`, …"""
        return next((one for one in self.accounts.values() if one.system == name), None)


ORGANISATION: Final = Question("Organisation", settled_at=ALWAYS, keep=lambda body: _one_organisation(body))
ACCOUNTS: Final = Question("Accounts", settled_at=ALWAYS, keep=lambda body: _accounts(body))


def organisation(snapshots: Snapshots) -> Organisation:
    """The connected organisation; a zone we do not know is UTC, and a note says so."""
    snapshot = snapshots.get(ORGANISATION)
    body = snapshot.body
    zone = iana(body["zone"])
    notes = () if zone else (f"Xero's time zone {body['zone'] or '(none)'} is not known; days are those of UTC",)
    return Organisation(body["name"], body["currency"], ZoneInfo(zone or "UTC"), body["short_code"], notes, snapshot)


def chart(snapshots: Snapshots, since: datetime | None = None) -> Chart:
    return _chart(snapshots.get(ACCOUNTS, since))


def kept_chart(snapshots: Snapshots) -> Chart | None:
    """The chart of accounts where it costs no call."""
    found = snapshots.kept(ACCOUNTS)
    return _chart(found) if found else None


def _chart(snapshot: Snapshot) -> Chart:
    accounts = [Account(**one) for one in snapshot.body]
    return Chart({one.id.casefold(): one for one in accounts}, snapshot)


def _one_organisation(body: Any) -> dict[str, str]:
    found = body.get("Organisations")
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], dict):
        raise UnknownReportShape("Xero's answer about the organisation has an unknown form")
    one = found[0]
    if not isinstance(one.get("BaseCurrency"), str) or not one["BaseCurrency"]:
        raise UnknownReportShape("The organisation has no base currency")
    return {
        "name": str(one.get("Name") or ""),
        "currency": one["BaseCurrency"],
        "zone": str(one.get("Timezone") or ""),
        "short_code": str(one.get("ShortCode") or ""),
    }


def _accounts(body: Any) -> list[dict[str, str]]:
    found = body.get("Accounts")
    if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("AccountID") for one in found):
        raise UnknownReportShape("Xero's chart of accounts has an unknown form")
    return [
        {
            "id": str(one["AccountID"]),
            "name": " ".join(str(one.get("Name") or "").split()),
            "type": str(one.get("Type") or "").upper(),
            "klass": str(one.get("Class") or "").upper(),
            "system": str(one.get("SystemAccount") or "").upper(),
        }
        for one in found
    ]
