"""Spoilt answers: whatever node of a body is lost or replaced, the outcome is facts or a named error (XR-3)."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.fetch.compute import compute
from ledgercast.domain.errors import LedgercastError, ScopeMissing
from tests.unit.fetch.bodies import IDS, body
from tests.unit.fetch.scripted import NOW, Scripted, snapshots

GONE = object()
SPOILT = st.sampled_from([GONE, None, "", "x", "-", 7, -1, [], {}, [None], {"Id": "account"}, True])
ACCOUNTS = {
    "Accounts": [
        {"AccountID": IDS["sales"], "Name": "Sales", "Type": "SALES", "Class": "REVENUE"},
        {"AccountID": IDS["rent"], "Name": "Rent", "Type": "OVERHEADS", "Class": "EXPENSE"},
        {"AccountID": IDS["debtors"], "Name": "D", "Type": "CURRENT", "Class": "ASSET", "SystemAccount": "DEBTORS"},
    ]
}
CASES = [
    ("revenue", "ProfitAndLoss", body("pl_padded_titles")),
    ("revenue", "Accounts", ACCOUNTS),
    ("cash_in_vs_out", "BankSummary", body("bank_summary_currency_column")),
    ("cash_position", "Organisation", body("organisation_nz")),
    ("aged_receivables", "Invoices", body("invoices")),
    ("aged_receivables", "CreditNotes", body("credit_notes")),
    ("aged_receivables", "BalanceSheet", body("balance_sheet")),
    ("aged_receivables", "Contacts", body("contacts")),
    ("aged_receivables", "AgedReceivablesByContact", body("aged_receivables_with_balances")),
]


def nodes(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from nodes(value, (*path, key))


def spoil(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    spoilt = copy.deepcopy(tree)
    at = spoilt
    for key in path[:-1]:
        at = at[key]
    if value is GONE:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return spoilt


@pytest.mark.parametrize(("metric", "name", "whole"), CASES, ids=lambda one: one if isinstance(one, str) else "")
@settings(max_examples=60, derandomize=True, deadline=None)
@given(data=st.data())
def test_a_spoilt_answer_gives_facts_or_a_named_error(metric: str, name: str, whole: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(nodes(whole))))
    answers = {
        "Accounts": ACCOUNTS,
        "ProfitAndLoss": body("pl_padded_titles"),
        "BankSummary": body("bank_summary"),
        "BalanceSheet": {"Reports": []},
        "AgedReceivablesByContact": body("aged_receivables_with_balances"),
        "Contacts": body("contacts"),
        name: spoil(whole, path, data.draw(SPOILT)),
    }
    if name in ("Contacts", "AgedReceivablesByContact"):
        answers["Invoices"] = ScopeMissing("x")
    try:
        compute(metric, snapshots(Scripted(**answers)), NOW)
    except LedgercastError:
        return
