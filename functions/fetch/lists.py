"""Xero's paged lists, reduced to what ageing needs: no names, no lines (facts.md 3.5, 3.7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from functions.fetch.questions import Question
from functions.fetch.snapshots import Snapshot, Snapshots
from ledgercast.domain.errors import UnknownReportShape, XeroRejected

PAGE_SIZE: Final = 1000
UNTOLD_SIZE: Final = 100  # of a page where no size is asked for, or none is taken (facts.md 3.7)
Keep = Callable[[dict[str, Any]], dict[str, Any] | None]

_EPOCH = re.compile(r"/Date\((-?[0-9]+)(?:[+-][0-9]{4})?\)/")


def pages(
    snapshots: Snapshots,
    name: str,
    keep: Keep,
    where: str | None = None,
    since: datetime | None = None,
    **params: str,
) -> list[Snapshot]:
    """Every page of a list, reduced by `keep`. Later pages are never older than the first, or they would not fit it.

    Organisations with very many documents refuse some filters with a 400; the list is then read without `where`, and
    the caller, who has to look at every document anyway, filters by itself.
    """
    if where is not None:
        try:
            return _pages(snapshots, name, keep, since, {"where": where, **params})
        except XeroRejected:
            pass
    return _pages(snapshots, name, keep, since, params)


def _pages(
    snapshots: Snapshots, name: str, keep: Keep, since: datetime | None, params: dict[str, str]
) -> list[Snapshot]:
    def question(page: int) -> Question:
        paging = {"page": str(page), "pageSize": str(PAGE_SIZE)}
        return Question(name, {**params, **paging}, keep=lambda body: _reduced(body, name, keep, page))

    found = [snapshots.get(question(1), since)]
    while found[-1].body["more"]:
        found.append(snapshots.get(question(len(found) + 1), since=found[0].fetched_at))
    return found


def _reduced(body: Any, name: str, keep: Keep, page: int) -> dict[str, Any]:
    listed = body.get(name)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise UnknownReportShape(f"Xero's list of {name} has an unknown form")
    kept = [reduced for one in listed if (reduced := keep(one)) is not None]
    return {"items": kept, "more": bool(listed) and _more(body, len(listed), page)}


def _more(body: Any, listed: int, page: int) -> bool:
    """Whether pages follow, as `pagination` counts them; without it a full page tells, of our size or Xero's own."""
    pagination = body.get("pagination")
    if not isinstance(pagination, dict):
        return listed >= PAGE_SIZE or listed == UNTOLD_SIZE
    return page < number(pagination, "pageCount")


def items(snapshots: list[Snapshot], key: str) -> list[dict[str, Any]]:
    """All items once: a document that moved between pages while they were read would come twice."""
    return list({one[key]: one for snapshot in snapshots for one in snapshot.body["items"]}.values())


def number(item: dict[str, Any], name: str) -> Decimal:
    """A number that must be there. Raises UnknownReportShape."""
    try:
        found = Decimal(str(item[name]))
    except (KeyError, InvalidOperation):
        found = Decimal("NaN")
    if not found.is_finite():
        raise UnknownReportShape(f"An item of a list has no {name}")
    return found


def text(item: dict[str, Any], name: str) -> str:
    """A text that must be there. Raises UnknownReportShape."""
    found = item.get(name)
    if not isinstance(found, str) or not found:
        raise UnknownReportShape(f"An item of a list has no {name}")
    return found


def day(item: dict[str, Any], name: str) -> date | None:
    """`DateString` (a plain date) before `Date` (`/Date(ms)/`, that day's midnight in UTC); None without either."""
    text = item.get(f"{name}String") or item.get(name)
    if not text:
        return None
    found = _EPOCH.fullmatch(str(text))
    try:
        if found:
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))).date()
        return date.fromisoformat(str(text)[:10])
    except (ValueError, OverflowError):
        raise UnknownReportShape(f"A document's {name} is not a date") from None
