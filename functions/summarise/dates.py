"""Months, days and age groups in a text: only those of the facts may be named, and each is taken out of the reading.

A month with its year must lie in the window; a day must be the first or last of the window or the day of the figures. A
month alone is one of the window's. Age groups are taken as wholes, so that no «1–60 days» is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from functions.summarise.known import Known
from functions.summarise.reading import TAKEN
from ledgercast.domain.periods import NAMES, Month

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})(?![\w,]*\d)"
_NO_FIGURE = r"(?!\w|[.,:/]\d|\s?%|[ -](?:k|m|bn|thousand|million|billion|per ?cent|percentage|points?)\b)"
_ALONE = r"(?<![\w.,/:-])"
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"{_ALONE}(?P<year>\d{{4}})-(?P<number>\d\d)(?:-(?P<day>\d\d))?(?![\w-])",
        rf"{_ALONE}(?P<day>\d{{1,2}})(?P<dot>[./])(?P<number>\d{{1,2}})(?P=dot)(?P<year>\d{{4}})(?!\w)",
        rf"{_ALONE}{_DAY}(?:\sof)?[ -]{_MONTH},?[ -]{_YEAR}",
        rf"\b{_MONTH}[ ]{_DAY},?[ ]{_YEAR}",
        rf"\b{_MONTH}(?:,|\sof)?[ -]?(?:{_YEAR}|['’](?P<short>\d\d)(?!\w))",
        rf"{_ALONE}{_DAY}(?:\sof)?[ -]{_MONTH}",
        rf"\b{_MONTH}[ -]{_DAY}{_NO_FIGURE}",
    )
)
_MONTH_ALONE = re.compile(
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\b"
)
_GROUPS = re.compile(
    r"(?<![\w.,/:-])(?:(?P<low>1|31|61)\s?(?:-|–|to)\s?(?P<high>30|60|90)(?:[ -]days?)?\b"
    r"|90\s?\+(?:\sdays?\b)?"
    r"|\b(?:over|more than|older than|above|beyond|past)\s90[ -]days?\b)",
    re.IGNORECASE,
)
_PAIRS = {("1", "30"), ("31", "60"), ("61", "90")}


class UnknownDate(Exception):
    """A month, a day or an age group that is not one of these facts."""


def take_out(text: str, known: Known) -> str:
    """The text without its dates and age groups. Raises UnknownDate."""
    for shape in _SHAPES:
        text = shape.sub(_checked(known), text)
    if not {_number(name) for name in _MONTH_ALONE.findall(text)} <= {month.number for month in known.months}:
        raise UnknownDate
    return _GROUPS.sub(_age_group, text) if known.aged else text


def _checked(known: Known) -> Callable[[re.Match[str]], str]:
    def check(found: re.Match[str]) -> str:
        if not any(meant in known.months or meant in known.days for meant in _meanings(found, known)):
            raise UnknownDate
        return TAKEN

    return check


def _meanings(found: re.Match[str], known: Known) -> Iterator[Month | date]:
    """What a match can mean: a month, or a day; «Jun 26» may be either, «06/11/2026» two days."""
    part = found.groupdict()
    number = int(part["number"]) if part.get("number") else _number(part["month"])
    day = int(part["day"]) if part.get("day") else None
    if part.get("year") or part.get("short"):
        year = int(part.get("year") or f"20{part['short']}")
        if day is None:
            yield Month(year, number)
        else:
            yield from _days(year, number, day)
            if part.get("dot"):
                yield from _days(year, day, number)
    elif day is not None:
        yield from (one for one in known.days if (one.month, one.day) == (number, day))
        if found[0][-1].isdigit() and not found[0][0].isdigit():
            yield Month(2000 + day, number)


def _days(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return


def _number(name: str) -> int:
    return NAMES.index(name[:3].title()) + 1


def _age_group(found: re.Match[str]) -> str:
    if found["low"] and (found["low"], found["high"]) not in _PAIRS:
        raise UnknownDate
    return TAKEN
