"""Reading the figures out of a written text: in digits and in words, with signs, units and scales.

A figure is read to the place of its last written digit: «1.2m» to the nearest hundred thousand, «12,000» to the unit,
«twelve thousand» to the nearest thousand. Which of «.» and «,» is the decimal mark is the text's own affair: a figure
that can only be read one way («1.234,56», «4.2») decides it for all; where none does, both readings stand. Whatever
looks like a figure and cannot be read is kept as unread, for the check to refuse.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from functions.summarise.words import IN_WORDS, ORDINAL, ordinal, spoken

Unit = Literal["money", "percent", "points", "count", "ordinal", "bare"]

TAKEN = "\x00"
"""Stands where something was read, so that nothing is read twice and neighbours stay apart."""

SYMBOL = "$¢-¥֏؋৲৳૱௹฿៛\u20a0-\u20c0\ua838\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6"
_SCALES = {
    "hundred": 2,
    **dict.fromkeys(("k", "thousand", "grand"), 3),
    **dict.fromkeys(("m", "mn", "mln", "mio", "million"), 6),
    **dict.fromkeys(("b", "bn", "billion"), 9),
    **dict.fromkeys(("tn", "trillion"), 12),
}
_DIGITS = (
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
)
_NUMBER = re.compile(
    rf"""(?<![\w.,/:])
    (?P<sign>[-+]\s?|–|\b(?i:minus|negative|plus)\s)?
    (?:(?P<before>[A-Z]{{0,3}}[{SYMBOL}]|[A-Z]{{3}}(?=[\s(+-]*\d))\s?)?
    (?P<inner>[-+])?\(?
    (?:(?P<digits>{_DIGITS})|\b(?P<words>(?i:{IN_WORDS})))
    (?:[\s-]?(?P<scale>(?i:{"|".join(_SCALES)}))\b)?
    (?:(?=(?i:pp|ppts?|pts?|bps|pct)\b)|(?![^\W_]|[.,/:]\d|\+))""",
    re.VERBOSE,
)
_PERCENT = re.compile(
    r"\)?[\s-]?(?:(?P<points>percentage[ -]points?\b|ppts?\b|pp\b|pts?\b|points?\b)"
    r"|(?P<basis>basis[ -]points?\b|bps\b)|(?P<percent>%|per ?cent\b|pct\b))",
    re.IGNORECASE,
)
_MONEY_WORDS = (
    "dollars? euros? pounds? sterling quid bucks? yen yuan renminbi rupees? francs? rand krona kronor kroner krone "
    "zlotys? forints? koruna pesos? ringgits? baht dirhams? riyals? shekels? lira reais cents? pence penny p"
)
_MONEY = re.compile(
    rf"\)?\s?(?P<mark>[{SYMBOL}]|[A-Z]{{3}}\b|(?:[A-Z][A-Za-z]*[ ]){{0,2}}(?i:{_MONEY_WORDS.replace(' ', '|')})\b)"
)
_ADJECTIVE = (
    r"full|whole|complete|consecutive|straight|successive|running|past|last|latest|previous|prior|earlier|calendar|"
    r"loss-making|profitable|bank|expense|cost|largest|biggest|overdrawn|other|remaining|more|further|different|separate"
)
_COUNTED = re.compile(
    r"(?:\s(?:of|out of|in)\s(?:the\s|its\s|these\s|those\s|all\s)?(?:\d+|[a-z]+(?:-[a-z]+)?))??"
    rf"(?:[\s-](?:{_ADJECTIVE}))*[\s-](month|account)s?\b",
    re.IGNORECASE,
)
_SOMETHING = re.compile(r"-([a-z]+)|\s([a-z]+s|people|staff|men|women|fte|kg|km)\b", re.IGNORECASE)
_NOT_PLURAL = frozenset(
    ("was", "is", "has", "as", "its", "this", "less", "plus", "versus", "vs", "does", "across", "thus")
)
_NO_FIGURES = re.compile(
    r"\b(?:the|this|that|each|every|which|no|any|another)\sone\b(?!\s(?:hundred|thousand|million|billion|point|month))"
    r"|\bone\s(?:of|before|after|another)\b|\b(?:below|above|under|over)\szero\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:hundreds?|thousands?|millions?|billions?|trillions?|dozens?|couple|pair|twice|thrice|doubl\w+|tripl\w+|"
    r"quadrupl\w+|halv\w+|half|third|thirds|quarters?|quarterly|\w+fold|decades?|fortnights?|grand)\b",
    re.IGNORECASE,
)
_FRACTIONS = re.compile(
    r"\b(?:(?P<two>two)[ -]thirds|(?P<three>three)[ -]quarters"
    r"|(?:an?|one)[ -](?P<part>half|third|quarter)|(?P<half>half))\b(?![ -](?:years?|months?))",
    re.IGNORECASE,
)
_PARTS = {"half": 50, "third": 33, "quarter": 25, "two": 67, "three": 75}
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2212\ufe63\uff0d", "-"))


@dataclass(frozen=True)
class Spotted:
    """One figure as written. `readings` are magnitudes, each with the step it is written to.

    `mark` is the currency as written, `noun` what is counted. In parentheses (`enclosed`) either sign may be meant.
    `four_digits` is a number that may be a year.
    """

    readings: tuple[tuple[Decimal, Decimal], ...]
    unit: Unit
    sign: Literal["-", "+", ""] = ""
    mark: str = ""
    noun: str = ""
    enclosed: bool = False
    four_digits: bool = False


@dataclass(frozen=True)
class Read:
    """`legible` is false where something that looks like a figure could not be read."""

    figures: tuple[Spotted, ...]
    legible: bool


def level(text: str) -> str:
    """The text in one form for reading: no invisible characters, one kind of minus, single spaces."""
    seen = "".join(one for one in unicodedata.normalize("NFC", text) if unicodedata.category(one) != "Cf")
    return " ".join(seen.translate(_DASHES).replace("—", " – ").split())


def read(text: str) -> Read:
    """Every figure of a text that `level` has passed, dates and the like already taken out."""
    if any(unicodedata.numeric(one, None) is not None and not one.isascii() for one in text):
        return Read((), legible=False)
    marks = set(_decimal_marks(text))
    if len(marks) > 1:
        return Read((), legible=False)
    found: list[Spotted] = []
    left = _NO_FIGURES.sub(TAKEN, text)
    left = _FRACTIONS.sub(lambda part: _keep(found, _fraction(part)), left)
    left = ORDINAL.sub(lambda one: _keep(found, _ordinal(one)), left)
    left = _numbers(left, found, next(iter(marks), None))
    return Read(tuple(found), not (re.search(rf"[\d%‰{SYMBOL}]", left) or _VAGUE.search(left)))


def counts_anything(text: str) -> bool:
    """Whether a text holds anything that could be read as a figure."""
    seen = read(level(text))
    return bool(seen.figures) or not seen.legible


def _keep(found: list[Spotted], spotted: Spotted) -> str:
    found.append(spotted)
    return TAKEN


def _fraction(part: re.Match[str]) -> Spotted:
    name = (part["part"] or part["half"] or part["two"] or part["three"]).lower()
    return Spotted(((Decimal(_PARTS[name]), Decimal(1)),), "percent")


def _ordinal(one: re.Match[str]) -> Spotted:
    counted = _COUNTED.match(one.string, one.end())
    return Spotted(
        ((Decimal(ordinal(one)), Decimal(1)),),
        "count" if counted else "ordinal",
        noun=counted[1].lower() if counted else "",
    )


def _numbers(text: str, found: list[Spotted], mark: str | None) -> str:
    """Reads the numbers from left to right; the text with what was read taken out."""
    done, at = "", 0
    while number := _NUMBER.search(text, at):
        spotted, end = _spotted(number, mark)
        if spotted is None:
            done, at = done + text[at : number.end()], number.end()
            continue
        found.append(spotted)
        done, at = done + text[at : number.start()] + TAKEN, end
    return done + text[at:]


def _spotted(number: re.Match[str], mark: str | None) -> tuple[Spotted | None, int]:
    text, end = number.string, number.end()
    readings = _readings(number, mark)
    if not readings:
        return None, end
    sign = _sign(number)
    percent = _PERCENT.match(text, end)
    money = None if percent else _MONEY.match(text, end)
    enclosed = text[number.start() - 1 : number.start()] == "(" or "(" in number[0]
    if percent:
        by = Decimal("0.01") if percent["basis"] else Decimal(1)
        readings = tuple((value * by, step * by) for value, step in readings)
        unit: Unit = "percent" if percent["percent"] else "points"
        mark_seen = number["before"] or ""
        return Spotted(readings, unit, sign, mark_seen, enclosed=enclosed), percent.end()
    if number["before"] or money:
        marks = [one for one in (number["before"], money and money["mark"]) if one]
        return Spotted(readings, "money", sign, " + ".join(marks), enclosed=enclosed), money.end() if money else end
    noun = _noun(text, end)
    unit = "count" if noun else "bare"
    year = bool(re.fullmatch(r"\d{4}", number[0]))
    return Spotted(readings, unit, sign, noun=noun, enclosed=enclosed, four_digits=year), end


def _sign(number: re.Match[str]) -> Literal["-", "+", ""]:
    said = (number["sign"] or "").strip().lower()
    inner = number["inner"] or ""
    if "-" in (said, inner) or said in ("–", "minus", "negative"):
        return "-"
    return "+" if said or inner else ""


def _noun(text: str, end: int) -> str:
    """What a bare number counts: one of ours, some other word that can only be counted, or nothing."""
    counted = _COUNTED.match(text, end)
    if counted:
        return counted[1].lower()
    something = _SOMETHING.match(text, end)
    word = (something[1] or something[2]).lower() if something else ""
    return "" if word in _NOT_PLURAL else word


def _readings(number: re.Match[str], mark: str | None) -> tuple[tuple[Decimal, Decimal], ...]:
    scale = Decimal(10) ** _SCALES[number["scale"].lower()] if number["scale"] else Decimal(1)
    if number["words"]:
        said = spoken(number["words"])
        return ((said[0] * scale, said[1] * scale),) if said else ()
    found = []
    for decimal in ".,":
        if (mark and decimal != mark) or decimal not in _possible(number["digits"]):
            continue
        grouping = "," if decimal == "." else "."
        whole, _, places = re.sub(rf"[ '’{grouping}]", "", number["digits"]).partition(decimal)
        value = Decimal(f"{whole}.{places}" if places else whole) * scale
        found.append((value, scale / Decimal(10) ** len(places)))
    return tuple(dict.fromkeys(found))


def _possible(digits: str) -> str:
    """Which of the two marks can be the decimal one in this figure: one of them, or both."""
    used = [one for one in digits if one in ".,"]
    if not used:
        return ".,"
    other = "," if used[-1] == "." else "."
    if len(set(used)) == 2:
        return used[-1]
    if len(used) > 1:
        return other
    whole, _, places = digits.partition(used[0])
    if len(places) == 3 and len(whole) <= 3 and not whole.startswith("0") and whole.isdigit():
        return ".,"
    return used[0]


def _decimal_marks(text: str) -> Iterator[str]:
    """The decimal marks of those figures that can only be read one way."""
    for number in _NUMBER.finditer(text):
        digits = number["digits"]
        if digits and len(_possible(digits)) == 1:
            yield _possible(digits)
