"""What both providers' ways have in common: the state that goes out and must come back, and how a refusal ends.

The answer to a callback is always a redirect, whatever happened: the address that held the code leaves the browser's
history at once (facts.md 7).
"""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Final

from functions.oauth.compose import Dependencies
from functions.oauth.reasons import Refused
from ledgercast.domain.audit import Act
from ledgercast.observability import logger
from ledgercast.store.consents import LIFE, Begun, ConsentStore, Provider, Started, StateRefused
from ledgercast.web.paths import safe_next
from ledgercast.web.reply import Cookie, Reply, redirect
from ledgercast.web.visit import Visit

log = logger("oauth")

Answer = Callable[[Visit, Dependencies], Reply]

BROWSER: Final = "oauth"
"""The cookie that ties a consent to the browser in which it began."""

_LONGEST_CODE: Final = 2048
_REFUSED: Final[dict[Provider, Act]] = {"xero": "xero.refused", "slack": "slack.refused"}


def ending(provider: Provider) -> Callable[[Answer], Answer]:
    """Turn a refusal, and any fault, into its page, by a redirect. Faults are logged by kind and place alone (LG-1)."""

    def guard(answer: Answer) -> Answer:
        @wraps(answer)
        def guarded(visit: Visit, deps: Dependencies) -> Reply:
            try:
                return answer(visit, deps)
            except Refused as refused:
                return _ended(visit, deps, provider, refused.reason)
            except Exception as fault:
                error = uuid.uuid4().hex[:12]
                frames = traceback.extract_tb(fault.__traceback__)
                place = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
                log.error("failed", extra={"error": error, "kind": type(fault).__name__, "place": place[-8:]})
                return _ended(visit, deps, provider, "internal", error)

        return guarded

    return guard


def begin(visit: Visit, deps: Dependencies, provider: Provider, connection: str = "") -> tuple[Started, Cookie]:
    """A new state, and the cookie of this browser."""
    started = deps.consents.begin(
        provider,
        visit.own_session,
        visit.now,
        browser=visit.cookies.get(BROWSER, ""),
        next_page=wished(visit),
        connection=connection,
    )
    deps.edge.audit.note("xero.started" if provider == "xero" else "slack.started", visit.actor, visit.address)
    return started, Cookie(BROWSER, started.browser, int(LIFE.total_seconds()))


def wished(visit: Visit) -> str:
    """The page of ours to go to in the end, where the way began with such a wish; never a way to a provider again."""
    page = safe_next(visit.query.get("next"), "")
    return "" if page.startswith("/oauth/") else page


def returned(visit: Visit, consents: ConsentStore, provider: Provider) -> Begun:
    """What the provider's answer belongs to; an `error` is looked at before all else. Raises Refused.

    The state is used up even where the answer is an error. One whose state we cannot place ends on the same page: it
    says what the provider said and changes nothing.
    """
    error, refused = visit.query.get("error", ""), None
    try:
        begun = consents.consume(
            provider, visit.query.get("state", ""), visit.own_session, visit.cookies.get(BROWSER, ""), visit.now
        )
    except StateRefused as reason:
        refused = reason.reason
    if error:
        raise Refused("denied" if error == "access_denied" else "provider")
    if refused:
        raise Refused(refused)
    return begun


def code_of(visit: Visit) -> str:
    """Raises Refused."""
    code = visit.query.get("code", "")
    if not code or len(code) > _LONGEST_CODE or not (code.isascii() and code.isprintable()):
        raise Refused("no_code")
    return code


def callback_address(deps: Dependencies, provider: Provider) -> str:
    """The one redirect address of a provider, as its app is configured with it (OA-2)."""
    return f"{deps.edge.settings.public_url}/oauth/{provider}/callback"


def _ended(visit: Visit, deps: Dependencies, provider: Provider, reason: str, error: str = "") -> Reply:
    try:
        deps.edge.audit.note(_REFUSED[provider], visit.actor, visit.address, outcome=reason)
    except Exception as fault:
        log.error("a refusal was not noted", extra={"kind": type(fault).__name__})
    return redirect(f"/oauth/{provider}/problem/{reason}{f'?error={error}' if error else ''}")
