"""Figures as people read them, by CLDR through Babel: none is formatted by hand.

Amounts come as Decimal or as the text that facts carry; the locale is English, the currency the organisation's.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from babel.numbers import format_compact_currency, format_currency, format_decimal

from ledgercast.domain.catalogue import metric
from ledgercast.domain.facts import Facts

LOCALE = Locale.parse("en")
MINUS = "−"


def exact(amount: Decimal | str, currency: str) -> str:
    """£1,234.50, with the currency's own number of places; a minus stands before the symbol."""
    return format_currency(Decimal(amount), currency, locale=LOCALE).replace("-", MINUS)


def compact(amount: Decimal | str, currency: str, digits: int = 1) -> str:
    """£1.2M: short enough for an axis or a label. Pence are told only below ten, where they are the point."""
    value = Decimal(amount)
    if abs(value) < 10 and value != int(value):
        return exact(value, currency)
    whole = _rounded(value, Decimal(1))
    if abs(whole) < 1000:
        text = format_currency(whole, currency, format="¤#,##0", locale=LOCALE, currency_digits=False)
    else:
        # Rounded before CLDR chooses the unit, or 999,999 would be £1000K.
        unit = Decimal(10) ** (3 * (whole.adjusted() // 3) - digits)
        text = format_compact_currency(_rounded(whole, unit), currency, locale=LOCALE, fraction_digits=digits)
    return str(text).replace("-", MINUS)


def percent(value: Decimal | str) -> str:
    """38.12 stands for 38.1 %: one place, as a chart needs; facts keep two."""
    return f"{format_decimal(_rounded(value, Decimal('0.1')), '#,##0.0', locale=LOCALE)}%".replace("-", MINUS)


def figure(value: Decimal | str, facts: Facts) -> str:
    """A value of these facts in full: money to the cent, or a percentage."""
    return percent(value) if facts.unit == "percent" else exact(value, facts.organisation.currency)


def change_words(facts: Facts) -> str | None:
    """The headline's change in words ("up 4.2% on Sep 2026"); None where there is none to tell."""
    change, previous = facts.headline.change_pct, facts.headline.previous
    if change is None or previous is None:
        return None
    value = Decimal(change)
    if not value:
        return f"unchanged on {_before(facts)}"
    way = "up" if value > 0 else "down"
    size = format_decimal(abs(value), "#,##0.0", locale=LOCALE)
    unit = " points" if facts.unit == "percent" else "%"
    return f"{way} {size}{unit} on {_before(facts)}"


def good_news(facts: Facts) -> bool | None:
    """Whether the headline's change is for the better; None where it is neither or unknown."""
    change, better = facts.headline.change_pct, metric(facts.metric).better
    if change is None or better is None or not Decimal(change):
        return None
    return (Decimal(change) > 0) == (better == "up")


def _rounded(value: Decimal | str, unit: Decimal) -> Decimal:
    """To a multiple of the unit, half up."""
    return (Decimal(value) / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def _before(facts: Facts) -> str:
    return "the start of the month" if facts.metric == "cash_position" else "the month before"
