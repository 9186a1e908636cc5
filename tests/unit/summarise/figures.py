"""Figures as people write them, for tests: the same amount in the formats of several countries, and in words."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
SMALL = _SMALL.split(" ")
TENS = [*("",) * 2, "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def grouped(size: Decimal, places: int, *, group: str = ",", decimal: str = ".") -> str:
    """The size rounded half up to so many places."""
    rounded = size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:,f}".replace(",", "\0").replace(".", decimal).replace("\0", group)


FORMATS: dict[str, Callable[[Decimal], str]] = {
    "£1,234.50": lambda size: f"£{grouped(size, 2)}",
    "£1234.50": lambda size: f"£{grouped(size, 2, group='')}",
    "£1,235": lambda size: f"£{grouped(size, 0)}",
    "£ 1 234.50": lambda size: f"£ {grouped(size, 2, group=' ')}",
    "GBP 1,234.50": lambda size: f"GBP {grouped(size, 2)}",
    "1,234.50 GBP": lambda size: f"{grouped(size, 2)} GBP",
    "1,234.50 pounds": lambda size: f"{grouped(size, 2)} pounds",
    "1.234,50 £": lambda size: f"{grouped(size, 2, group='.', decimal=',')} £",
    "1 234,50 £": lambda size: f"{grouped(size, 2, group=' ', decimal=',')} £",
    "1 234,50 £ (narrow)": lambda size: f"{grouped(size, 2, group=chr(0x202F), decimal=',')} £",
    "£1'234.50": lambda size: f"£{grouped(size, 2, group=chr(39))}",
    "1,234.50": lambda size: grouped(size, 2),
}


def in_words(number: int) -> str:
    """1234 as «one thousand two hundred and thirty-four»."""
    for scale, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= scale:
            head, rest = divmod(number, scale)
            tail = f"{' and' if rest < 100 else ''} {in_words(rest)}" if rest else ""
            return f"{in_words(head)} {name}{tail}"
    if number < 20:
        return SMALL[number]
    return TENS[number // 10] + (f"-{SMALL[number % 10]}" if number % 10 else "")
