"""Asking whether the channel may be posted to, before each thing that is posted; no answer is no yes (DL-1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from functions.deliver.upload import PATIENCE, TRY_AGAIN_SECONDS
from ledgercast.clock import Clock
from ledgercast.domain.sending import Limited, NotSent, Unclear, Wait
from ledgercast.parts import bounded
from ledgercast.store.ledger import Place
from ledgercast.store.uploads import Upload, Uploads


def ask_first(may_post: Callable[[], None], place: Place, uploads: Uploads, now: Clock) -> None:
    """Returns where it may. Raises NotSent, and Wait while nobody can tell; after a while that is a no too.

    Since when nobody can tell lies in a row beside that of the upload.
    """
    try:
        may_post()
        return
    except Limited as limited:
        wait = Wait(bounded(limited.seconds), limited.reason)
    except Unclear:
        wait = Wait(TRY_AGAIN_SECONDS, "slack.unreachable")
    row = replace(place, destination=f"{place.destination}#{place.part}#asked")
    began = uploads.find(row)
    if began is None or now() - began.at > 2 * PATIENCE:  # the first try, or a later run of the same slot
        uploads.keep(row, Upload("", now()))
    elif now() - began.at > PATIENCE:
        raise NotSent(wait.reason)
    raise wait


def once(ask: Callable[[], None]) -> Callable[[], None]:
    """The same, asked no more after it was answered with yes: one answer holds for the parts of one invocation."""
    said: list[None] = []

    def asked() -> None:
        if not said:
            said.append(ask())  # type: ignore[func-returns-value]  # it returns for yes and raises for no

    return asked
