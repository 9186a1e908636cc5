"""The one use case of Fetch: a metric's facts for now. The Lambda and `python -m local facts` both call it.

    xero = XeroClient(api_url, tenant, tokens, local=True)
    snapshots = Snapshots(MemoryStore(), "snapshots/local/connection", xero, clock.now)
    facts = compute("revenue", snapshots, clock.now())

Keep one Snapshots for several metrics and they share what was asked; functions.fetch.patience waits for limits where no
state machine does. Without a lease, nobody else may ask about that connection at the same time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from functions.fetch import aged_report, ageing, bank, control, organisation, year
from functions.fetch.ageing import Ledger, Side
from functions.fetch.metrics import ageing as aged_metric
from functions.fetch.metrics import cash, profit
from functions.fetch.metrics.frame import Frame, Reading, assemble
from functions.fetch.snapshots import Snapshot, Snapshots
from ledgercast.domain import catalogue
from ledgercast.domain.errors import ScopeMissing
from ledgercast.domain.facts import Facts

Found = tuple[Reading, tuple[Snapshot, ...]]


def compute(metric_id: str, snapshots: Snapshots, now: datetime) -> Facts:
    """The facts of one metric (metrics.md). Answers already kept are used, and those fetched stay for the next.

    Raises UnknownMetric, SnapshotInProgress, UnknownReportShape, and what `XeroClient.get` raises.
    """
    metric = catalogue.metric(metric_id)
    try:
        frame = Frame(metric, organisation.organisation(snapshots), now)
        reading, used = _GROUPS[metric.source](frame, snapshots)
    finally:
        snapshots.release()
    return assemble(frame, reading, (frame.organisation.snapshot, *used))


def _profit(frame: Frame, snapshots: Snapshots) -> Found:
    found = year.fetch(snapshots, frame.today, frame.organisation.zone)
    return profit.BUILDERS[frame.metric.id](frame, found), found.snapshots


def _cash(frame: Frame, snapshots: Snapshots) -> Found:
    zone = frame.organisation.zone
    if frame.metric.id == "cash_position":
        month = bank.this_month(snapshots, frame.today, zone)
        return cash.position(frame, month), (month.snapshot,)
    months = bank.twelve_months(snapshots, frame.today, zone, frame.now)
    return cash.in_vs_out(frame, months), tuple(month.snapshot for month in months)


def _receivable(frame: Frame, snapshots: Snapshots) -> Found:
    return _aged(frame, snapshots, "receivable")


def _payable(frame: Frame, snapshots: Snapshots) -> Found:
    return _aged(frame, snapshots, "payable")


def _aged(frame: Frame, snapshots: Snapshots, side: Side) -> Found:
    ledger = _ledger(frame, snapshots, side)
    check, asked = control.check(snapshots, ledger, side, frame.today, frame.organisation.zone)
    return aged_metric.aged(frame, ledger, check), (*ledger.snapshots, *asked)


def _ledger(frame: Frame, snapshots: Snapshots, side: Side) -> Ledger:
    """By invoices where the scope is there, else by Xero's aged report of each contact."""
    who = frame.organisation
    try:
        return ageing.by_invoices(snapshots, side, who.currency)
    except ScopeMissing:
        return aged_report.by_contacts(snapshots, side, frame.today, who.zone, who.currency)


_GROUPS: dict[catalogue.Report, Callable[[Frame, Snapshots], Found]] = {
    "Profit and Loss": _profit,
    "Bank Summary": _cash,
    "open invoices": _receivable,
    "open bills": _payable,
}
