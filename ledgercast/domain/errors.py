"""Every error this product names, in one tree.

LedgercastError
├── SettingsError            settings.invalid            the operator must mend a setting
├── UnknownMetric            metric.unknown
├── Held                     pulse.held                  the pulse, its connection or its grant is not active
├── InProgress (retryable)
│   ├── SnapshotInProgress   snapshot.in_progress        another run is asking Xero for the same
│   └── RefreshInProgress    grant.refresh_in_progress   another process is renewing the token
├── GrantError
│   ├── GrantDisconnected    xero.grant.disconnected     a person must consent again
│   ├── ConsentRefused       xero.consent.refused
│   ├── TokenRejected        xero.token.rejected         the token endpoint refused this request
│   ├── TokenTooLong         xero.token.too_long         longer than the customer key can encrypt
│   └── InvalidClient        xero.client.invalid         the operator's fault; disconnects nobody
├── XeroError
│   ├── XeroUnreachable      xero.unreachable  retryable no connection, a dropped one, a timeout
│   ├── XeroUnavailable      xero.unavailable  retryable 5xx, whatever its body
│   ├── XeroOffline          xero.offline                503: wait minutes
│   ├── XeroLimited          xero.limit.{minute,concurrent,day}
│   ├── XeroRejected         xero.rejected               400, 404, 412: asking again gives the same
│   ├── XeroTooLarge         xero.too_large              an answer above the size cap
│   ├── ScopeMissing         xero.scope.missing
│   ├── RoleMissing          xero.role.missing           the Xero user may not read reports
│   ├── ConnectionGone       xero.connection.gone        the organisation was disconnected in Xero
│   └── UnknownReportShape   xero.report.unknown_shape   never a wrong number
└── ArtefactMissing          artefact.missing

`code` is stable: it is stored with runs and shown to people through `ledgercast.messages`.
`retryable` says whether Step Functions may retry the state that raised the error; the state machine's
Retry lists are generated from it (RL-2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal


class LedgercastError(Exception):
    """Base of every named error. The message is for people and holds no secret, name of a contact or amount."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False


class SettingsError(LedgercastError):
    code = "settings.invalid"


class UnknownMetric(LedgercastError):
    code = "metric.unknown"


class Held(LedgercastError):
    code = "pulse.held"


class InProgress(LedgercastError):
    """Somebody else does this very work now; the state machine tries again shortly."""

    retryable = True


class SnapshotInProgress(InProgress):
    code = "snapshot.in_progress"


class RefreshInProgress(InProgress):
    code = "grant.refresh_in_progress"


class GrantError(LedgercastError):
    code = "xero.grant"


class GrantDisconnected(GrantError):
    code = "xero.grant.disconnected"


class ConsentRefused(GrantError):
    code = "xero.consent.refused"


class TokenRejected(GrantError):
    """`reason` is OAuth's word for it; only invalid_grant can mean that a person must consent again."""

    code = "xero.token.rejected"

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class TokenTooLong(GrantError):
    code = "xero.token.too_long"


class InvalidClient(GrantError):
    code = "xero.client.invalid"


class XeroError(LedgercastError):
    code = "xero"


class XeroUnreachable(XeroError):
    code = "xero.unreachable"
    retryable = True


class XeroUnavailable(XeroError):
    code = "xero.unavailable"
    retryable = True


class XeroOffline(XeroError):
    """Xero, or this organisation, is offline for maintenance; `seconds` is when to ask again."""

    code = "xero.offline"

    def __init__(self, message: str, seconds: int = 300) -> None:
        super().__init__(message)
        self.seconds = seconds


class XeroLimited(XeroError):
    """A rate limit. `kind` says which; `seconds` is how long Xero asks us to wait."""

    code = "xero.limit"

    def __init__(self, kind: Literal["minute", "concurrent", "day"], seconds: int) -> None:
        super().__init__(f"Xero's {kind} limit is reached; it may be asked again in {seconds} s")
        self.kind = kind
        self.seconds = seconds

    @property
    def reason(self) -> str:
        return f"{self.code}.{self.kind}"


class XeroRejected(XeroError):
    code = "xero.rejected"


class XeroTooLarge(XeroError):
    code = "xero.too_large"


class ScopeMissing(XeroError):
    code = "xero.scope.missing"


class RoleMissing(XeroError):
    code = "xero.role.missing"


class ConnectionGone(XeroError):
    code = "xero.connection.gone"


class UnknownReportShape(XeroError):
    code = "xero.report.unknown_shape"


class ArtefactMissing(LedgercastError):
    code = "artefact.missing"


def catalogue() -> Iterator[type[LedgercastError]]:
    """Every error class of the tree, the base first."""
    pending: list[type[LedgercastError]] = [LedgercastError]
    while pending:
        error = pending.pop(0)
        yield error
        pending.extend(error.__subclasses__())


def code_of(name: str) -> str:
    """The code of an error class by its name, as Step Functions reports it; any other text is itself.

    A run that ended by a Catch holds the class's name, one that ended by an outcome holds the code.
    """
    return next((error.code for error in catalogue() if error.__name__ == name), name)
