"""The scopes asked of Xero, frozen and read-only (OA-4), and which of them a metric needs (facts.md 2).

An app made before 2 March 2026 may only know the broad names: the profile `classic` asks for those. A broad scope
covers its granular ones, so what a metric needs is said in granular names alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ledgercast.domain.catalogue import METRICS, Report, metric
from ledgercast.domain.connections import ConnectionState
from ledgercast.domain.errors import SettingsError

_IDENTITY = ("openid", "profile", "email", "offline_access")

GRANULAR: Final = (
    *_IDENTITY,
    "accounting.settings.read",
    "accounting.contacts.read",
    "accounting.invoices.read",
    "accounting.payments.read",
    "accounting.reports.profitandloss.read",
    "accounting.reports.banksummary.read",
    "accounting.reports.aged.read",
    "accounting.reports.balancesheet.read",
)
CLASSIC: Final = (
    *_IDENTITY,
    "accounting.reports.read",
    "accounting.settings.read",
    "accounting.contacts.read",
)
PROFILES: Final = {"granular": GRANULAR, "classic": CLASSIC}

_COVERED_BY = {
    "accounting.reports.profitandloss.read": "accounting.reports.read",
    "accounting.reports.banksummary.read": "accounting.reports.read",
    "accounting.reports.aged.read": "accounting.reports.read",
    "accounting.reports.balancesheet.read": "accounting.reports.read",
    "accounting.invoices.read": "accounting.transactions.read",
    "accounting.payments.read": "accounting.transactions.read",
}

_INVOICES = ("accounting.settings.read", "accounting.invoices.read")
_AGED_REPORT = ("accounting.settings.read", "accounting.contacts.read", "accounting.reports.aged.read")

# The ways a metric can be computed, the preferred one first. Scopes that only a control figure needs are not here:
# a check that cannot be made is null, and the metric stands.
_ROADS: Final[dict[Report, tuple[tuple[str, ...], ...]]] = {
    "Profit and Loss": (("accounting.settings.read", "accounting.reports.profitandloss.read"),),
    "Bank Summary": (("accounting.settings.read", "accounting.reports.banksummary.read"),),
    "open invoices": (_INVOICES, _AGED_REPORT),
    "open bills": (_INVOICES, _AGED_REPORT),
}


def wanted(setting: str) -> tuple[str, ...]:
    """The scopes to ask for: those of a profile, or some of them by name, where an app may not ask for all.

    Signing in and refreshing need the first four in any case. Raises SettingsError for any other name.
    """
    if setting in PROFILES:
        return PROFILES[setting]
    named = setting.split()
    known = {*GRANULAR, *CLASSIC}
    if not named or not known.issuperset(named):
        raise SettingsError("LEDGERCAST_XERO_SCOPES must be granular, classic, or scopes of these two by name")
    return tuple(dict.fromkeys((*_IDENTITY, *named)))


def lacking(granted: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The metrics that cannot be computed with these scopes, each with the scopes to ask for."""
    have = tuple(granted)
    gaps = {one.id: missing(one.id, have) for one in METRICS}
    return {metric_id: gap for metric_id, gap in gaps.items() if gap}


def state_of(granted: Iterable[str]) -> ConnectionState:
    """The state of an open connection."""
    return "needs_scopes" if lacking(granted) else "connected"


def missing(metric_id: str, granted: Iterable[str]) -> tuple[str, ...]:
    """The scopes to ask for before this metric can be computed; () where it can. Raises UnknownMetric."""
    have = set(granted)
    gaps = [tuple(one for one in road if not _covers(have, one)) for road in _ROADS[metric(metric_id).source]]
    return () if () in gaps else gaps[0]


def allows(granted: Iterable[str], scope: str) -> bool:
    """Whether what was granted holds this permission, by its granular or its broad name."""
    return _covers(set(granted), scope)


def _covers(granted: set[str], scope: str) -> bool:
    return scope in granted or _COVERED_BY.get(scope) in granted
