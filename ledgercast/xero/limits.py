"""Xero's rate limits as its 429 answers tell them (facts.md 4). Only headers are trusted; bodies are often empty."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Final, Literal

from ledgercast.domain.errors import XeroLimited

Kind = Literal["minute", "concurrent", "day"]

# What to wait where Xero does not say: a minute's window, a moment, and for the day the longest it can take.
UNTOLD: Final[dict[Kind, int]] = {"minute": 60, "concurrent": 2, "day": 86_400}
LONGEST_MINUTE_WAIT: Final = 120


def limited(headers: Mapping[str, str]) -> XeroLimited:
    """The error of a 429. Spellings of the problem vary in the wild, so it is looked for inside the header's text."""
    told = {name.casefold(): value for name, value in headers.items()}
    seconds = seconds_of(told.get("retry-after"))
    kind = _kind(told.get("x-rate-limit-problem", "").casefold(), seconds)
    return XeroLimited(kind, UNTOLD[kind] if seconds is None else seconds)


def seconds_of(retry_after: str | None) -> int | None:
    """Whole seconds of a Retry-After, at least one; None where there is none or it is not a number."""
    try:
        return max(1, ceil(float(retry_after or "")))
    except (ValueError, OverflowError):
        return None


def _kind(problem: str, seconds: int | None) -> Kind:
    if "day" in problem or "daily" in problem:
        return "day"
    if "concurren" in problem:
        return "concurrent"
    if "minute" not in problem and seconds is not None and seconds > LONGEST_MINUTE_WAIT:
        return "day"  # an unknown word, and no window of a minute is that long
    return "minute"
