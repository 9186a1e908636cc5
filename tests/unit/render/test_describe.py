"""The chart in words and in numbers, for those who cannot see it."""

from __future__ import annotations

from dataclasses import replace

from functions.render.describe import alt_text, number_table
from ledgercast.domain.facts import Check
from local.gallery_facts import breakdown, cash_in_vs_out, eleven, hard, revenue_vs_expenses


def test_the_alt_text_tells_headline_range_part_month_and_check() -> None:
    assert alt_text(eleven()["revenue"]) == (
        "Revenue (Monthly), Southern Cross Fixtures Ltd, 1 Dec 2025 – 16 Nov 2026 (GBP, accrual basis). "
        "Oct 2026: £196,240.90, down 2.8% on the month before. "
        "Highest £201,880.60 in Sep 2026, lowest £128,704.00 in Jan 2026. "
        "Nov 2026 to date £88,415.00. "
        "Ties to Xero's total."
    )


def test_losses_are_named_in_words() -> None:
    assert "Below zero in Mar 2026, Jun 2026." in alt_text(eleven()["net_profit"])


def test_both_lines_of_a_combined_chart_are_told() -> None:
    told = alt_text(eleven()["revenue_vs_expenses"])

    assert "Revenue: highest £201,880.60 in Sep 2026" in told
    assert "Expenses: highest" in told


def test_of_money_in_and_out_the_net_is_told() -> None:
    told = alt_text(eleven()["cash_in_vs_out"])

    assert "Net: highest" in told or "Highest" in told
    assert "Business account" not in told


def test_accounts_are_told_by_name_so_many_as_one_can_listen_to() -> None:
    assert "Business account £184,210.44; Tax savings £62,000.00" in alt_text(eleven()["cash_position"])
    assert "and 28 more." in alt_text(hard()["forty-accounts"])


def test_without_activity_the_alt_text_says_so_and_the_table_is_empty() -> None:
    facts = replace(eleven()["revenue"], series=(), notes=("No activity in this period",))

    assert "No activity in this period." in alt_text(facts)
    assert "£" not in alt_text(facts)
    assert number_table(facts)["rows"] == []


def test_a_failed_or_impossible_check_is_told() -> None:
    facts = eleven()["revenue"]

    assert "Does not tie: off by £3.00." in alt_text(replace(facts, checks=(Check("a", "5.00", "2.00", False),)))
    assert "Not comparable: no scope." in alt_text(replace(facts, checks=(Check("a", None, None, None, "no scope"),)))


def test_the_worst_of_several_failures_is_the_one_that_is_told() -> None:
    checks = (Check("a", "5.00", "4.00", False), Check("b", "1.00", "1.00", True), Check("c", "9.00", "-1.00", False))

    assert "off by £10.00" in alt_text(replace(eleven()["revenue"], checks=checks))


def test_the_table_has_every_category_by_every_series() -> None:
    table = number_table(revenue_vs_expenses((10, 20, 5), (4, None, 6)))

    assert table == {
        "columns": ["Month", "Revenue", "Expenses"],
        "rows": [
            ["Sep 2026", "£10.00", "£4.00"],
            ["Oct 2026", "£20.00", "n/a"],
            ["Nov 2026 (to date)", "£5.00", "£6.00"],
        ],
    }


def test_an_account_received_into_and_spent_from_has_two_columns() -> None:
    table = number_table(cash_in_vs_out(["Bank"], [5, 6], [-1, -2]))

    assert table["columns"] == ["Month", "Bank (received)", "Bank (spent)", "Net"]


def test_rows_of_accounts_are_never_said_to_be_to_date() -> None:
    table = number_table(breakdown({"Rent": 10.0, "Wages": 5.0}))

    assert table == {"columns": ["Account", "Amount"], "rows": [["Rent", "£10.00"], ["Wages", "£5.00"]]}


def test_ages_and_percentages_are_told_in_their_own_units() -> None:
    assert number_table(eleven()["aged_receivables"])["columns"] == ["Age", "Due"]
    assert number_table(eleven()["cost_of_sales_pct"])["rows"][3] == ["Mar 2026", "n/a"]
    assert number_table(eleven()["cost_of_sales_pct"])["rows"][0] == ["Dec 2025", "36.0%"]


def test_the_last_full_month_is_the_one_before_the_current_even_on_its_last_day() -> None:
    facts = eleven()["revenue"]
    over = replace(facts, window=replace(facts.window, end="2026-11-30", partial_last=False))

    assert "lowest £88,415.00 in Nov 2026" in alt_text(over)
    assert number_table(over)["rows"][-1][0] == "Nov 2026"
