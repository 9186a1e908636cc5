"""Facts: the numbers of one metric for one window, with how they were derived (metrics.md 5).

Money and percentages are strings with two places ("1234.50"), so that no reader can round them by accident.
`values` of a series stand in the order of `category_keys`; None means "not defined", never "nothing".
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

SCHEMA = 1


@dataclass(frozen=True)
class Organisation:
    name: str
    currency: str
    timezone: str
    short_code: str


@dataclass(frozen=True)
class Window:
    """From and to are dates (YYYY-MM-DD) of the organisation's time zone, both included."""

    start: str
    end: str
    label: str
    partial_last: bool


@dataclass(frozen=True)
class Series:
    id: str
    name: str
    kind: Literal["line", "bar", "marker"]
    values: tuple[str | None, ...]


@dataclass(frozen=True)
class Headline:
    label: str
    value: str | None
    previous: str | None
    change_pct: str | None


@dataclass(frozen=True)
class Check:
    """Xero's figure beside ours; `ok` is None where they cannot be compared, with the reason in `note`."""

    name: str
    expected: str | None
    actual: str | None
    ok: bool | None
    note: str | None = None


@dataclass(frozen=True)
class Source:
    report: str
    params: dict[str, str]
    fetched_at: str


@dataclass(frozen=True)
class Facts:
    metric: str
    title: str
    organisation: Organisation
    window: Window
    basis: Literal["accrual", "cash"] | None
    as_of: str
    unit: Literal["currency", "percent"]
    categories: tuple[str, ...]
    category_keys: tuple[str, ...]
    series: tuple[Series, ...]
    headline: Headline
    total: str | None
    notes: tuple[str, ...] = ()
    extras: dict[str, Any] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    source: tuple[Source, ...] = ()

    @property
    def empty(self) -> bool:
        """No activity: there is nothing to draw."""
        return not self.series

    def to_json(self) -> dict[str, Any]:
        """The fixed JSON of metrics.md 5."""
        body = asdict(self)
        window = body.pop("window")
        body["window"] = {"from": window.pop("start"), "to": window.pop("end"), **window}
        return {"schema": SCHEMA, **body}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Facts:
        """The inverse of `to_json`, through lists and dicts alone."""
        window = dict(body["window"])
        return cls(
            metric=body["metric"],
            title=body["title"],
            organisation=Organisation(**body["organisation"]),
            window=Window(start=window.pop("from"), end=window.pop("to"), **window),
            basis=body["basis"],
            as_of=body["as_of"],
            unit=body["unit"],
            categories=tuple(body["categories"]),
            category_keys=tuple(body["category_keys"]),
            series=tuple(Series(**{**one, "values": tuple(one["values"])}) for one in body["series"]),
            headline=Headline(**body["headline"]),
            total=body["total"],
            notes=tuple(body["notes"]),
            extras=dict(body["extras"]),
            checks=tuple(Check(**one) for one in body["checks"]),
            source=tuple(Source(**one) for one in body["source"]),
        )


def facts_hash(facts: Facts) -> str:
    """The SHA-256 of the numbers: the same for two facts that tell the same figures at different times.

    When they were read, the day on which a running window ends and what the notes say are not part of it.
    """
    told = {
        "metric": facts.metric,
        "currency": facts.organisation.currency,
        "unit": facts.unit,
        "basis": facts.basis,
        "categories": [facts.category_keys, facts.categories],
        "series": [(one.id, one.name, one.values) for one in facts.series],
        "headline": [facts.headline.value, facts.headline.previous],
        "total": facts.total,
        "checks": [(one.name, one.ok) for one in facts.checks],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
