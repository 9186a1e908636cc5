"""Xero's identity side (facts.md 1): the authorise address, the token endpoint, claims, connections.

Nothing here tries again by itself: whether a refused or lost answer may be repeated is for the caller to know, and for
a refresh that caller is `ledgercast.xero.grants` alone (TK-1).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from ledgercast.domain.errors import (
    InvalidClient,
    TokenRejected,
    XeroLimited,
    XeroOffline,
    XeroRejected,
    XeroUnavailable,
)
from ledgercast.settings import Addresses
from ledgercast.xero.limits import seconds_of
from ledgercast.xero.wire import Answer, Bearer, Wire

_AUTHORISE = "/identity/connect/authorize"
_TOKEN = "/connect/token"  # noqa: S105  # a path
_CONNECTIONS = "/connections"
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_LONGEST_NAME = 500  # characters; Xero's own names are far shorter, and an item has no room for any length
_LONGEST_LIFE = 24 * 3600  # seconds of an access token; Xero's live for half an hour
_OPERATORS_FAULT = ("invalid_client", "unauthorized_client")


@dataclass(frozen=True)
class TokenSet:
    """What the token endpoint gave. `expires_in` is in seconds. The tokens stay out of its repr."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Claims:
    """Who consented, and by which consent. The id_token lacks the second one."""

    xero_user: str
    auth_event: str | None


@dataclass(frozen=True)
class Connection:
    """One organisation in /connections; `id` is what a disconnect deletes, `tenant` what a call names."""

    id: str
    tenant: str
    name: str


class Identity:
    """One Xero app at one set of addresses."""

    def __init__(
        self,
        addresses: Addresses,
        client_id: str,
        client_secret: str,
        *,
        local: bool = False,
        wire: Wire | None = None,
    ) -> None:
        self.client_id = client_id
        self._secret = client_secret
        self.addresses = addresses
        self._wire = wire or Wire(local=local)

    def authorise_url(self, *, redirect: str, state: str, challenge: str, scopes: Iterable[str]) -> str:
        """Where the browser goes to consent; `challenge` is PKCE's, by S256."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect,
            "scope": " ".join(scopes),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.addresses.xero_login}{_AUTHORISE}?{urlencode(query)}"

    def exchange(self, code: str, *, redirect: str, verifier: str) -> TokenSet:
        """The tokens of a consent. Raises what `refresh` raises."""
        return self._token(
            {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        )

    def refresh(self, refresh_token: str) -> TokenSet:
        """New tokens for old. `scope` is never sent: it is needless, and a risk once granted and asked ones differ.

        Raises TokenRejected (its `reason` is OAuth's word, such as invalid_grant), InvalidClient, XeroLimited,
        XeroUnreachable, XeroUnavailable, XeroOffline, XeroRejected.
        """
        return self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def connections(self, access_token: str, auth_event: str | None = None) -> list[Connection]:
        """The organisations of this consent, or all this user ever authorised where no consent is named.

        Raises TokenRejected (401), XeroLimited, XeroUnreachable, XeroUnavailable, XeroOffline, XeroRejected.
        """
        url = f"{self.addresses.xero_api}{_CONNECTIONS}"
        params = {"authEventId": auth_event} if auth_event else None
        answer = self._wire.ask("GET", url, Bearer(access_token), params=params)
        if answer.status == 401:
            raise TokenRejected("Xero refused the access token for /connections", reason="unauthorized")
        listed = answer.json()
        if answer.status != 200:
            _refuse(answer, "the list of connections")
        if not isinstance(listed, list):
            raise XeroUnavailable("Xero's list of connections is not JSON")
        try:
            return [_connection(one) for one in listed if one["tenantType"] == "ORGANISATION"]
        except (KeyError, TypeError):
            raise XeroUnavailable("Xero's list of connections has a form this release does not know") from None

    def delete_connection(self, access_token: str, connection: str) -> bool:
        """Take one organisation from this app, and nothing else: False when it was gone already (facts.md 1.5).

        Raises TokenRejected (401), XeroLimited, XeroUnreachable, XeroUnavailable, XeroOffline, XeroRejected.
        """
        url = f"{self.addresses.xero_api}{_CONNECTIONS}/{quote(connection, safe='')}"
        answer = self._wire.ask("DELETE", url, Bearer(access_token))
        if answer.status == 401:
            raise TokenRejected("Xero refused the access token for /connections", reason="unauthorized")
        if answer.status == 404:
            return False
        if answer.status not in (200, 204):
            _refuse(answer, "the end of a connection")
        return True

    def _token(self, form: Mapping[str, str]) -> TokenSet:
        url = f"{self.addresses.xero_identity}{_TOKEN}"
        answer = self._wire.ask("POST", url, (self.client_id, self._secret), data=form)
        body = answer.json()
        body = body if isinstance(body, dict) else {}
        if answer.status != 200:
            _refuse_token(answer, str(body.get("error", "")))
        return _token_set(body)


def claims(access_token: str) -> Claims:
    """The claims of an access token that came straight from the token endpoint: decoded, not verified.

    Raises TokenRejected where it is no token of Xero's form.
    """
    try:
        payload = access_token.split(".")[1]
        body = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        user, event = body["xero_userid"], body.get("authentication_event_id")
    except (IndexError, ValueError, KeyError, TypeError, RecursionError):
        user, event = None, None
    if not user:
        raise TokenRejected("Xero's access token does not say whose it is", reason="unknown_token")
    return Claims(str(user), str(event) if event else None)


def _token_set(body: Mapping[str, Any]) -> TokenSet:
    """A success without its parts is as good as lost: the same request may be made again within the grace."""
    try:
        access, refresh, seconds = body["access_token"], body["refresh_token"], int(body["expires_in"])
    except (KeyError, TypeError, ValueError, OverflowError):
        access, refresh, seconds = "", "", 0
    if not (_is_token(access) and _is_token(refresh)):
        raise XeroUnavailable("Xero's token answer lacks a token; the scope offline_access gives the refresh token")
    return TokenSet(access, refresh, min(seconds, _LONGEST_LIFE), tuple(str(body.get("scope", "")).split()))


def _is_token(value: object) -> bool:
    """Fit for a header: a client that refuses one puts it into the words of its exception."""
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()


def _refuse_token(answer: Answer, error: str) -> NoReturn:
    if error in _OPERATORS_FAULT or (answer.status == 401 and not error):
        raise InvalidClient("Xero does not accept the app's client id and secret; check both in the app's settings")
    if error:
        known = error if re.fullmatch("[a-z_]{1,40}", error) else "unknown"
        raise TokenRejected(f"Xero's token endpoint refused the request: {known}", reason=known)
    _refuse(answer, "the token endpoint")


def _refuse(answer: Answer, what: str) -> NoReturn:
    if answer.status == 429:
        raise XeroLimited("minute", _seconds(answer, 60))
    if answer.status == 503:
        raise XeroOffline(f"Xero is offline ({what})", _seconds(answer, 300))
    if answer.status >= 500:
        raise XeroUnavailable(f"Xero answered {answer.status} ({what})")
    raise XeroRejected(f"Xero answered {answer.status} ({what})")


def _seconds(answer: Answer, default: int) -> int:
    return seconds_of(answer.headers.get("Retry-After")) or default


def _connection(one: Mapping[str, Any]) -> Connection:
    """A tenant's name may be absent or null; its id never is. Both ids become parts of requests (SX-1)."""
    ids = (str(one["id"]), str(one["tenantId"]))
    if not all(map(_ID.fullmatch, ids)):
        raise TypeError("an id has a form that no request may hold")
    name = str(one.get("tenantName") or "Unnamed organisation")
    return Connection(*ids, name.encode(errors="replace").decode()[:_LONGEST_NAME])
