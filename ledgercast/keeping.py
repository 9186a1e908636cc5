"""What is kept of an organisation's books and of what was sent, and the end of it: after the time that the workspace
keeps such things, at a disconnect, and at the operator's word.

Rows (to whom something was sent, and when) stay, since they hold no figure; figures, charts, texts and Xero's answers
go. Everything here may be broken off and asked for again. The bucket's own lifecycle stays the upper bound of all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ledgercast.domain.runs import Run
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.pulses import PulseStore
from ledgercast.store.runs import RunStore
from ledgercast.store.streams import RouteStore
from ledgercast.store.table import Table

_NOTED_AFTER = 50


class Keeping:
    """`enough` says when to break off, which raises Unfinished where something is left to be deleted."""

    def __init__(self, table: Table, artefacts: Artefacts, enough: Callable[[], bool] = lambda: False) -> None:
        self._artefacts = artefacts
        self._runs, self._pulses, self._routes = RunStore(table), PulseStore(table), RouteStore(table)
        self._enough = enough
        self._workspace = self._pulses.workspace

    def forget_connection(self, connection: str) -> None:
        """Xero's answers, previews, and what was sent of that organisation by whatever pulse or stream.

        Raises Unfinished, and OSError where S3 left something.
        """
        for kept in ("snapshots", "previews"):
            self._delete(f"{kept}/{self._workspace}/{connection}/")
        for pulse in self._pulses.list(deleted=True):
            runs = list(self._runs.of_pulse(pulse.id))
            own = [run for run in runs if (run.connection or pulse.connection) == connection]
            if own and len(own) == len(runs):
                self.forget_pulse(pulse.id)
                continue
            for run in own:  # the pulse has been another organisation's, too
                self._delete(self._place(run))
        for route in self._routes.of_connection(connection):
            self.forget_pulse(route.pulse)

    def forget_pulse(self, pulse: str) -> None:
        """What every run of it sent. Raises Unfinished and OSError."""
        self._delete(f"runs/{self._workspace}/{pulse}/")

    def forget_all(self) -> None:
        """Whatever is kept of the workspace. Raises Unfinished and OSError."""
        for kept in ("snapshots", "previews", "runs"):
            self._delete(f"{kept}/{self._workspace}/")

    def forget_before(self, instant: datetime) -> int:
        """What runs sent that began before that instant, the oldest first: of how many of them. What is left when it
        was enough is gone on with the next time."""
        done, last = 0, ""
        for run in self._runs.ended_between(self._runs.cleared_until(), instant):
            if self._enough():
                break
            self._delete(self._place(run))
            done, last = done + 1, run.started_at
            if not done % _NOTED_AFTER:
                self._runs.clear_until(last)
        if last:
            self._runs.clear_until(last)
        # A stream's messages have no runs; their own age tells.
        self._artefacts.delete_older(f"runs/{self._workspace}/stream-", instant)
        return done

    def _delete(self, prefix: str) -> None:
        self._artefacts.delete_under(prefix, self._enough)

    def _place(self, run: Run) -> str:
        return f"runs/{self._workspace}/{run.pulse}/{run.slot}/"
