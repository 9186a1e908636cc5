"""What the load came to, and the table of it."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table as Grid

from local.load.balance import Balance
from local.load.plan import Plan

_ANSWERS: Final = {
    "ratelimited": "answered 429",
    "status": "answered 500",
    "status after the effect": "answered 500, though it had posted",
    "drop after the effect": "gave no answer, though it had posted",
}


@dataclass(frozen=True)
class Report:
    """`acks` are the seconds of every good acknowledgement. `before` is the balance with what was put aside by then;
    `after` the one when that was replayed, twice."""

    plan: Plan
    acks: tuple[float, ...]
    attempts: int
    slack: Counter[str]
    kills: Counter[str]
    posts: int
    seconds: float
    before: Balance
    after: Balance

    @property
    def ok(self) -> bool:
        return self.before.ok and self.after.ok

    @property
    def median_ms(self) -> float:
        return statistics.median(self.acks) * 1000

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.acks, n=100)[98] * 1000


def show(report: Report, console: Console) -> None:
    """The table: what was sent, what went wrong, and where every event is."""
    plan, after = report.plan, report.after
    sent = sum(map(len, plan.deliveries))
    grid = Grid("", "count", box=None, pad_edge=False)
    for words, value in (
        ("deliveries of Xero's", f"{len(plan.deliveries):,}"),
        ("  posts to the webhook, with what came twice whole or was tried again", f"{report.attempts:,}"),
        ("events in them", f"{sent:,}"),
        ("  distinct, of connected organisations and known kinds", f"{len(plan.events):,}"),
        ("  sent a second time", f"{sent - len(plan.events) - len(plan.strange):,}"),
        ("  of unknown organisations or kinds", f"{len(plan.strange):,}"),
        *((f"went wrong: Slack {_ANSWERS.get(one, one)}", f"{n:,}") for one, n in sorted(report.slack.items())),
        *((f"went wrong: workers of {name} killed", f"{count:,}") for name, count in report.kills.items()),
        ("posts to Slack", f"{report.posts:,}"),
    ):
        grid.add_row(words, value)
    console.print(grid)
    console.print(report.before.grid("Before the replay"))
    console.print(after.grid("After it"))
    console.print(
        f"Acknowledged in {report.median_ms:.0f} ms (median), {report.p99_ms:.0f} ms (p99); "
        f"all told after {report.seconds:.0f} s."
    )
    for flaw in (*report.before.flaws, *after.flaws):
        console.print(f"[red]✗[/] {flaw}")
    console.print("[green]✓ Balanced to the last event[/]" if report.ok else "[red]✗ It does not balance[/]")
