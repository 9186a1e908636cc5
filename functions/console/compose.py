"""The dependencies of the Lambda `console`, from its environment; each can be replaced in a test."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from functions.console.evenly import evenly
from ledgercast import clock
from ledgercast.domain.accounts import normalise_email
from ledgercast.mail import Post
from ledgercast.settings import required
from ledgercast.store import connect
from ledgercast.store.links import LinkStore
from ledgercast.store.state import StateStore
from ledgercast.web.edge import Edge, from_environment


@dataclass(frozen=True)
class Dependencies:
    """`owner_email`: who becomes the first owner, "" where the deployment names nobody. `evenly` runs a piece of work
    whose length must tell a stranger nothing."""

    edge: Edge
    state: StateStore
    links: LinkStore
    post: Post
    owner_email: str
    evenly: Callable[[Callable[[], None]], None]


def dependencies() -> Dependencies:
    """Raises SettingsError where the deployment lacks a setting."""
    return Dependencies(
        edge=from_environment(),
        state=connect.state(),
        links=LinkStore(connect.state_table()),
        post=Post(connect.client("sesv2", sending=True), required("LEDGERCAST_SENDER"), clock.now),
        owner_email=normalise_email(os.environ.get("LEDGERCAST_OWNER_EMAIL", "")) or "",
        evenly=evenly,
    )
