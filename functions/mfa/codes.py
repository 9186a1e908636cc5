"""What may stand in a field `code`, and backup codes: how they are made, read and kept (MF-5).

A backup code is 120 random bits in base 32, six groups of four. That is more than anybody can guess, so that a plain
hash keeps it safely; the member's id is hashed with it, so that a row tells nothing about another one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence

BACKUP_CODES = 10
BACKUP_BYTES = 15
LONGEST = 64
"""Characters that a field `code` may hold, spaces and hyphens included."""

_ONE_TIME = re.compile(r"[0-9]{6}")
_BACKUP = re.compile(r"[A-Z2-7]{24}")
_SEPARATORS = re.compile(r"[\s-]+")
_MISREAD = str.maketrans("018", "OIB")  # base 32 has no such digits: whoever types them misread a letter


def one_time_code(typed: str) -> str | None:
    """The six digits that were typed, however they are spaced."""
    plain = _SEPARATORS.sub("", typed)
    return plain if _ONE_TIME.fullmatch(plain) else None


def backup_code(typed: str) -> str | None:
    """The backup code that was typed, in the one form that is hashed."""
    plain = _SEPARATORS.sub("", typed).upper().translate(_MISREAD)
    return plain if _BACKUP.fullmatch(plain) else None


def new_backup_codes(entropy: Callable[[int], bytes]) -> list[str]:
    """Ten codes as they are shown: `ABCD-EFGH-…`."""
    return [_grouped(base64.b32encode(entropy(BACKUP_BYTES)).decode()) for _ in range(BACKUP_CODES)]


def hashed(codes: Sequence[str], member: str) -> list[str]:
    """The codes as they are stored, in any form that `backup_code` reads."""
    return [_hash(backup_code(code) or "", member) for code in codes]


def hash_among(code: str, member: str, kept: Sequence[str]) -> str | None:
    """The stored hash of this code. Every hash is compared, each in constant time."""
    given = _hash(code, member)
    matching = [one for one in kept if hmac.compare_digest(one, given)]
    return matching[0] if matching else None


def _hash(code: str, member: str) -> str:
    return hashlib.sha256(f"backup/{member}/{code}".encode()).hexdigest()


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
