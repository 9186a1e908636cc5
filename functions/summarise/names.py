"""Names of accounts: what a model reads in their place, and how they come back into its text (SX-3, AI-1).

Facts hold no other names: contacts and documents are summed away, and notes and the organisation are never sent. Unless
a pulse allows names, every account is «Account 1» and so on. Where it does, a name is sent only if it looks like one:
short, a few Latin words, no digit and no word for a number. So no name can carry an instruction of any length, and none
can stand in a text as a figure that the check would have to take for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from functions.summarise.reading import TAKEN, counts_anything
from ledgercast.domain.facts import Facts, Series
from ledgercast.text import one_line, shorten

MOST_WORDS = 4
MOST_LETTERS = 40
MOST_SHOWN = 80

_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ][A-Za-zÀ-ÖØ-öø-ÿ &'’()-]*")
_PLACEHOLDER = re.compile(r"\bAccount (\d{1,3})\b(?![.,]?\d|\s?%)", re.IGNORECASE)
_STRAY = re.compile(r"\baccounts?\s\d", re.IGNORECASE)


class UnknownName(Exception):
    """The text speaks of an account that there is none of, or of several in one word."""


@dataclass(frozen=True)
class Names:
    """`facts` as the model may read them; `hidden` is placeholder number to name."""

    facts: Facts
    hidden: dict[int, str]

    def take_out(self, text: str) -> str:
        """The text without its placeholders, as the check reads it. Raises UnknownName."""
        bare = _PLACEHOLDER.sub(lambda found: TAKEN * bool(self._known(found)), text)
        if _STRAY.search(bare):
            raise UnknownName
        return bare

    def put_back(self, text: str) -> str:
        """The text with the names; one that could be read as a figure or a sentence stands in quotation marks."""
        return _PLACEHOLDER.sub(lambda found: _shown(self._known(found)), text)

    def _known(self, found: re.Match[str]) -> str:
        try:
            return self.hidden[int(found[1])]
        except KeyError:
            raise UnknownName from None


def hide(facts: Facts, *, allowed: bool) -> Names:
    """The facts with placeholders for the names of accounts; `allowed` leaves those that look like names."""
    numbers: dict[str, int] = {}

    def stand_in(name: str) -> str:
        if allowed and looks_like_a_name(name):
            return name
        return f"Account {numbers.setdefault(name, len(numbers) + 1)}"

    # Checks and notes name accounts and sections in their own words.
    masked = replace(facts, organisation=replace(facts.organisation, name="", short_code=""), checks=(), notes=())
    if facts.metric in ("expense_breakdown", "cash_position"):
        rows = zip(facts.category_keys, facts.categories, strict=True)
        masked = replace(masked, categories=tuple(name if _ours(key) else stand_in(name) for key, name in rows))
    elif facts.metric == "cash_in_vs_out":
        masked = replace(masked, series=tuple(_hidden(one, stand_in) for one in facts.series))
    return Names(masked, {number: name for name, number in numbers.items()})


def looks_like_a_name(name: str) -> bool:
    return (
        len(name) <= MOST_LETTERS
        and len(name.split()) <= MOST_WORDS
        and bool(_PLAIN.fullmatch(name))
        and not counts_anything(name)
    )


def _hidden(series: Series, stand_in: Callable[[str], str]) -> Series:
    account = series.id.partition(":")[2]
    return series if not account or _ours(account) else replace(series, name=stand_in(series.name))


def _ours(key: str) -> bool:
    """Rows that this product adds under names of its own."""
    return key in ("other", "FXGROUPID")


def _shown(name: str) -> str:
    clean = shorten(one_line(name), MOST_SHOWN)
    return clean if looks_like_a_name(name) else f"“{clean}”"
