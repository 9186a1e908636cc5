"""The dependencies of the Lambda `mfa`, from its environment; each can be replaced in a test."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.mfa.factors import Factors
from functions.mfa.seals import Seals
from ledgercast.settings import required
from ledgercast.store import connect
from ledgercast.store.holds import Holds
from ledgercast.web.edge import Edge, from_environment


@dataclass(frozen=True)
class Dependencies:
    edge: Edge
    factors: Factors
    holds: Holds


def dependencies() -> Dependencies:
    """Raises SettingsError where the deployment lacks a setting."""
    edge = from_environment()
    seals = Seals(connect.client("kms"), required("LEDGERCAST_KEY"), edge.members.workspace)
    return Dependencies(
        edge=edge,
        factors=Factors(edge.members, seals, edge.now, machine_time, secrets.token_bytes),
        holds=Holds(connect.state_table()),
    )


def machine_time() -> datetime:
    """The time that an authenticator goes by: this machine's, whatever our own clock says."""
    return datetime.now(UTC)
