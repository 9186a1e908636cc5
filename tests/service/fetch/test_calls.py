"""What is asked of Xero: how often (design 15), in which shape, and that a wrong shape would be noticed."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.fetch import organisation, year
from functions.fetch.profit_and_loss import columns
from functions.fetch.year import Year, adds_up
from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.periods import window
from ledgercast.xero.scopes import GRANULAR
from local.xero import answers
from tests.service.fetch.world import World, world
from tests.truth import Truth, told

TODAY = date(2026, 11, 25)


def all_facts(there: World) -> dict[str, Any]:
    return {metric.id: json.loads(json.dumps(there.facts(metric.id).to_json())) for metric in METRICS}


@pytest.mark.parametrize("today", [TODAY, date(2026, 10, 15), date(2026, 10, 31), date(2027, 3, 9)], ids=str)
def test_eleven_metrics_cold_again_and_within_the_hour_keep_to_the_budget(today: date) -> None:
    with world(today) as there:
        all_facts(there)
        assert there.asked().total() <= 24
        there.xero.calls.clear()
        there.clock.pass_by(minutes=9)
        all_facts(there)
        assert there.asked().total() == 0
        there.clock.pass_by(minutes=45)
        all_facts(there)
        assert there.asked().total() <= 10
        check_truth(there, today)


def check_truth(there: World, today: date) -> None:
    truth = Truth(there.books, today)
    for metric, facts in all_facts(there).items():
        assert told(facts) == truth.of(metric), metric
        assert not [check for check in facts["checks"] if check["ok"] is False], metric


@pytest.mark.parametrize("metric", ["aged_receivables", "aged_payables"])
def test_ageing_of_fifteen_hundred_invoices_takes_seven_calls_with_the_organisation(metric: str) -> None:
    with world(TODAY, many_invoices=True) as there:
        facts = there.facts(metric)
        assert there.asked().total() <= 7
        assert there.asked()["Invoices"] == 2
        assert facts.checks[0].ok


def test_where_a_filter_is_refused_the_invoices_are_read_without_it() -> None:
    with world(TODAY, many_invoices=True) as there:
        there.xero.faults.give("Invoices", answers.unoptimised_filter())
        facts = json.loads(json.dumps(there.facts("aged_receivables").to_json()))
        assert told(facts) == Truth(there.books, TODAY).of("aged_receivables")


@pytest.mark.parametrize(
    ("today", "spans"),
    [
        # the base is the newest whole month of 31 days; months after it come singly
        (date(2026, 11, 25), {("2026-10-01", "2026-10-31", "10")}),
        (date(2026, 10, 15), {("2026-08-01", "2026-08-31", "9"), ("2026-09-01", "2026-09-30", None)}),
        (date(2027, 3, 9), {("2027-01-01", "2027-01-31", "9"), ("2027-02-01", "2027-02-28", None)}),
        # on its own last day the current month may be the base, and its column is dropped
        (date(2026, 10, 31), {("2026-10-01", "2026-10-31", "11")}),
    ],
    ids=["base just ended", "31 and then 30 days", "31 and then 28 days", "on its own last day"],
)
def test_the_profit_and_loss_is_asked_in_the_shapes_that_give_whole_months(
    today: date, spans: set[tuple[str, str, str | None]]
) -> None:
    with world(today) as there:
        there.facts("revenue")
        asked = [call.params for call in there.xero.calls if call.path.endswith("ProfitAndLoss")]
        assert all(params["standardLayout"] == "true" for params in asked)
        shapes = {(p["fromDate"], p["toDate"], p.get("periods")) for p in asked}
        first = window(today)[0].first.isoformat()
        fixed = {(today.replace(day=1).isoformat(), today.isoformat(), None), (first, today.isoformat(), None)}
        assert shapes == spans | fixed


def test_nothing_but_get_is_sent_and_no_report_about_the_future() -> None:
    """XR-2, and «reports and lists are asked for today» (metrics.md 3)."""
    with world(date(2026, 11, 3), dated_ahead=True) as there:
        all_facts(there)
        assert {call.method for call in there.xero.calls if call.accounting} == {"GET"}
        dates = [v for call in there.xero.calls for k, v in call.params.items() if k in ("toDate", "fromDate", "date")]
        assert dates
        assert max(dates) == "2026-11-03"


# The wrong shapes of facts.md 3.2


def months_by(there: World, **params: str) -> tuple[list[Decimal], Year]:
    """Revenue by month, oldest first, from one call; and as a Year beside the right control."""
    chart = organisation.chart(there.snapshots)
    answer = there.client.get("Reports/ProfitAndLoss", {"standardLayout": "true", **params})
    found = columns(answer, chart)[::-1]
    right = year.fetch(there.snapshots, TODAY, organisation.organisation(there.snapshots).zone)
    return [column.revenue for column in found], Year(tuple(found), right.span, ())


def test_a_span_of_twelve_months_with_periods_is_caught() -> None:
    with world(TODAY) as there:
        span = {"fromDate": "2025-12-01", "toDate": "2026-11-25", "periods": "11", "timeframe": "MONTH"}
        revenue, wrong = months_by(there, **span)
        truth = [Decimal(v) for v in Truth(there.books, TODAY).of("revenue")["series"]["revenue"]]
        assert revenue != truth
        assert not adds_up(wrong)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-11-01", "2026-11-25"), ("2026-09-01", "2026-09-30"), ("2026-02-01", "2026-02-28")]
)
def test_a_base_shorter_than_31_days_is_caught_by_its_headers(first: str, last: str) -> None:
    with world(TODAY) as there:
        answer = there.client.get(
            "Reports/ProfitAndLoss",
            {"standardLayout": "true", "fromDate": first, "toDate": last, "periods": "6", "timeframe": "MONTH"},
        )
        found = columns(answer, organisation.chart(there.snapshots))
        assert not all(column.heading.ends(column.heading.month.last) for column in found)


def clip(report: Any) -> Any:
    """What a base of 30 days would give: the revenue of every 31st is gone, and the headers do not tell."""
    for section in report["Reports"][0]["Rows"]:
        for row in section.get("Rows", []):
            for cell in row["Cells"][2:]:
                if cell["Value"] not in ("", "0.00"):
                    cell["Value"] = str(Decimal(cell["Value"]) - 10)
    return report


def test_months_that_do_not_add_up_to_the_whole_span_are_fetched_singly() -> None:
    with world(TODAY) as there:
        there.xero.faults.alter("periods=10", clip, times=9)
        check_truth(there, TODAY)
        singles = [call for call in there.xero.calls if call.path.endswith("ProfitAndLoss")]
        assert len(singles) == 3 + 11  # newest, span, by periods; then each closed month


def test_a_column_that_ends_before_its_month_is_not_used() -> None:
    def shorten(report: Any) -> Any:
        report["Reports"][0]["Rows"][0]["Cells"][2]["Value"] = "29 Sep 26"
        return report

    with world(TODAY) as there:
        there.xero.faults.alter("periods=10", shorten, times=9)
        check_truth(there, TODAY)


def test_a_control_that_never_agrees_is_a_failed_check_and_the_figures_stay() -> None:
    def more(report: Any) -> Any:
        for section in report["Reports"][0]["Rows"]:
            if section.get("Title", "").strip() == "Income":
                cell = section["Rows"][0]["Cells"][1]
                cell["Value"] = str(Decimal(cell["Value"]) + Decimal("0.90"))
        return report

    with world(TODAY) as there:
        there.xero.faults.alter("fromDate=2025-12-01&toDate=2026-11-25", more, times=9)
        facts = json.loads(json.dumps(there.facts("revenue").to_json()))
        assert told(facts) == Truth(there.books, TODAY).of("revenue")
        failed = [check for check in facts["checks"] if check["ok"] is False]
        assert len(failed) == 1
        assert Decimal(failed[0]["expected"]) - Decimal(failed[0]["actual"]) == Decimal("0.90")


@pytest.mark.parametrize("label", ["Total Income", "Gross Profit", "Net Profit"])
def test_a_total_row_that_differs_is_a_failed_check(label: str) -> None:
    def alter(report: Any) -> Any:
        for section in report["Reports"][0]["Rows"]:
            for row in section.get("Rows", []):
                if row["Cells"][0]["Value"] == label:
                    row["Cells"][3]["Value"] = "1.23"
        return report

    with world(TODAY) as there:
        there.xero.faults.alter("periods=10", alter, times=9)
        facts = there.facts("net_profit")
        (failed,) = [check for check in facts.checks if check.ok is False]
        assert failed.name == f"{label} in Aug 2026"
        assert failed.expected == "1.23"
        assert told(json.loads(json.dumps(facts.to_json()))) == Truth(there.books, TODAY).of("net_profit")


def test_without_cost_of_sales_the_gross_profit_cannot_be_compared_and_the_span_still_holds() -> None:
    with world(TODAY, no_cost_of_sales=True) as there:
        facts = there.facts("gross_profit")
        found = {check.name: check for check in facts.checks}
        assert found["Gross Profit"].ok is None
        assert found["Gross Profit"].note == "the report has no Gross Profit row"
        assert found["Gross profit, one call over the whole window"].ok is True


# Late entries


def test_entries_made_late_into_closed_months_are_in_the_figures_of_the_next_run() -> None:
    """Closed months are kept for a day; the control and the opening balances tell that they changed."""
    with world(TODAY, late_entries=True) as there:
        check_truth(there, TODAY)
        there.xero.calls.clear()
        there.clock.pass_by(hours=14)  # the next day, the kept months still fresh
        check_truth(there, TODAY + timedelta(days=1))
        asked = there.asked()
        assert asked["ProfitAndLoss"] == 3  # newest, span, and the months again by periods
        assert asked["BankSummary"] == 3  # this month, and the two closed ones that changed
        there.clock.pass_by(hours=11)
        check_truth(there, TODAY + timedelta(days=1))
        there.xero.calls.clear()
        there.clock.pass_by(hours=12)  # the day after, an entry four months back
        check_truth(there, TODAY + timedelta(days=2))
        assert there.asked()["BankSummary"] == 5  # this month, and back to the one that changed


def october_unlike(body: Any) -> Any:
    """A closing balance that the next month does not open with."""
    cells = body["Reports"][0]["Rows"][1]["Rows"][0]["Cells"]
    for place in (2, -1):  # received, closing
        cells[place]["Value"] = str(Decimal(cells[place]["Value"]) - Decimal("77.00"))
    return body


def test_a_month_that_does_not_lead_into_this_one_is_asked_again_though_it_was_asked_just_now() -> None:
    with world(TODAY) as there:
        there.facts("cash_position")  # this month is asked first
        there.clock.pass_by(seconds=1)
        there.xero.faults.alter("BankSummary.*2026-10-01", october_unlike)
        facts = there.facts("cash_in_vs_out")
        assert told(json.loads(json.dumps(facts.to_json()))) == Truth(there.books, TODAY).of("cash_in_vs_out")
        assert there.asked()["BankSummary"] == 13


def test_two_months_that_do_not_meet_in_xero_itself_cost_one_call_and_no_more() -> None:
    with world(TODAY) as there:
        there.xero.faults.alter("BankSummary.*2026-10-01", october_unlike, times=2)
        there.facts("cash_in_vs_out")
        assert there.asked()["BankSummary"] == 13
        there.clock.pass_by(minutes=5)
        there.facts("cash_in_vs_out")
        assert there.asked()["BankSummary"] == 13


def test_an_account_younger_than_the_kept_chart_is_looked_up_again() -> None:
    with world(TODAY) as there:
        hidden = next(one for one in there.books.accounts if one.type == "OTHERINCOME")

        def without(body: Any) -> Any:
            body["Accounts"] = [one for one in body["Accounts"] if one["AccountID"] != hidden.id]
            return body

        there.xero.faults.alter("Accounts", without)
        organisation.chart(there.snapshots)
        there.clock.pass_by(minutes=1)
        facts = there.facts("net_profit")
        assert told(json.loads(json.dumps(facts.to_json()))) == Truth(there.books, TODAY).of("net_profit")
        assert facts.notes == ()
        assert there.asked()["Accounts"] == 2


def test_an_account_that_is_not_in_the_chart_costs_no_second_call_for_it() -> None:
    """XR-1: a new chart of accounts is asked for after the reports, so that it need not be asked for again."""
    with world(TODAY) as there:

        def without(answer: Any) -> Any:
            answer["Accounts"] = [one for one in answer["Accounts"] if one["Type"] != "OTHERINCOME"]
            return answer

        there.xero.faults.alter("Accounts", without)
        facts = there.facts("net_profit")
        assert told(json.loads(json.dumps(facts.to_json()))) == Truth(there.books, TODAY).of("net_profit")
        assert any(note.startswith("Placed by their section's title") for note in facts.notes)
        assert there.asked()["Accounts"] == 1


# The aged-report road


@pytest.mark.parametrize("switches", [{}, {"foreign": True}, {"unallocated_credits": True}], ids=str)
def test_without_the_invoices_scope_the_aged_reports_give_the_same_buckets(switches: dict[str, Any]) -> None:
    scopes = [one for one in GRANULAR if one != "accounting.invoices.read"]
    with world(TODAY, scopes=scopes, **switches) as there:
        for metric in ("aged_receivables", "aged_payables"):
            facts = json.loads(json.dumps(there.facts(metric).to_json()))
            truth = Truth(there.books, TODAY).of(metric)
            assert told(facts) == {**truth, "unallocated_credits": None}
            assert facts["extras"]["road"] == "aged_report"
            assert facts["checks"][0]["ok"] is None


@pytest.mark.parametrize("gone", ["accounting.payments.read", "accounting.reports.balancesheet.read"])
def test_a_scope_that_only_a_check_needs_makes_the_check_null(gone: str) -> None:
    with world(TODAY, scopes=[one for one in GRANULAR if one != gone], unallocated_credits=True) as there:
        facts = there.facts("aged_receivables")
        assert facts.checks[0].ok is None
        assert gone in (facts.checks[0].note or "")
        assert facts.total == Truth(there.books, TODAY).of("aged_receivables")["total"]
