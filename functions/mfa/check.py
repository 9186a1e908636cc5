"""One code, counted before it is tried (MF-4).

Two counters slow whoever guesses. One is the client's: so many codes in a quarter of an hour. One is the account's:
after five codes each further one waits twice as long as the last, up to a quarter of an hour, and never for good. The
account's is split by where codes are asked for, so that somebody who holds a sign-in link slows nobody who is signed
in already; without a link nobody reaches it. A backup code that is right passes in spite of the account's counter: it
cannot be guessed, and so nobody who has one can be kept out.
"""

from __future__ import annotations

from typing import Any, Literal, NoReturn

from functions.mfa import codes
from functions.mfa.compose import Dependencies
from functions.mfa.factors import Factor
from ledgercast.web.reply import Reply, page
from ledgercast.web.visit import FormError, Visit

Counter = Literal["totp_sign_in", "totp_change", "totp_set_up"]
"""sign_in: sessions whose second factor is still to come. change: those signed in. set_up: codes of a pending seed."""

CLIENT_CODES = 30
CLIENT_WINDOW = 15 * 60
_TOLD_ONCE_IN = 15 * 60

_SHAPE = "A code has six digits. A backup code has 24 letters and digits."
_WRONG = "That code was not accepted. Each code works once: wait for the next one and type it while it is shown."
_WRONG_BACKUP = "That backup code was not accepted. Each of them works once, and only the newest ten do."
_SLOW = "Too many codes were tried. Please wait {} and type a new one."


class CodeRefused(Exception):
    """Why no code was taken; `page` renders the form again with it."""

    def __init__(self, message: str, status: int = 422, wait: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.wait = wait

    def page(self, template: str, **values: Any) -> Reply:
        reply = page(template, self.status, alert=str(self), **values)
        return reply.with_headers(Retry_After=str(self.wait)) if self.wait else reply


def check(visit: Visit, deps: Dependencies, counter: Counter) -> Factor:
    """The member's factor, after the field `code` was accepted and used up. Raises CodeRefused."""
    typed = typed_code(visit)
    one_time, backup = codes.one_time_code(typed), codes.backup_code(typed)
    if not one_time and not backup:
        raise CodeRefused(_SHAPE)
    count_client(visit, deps)
    factor = deps.factors.read(visit.actor)
    if backup and deps.factors.use_backup_code(factor, backup):
        deps.edge.audit.note("backup_code.used", visit.actor, visit.address)
    else:
        count_account(visit, deps, counter)
        if not (one_time and deps.factors.use_code(factor, one_time)):
            refuse(visit, deps, "wrong_code", _WRONG if one_time else _WRONG_BACKUP)
        deps.edge.audit.note("totp.verified", visit.actor, visit.address)
    deps.edge.throttles.forget(counter, visit.actor)
    return factor


def typed_code(visit: Visit) -> str:
    """The field `code`. Raises CodeRefused."""
    try:
        return visit.field("code", codes.LONGEST)
    except FormError as wrong:
        raise CodeRefused(str(wrong)) from None


def count_client(visit: Visit, deps: Dependencies) -> None:
    """Raises CodeRefused when this client tried too many, right or wrong."""
    _slow_down(visit, deps, deps.edge.throttles.window("totp_client", visit.network, CLIENT_CODES, CLIENT_WINDOW))


def count_account(visit: Visit, deps: Dependencies, counter: Counter) -> None:
    """Raises CodeRefused while the account has to wait."""
    _slow_down(visit, deps, deps.edge.throttles.attempt(counter, visit.actor))


def refuse(visit: Visit, deps: Dependencies, reason: str, message: str) -> NoReturn:
    """Raises CodeRefused, noted without the code."""
    deps.edge.audit.note("totp.refused", visit.actor, visit.address, outcome=reason)
    raise CodeRefused(message)


def _slow_down(visit: Visit, deps: Dependencies, wait: int) -> None:
    if not wait:
        return
    if not deps.edge.throttles.window("totp_told", visit.actor, 1, _TOLD_ONCE_IN):
        deps.edge.audit.note("totp.refused", visit.actor, visit.address, outcome="throttled")
    raise CodeRefused(_SLOW.format(_told(wait)), 429, wait)


def _told(seconds: int) -> str:
    if seconds > 90:
        return f"{-(-seconds // 60)} minutes"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
