"""Months, windows and time zones."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.fetch.organisation import organisation
from ledgercast.domain.periods import Month, day_label, is_partial, window, window_label
from ledgercast.xero.timezones import ZONES, iana
from tests.unit.fetch.bodies import body
from tests.unit.fetch.scripted import NOW, Scripted, snapshots


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_the_window_is_twelve_months_in_a_row_that_end_with_todays(today: date) -> None:
    months = window(today)
    assert len(months) == 12
    assert months[-1].first <= today <= months[-1].last
    assert all(a.last + timedelta(days=1) == b.first for a, b in pairwise(months))
    assert is_partial(today) == ((today + timedelta(days=1)).month == today.month)
    assert list(months) == sorted(months)


@given(st.integers(1990, 2090), st.integers(1, 12), st.integers(-60, 60))
def test_adding_months_and_taking_them_off_is_nothing(year: int, number: int, months: int) -> None:
    assert Month(year, number).plus(months).plus(-months) == Month(year, number)


def test_words_for_days_and_windows() -> None:
    assert day_label(date(2026, 3, 5)) == "5 Mar 2026"
    assert window_label(date(2026, 3, 5)) == "Apr 2025 to Mar 2026"
    assert (Month(2026, 3).key, Month(2026, 3).label) == ("2026-03", "Mar 2026")


def test_every_zone_is_one_that_exists() -> None:
    assert len(ZONES) > 130
    for name in ZONES.values():
        ZoneInfo(name)


@pytest.mark.parametrize(
    ("xero", "expected"),
    [
        ("GMTSTANDARDTIME", "Europe/London"),
        ("NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
        ("CENTRALSTANDARDTIME(MEXICO)", "America/Mexico_City"),
        ("UTC02", "Etc/GMT+2"),
        ("UTC+13", "Etc/GMT-13"),
        ("GMT Standard Time", "Europe/London"),
        ("MARSSTANDARDTIME", None),
        ("", None),
    ],
)
def test_xeros_zones_are_windows_names_without_spaces(xero: str, expected: str | None) -> None:
    assert iana(xero) == expected


def test_an_unknown_zone_is_utc_with_a_note_and_short_codes_keep_their_marks() -> None:
    odd = body("organisation_demo_gb")
    odd["Organisations"][0]["Timezone"] = "MARSSTANDARDTIME"
    found = organisation(snapshots(Scripted(Organisation=odd)))
    assert (found.zone.key, found.short_code, found.currency) == ("UTC", "!!aB3d", "GBP")
    assert found.today(NOW) == NOW.date()
    assert "MARSSTANDARDTIME" in found.notes[0]
