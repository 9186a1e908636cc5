"""What somebody else saved while a form was open, field by field and in words."""

from __future__ import annotations

import json
from typing import Any

from functions.console.compose import Dependencies
from functions.console.pulse_form import content
from functions.console.pulse_views import SUMMARIES, title_of
from functions.console.views import shown
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.schedules import Schedule

_LABELS = {
    "name": "Name",
    "connection": "Organisation",
    "metric": "Metric",
    "destinations": "Where",
    "schedule": "When",
    "summary": "Comment",
    "names_to_ai": "Names to the model",
    "theme": "Chart",
    "skip_unchanged": "Skip when unchanged",
    "state": "State",
}


def changed(seen: str, newest: Pulse, deps: Dependencies) -> list[tuple[str, str, str]]:
    """(label, as it was when the form was opened, as it is now). `seen` came with the form: it is shown, never used."""
    before, now = _read(seen), content(newest)
    return [
        (label, _words(name, before[name], deps), _words(name, now[name], deps))
        for name, label in _LABELS.items()
        if name in before and before[name] != now[name]
    ]


def _read(seen: str) -> dict[str, Any]:
    try:
        found = json.loads(seen)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(name: str, value: Any, deps: Dependencies) -> str:
    try:
        return _in_words(name, value, deps) or "nothing"
    except (TypeError, ValueError, KeyError, AttributeError):
        return "something else"  # the form was tampered with


def _in_words(name: str, value: Any, deps: Dependencies) -> str:
    if name == "schedule":
        schedule = Schedule.stored(value)
        return schedule.words() if schedule else "by hand alone"
    if name == "destinations":
        return ", ".join(target for one in value for target in _targets(one))
    if name == "connection":
        found = deps.connections.get(str(value))
        return shown(found).name if found else str(value)
    if name == "metric":
        return title_of(str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return SUMMARIES.get(value, str(value)) if name == "summary" else str(value)


def _targets(one: dict[str, Any]) -> list[str]:
    if one["kind"] == "slack":
        return [f"#{one.get('channel_name') or one['channel']}"]
    return [str(address) for address in one["addresses"]]
