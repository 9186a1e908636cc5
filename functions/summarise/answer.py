"""A model's answer taken apart: a headline and a few sentences of plain text, or nothing."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from ledgercast.text import one_line

MALFORMED = "summary.malformed"
REFUSED = "summary.refused"

MOST_HEADLINE = 140
MOST_SENTENCES = 5
MOST_SENTENCE = 400
MOST_ANSWER = 8_000
"""Characters; a longer answer is not looked at."""

_FENCE = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL)
_MARKUP = re.compile(r"[<>{}|\\`@_*#~^=\[\]]|https?:|www\.|\b[\w-]+\.[a-z]{2,}\b", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\b(?:I(?: am|'m|’m)? (?:sorry|unable|cannot|can't|can’t|won't|will not)|as an AI|language model)\b", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ£$€(“\"])")


class NotUsable(Exception):
    """The answer cannot go out; `why` is a code of `ledgercast.messages`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Answer:
    headline: str
    analysis: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        return (self.headline, *self.analysis)


def understood(text: str) -> Answer:
    """Raises NotUsable. The words are as they were, without what cannot be seen."""
    if len(text) > MOST_ANSWER:
        raise NotUsable(MALFORMED)
    fenced = _FENCE.match(text)
    try:
        body = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        raise NotUsable(REFUSED if _REFUSAL.search(text) else MALFORMED) from None
    if not isinstance(body, dict) or set(body) != {"headline", "analysis"}:
        raise NotUsable(MALFORMED)
    headline, analysis = _line(body["headline"], MOST_HEADLINE), tuple(_analysis(body["analysis"]))
    if not 1 <= len(analysis) <= MOST_SENTENCES:
        raise NotUsable(MALFORMED)
    return Answer(headline, analysis)


def _analysis(given: Any) -> list[str]:
    if isinstance(given, str):
        given = _SENTENCE_END.split(given.strip())
    if not isinstance(given, list):
        raise NotUsable(MALFORMED)
    lines = [_line(one, MOST_SENTENCE) for one in given]
    return [sentence for line in lines for sentence in _SENTENCE_END.split(line)]


def _line(given: Any, most: int) -> str:
    """One line of Latin text without links or markup; letters of other scripts could pose as figures or names."""
    if not isinstance(given, str):
        raise NotUsable(MALFORMED)
    seen = "".join(
        one for one in unicodedata.normalize("NFC", given) if unicodedata.category(one) not in ("Cf", "Co", "Cn")
    )
    line = one_line(seen.replace("**", ""))
    if _REFUSAL.search(line):
        raise NotUsable(REFUSED)
    if not line or len(line) > most or _MARKUP.search(line) or not all(map(_is_latin, line)):
        raise NotUsable(MALFORMED)
    return line


def _is_latin(one: str) -> bool:
    return not one.isalpha() or unicodedata.name(one, "").startswith("LATIN ")
