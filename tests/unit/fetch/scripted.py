"""A Xero of a few canned answers, for rules that need no ledger behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from functions.fetch.snapshots import MemoryStore, Snapshots
from ledgercast.domain.errors import XeroRejected
from tests.unit.fetch.bodies import body

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
Answer = Any | Exception | Callable[[Mapping[str, str]], Any]


class Scripted:
    """Answers by path: a body, an error to raise, or a function of the parameters."""

    def __init__(self, **answers: Answer) -> None:
        self.answers: dict[str, Answer] = {
            "Organisation": body("organisation_nz"),
            "Accounts": {"Accounts": []},
            "Invoices": {"Invoices": []},
            "CreditNotes": {"CreditNotes": []},
            "Prepayments": {"Prepayments": []},
            "Overpayments": {"Overpayments": []},
            **answers,
        }
        self.asked: list[tuple[str, dict[str, str]]] = []

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        self.asked.append((path, dict(params)))
        answer = self.answers.get(path.rpartition("/")[2], XeroRejected(path))
        if isinstance(answer, Exception):
            raise answer
        return answer(params) if callable(answer) else answer  # type: ignore[no-any-return]


def snapshots(xero: Scripted, clock: Callable[[], datetime] = lambda: NOW) -> Snapshots:
    return Snapshots(MemoryStore(), "s", xero, clock)
