"""One-time codes by RFC 6238: SHA-1, six digits, steps of thirty seconds, of a 160-bit seed.

They go by the machine's time, which the authenticator shares, and never by our own clock (contracts.md 4).
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

import pyotp

SEED_BYTES = 20
STEP_SECONDS = 30
ISSUER = "Ledgercast"


def secret_text(seed: bytes) -> str:
    """The seed as an authenticator takes it by hand: 32 characters of base 32."""
    return base64.b32encode(seed).decode()


def setup_address(seed: bytes, account: str) -> str:
    """What the QR code says, and what opens an authenticator on the same phone: `otpauth://totp/…`."""
    return pyotp.TOTP(secret_text(seed)).provisioning_uri(name=account, issuer_name=ISSUER)


def accepted_step(seed: bytes, code: str, at: datetime, after: int = 0) -> int | None:
    """The step whose code this is: the present one or the one before it, and later than the step `after`.

    `code` is six ASCII digits. Both steps are always computed and compared in constant time; a step to come never
    counts. None when the code is neither's.
    """
    present = int(at.timestamp()) // STEP_SECONDS
    codes = pyotp.HOTP(secret_text(seed))
    matching = [step for step in (present - 1, present) if hmac.compare_digest(codes.at(step), code)]
    return next((step for step in reversed(matching) if step > after), None)
