"""The re-typed bodies of tests/fixtures/xero, and the chart of accounts they belong to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from functions.fetch.organisation import ACCOUNTS, Account, Chart
from functions.fetch.snapshots import Snapshot

FOLDER = Path(__file__).parents[2] / "fixtures" / "xero"
NAMES = ("sales", "service", "interest", "beans", "rent", "power", "bank", "till", "debtors", "creditors")
IDS = {name: f"0000000{number}-aaaa-4bbb-8ccc-00000000000{number}" for number, name in enumerate(NAMES)}


def body(name: str) -> Any:
    """As the client reads it: numbers are Decimal."""
    return json.loads((FOLDER / f"{name}.json").read_text(), parse_float=Decimal)


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def account(name: str, kind: str, klass: str, system: str = "") -> Account:
    return Account(IDS.get(name, name), name.capitalize(), kind, klass, system)


def chart(*more: Account) -> Chart:
    known = [
        account("sales", "SALES", "REVENUE"),
        account("service", "REVENUE", "REVENUE"),
        account("interest", "OTHERINCOME", "REVENUE"),
        account("beans", "DIRECTCOSTS", "EXPENSE"),
        account("rent", "OVERHEADS", "EXPENSE"),
        account("power", "EXPENSE", "EXPENSE"),
        account("debtors", "CURRENT", "ASSET", "DEBTORS"),
        account("creditors", "CURRLIAB", "LIABILITY", "CREDITORS"),
        *more,
    ]
    snapshot = Snapshot(ACCOUNTS, [], datetime(2026, 11, 25, tzinfo=UTC))
    return Chart({one.id.casefold(): one for one in known}, snapshot)


def profit_and_loss(*rows: Any, columns: tuple[str, ...] = ("31 Oct 26",)) -> Any:
    header = {"RowType": "Header", "Cells": [{"Value": ""}, *({"Value": text} for text in columns)]}
    return {"Reports": [{"Rows": [header, *rows]}]}


def section(title: str | None, *rows: Any) -> Any:
    return {"RowType": "Section", "Rows": list(rows), **({} if title is None else {"Title": title})}


def row(name: str, *values: str, account_id: str | None = None, kind: str = "Row", key: str = "account") -> Any:
    given = [{"Id": key, "Value": account_id}] if account_id else None
    extra = {"Attributes": given} if given else {}
    return {"RowType": kind, "Cells": [{"Value": text, **extra} for text in (name, *values)]}
