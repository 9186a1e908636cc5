"""Access tokens of stored grants, for the client of the accounting API, from a function's environment."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ledgercast.settings import Addresses, required
from ledgercast.store import connect
from ledgercast.store.grants import GrantStore
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity


@dataclass(frozen=True)
class StoredTokens:
    """The tokens of one grant. Nothing is read until Xero has to be asked: most work finds its answers kept."""

    workspace: str
    grant: str

    def access_token(self) -> str:
        return grants().access_token(self.workspace, self.grant)

    def renew(self, rejected: str) -> str:
        return grants().renew(self.workspace, self.grant, rejected)


def grants() -> Grants:
    app = connect.secrets().get_json(required("LEDGERCAST_APP_SECRET"))
    identity = Identity(Addresses.read(), app["xero_client_id"], app["xero_client_secret"], local=is_local())
    return Grants(grant_store(), identity)


def grant_store() -> GrantStore:
    return GrantStore(
        connect.state_table(),
        connect.client("secretsmanager"),
        connect.client("kms"),
        key=required("LEDGERCAST_KEY"),
        prefix=required("LEDGERCAST_SECRET_PREFIX"),
    )


def is_local() -> bool:
    return os.environ.get("LEDGERCAST_LOCAL") == "1"
