"""Which categories are months, and which of them the headline is about."""

from __future__ import annotations

from collections.abc import Sequence

from ledgercast.domain.facts import Facts


def is_month(key: str) -> bool:
    """Whether a category's key is `YYYY-MM`."""
    return len(key) == 7 and key[4] == "-" and (key[:4] + key[5:]).isdecimal()


def monthly(facts: Facts) -> bool:
    return all(is_month(key) for key in facts.category_keys)


def part_month(facts: Facts, index: int) -> bool:
    """Whether the category is the month that is not over."""
    return facts.window.partial_last and monthly(facts) and index == len(facts.category_keys) - 1


def headline_index(facts: Facts) -> int | None:
    """The last full month: the one before the current month, even on that month's last day (metrics.md 2)."""
    return len(facts.category_keys) - 2 if monthly(facts) and len(facts.category_keys) > 1 else None


def above(facts: Facts) -> list[str]:
    """A month's first line is its name without the year; any other category is itself."""
    pairs = zip(facts.categories, facts.category_keys, strict=True)
    return [name.rsplit(" ", 1)[0] if is_month(key) else name for name, key in pairs]


def below(facts: Facts, shown: Sequence[int]) -> dict[int, str]:
    """The second line of the months shown: the year where it begins, "to date" under a part month."""
    lines, said = {}, ""
    for index in shown:
        key = facts.category_keys[index]
        year = key[:4] if is_month(key) else ""
        lines[index] = "to date" if part_month(facts, index) else year if year != said else ""
        said = year
    return lines
