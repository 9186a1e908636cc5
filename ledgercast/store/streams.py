"""Stream routes and what they have told already, in `state`.

pk `WS#<w>` sk `ROUTE#<id>`: a route (ledgercast.domain.streams.Route).
pk `WS#<w>#ROUTE#<id>`, for 35 days (Xero replays up to 31):
  sk `EVENT#<key>` {post, by, until}: an event that belongs to a post; `post` is "" where it was found not to belong
  here, the key itself where it has a message of its own, else `<route>/<id>` of the post that it is grouped in. Where
  that post was never made, its maker is taken for dead after `until`, epoch seconds.
  sk `POST#<id>` {members}: what a grouped message stands for; put once, before it is sent. Without members it is the
    grave of one whose maker died before.
  sk `ENDED#<post>`: nothing more is to be done for it. The ledger knows that too; this is many at once, for batches of
    which most was told before.
  sk `DOC#<resource>` {event_at}: the newest event of a document that was posted.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.streams import Route
from ledgercast.store.table import ABSENT, Conflict, Item, Table

KEPT: Final = timedelta(days=35)
_THERE: Final = "attribute_exists(pk)"


class RouteStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._pk = f"WS#{workspace}"
        self.workspace = workspace

    def get(self, route: str) -> Route | None:
        """Read consistently."""
        item = self._table.get(self._pk, f"ROUTE#{route}")
        return Route.from_item(item) if item else None

    def list(self) -> list[Route]:
        """All of them, the oldest first. Read consistently."""
        found = [Route.from_item(item) for item in self._table.query(self._pk, "ROUTE#")]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def of_connection(self, connection: str) -> Iterable[Route]:
        return [one for one in self.list() if one.connection == connection]

    def create(self, route: Route) -> bool:
        """False where there is a route of that id already."""
        try:
            self._table.put({"pk": self._pk, "sk": f"ROUTE#{route.id}", **route.to_item()}, ABSENT)
        except Conflict:
            return False
        return True

    def delete(self, route: str) -> bool:
        """False where there was none."""
        try:
            self._table.delete(self._pk, f"ROUTE#{route}", _THERE)
        except Conflict:
            return False
        return True

    def note(self, route: str, **changes: Any) -> None:
        """Set attributes such as last_event_at; nothing, where the route was deleted meanwhile."""
        with suppress(Conflict):
            self._table.update(self._pk, f"ROUTE#{route}", changes, _THERE)


@dataclass(frozen=True)
class Claim:
    """Which post an event belongs to; until when its maker may still be alive (epoch seconds)."""

    post: str
    by: str
    until: int


class EventStore:
    """What the routes of one workspace have told. Every claim is a conditional write: of two at once one wins."""

    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._workspace = workspace

    def find(self, route: str, key: str) -> Claim | None:
        item = self._table.get(self._pk(route), f"EVENT#{key}")
        return Claim(item["post"], item["by"], item["until"]) if item else None

    def find_all(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Claim]:
        """Of many (route, key) at once, those that are claimed."""
        wanted = {(self._pk(route), f"EVENT#{key}"): (route, key) for route, key in keys}
        items = self._table.get_many(wanted)
        return {wanted[name]: Claim(item["post"], item["by"], item["until"]) for name, item in items.items()}

    def claim(self, route: str, key: str, claim: Claim, now: datetime, instead_of: Claim | None = None) -> bool:
        """Say which post an event belongs to. False when somebody else did so first.

        `instead_of`: the claim of somebody who died, as it was read.
        """
        item = {**self._keys(route, f"EVENT#{key}", now), **vars(claim)}
        try:
            if instead_of is None:
                self._table.put(item, ABSENT)
            else:
                self._table.put(item, "#by = :by AND #post = :post", by=instead_of.by, post=instead_of.post)
        except Conflict:
            # The store's own retry may have met the row that its first try wrote.
            return self.find(route, key) == claim
        return True

    def keep_post(self, route: str, post: str, members: list[Item], now: datetime) -> bool:
        """Write down, once and for all, what a grouped message stands for. False when somebody else did.

        Without members it is a grave: its maker is taken for dead, and if it lives after all it finds that out here.
        """
        try:
            self._table.put({**self._keys(route, f"POST#{post}", now), "members": members}, ABSENT)
        except Conflict:
            return self.post(route, post) == members
        return True

    def post(self, route: str, post: str) -> list[Item] | None:
        """What a grouped message stands for; None while that is not written down."""
        item = self._table.get(self._pk(route), f"POST#{post}")
        return list(item["members"]) if item else None

    def end(self, route: str, post: str, now: datetime) -> None:
        """Note that nothing more is to be done for a post: the ledger says that it was sent, or is unconfirmed."""
        self._table.put(self._keys(route, f"ENDED#{post}", now))

    def ended(self, posts: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of many (route, post) for which nothing more is to be done."""
        wanted = {(self._pk(route), f"ENDED#{post}"): (route, post) for route, post in posts}
        return {wanted[name] for name in self._table.get_many(wanted)}

    def newest(self, route: str, resource: str) -> str:
        """The instant of the newest event posted of a document, as ISO text; "" where none was."""
        item = self._table.get(self._pk(route), f"DOC#{resource}")
        return str(item["event_at"]) if item else ""

    def newest_of(self, documents: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """`newest` of many (route, resource) at once, where anything was posted."""
        wanted = {(self._pk(route), f"DOC#{resource}"): (route, resource) for route, resource in documents}
        return {wanted[name]: str(item["event_at"]) for name, item in self._table.get_many(wanted).items()}

    def posted(self, route: str, resource: str, event_at: str, now: datetime) -> None:
        """Remember an event as posted, unless a newer one was."""
        item = {**self._keys(route, f"DOC#{resource}", now), "event_at": event_at}
        with suppress(Conflict):
            self._table.put(item, f"{ABSENT} OR #event_at < :event_at", event_at=event_at)

    def _pk(self, route: str) -> str:
        return f"WS#{self._workspace}#ROUTE#{route}"

    def _keys(self, route: str, sk: str, now: datetime) -> Item:
        return {"pk": self._pk(route), "sk": sk, "ttl": int((now + KEPT).timestamp())}
