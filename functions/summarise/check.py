"""The check of a written summary: every figure in it is one of the facts, or the text does not go out (AI-1).

The rule of rounding, told to people in docs/summaries.md:

- A figure agrees if one of the known figures (known.py), rounded half up to the place of the written figure's last
  digit, is exactly that figure. Nothing is cut off, nothing is rounded half to even.
- Rounding leaves at least two digits: £1.2m may stand for £1,165,000, £1m may not. A percentage may be told to the
  whole percent from 1% on, below that to its first decimal. A figure told in full may be as short as it is (£5).
- Units are not mixed: money agrees with money in the organisation's own currency, «%» with percentages, «points» with
  differences of percentages. A number without a unit agrees with the metric's own unit.
- A number that counts months or accounts agrees with a count of that kind and with nothing else; numbers that count
  anything else, ranks, and words such as «doubled», «dozens» or «quarter» never agree. Half, a third, a quarter, two
  thirds and three quarters agree with shares of 50, 33, 25, 67 and 75%.
- A month with a year lies in the window, a day is one of its ends or the day of the figures, a year is the window's.
- A written minus needs a negative figure, a plus a positive one. A negative figure without its minus needs a word that
  says so in the same sentence (fell, loss, owes …), and a change may not stand in a sentence whose words all point the
  other way.

- A sentence that names months, accounts or age groups tells no figure of others than these (places.py).

What the check does not see: which of several figures in one sentence is whose, words without figures, and numbers in
words of another language than English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from babel.numbers import get_currency_name, get_currency_symbol

from functions.summarise import dates
from functions.summarise.known import Figure, Known
from functions.summarise.names import Names, UnknownName
from functions.summarise.places import fits, named
from functions.summarise.reading import Spotted, level, read

FIGURE = "summary.figure"
DIRECTION = "summary.direction"
PLACE = "summary.place"
NAME = "summary.name"

_LOCALE = Locale.parse("en")
_DOWN = re.compile(
    r"\b(?:f[ae]ll\w*|drop\w*|declin\w*|decreas\w*|down\w*|lower\w*|less|below|under|reduc\w*|shr[aiu]nk\w*|slip\w*|"
    r"slid\w*|sank|sunk|tumbl\w*|contract\w*|weak\w*|loss\w*|lost|losing|negative|deficit\w*|shortfall\w*|minus|overdr\w+|"
    r"ow(?:e|es|ed|ing)|debt\w*|spen\w+|paid|pay\w*|out|outflow\w*|outgoing\w*|credit\w*|gain\w*|worse\w*|narrow\w*)\b",
    re.IGNORECASE,
)
_UP = re.compile(
    r"\b(?:rose|ris\w+|gr[eo]w\w*|increas\w*|up\w*|higher|more|above|over|gain\w*|climb\w*|jump\w*|improv\w*|exceed\w*|"
    r"expand\w*|surg\w*|soar\w*|better|widen\w*)\b",
    re.IGNORECASE,
)
_LOSS = re.compile(r"\b(?:loss|losses|deficit)\b", re.IGNORECASE)
_NO_LOSS = re.compile(
    r"\b(?:no|not|without|avoid\w*|after|from|profit\w*|surplus|recover\w*|break\w*)\b", re.IGNORECASE
)


class Refused(Exception):
    """The text may not go out; `why` is a code of `ledgercast.messages`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def check(sentences: Iterable[str], known: Known, names: Names) -> None:
    """Raises Refused at the first thing that is not in the facts. Names are still placeholders in the sentences."""
    for sentence in map(level, sentences):
        try:
            bare = dates.take_out(names.take_out(sentence), known)
        except UnknownName:
            raise Refused(NAME) from None
        except dates.UnknownDate:
            raise Refused(FIGURE) from None
        seen = read(bare)
        if not seen.legible:
            raise Refused(FIGURE)
        _compare(seen.figures, bare, named(sentence, known), known)


def _compare(spotted: Iterable[Spotted], sentence: str, places: frozenset[str], known: Known) -> None:
    meant: list[Figure] = []
    for one in spotted:
        if one.unit == "ordinal":
            raise Refused(FIGURE)
        if one.unit == "count":
            _counted(one, known)
        elif not _is_year(one, known):
            agreeing = [figure for figure in known.figures if _agrees(one, figure, known)]
            if not agreeing:
                raise Refused(FIGURE)
            agreeing = [figure for figure in agreeing if fits(figure, places)]
            if not agreeing:
                raise Refused(PLACE)
            true = [figure for figure in agreeing if _points_right(one, figure, sentence)]
            if not true:
                raise Refused(DIRECTION)
            meant.extend(true)
    if meant and _LOSS.search(sentence) and not _NO_LOSS.search(sentence) and all(one.value > 0 for one in meant):
        raise Refused(DIRECTION)


def _counted(one: Spotted, known: Known) -> None:
    allowed = {Decimal(count.value) for count in known.counts if count.noun == one.noun}
    if one.sign or not any(value in allowed for value, _ in one.readings):
        raise Refused(FIGURE)


def _is_year(one: Spotted, known: Known) -> bool:
    return one.unit == "bare" and one.four_digits and any(value in known.years for value, _ in one.readings)


def _agrees(one: Spotted, figure: Figure, known: Known) -> bool:
    if one.unit == "bare":
        if figure.unit != known.own or (figure.moved and figure.unit != "money"):
            return False
    elif one.unit != figure.unit:
        return False
    if one.mark and (one.unit == "percent" or one.unit == "points" or not _is_own(one.mark, known.currency)):
        return False
    if (one.sign == "-" and figure.value >= 0) or (one.sign == "+" and figure.value <= 0):
        return False
    return any(_rounds(figure, value, step) for value, step in one.readings)


def _rounds(figure: Figure, value: Decimal, step: Decimal) -> bool:
    size = abs(figure.value)
    if size == value:
        return True
    rounded = (size / step).quantize(Decimal(1), ROUND_HALF_UP)
    if rounded * step != value:
        return False
    coarsest = Decimal(1) if value >= 1 else Decimal("0.1")
    return rounded >= 10 or (figure.unit != "money" and rounded >= 1 and step <= coarsest)


def _points_right(one: Spotted, figure: Figure, sentence: str) -> bool:
    """Whether words and sign of a figure agree; in parentheses or with its own sign a figure speaks for itself."""
    down, up = bool(_DOWN.search(sentence)), bool(_UP.search(sentence))
    if figure.value < 0:
        return bool(one.sign) or one.enclosed or down
    return not (figure.moved and figure.value > 0 and down and not up)


def _is_own(mark: str, currency: str) -> bool:
    """Whether every mark of a figure is the organisation's currency: its code, its sign, or its name."""
    symbol = get_currency_symbol(currency, locale=_LOCALE)
    names = {get_currency_name(currency, count=count, locale=_LOCALE).lower() for count in (1, 2)}
    own = {currency.lower(), symbol.lower(), *names, *(name.split()[-1] for name in names)}
    if not symbol[-1].isalpha():
        own.add(symbol[-1])
    elif any(name.endswith("dollars") for name in names):
        own.add("$")
    return all(one.lower() in own for one in mark.replace("sterling", "pounds").split(" + "))
