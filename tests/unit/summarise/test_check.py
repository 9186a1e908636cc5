"""Every figure of a written summary is in the facts under the stated rounding, or the text is refused (AI-1)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from functions.summarise.check import DIRECTION, FIGURE, NAME, PLACE, Refused, check
from functions.summarise.known import Known, known
from functions.summarise.names import hide
from functions.summarise.prompt import written
from functions.summarise.summary import summarise
from ledgercast.domain.facts import Facts
from local.gallery_facts import ageing, eleven, hard
from tests.unit.summarise.figures import FORMATS, grouped, in_words
from tests.unit.summarise.test_summary import facts_of

REVENUE = facts_of(
    "revenue",
    {"revenue": ("123456.78", "1165000.00", "200.00", "7.50", "275.00", "40.25")},
    headline=("275.00", "7.50", "3566.7"),
    total="1289979.53",
)
LOSSES = facts_of(
    "net_profit",
    {"net_profit": ("10.00", "20.00", "-5.00", "-6.00", "-7.50", "9.00")},
    headline=("-7.50", "-6.00", "-25.0"),
    total="20.50",
)
MARGIN = facts_of(
    "cost_of_sales_pct",
    {"cost_of_sales_pct": ("38.12", None, "12.00", "11.04", "0.36", "140.00")},
    headline=("0.36", "11.04", "-10.7"),
    total="38.10",
)
OWED = ageing("aged_receivables", (600, 100, 0, 50, 250))
ACCOUNTS = eleven()["cash_position"]


def why(text: str, facts: Facts, *, names: bool = False) -> str:
    """Why the text may not go out; "" where it may."""
    masked = hide(facts, allowed=names)
    try:
        check([text], known(masked.facts), masked)
    except Refused as refused:
        return refused.why
    return ""


@pytest.mark.parametrize(
    "text",
    [
        "Revenue was £275.00 in May 2026",
        "Revenue was £275 in May",
        "It was GBP 275, or 275 pounds, or 275.00 GBP, or two hundred and seventy-five pounds",
        "Revenue peaked at £1,165,000.00 in February 2026",
        "Revenue peaked at £1.165m, £1.17 million, £1.2M, £1165k, 1.2mn or one point two million pounds",
        "It was £123k, £123.5k, £123,457, £123,456.8 or a hundred and twenty-three thousand pounds",
        "It was 123.456,78 £ in all",
        "It was 123 456,78 £ in all",
        "It was £123'456.78 in all",
        "The total over Jan to Jun 2026 was £1,289,979.53",
        "Revenue rose 3,566.7% on the month before, or 3567 per cent",
        "It rose by £267.50 on April 2026, to £275.00",
        "Between January 2026 and June 2026 it was never below £7.50",
        "In Jun '26 so far: £40.25; as of 12 June 2026, June 12, 12/06/2026 or 2026-06-12",
        "In 2026 the 6 months came to £1.3m, the 5 full months to more",
        "The month of Feb-2026, or 2026-02, was the best one of the year",
        "The average of the five full months was £257,787.86",
        "It ranged widely – from £7.50–£1.2m – in this time",
        "It was £7.50 in April, £275.00 in May and £1,165,000 in Feb",
        "It went from £7.50 to £275.00 in May 2026",
        "It was £275.00 in May 2026, after £7.50 the month before",
        "From February to April 2026 the lowest was £7.50, the next £200",
        "Nothing stands out here, and no one should worry",
    ],
)
def test_figures_of_the_facts_pass_in_any_common_form(text: str) -> None:
    assert why(text, REVENUE) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Revenue was £276.00 in May 2026",
        "Revenue was £2,750 in May 2026",
        "Revenue was £1.16m",  # cut off, not rounded
        "Revenue was £1.1m",
        "Revenue was £1m",  # one digit is left
        "Revenue was £123,456.7 or so",
        "Revenue was £120k",
        "Revenue was £12,000 and more",
        "Revenue was $275.00, A$275.00 or 275 dollars",
        "Revenue was USD 275.00",
        "Revenue was 275 euros",
        "Revenue was 27500p",
        "Revenue was £27-5",
        "Revenue rose 275%",  # a figure of money as a percentage
        "Revenue rose 3566.8%",
        "Revenue rose 3566.7 points",
        "Revenue rose by £3,566.70",
        "Revenue was £275.00 in May 2025",
        "Revenue was £275.00 in July 2026",
        "Figures as of 13 June 2026",
        "By 31/05/2026 it was £275.00",
        "Revenue of 2025 was £275.00",
        "Revenue in FY26 was £275.00",
        "In Q2 revenue was £275.00",
        "Last quarter revenue was £275.00",
        "There were 275 invoices",
        "There were 7.50 customers",
        "A loss 3 months running",
        "The 12 months came to £1,289,979.53",
        "The 4th month was the best",
        "The second best month was May 2026",
        "Revenue doubled to £275.00",
        "Revenue was twice as high, a dozen times",
        "Revenue was hundreds of thousands of pounds",
        "Half of it came in May 2026",
        "Revenue was nine hundred and ninety-nine pounds",
        "Revenue was one point four million pounds in May",
        "Revenue was a million pounds",
        "Revenue was ２７６",
        "Revenue was £٢٧٥",
        "Revenue was ½ of it",
        "Revenue was £三",
        "Revenue was £2\u200b76.00",
        "Revenue was £lO,OOO",
        "Revenue was £O",
        "Call 0800 123 456",
        "Code 4711-X9",
        "It was 3:1, 24/7, 5x, #1",
        "Mixed forms: £123,456.78 and £275,00",
        "Revenue was £275.00 ± 1%",
        "1 out of 3 months was good",
        "See account 4 for £275.00",
        "Revenue: - £275.00",
        "Revenue was –£275.00",
        "Revenue was £275+",
        "It was earned by 275 people",
        "It was best in August",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert why(text, REVENUE) in (FIGURE, NAME)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The net loss was £7.50 in May 2026, 25.0% worse than the £6.00 lost in April 2026", ""),
        ("Net profit was −£7.50, -£7.50, £-7.50 or (£7.50)", ""),
        ("Net profit was minus seven point five pounds", ""),
        ("A loss 3 months running; 3 of the 5 full months ended below zero", ""),
        ("A loss three months running", ""),
        ("A loss in 2 of the 5 full months", ""),  # months without a loss: counts are not told apart
        ("A loss 4 months running", FIGURE),
        ("A loss in the third month", ""),
        ("Net profit was £7.50 in May 2026", DIRECTION),
        ("Net profit was +£7.50", FIGURE),
        ("Net profit rose 25%", DIRECTION),
        ("Net profit rose to £9.00 after a loss of £7.50", ""),
        ("Profit improved by £1.50", DIRECTION),
        ("Profit fell by £1.50", ""),
        ("The net loss was £20.00", DIRECTION),
        ("The net loss was −£20.00", FIGURE),
        ("No loss in Feb 2026: £20.00", ""),
    ],
)
def test_a_loss_is_not_told_as_a_profit_nor_a_fall_as_a_rise(text: str, expected: str) -> None:
    assert why(text, LOSSES) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Revenue was £7.50 in May 2026",
        "Revenue was £275.00 in February 2026",
        "Revenue was £275.00 in Feb",
        "Revenue peaked in February 2026 with £123k",
        "In 2026-01 it was £7.50",
        "Between January and March 2026 it was £7.50",
    ],
)
def test_a_figure_of_one_month_is_not_told_of_another(text: str) -> None:
    assert why(text, REVENUE) == PLACE


def test_a_figure_of_one_account_is_not_told_of_another() -> None:
    assert why("Account 2 holds £184,210.44", ACCOUNTS) == PLACE
    assert why("Account 1 owes £8,640.20", ACCOUNTS) == PLACE
    assert why("Tax savings holds £184,210.44", ACCOUNTS, names=True) == PLACE
    assert why("Business account holds £184,210.44", ACCOUNTS, names=True) == ""
    assert why("The total of £261,800.64 includes Account 2", ACCOUNTS) == ""


def test_a_rise_is_not_told_as_a_fall() -> None:
    assert why("Revenue fell 3,566.7% on the month before", REVENUE) == DIRECTION
    assert why("Revenue is up 3,566.7% from its low", REVENUE) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cost of sales was 0.36% of revenue, down 10.7 points", ""),
        ("It was 0.4% in May 2026 and 11% in April 2026", ""),
        ("It was 38.1%, 38.12 or 38 per cent in Jan 2026", ""),
        ("It fell 10.7 percentage points, 10.7pp, 1,070 basis points or 11 points", ""),
        ("It fell 10.7%", FIGURE),  # points, not percent
        ("It rose 10.7 points", DIRECTION),
        ("It was 0% in May 2026", FIGURE),
        ("It was £38.12", FIGURE),
        ("It was £38.12%", FIGURE),
        ("It was 37%", FIGURE),
        ("In 2 months there was no revenue", FIGURE),
    ],
)
def test_percentages_and_points_are_not_mixed(text: str, expected: str) -> None:
    assert why(text, MARGIN) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Customers owe £1,000, of which £400.00 (40%) is overdue", ""),
        ("£250 is more than 90 days overdue, £250 over 90 days and £250 in 90+ days", ""),
        ("1–30 days: £100; 1-30 days and 61 to 90 days are less than a quarter", PLACE),
        ("£250 is not yet due", PLACE),
        ("A quarter, 25%, is older than 90 days", ""),
        ("£150 is overdue up to 1–60 days", FIGURE),
        ("£150 is over 60 days", FIGURE),
        ("£150 is over 120 days", FIGURE),
        ("It takes 45 days to be paid", FIGURE),
        ("Half of it is overdue", FIGURE),
        ("A third is overdue", FIGURE),
        ("£60% is not yet due", FIGURE),
        ("As of 16 Nov 2026, £600 is not yet due", ""),
        ("As of Oct 2026, £600 is not yet due", FIGURE),
    ],
)
def test_age_groups_are_taken_as_wholes(text: str, expected: str) -> None:
    assert why(text, OWED) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Account 1 holds £184,210.44 and Account 5 owes £8,640.20", ""),
        ("account 1, Account 2's neighbour, holds £184k", ""),
        ("Account 9 holds £184,210.44", NAME),
        ("Accounts 1 and 2 hold most", NAME),
        ("Account 12,000 holds most", NAME),
        ("5 accounts, 1 account below zero", ""),
        ("7 accounts", FIGURE),
    ],
)
def test_accounts_are_those_that_there_are(text: str, expected: str) -> None:
    assert why(text, ACCOUNTS) == expected


@pytest.mark.parametrize("metric", list(eleven()))
def test_the_computed_words_of_every_metric_stand_their_own_check(metric: str) -> None:
    masked = hide(eleven()[metric], allowed=False)
    words = summarise(masked.facts)

    check((words.headline, *words.points), known(masked.facts), masked)


@pytest.mark.parametrize("case", [*eleven().items(), *hard().items()], ids=lambda case: case[0])
def test_every_figure_can_be_copied_as_the_model_is_shown_it(case: tuple[str, Facts]) -> None:
    masked = hide(case[1], allowed=False)
    listed = known(masked.facts)

    for one in listed.figures:
        check(
            [f"It is {written(one, listed)} (a fall)" if one.value < 0 else f"So {written(one, listed)}"],
            listed,
            masked,
        )
    for count in listed.counts:
        check([f"It was {count.value} {count.noun}s"], listed, masked)


AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(10**10), places=2)


def single(amount: Decimal) -> Facts:
    row = (str(amount), "0.00", "0.00", "0.00", "0.00", "0.00")
    return replace(
        facts_of("revenue", {"revenue": row}, total=None), headline=REVENUE.headline.__class__("", None, None, None)
    )


def figure_known(listed: Known, size: Decimal, step: Decimal) -> bool:
    """The rule of rounding in other words: the true figure lies in the half-open interval around the written one."""
    half, at = Fraction(step) / 2, Fraction(size)
    return any(at - half <= Fraction(abs(one.value)) < at + half for one in listed.figures if one.unit == "money")


@given(AMOUNTS, st.sampled_from(list(FORMATS)))
@settings(max_examples=300, deadline=None, derandomize=True)
@example(Decimal("999.99"), "£ 1 234.50")
def test_any_amount_passes_in_any_common_format(amount: Decimal, form: str) -> None:
    assume(amount >= 10 or not form.startswith("£1,235"))

    assert why(f"It stood at {FORMATS[form](amount)} then", single(amount)) == ""


@given(AMOUNTS, st.sampled_from(list(FORMATS)), st.data())
@settings(max_examples=400, deadline=None, derandomize=True)
def test_an_amount_with_one_digit_altered_is_refused(amount: Decimal, form: str, data: st.DataObject) -> None:
    text = FORMATS[form](amount)
    at = data.draw(st.sampled_from([index for index, one in enumerate(text) if one.isdigit()]))
    digit = data.draw(st.sampled_from([one for one in "0123456789" if one != text[at]]))
    facts, altered = single(amount), text[:at] + digit + text[at + 1 :]
    cents = int("".join(filter(str.isdigit, altered)))
    step = Decimal(1) if form == "£1,235" else Decimal("0.01")
    assume(not figure_known(known(facts), cents * step, step))

    assert why(f"It stood at {altered} then", facts) == FIGURE


@given(AMOUNTS, st.sampled_from([("k", 3), (" thousand", 3), ("m", 6), (" million", 6), ("bn", 9)]), st.integers(0, 2))
@settings(deadline=None, derandomize=True)
def test_a_scaled_amount_passes_exactly_where_two_digits_are_left(
    amount: Decimal, scale: tuple[str, int], places: int
) -> None:
    name, power = scale
    text = grouped(amount.scaleb(-power), places)
    value, step = Decimal(text.replace(",", "")).scaleb(power), Decimal(1).scaleb(power - places)
    facts = single(amount)
    allowed = (value / step >= 10 and figure_known(known(facts), value, step)) or value in (amount, 0)

    assert (why(f"It stood at £{text}{name} then", facts) == "") == allowed


@given(st.integers(1, 10**10), st.integers(1, 10**10))
@settings(deadline=None, derandomize=True)
def test_an_amount_in_words_passes_and_another_does_not(amount: int, other: int) -> None:
    facts = single(Decimal(amount))
    spoken = in_words(other)
    *_, last = spoken.split()
    step = Decimal({"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}.get(last, 1))

    assert why(f"It stood at {in_words(amount)} pounds then", facts) == ""
    if not figure_known(known(facts), Decimal(other), step):
        assert why(f"It stood at {spoken} pounds then", facts) == FIGURE


@given(st.decimals(min_value=1, max_value=1000, places=1), st.decimals(min_value=1, max_value=1000, places=1))
@settings(deadline=None, derandomize=True)
def test_a_change_passes_and_another_does_not(change: Decimal, other: Decimal) -> None:
    facts = facts_of("revenue", {"revenue": ("0.00",) * 6}, headline=("0.00", "0.00", str(change)))

    for unit in ("%", " %", " percent", " per cent"):
        assert why(f"It rose {change}{unit} on the month before", facts) == ""
        if other != change:
            assert why(f"It rose {other}{unit} on the month before", facts) == FIGURE


@given(st.text(max_size=200))
@settings(deadline=None, derandomize=True)
def test_no_text_breaks_the_check(text: str) -> None:
    assert why(text, REVENUE) in ("", FIGURE, DIRECTION, PLACE, NAME)


@given(
    st.integers(1, 10**9), st.sampled_from(["{} {}", "{}k {}", "£{}.{}", "{},{}", "{}%{}", "{}–{}", "{}/{}", "({}){}"])
)
@settings(deadline=None, derandomize=True)
def test_no_figure_hides_between_others(number: int, form: str) -> None:
    """No amount of revenue, no share: whatever number these forms make is none of the facts'."""
    facts = single(Decimal("0.37"))

    assert why(form.format(number, 7), facts) == FIGURE
