"""Templates: the function's own before the shared ones, everything escaped, unknown names an error."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ledgercast.text import one_line

SHARED = Path(__file__).parent / "templates"
ASSETS = Path(__file__).parent / "assets"


@cache
def environment(folder: Path | None) -> Environment:
    """The templates of a folder and the shared ones. Global: asset(name); filters: instant, line."""
    folders = [folder, SHARED] if folder else [SHARED]
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(one) for one in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset_address
    made.filters["instant"] = instant
    made.filters["line"] = one_line
    return made


@cache
def asset_body(name: str) -> str:
    """The text of one of our few assets. Raises KeyError for any other name."""
    if name not in ("ledgercast.css", "icon.svg"):
        raise KeyError(name)
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def asset_address(name: str) -> str:
    """Changes with the file, which may therefore be kept for good."""
    return f"/assets/{name}?v={hashlib.sha256(asset_body(name).encode()).hexdigest()[:12]}"


def instant(seconds: int, zone: tzinfo = UTC) -> str:
    """An instant in epoch seconds for people: «25 Nov 2026, 09:00 UTC», or in a zone of theirs."""
    at = datetime.fromtimestamp(seconds, zone)
    return f"{at.day} {at:%b %Y, %H:%M %Z}"


def csrf_field(value: str) -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(value)


def render(folder: Path | None, template: str, values: dict[str, Any]) -> str:
    return environment(folder).get_template(template).render(values)
