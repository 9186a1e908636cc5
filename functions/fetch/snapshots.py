"""Answers of Xero, kept once for all metrics, runs and previews of a connection (metrics.md 3).

Whoever misses an answer takes the connection's lease, looks again, asks Xero and stores; whoever does not get the lease
raises SnapshotInProgress, and the state machine tries again. Each answer is stored as it comes, so a fetch that a rate
limit or a crash cuts short goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from functions.fetch.questions import Question
from ledgercast.clock import Clock
from ledgercast.domain.errors import SnapshotInProgress
from ledgercast.domain.facts import Source
from ledgercast.xero.client import AT_ONCE


class Store(Protocol):
    """JSON by key: the bucket (ledgercast.store.artefacts.Artefacts), or a MemoryStore."""

    def get_json(self, key: str) -> Any: ...

    def put_json(self, key: str, body: Any) -> None: ...


class Lease(Protocol):
    """The right to ask Xero about one connection; taking it again prolongs it."""

    def take(self) -> bool: ...

    def release(self) -> None: ...


class Xero(Protocol):
    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]: ...


class MemoryStore:
    """The twin of the bucket for one process: the commands, and tests."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def get_json(self, key: str) -> Any:
        return json.loads(self._kept[key]) if key in self._kept else None

    def put_json(self, key: str, body: Any) -> None:
        self._kept[key] = json.dumps(body)


class NoLease:
    """For a process that shares its store with nobody."""

    def take(self) -> bool:
        return True

    def release(self) -> None:
        return


@dataclass(frozen=True)
class Snapshot:
    question: Question
    body: Any
    fetched_at: datetime

    @property
    def source(self) -> Source:
        instant = self.fetched_at.isoformat(timespec="seconds")
        return Source(self.question.report, dict(self.question.params), instant)


class Snapshots:
    """The answers of one connection, used by one computation at a time.

    `prefix` names the connection's place in the store: `snapshots/<workspace>/<connection>`. `asked` collects the
    name of every report that Xero was asked for, answered or not.
    """

    def __init__(
        self,
        store: Store,
        prefix: str,
        xero: Xero,
        clock: Clock,
        lease: Lease | None = None,
        asked: list[str] | None = None,
    ) -> None:
        self._store = store
        self._prefix = prefix
        self._xero = xero
        self._clock = clock
        self._lease = lease or NoLease()
        self._leased = False
        self._asked = [] if asked is None else asked

    def get(self, question: Question, since: datetime | None = None) -> Snapshot:
        """The answer, from the store while it is fresh and not older than `since`, else from Xero.

        Raises SnapshotInProgress while another run asks Xero about this connection, and what the client raises.
        """
        return self.get_all([question], since)[0]

    def get_all(self, questions: Iterable[Question], since: datetime | None = None) -> list[Snapshot]:
        """The answers in the order of the questions; what is missing is asked four at a time."""
        asked = list(questions)
        found = [self._kept(question, since) for question in asked]
        if None not in found:
            return [one for one in found if one is not None]
        self._take_lease()

        def answer(question: Question) -> Snapshot:  # the last holder of the lease may just have stored it
            return self._kept(question, since) or self._ask(question)

        if len(asked) == 1:
            return [answer(asked[0])]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(answer, asked))  # the first failure cancels what has not begun

    def kept(self, question: Question) -> Snapshot | None:
        """The answer only if it need not be asked for."""
        return self._kept(question, None)

    def release(self) -> None:
        """Let the next run ask Xero. Harmless when nothing was asked."""
        if self._leased:
            self._lease.release()
            self._leased = False

    def _take_lease(self) -> None:
        self._leased = self._lease.take()
        if not self._leased:
            raise SnapshotInProgress("Another run is asking Xero about this organisation")

    def _kept(self, question: Question, since: datetime | None) -> Snapshot | None:
        stored = self._store.get_json(self._key(question))
        if stored is None:
            return None
        fetched_at = datetime.fromisoformat(stored["fetched_at"])
        age = self._clock() - fetched_at
        if not timedelta() <= age < question.holds(fetched_at) or (since is not None and fetched_at < since):
            return None
        return Snapshot(question, stored["body"], fetched_at)

    def _ask(self, question: Question) -> Snapshot:
        fetched_at = self._clock()  # before the call: what is entered meanwhile may be missing from the answer
        self._asked.append(question.report)
        answer = question.keep(self._xero.get(question.path, question.params))
        body = json.loads(json.dumps(answer, default=str))  # Decimals as text, and nobody else's dictionary
        stored = {"report": question.report, "params": question.params, "fetched_at": fetched_at.isoformat()}
        self._store.put_json(self._key(question), {**stored, "body": body})
        return Snapshot(question, body, fetched_at)

    def _key(self, question: Question) -> str:
        return f"{self._prefix}/{question.key}.json"
