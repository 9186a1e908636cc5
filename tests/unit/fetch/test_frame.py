"""The headline's change, the rule of no activity, the window (metrics.md 2 and 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from functions.fetch.metrics.frame import Frame, Line, Reading, assemble, change
from functions.fetch.organisation import ORGANISATION, Organisation
from functions.fetch.snapshots import Snapshot
from ledgercast.domain import catalogue

SNAPSHOT = Snapshot(ORGANISATION, {}, datetime(2026, 11, 25, tzinfo=UTC))
WHO = Organisation("Fern & Fig", "GBP", ZoneInfo("Pacific/Auckland"), "!a", (), SNAPSHOT)
FRAME = Frame(catalogue.metric("revenue"), WHO, datetime(2026, 11, 30, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("value", "previous", "expected"),
    [
        ("110", "100", "10.0"),
        ("100", "110", "-9.1"),
        ("-50", "-100", "50.0"),
        ("-150", "-100", "-50.0"),
        ("50", "-100", "150.0"),
        ("100.05", "100", "0.1"),  # 0.05 is half, up
        ("99.95", "100", "-0.1"),
        ("100.01", "100", "0.0"),
        ("99.99", "100", "0.0"),
        ("1", "0", None),
        ("1", None, None),
        (None, "1", None),
    ],
)
def test_the_change_is_in_percent_of_the_previous_size(
    value: str | None, previous: str | None, expected: str | None
) -> None:
    now, before = (None if text is None else Decimal(text) for text in (value, previous))
    assert change(now, before, "currency") == expected


@pytest.mark.parametrize(("value", "previous", "expected"), [("38.12", "36.07", "2.1"), ("30.00", "30.04", "0.0")])
def test_the_change_of_a_percentage_is_in_points_of_the_two_place_figures(
    value: str, previous: str, expected: str
) -> None:
    assert change(Decimal(value), Decimal(previous), "percent") == expected


def reading(*values: str | None, unit: Literal["currency", "percent"] = "currency") -> Reading:
    figures = tuple(None if value is None else Decimal(value) for value in values)
    line = Line("revenue", "Revenue", "line", figures)
    one = Decimal(1)
    return Reading(FRAME.twelve_months, ("Nov",), ("2026-11",), (line,), "Nov", one, one, one, unit, notes=("said",))


@pytest.mark.parametrize("values", [("0",), ("0.00", None), (None,), ("-0.001",), ()])
def test_without_activity_there_is_no_series_and_the_first_note_says_so(values: tuple[str | None, ...]) -> None:
    facts = assemble(FRAME, reading(*values), [])
    assert (facts.series, facts.total) == ((), "0.00")
    assert (facts.headline.value, facts.headline.previous, facts.headline.change_pct) == ("0.00", None, None)
    assert facts.notes[0].startswith("No activity")
    assert facts.notes[1:] == ("said",)
    assert facts.empty


def test_a_percentage_without_activity_has_no_figure_at_all() -> None:
    facts = assemble(FRAME, reading(None, "0", unit="percent"), [])
    assert (facts.series, facts.total, facts.headline.value) == ((), None, None)


def test_one_value_of_a_cent_is_activity() -> None:
    facts = assemble(FRAME, reading("0.01", None), [])
    assert facts.series[0].values == ("0.01", None)
    assert facts.notes == ("said",)


def test_days_and_the_instant_are_those_of_the_organisation() -> None:
    facts = assemble(FRAME, reading("1"), [SNAPSHOT])
    assert facts.as_of == "2026-12-01T00:30:00+13:00"
    assert facts.organisation.timezone == "Pacific/Auckland"
    assert (facts.window.start, facts.window.end, facts.window.partial_last) == ("2026-01-01", "2026-12-01", True)
    assert (facts.source[0].report, facts.source[0].fetched_at) == ("Organisation", "2026-11-25T00:00:00+00:00")


def test_the_current_month_is_whole_on_its_last_day_alone() -> None:
    last = replace(FRAME, now=datetime(2026, 11, 30, 10, 30, tzinfo=UTC))
    assert last.today == date(2026, 11, 30)
    assert not last.twelve_months.partial_last
    assert last.months[-2].key == "2026-10"  # the last full month is the one before, even then


def test_an_unknown_time_zone_is_told() -> None:
    facts = assemble(replace(FRAME, organisation=replace(WHO, notes=("zone",))), reading("1"), [])
    assert facts.notes == ("said", "zone")
