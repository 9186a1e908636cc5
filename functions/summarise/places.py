"""What a sentence speaks of, so that a figure of one month, account or age group is not told of another.

Only what is named counts: a sentence that names no month says nothing of which month its figures are, and a figure that
belongs to none (a total, a change) fits everywhere. A sentence that compares speaks of the month beside the named one
too. Within one sentence places are not told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from functions.summarise.known import GROUP, MONTH, ROW, Figure, Known
from ledgercast.domain.periods import NAMES, Month

_ANY = "|".join(NAMES)
_YEAR = r"\.?(?:,|\sof)?[ -]?(?:(?:\d{1,2},?\s)?(?P<year>\d{4})|['’](?P<short>\d\d))"
_NAMED = re.compile(
    rf"\b(?P<month>(?:{_ANY})|(?i:{_ANY})(?=[A-Za-z]*\W{{1,4}}\d\d))[A-Za-z]*(?:{_YEAR})?|\b(?P<iso>\d{{4}}-\d\d)\b"
)
_RANGE = re.compile(r"\s?(?:to|until|till|through|-|–)\s?")
_BETWEEN = re.compile(r"\bbetween\s\Z", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|previous\w*|prior|preceding|earlier|from)\b", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:on|than|against|since|versus|vs|compared|after)\b", re.IGNORECASE)
_GROUPS = {
    "1-30": r"\b1\s?(?:-|–|to)\s?30\b",
    "31-60": r"\b31\s?(?:-|–|to)\s?60\b",
    "61-90": r"\b61\s?(?:-|–|to)\s?90\b",
    "90+": r"\b90\s?\+|\b(?:over|more than|older than|above|beyond|past)\s90\b",
    "current": r"\bnot yet (?:due|overdue)\b|\bcurrent\b",
}


def named(sentence: str, known: Known) -> frozenset[str]:
    """The places that a sentence names, names of accounts still being placeholders."""
    rows = {ROW + row for row in known.rows if re.search(rf"(?<!\w){re.escape(row)}(?!\w)", sentence, re.IGNORECASE)}
    groups = {GROUP + key for key, shape in _GROUPS.items() if known.aged and re.search(shape, sentence, re.IGNORECASE)}
    return frozenset(rows | groups | {MONTH + month.key for month in _months(sentence, known)})


def fits(figure: Figure, places: frozenset[str]) -> bool:
    """Whether the figure is of a place that is named, for each kind of place that it has and the sentence names."""
    for kind in (MONTH, ROW, GROUP):
        own = {place for place in figure.of if place.startswith(kind)}
        if own and any(place.startswith(kind) for place in places) and not own & places:
            return False
    return True


def _months(sentence: str, known: Known) -> set[Month]:
    found: set[Month] = set()
    before: tuple[re.Match[str], set[Month]] | None = None
    for one in _NAMED.finditer(sentence):
        meant = set(_meant(one, known))
        found |= meant
        if before and before[1] and meant and _spans(sentence, before[0], one):
            found |= {month for month in known.months if min(before[1]) < month < max(meant)}
        before = (one, meant)
    beside = {month.plus(-1) for month in found} if _BEFORE.search(sentence) else set()
    return found | beside | ({month.plus(1) for month in found} if _AFTER.search(sentence) else set())


def _spans(sentence: str, first: re.Match[str], last: re.Match[str]) -> bool:
    """«May to July», «May–July» and «between May and July» speak of June too."""
    link = sentence[first.end() : last.start()]
    return bool(_RANGE.fullmatch(link)) or (link == " and " and bool(_BETWEEN.search(sentence[: first.start()])))


def _meant(one: re.Match[str], known: Known) -> Iterator[Month]:
    if one["iso"]:
        yield Month(int(one["iso"][:4]), int(one["iso"][5:]))
        return
    number = NAMES.index(one["month"].title()) + 1
    if one["year"] or one["short"]:
        yield Month(int(one["year"] or f"20{one['short']}"), number)
    else:
        yield from (month for month in known.months if month.number == number)
