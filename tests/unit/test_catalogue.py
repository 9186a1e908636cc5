"""The catalogue is the contract's, and its page is made from it."""

from __future__ import annotations

import pytest

from ledgercast.domain.catalogue import METRICS, metric
from ledgercast.domain.errors import UnknownMetric, catalogue, code_of
from ledgercast.messages import reason, reasons
from local import metrics_page

IN_ORDER = [  # metrics.md 1
    "revenue",
    "gross_profit",
    "net_profit",
    "revenue_vs_expenses",
    "cost_of_sales_pct",
    "operating_expenses",
    "expense_breakdown",
    "cash_position",
    "cash_in_vs_out",
    "aged_receivables",
    "aged_payables",
]


def test_the_eleven_metrics_stand_in_the_contracts_order() -> None:
    assert [one.id for one in METRICS] == IN_ORDER


def test_an_unknown_metric_names_the_known_ones() -> None:
    with pytest.raises(UnknownMetric, match="revenue, gross_profit"):
        metric("turnover")


def test_the_metrics_page_is_made_from_the_catalogue() -> None:
    assert metrics_page.PAGE.read_text() == metrics_page.text(), "run `make gallery`"


def test_every_error_that_can_end_a_run_has_a_sentence_that_mends_it() -> None:
    told = set(reasons())
    for error in catalogue():
        if not error.__subclasses__() and error.code != "xero.limit":
            assert error.code in told, error.__name__
    for kind in ("minute", "concurrent", "day"):
        assert f"xero.limit.{kind}" in told


def test_a_class_name_from_step_functions_is_told_by_its_code() -> None:
    assert code_of("SnapshotInProgress") == "snapshot.in_progress"
    assert reason("XeroUnavailable") == reason("xero.unavailable")


def test_an_unknown_code_is_told_as_it_is() -> None:
    assert "code Lambda.Unknown" in reason("Lambda.Unknown")
