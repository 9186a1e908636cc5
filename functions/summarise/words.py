"""English words for numbers and ranks, and what they say."""

from __future__ import annotations

import re
from decimal import Decimal

_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SMALL += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_RANKS = ["zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_RANKS += ["eleventh", "twelfth", *(f"{word}th" for word in _SMALL[13:]), *(f"{word[:-1]}ieth" for word in _TENS)]
_VALUES = {
    **{word: value for value, word in enumerate(_SMALL)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
    **dict.fromkeys(("nil", "nought"), 0),
    **dict.fromkeys(("a", "an"), 1),
}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}

_UNIT = "|".join(_SMALL[1:10])
_BELOW_HUNDRED = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{_UNIT})\b)?|(?:{'|'.join(reversed(_SMALL))}|nil|nought))"
_BELOW_THOUSAND = rf"(?:(?:{_BELOW_HUNDRED}|an?)[ -]hundred\b(?:(?:[ ]and)?[ -]{_BELOW_HUNDRED}\b)?|{_BELOW_HUNDRED}\b)"
_LARGE = "thousand|million|billion|trillion"
_WHOLE = (
    rf"(?:(?:(?:{_BELOW_THOUSAND}|an?)[ -](?:{_LARGE})\b,?[ ]?(?:and[ ])?)+(?:{_BELOW_THOUSAND})?|{_BELOW_THOUSAND})"
)
_BROKEN = rf"{_BELOW_HUNDRED}[ ]point(?:[ ](?:{'|'.join(_SMALL[:10])}|nought)\b)+(?:[ ](?:hundred|{_LARGE})\b)?"
IN_WORDS = rf"(?:{_BROKEN}|{_WHOLE})(?<![ ,])"
"""A pattern, without groups, for a number in words."""

ORDINAL = re.compile(
    rf"(?<![\w.,])(?:(?P<digits>\d+)(?:st|nd|rd|th)|\b(?:(?P<tens>{'|'.join(_TENS)})-)?(?P<rank>{'|'.join(_RANKS)}))\b",
    re.IGNORECASE,
)


def ordinal(found: re.Match[str]) -> int:
    """The rank that a match of ORDINAL tells."""
    if found["digits"]:
        return int(found["digits"])
    rank = _RANKS.index(found["rank"].lower())
    return _VALUES.get((found["tens"] or "").lower(), 0) + (rank if rank < 20 else 10 * (rank - 18))


def spoken(words: str) -> tuple[Decimal, Decimal] | None:
    """The number and the step that its last word stands for; None where its parts do not descend."""
    whole, _, broken = words.lower().partition(" point ")
    tokens = re.findall(r"[a-z]+", whole)
    if broken:
        *digits, last = broken.split()
        scale = _SCALES.get(last, 0)
        digits = digits if scale else [*digits, last]
        value = Decimal(f"{_sum(tokens)}.{''.join(str(_VALUES[one]) for one in digits)}")
        return value * (scale or 1), Decimal(scale or 1) / 10 ** len(digits)
    parts = _sum(tokens)
    return None if parts is None else (Decimal(parts), Decimal(_SCALES.get(tokens[-1], 1)))


def _sum(tokens: list[str]) -> int | None:
    total, part, above = 0, 0, 10**15
    for word in tokens:
        if word == "and":
            continue
        scale = _SCALES.get(word)
        if scale is None:
            part += _VALUES[word]
        elif scale == 100:
            part *= 100
        elif scale >= above:
            return None
        else:
            total, part, above = total + part * scale, 0, scale
    return total + part
