"""A grant's access token, renewed by one process at a time (design 6; TK-1 to TK-3).

Xero replaces the refresh token at every refresh, so a lost one ends the access of all this user's organisations. Hence
the order: lease, re-read, ask Xero, save the new refresh token, then the access token, release. A crash after Xero's
answer is healed by the next caller: within 30 minutes Xero takes the old refresh token again, and later the secret's
other values are tried as well. This module holds the only call of the token endpoint for a refresh.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

from ledgercast import clock
from ledgercast.domain.errors import GrantDisconnected, RefreshInProgress, TokenRejected
from ledgercast.store.grants import Grant, GrantStore
from ledgercast.store.table import Conflict
from ledgercast.xero.identity import Identity, TokenSet, claims

LEFT_SECONDS: Final = 180
"""A token with less life than this is renewed: it has to outlast the work it was asked for."""

LEASE_SECONDS: Final = 60
"""Two token calls of 15 s and the writes between them; whoever is away for longer cannot overwrite the next one."""

LIFE: Final = timedelta(days=60)
"""How long Xero keeps a refresh token that is not used (facts.md 1.2)."""

_CONNECTED = "connected"
_DISCONNECTED = "disconnected"


class Grants:
    def __init__(self, store: GrantStore, identity: Identity, now: clock.Clock = clock.now) -> None:
        self._store = store
        self._identity = identity
        self._now = now

    def access_token(self, workspace: str, grant_id: str) -> str:
        """A token with life left, renewed first where there is none.

        Raises RefreshInProgress (ask again shortly), GrantDisconnected (a person must consent again), InvalidClient
        (the operator's fault), TokenTooLong, and what the token endpoint's failures are called in `identity`.
        """
        return self._token(workspace, grant_id, rejected=None)

    def renew(self, workspace: str, grant_id: str, rejected: str) -> str:
        """After a 401: another token than the rejected one. Xero is asked only where nobody renewed it meanwhile.

        Raises what `access_token` raises.
        """
        return self._token(workspace, grant_id, rejected)

    def create(self, workspace: str, tokens: TokenSet) -> str:
        """Store a consent and return the grant's id. A user's new consent takes the place of the one before.

        Raises TokenTooLong, TokenRejected (the token does not say whose it is), RefreshInProgress (consents collided).
        """
        user = claims(tokens.access_token).xero_user
        grant_id = grant_id_of(self._identity.client_id, user)
        now = self._seconds()
        sealed = self._store.seal(grant_id, tokens.access_token)
        before = self._store.read(workspace, grant_id)
        name = self._store.name_secret(workspace, grant_id, before.secret if before else "", now)
        secret, secret_version = self._store.new_secret(name, tokens.refresh_token)
        for _ in range(3):
            grant = Grant(
                workspace=workspace,
                id=grant_id,
                client_id=self._identity.client_id,
                xero_user=user,
                secret=secret,
                secret_version=secret_version,
                sealed=sealed,
                expires_at=now + tokens.expires_in,
                scopes=tokens.scopes,
                state=_CONNECTED,
                refreshed_at=now,
                version=before.version + 1 if before else 1,
            )
            try:
                self._store.replace(grant, before)
            except Conflict:
                before = self._store.read(workspace, grant_id)
                self._store.name_secret(workspace, grant_id, before.secret if before else "", now, name)
                continue
            if before:
                self._store.drop_secret(before.secret)
            self._store.secret_settled(workspace, name)
            return grant_id
        self._store.drop_secret(secret)
        self._store.secret_settled(workspace, name)
        raise RefreshInProgress("Several consents of one Xero user arrived at once; connect again")

    def end_of_life(self, grant: Grant) -> bool:
        """Disconnect a grant whose refresh token Xero must have dropped by its age: whether it was done.

        Xero's own word for it (invalid_grant) may never come where its token endpoint, or our app's id, fails for
        good; after sixty days it is not needed any more.
        """
        now, owner = self._seconds(), uuid.uuid4().hex
        if grant.state != _CONNECTED or ends_at(grant) > self._now():
            return False
        if not self._store.lease(grant, owner, now, now + LEASE_SECONDS):
            return False
        try:
            self._store.save(grant, owner, state=_DISCONNECTED, access_token=None)
        except Conflict:
            self._store.release(grant, owner)
            return False
        return True

    def _token(self, workspace: str, grant_id: str, rejected: str | None) -> str:
        grant = self._read(workspace, grant_id)
        return self._usable(grant, rejected) or self._leased(grant, rejected)

    def _leased(self, grant: Grant, rejected: str | None) -> str:
        """The token by our own refresh, or by that of whoever was faster."""
        owner, now = uuid.uuid4().hex, self._seconds()
        if not self._store.lease(grant, owner, now, now + LEASE_SECONDS):
            return self._winners(grant, rejected)
        try:
            grant = self._read(grant.workspace, grant.id)
            token = self._usable(grant, rejected)
            if token is None:
                return self._refreshed(grant, owner)
        except Conflict:
            return self._winners(grant, rejected)
        except Exception:
            self._store.release(grant, owner)
            raise
        self._store.release(grant, owner)
        return token

    def _winners(self, grant: Grant, rejected: str | None) -> str:
        token = self._usable(self._read(grant.workspace, grant.id), rejected)
        if token is None:
            raise RefreshInProgress("Another process is renewing Xero's access token")
        return token

    def _refreshed(self, grant: Grant, owner: str) -> str:
        """The new refresh token is saved before anything else happens with the answer; the last write ends the lease.

        Raises Conflict.
        """
        now = self._seconds()
        tokens = self._exchanged(grant)
        if tokens is None:
            self._store.save(grant, owner, state=_DISCONNECTED, access_token=None)
            raise GrantDisconnected("Xero no longer accepts this consent; connect the organisation again")
        secret_version = self._store.save_refresh_token(grant, tokens.refresh_token)
        self._store.save(
            grant,
            owner,
            secret_version=secret_version,
            access_token=self._store.seal(grant.id, tokens.access_token),
            expires_at=now + tokens.expires_in,
            scopes=list(tokens.scopes),
            refreshed_at=now,
        )
        return tokens.access_token

    def _exchanged(self, grant: Grant) -> TokenSet | None:
        """Xero's answer; None where it refused for good every refresh token that we have. Raises Conflict."""
        tried: set[str] = set()
        store = self._store
        for stored in (store.refresh_token, store.newest_refresh_token, store.previous_refresh_token):
            token = stored(grant)
            if token is None or token in tried:
                continue
            tried.add(token)
            try:
                return self._identity.refresh(token)
            except TokenRejected as refused:
                if refused.reason != "invalid_grant":
                    raise
            if self._read(grant.workspace, grant.id).version != grant.version:
                raise Conflict("the grant was renewed by somebody else")
        return None

    def _usable(self, grant: Grant, rejected: str | None) -> str | None:
        if grant.state != _CONNECTED:
            raise GrantDisconnected("Xero no longer accepts this consent; connect the organisation again")
        life = grant.expires_at - grant.refreshed_at
        if grant.sealed is None or grant.expires_at - self._seconds() < min(LEFT_SECONDS, life // 4):
            return None
        token = self._store.unseal(grant)
        return None if token == rejected else token

    def _read(self, workspace: str, grant_id: str) -> Grant:
        grant = self._store.read(workspace, grant_id)
        if grant is None:
            raise GrantDisconnected("There is no such grant; connect the organisation again")
        return grant

    def _seconds(self) -> int:
        return int(self._now().timestamp())


def ends_at(grant: Grant) -> datetime:
    """When Xero drops the refresh token, unless it is used before."""
    return datetime.fromtimestamp(grant.refreshed_at, UTC) + LIFE


def grant_id_of(client_id: str, xero_user: str) -> str:
    """One grant per user and app, because Xero keeps one token set for them."""
    return hashlib.sha256(f"{client_id}\n{xero_user}".encode()).hexdigest()[:32]
