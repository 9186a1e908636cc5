"""Time zones by their IANA names, as the settings offer them."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ledgercast.domain.workspace import UTC, Settings

# The rest are names of the past, fixed offsets and directories of the time zone data.
_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def zones() -> tuple[str, ...]:
    """Every name that can be chosen, in order, UTC first."""
    return (UTC, *sorted(name for name in available_timezones() if name.partition("/")[0] in _REGIONS))


@cache
def by_region() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """(region, ((name, what people call it), …)): «Europe/Isle_of_Man» is «Isle of Man» of Europe."""
    places = groupby(zones()[1:], key=lambda name: name.partition("/")[0])
    return tuple((region, tuple((name, _place(name)) for name in names)) for region, names in places)


def zone_of(settings: Settings) -> ZoneInfo:
    """The workspace's zone; UTC where its name is no longer known."""
    try:
        return ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(UTC)


def _place(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")
