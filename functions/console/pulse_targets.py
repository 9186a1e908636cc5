"""Where a pulse is sent, as the form or the API names it, by the workspace's rules of this moment (DL-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from functions.console.compose import Dependencies
from ledgercast.destinations import Refusal
from ledgercast.domain.pulses import Destination, Pulse

_FORM = 'Name them as a list of {"kind": "slack", "channel"} and {"kind": "email", "addresses"}.'


def targets(wanted: Any, deps: Dependencies, before: Pulse | None, problems: dict[str, str]) -> tuple[Destination, ...]:
    """What is wrong with channels and with addresses is told side by side, not one after the other."""
    if not isinstance(wanted, list) or not all(isinstance(one, Mapping) for one in wanted):
        problems["destinations"] = _FORM
        return ()
    rules = deps.destinations()
    had = before.destinations if before else ()
    found = rules.check(wanted, had)
    if not isinstance(found, Refusal):
        return found
    _told(found, problems)
    others = _of_another_kind(wanted, found)
    again = rules.check(others, had) if others else None
    if isinstance(again, Refusal):
        _told(again, problems)
    return ()


def _of_another_kind(wanted: Sequence[Mapping[str, Any]], refusal: Refusal) -> list[Mapping[str, Any]]:
    kind = {"channel": "slack", "addresses": "email"}.get(refusal.field)
    return [one for one in wanted if kind and one.get("kind") != kind]


def _told(refusal: Refusal, problems: dict[str, str]) -> None:
    problems.setdefault(refusal.field, refusal.message)
