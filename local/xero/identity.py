"""Xero's identity server and the list of connections: consents, codes, rotating tokens.

One token set per Xero user, for all organisations that user ever authorised. A refresh replaces the refresh token; the
old one may be retried for 30 minutes while its successor is unused (then the lost successor is dead); a new consent
replaces the user's tokens at once. Lives go by the sandbox's clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from local.xero.answers import Answer, Refusal, as_html, as_json, problem
from local.xero.books import Organisation

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(minutes=30)
GRACE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=60)
OPENID = {"openid", "profile", "email", "offline_access"}
GRANULAR = OPENID | {
    "accounting.settings.read",
    "accounting.contacts.read",
    "accounting.invoices.read",
    "accounting.payments.read",
    "accounting.banktransactions.read",
    *(f"accounting.reports.{r}.read" for r in ("aged", "banksummary", "profitandloss", "balancesheet", "trialbalance")),
}
#: Only apps created before 2 March 2026 may ask for these.
BROAD = {"accounting.reports.read", "accounting.transactions.read", "accounting.transactions"}


@dataclass
class Consent:
    """What the person at Xero's consent page will do from now on. Set `sandbox.identity.consent`."""

    user: str = "8f1de6b2-41a7-4c3d-9b64-0d6a5c2f7e10"
    organisations: list[str] | None = None  # tenant ids; None is the first organisation alone
    deny: bool = False


@dataclass
class Connection:
    id: str
    user: str
    event: str
    organisation: Organisation
    created: datetime
    updated: datetime
    kind: str = "ORGANISATION"

    def payload(self) -> dict[str, str]:
        return {
            "id": self.id,
            "authEventId": self.event,
            "tenantId": self.organisation.id,
            "tenantType": self.kind,
            "tenantName": self.organisation.name,
            "createdDateUtc": _stamp(self.created),
            "updatedDateUtc": _stamp(self.updated),
        }


@dataclass
class _Code:
    user: str
    scopes: set[str]
    redirect: str
    challenge: str | None
    event: str
    expires: datetime


@dataclass
class _Refresh:
    user: str
    issued: datetime
    event: str
    used: datetime | None = None
    child: _Refresh | None = None
    dead: bool = False


@dataclass(frozen=True)
class Access:
    user: str
    scopes: frozenset[str]
    expires: datetime


@dataclass
class _Family:
    scopes: set[str] = field(default_factory=set)
    refresh: list[_Refresh] = field(default_factory=list)


class Identity:
    def __init__(
        self, clock: Callable[[], datetime], client_id: str, client_secret: str, organisations: Iterable[Organisation]
    ) -> None:
        self.clock = clock
        self.client_id = client_id
        self.client_secret = client_secret
        self.organisations = {organisation.id: organisation for organisation in organisations}
        self.consent = Consent()
        self.scopes = set(GRANULAR)  # what this app may ask for
        self.connections: list[Connection] = []
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, _Refresh] = {}
        self._access: dict[str, Access] = {}
        self._families: dict[str, _Family] = {}
        self._lock = threading.RLock()

    # The browser's side

    def authorise(self, params: Mapping[str, str]) -> Answer:
        """Consents by itself and redirects back, as a person would by clicking; mistakes of the app stay at Xero."""
        redirect, asked = params.get("redirect_uri", ""), set(params.get("scope", "").split())
        if params.get("client_id") != self.client_id or params.get("response_type") != "code":
            return as_html(500, "unauthorized_client: Unknown client or client not enabled")
        if not _allowed_redirect(redirect):
            return as_html(500, "unauthorized_client: Invalid redirect_uri")
        if not asked or asked - self.scopes:
            return as_html(500, "unauthorized_client: Invalid scope for client")
        state = {"state": params["state"]} if "state" in params else {}
        if self.consent.deny:
            return _redirect(redirect, {"error": "access_denied", **state})
        with self._lock:
            code, event = secrets.token_urlsafe(32), str(uuid4())
            expires = self.clock() + CODE_LIFE
            challenge = params.get("code_challenge")
            self._codes[code] = _Code(self.consent.user, asked, redirect, challenge, event, expires)
            single = params.get("acr_values") == "bulk_connect:false"
            self._connect(self.consent, event, single=single)
        return _redirect(redirect, {"code": code, "scope": " ".join(sorted(asked)), **state})

    def _connect(self, consent: Consent, event: str, *, single: bool) -> None:
        wanted = consent.organisations if consent.organisations is not None else list(self.organisations)[:1]
        now = self.clock()
        for tenant in wanted[:1] if single else wanted:
            known = next((c for c in self.connections if (c.user, c.organisation.id) == (consent.user, tenant)), None)
            if known:
                known.event, known.updated = event, now
            else:
                organisation = self.organisations[tenant]
                self.connections.append(Connection(str(uuid4()), consent.user, event, organisation, now, now))

    # The app's side

    def token(self, form: Mapping[str, str], authorization: str | None) -> Answer:
        try:
            self._check_client(form, authorization)
            with self._lock:
                if form.get("grant_type") == "authorization_code":
                    return self._exchange(form)
                if form.get("grant_type") == "refresh_token":
                    return self._renew(form)
        except Refusal as refusal:
            return refusal.answer
        return as_json({"error": "unsupported_grant_type"}, 400)

    def revoke(self, form: Mapping[str, str], authorization: str | None) -> Answer:
        """Ends the user's tokens and every connection of that user to the app, as Xero does."""
        try:
            self._check_client(form, authorization)
        except Refusal as refusal:
            return refusal.answer
        with self._lock:
            if found := self._refresh.get(form.get("token", "")):
                self._kill(found.user)
                self.connections = [c for c in self.connections if c.user != found.user]
                self._access = {t: a for t, a in self._access.items() if a.user != found.user}
                self._families.pop(found.user, None)
        return Answer(200)

    def access(self, authorization: str | None, style: str = "capital") -> Access:
        """Who calls; raises the 401 that Xero gives."""
        token = (authorization or "").removeprefix("Bearer ").strip()
        found = self._access.get(token)
        if found is None:
            raise Refusal(problem(401, "AuthenticationUnsuccessful", style))
        if self.clock() >= found.expires:
            detail = f"TokenExpired: token expired at {found.expires:%m/%d/%Y %H:%M:%S}"
            raise Refusal(problem(401, detail, style))
        return found

    def list_connections(self, authorization: str | None, params: Mapping[str, str]) -> Answer:
        user, event = self.access(authorization).user, params.get("authEventId")
        mine = [c for c in self.connections if c.user == user and event in (None, c.event)]
        return as_json([c.payload() for c in mine])

    def delete_connection(self, authorization: str | None, identity: str) -> Answer:
        user = self.access(authorization).user
        with self._lock:
            found = next((c for c in self.connections if (c.id, c.user) == (identity, user)), None)
            if found is None:
                return as_json({"Title": "Not Found", "Status": 404}, 404)
            self.connections.remove(found)
        return Answer(204)

    def may_read(self, access: Access, tenant: str) -> bool:
        return any((c.user, c.organisation.id) == (access.user, tenant) for c in self.connections)

    def discovery(self, base: str) -> Answer:
        return as_json(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/identity/connect/authorize",
                "token_endpoint": f"{base}/connect/token",
                "revocation_endpoint": f"{base}/connect/revocation",
                "scopes_supported": sorted(self.scopes),
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    def forget_tokens(self, user: str | None = None) -> None:
        """Makes every refresh token of the user worthless, as if it had lain idle for too long."""
        with self._lock:
            self._kill(user or self.consent.user)

    def _check_client(self, form: Mapping[str, str], authorization: str | None) -> None:
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if authorization and authorization.startswith("Basic "):
            plain = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            identity, _, secret = plain.partition(":")
            given = (identity, secret)
        if given != (self.client_id, self.client_secret):
            raise Refusal(as_json({"error": "invalid_client"}, 400))

    def _exchange(self, form: Mapping[str, str]) -> Answer:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or self.clock() >= code.expires or form.get("redirect_uri") != code.redirect:
            raise Refusal(as_json({"error": "invalid_grant"}, 400))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if code.challenge and code.challenge != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            raise Refusal(as_json({"error": "invalid_grant"}, 400))
        self._kill(code.user)
        family = self._families.setdefault(code.user, _Family())
        family.scopes |= code.scopes
        return self._issue(code.user, code.event, None)

    def _renew(self, form: Mapping[str, str]) -> Answer:
        if (
            "scope" in form
        ):  # Xero may take it; a caller that sends one breaks as soon as granted and wanted scopes differ
            raise Refusal(as_json({"error": "invalid_scope"}, 400))
        found, now = self._refresh.get(form.get("refresh_token", "")), self.clock()
        if found is None or found.dead or now >= found.issued + REFRESH_LIFE:
            raise Refusal(as_json({"error": "invalid_grant"}, 400))
        if found.used and (now >= found.used + GRACE or (found.child and found.child.used)):
            raise Refusal(as_json({"error": "invalid_grant"}, 400))
        found.used = found.used or now
        if found.child:
            found.child.dead = True
        return self._issue(found.user, found.event, found)

    def _issue(self, user: str, event: str, parent: _Refresh | None) -> Answer:
        family, now = self._families[user], self.clock()
        claims = {
            "nbf": int(now.timestamp()),
            "exp": int((now + ACCESS_LIFE).timestamp()),
            "iss": "https://identity.xero.com",
            "aud": "https://identity.xero.com/resources",
            "client_id": self.client_id,
            "sub": hashlib.md5(user.encode(), usedforsecurity=False).hexdigest(),
            "auth_time": int(now.timestamp()),
            "xero_userid": user,
            "global_session_id": uuid4().hex,
            "jti": uuid4().hex,
            "authentication_event_id": event,
            "scope": sorted(family.scopes),
        }
        access, refresh = self._jwt(claims), _Refresh(user, now, event)
        self._access[access] = Access(user, frozenset(family.scopes), now + ACCESS_LIFE)
        body = {"access_token": access, "expires_in": int(ACCESS_LIFE.total_seconds()), "token_type": "Bearer"}
        if "openid" in family.scopes and parent is None:
            named = ("nbf", "exp", "iss", "aud", "sub", "auth_time", "xero_userid", "global_session_id")
            body["id_token"] = self._jwt({key: claims[key] for key in named})
        if "offline_access" in family.scopes:
            text = secrets.token_urlsafe(32)
            self._refresh[text] = refresh
            family.refresh.append(refresh)
            if parent:
                parent.child = refresh
            body["refresh_token"] = text
        return as_json({**body, "scope": " ".join(sorted(family.scopes))})

    def _kill(self, user: str) -> None:
        family = self._families.get(user)
        for refresh in family.refresh if family else ():
            refresh.dead = True

    def _jwt(self, claims: Mapping[str, object]) -> str:
        """Shaped and sized like Xero's RS256 tokens; the signature proves nothing."""
        parts = [_encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
        key = self.client_secret.encode()
        signature = b"".join(hmac.digest(key, f"{n}{parts}".encode(), "sha256") for n in range(8))
        return ".".join([*parts, _encoded(signature)])


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _stamp(moment: datetime) -> str:
    """Seven fractional digits and no zone, as Xero prints them."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0"


def _redirect(to: str, params: Mapping[str, str]) -> Answer:
    return Answer(302, headers={"Location": f"{to}{'&' if '?' in to else '?'}{urlencode(params)}"})


def _allowed_redirect(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost")
