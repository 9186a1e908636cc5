"""A member's second factor in `state`: set-up, codes accepted once, backup codes, turning it off (MF-1, MF-2, MF-5).

Attributes of the member's item, beside those of `ledgercast.store.members`: `seed` and `pending_seed` (encrypted; b""
for none), `pending_until` (epoch seconds, our clock), `pending_by` (the key of the session that sets it up),
`last_step` (the last accepted step), `backup` (hashes), `reset_at`. Each change names in its condition what it was
decided by, so that of two at once one alone happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.mfa import codes, totp
from functions.mfa.seals import Seals
from ledgercast.clock import Clock
from ledgercast.domain.accounts import Session
from ledgercast.second_factor import NO_SET_UP, NOTHING_LEFT
from ledgercast.store.members import MemberStore
from ledgercast.store.table import Item

SET_UP_LIFE = timedelta(minutes=15)
_TRIES = 5
_THIS_SEED = "#totp = :on AND #seed = :seed"


@dataclass(frozen=True)
class Factor:
    """`seed` and `pending` are encrypted, b"" where there is none."""

    member: str
    on: bool
    seed: bytes = field(repr=False)
    last_step: int
    backup: tuple[str, ...] = field(repr=False)
    pending: bytes = field(repr=False)
    pending_until: int
    pending_by: str


class Factors:
    """`now` is our clock, `machine_time` the one that codes go by, `entropy` a source of random bytes."""

    def __init__(
        self,
        members: MemberStore,
        seals: Seals,
        now: Clock,
        machine_time: Callable[[], datetime],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._members = members
        self._seals = seals
        self._now = now
        self._machine_time = machine_time
        self._entropy = entropy

    def read(self, member: str) -> Factor:
        """Raises LookupError where there is no such member."""
        item = self._members.item(member)
        if item is None:
            raise LookupError("the member is gone")
        return _factor(member, item)

    def pending_seed(self, member: str, session: Session) -> bytes | None:
        """The seed that this session is setting up; None when there is none, or its quarter of an hour is over."""
        factor = self.read(member)
        return self._seals.open(member, factor.pending) if self._is_pending(factor, session) else None

    def begin(self, member: str, session: Session, *, again: bool = False) -> bytes:
        """A seed to set up, which counts for nothing until it is confirmed, and only by this session.

        It is the pending one where there is one, and a new one where there is none or `again` is asked for.
        """
        for _ in range(_TRIES):
            factor = self.read(member)
            if not again and self._is_pending(factor, session):
                return self._seals.open(member, factor.pending)
            seed = self._entropy(totp.SEED_BYTES)
            changes = {
                "pending_seed": self._seals.seal(member, seed),
                "pending_until": int((self._now() + SET_UP_LIFE).timestamp()),
                "pending_by": session.key,
            }
            as_read = "attribute_not_exists(#pending_seed) OR #pending_seed = :before"
            if self._members.update(member, changes, as_read, before=factor.pending):
                return seed
        raise TimeoutError("others begin set-ups of this member all the time")

    def confirm(self, member: str, session: Session, code: str) -> list[str] | None:
        """Turn the pending seed into the member's, given a code of it: ten backup codes, told this once.

        None when the code is not of the pending seed. Raises SetUpGone when this session has none any more.
        """
        factor = self.read(member)
        if not self._is_pending(factor, session):
            raise SetUpGone
        step = totp.accepted_step(self._seals.open(member, factor.pending), code, self._machine_time())
        if step is None:
            return None
        fresh = codes.new_backup_codes(self._entropy)
        changes = {
            "totp": "on",
            "seed": factor.pending,
            "last_step": step,
            "backup": codes.hashed(fresh, member),
            "reset_at": None,
            **NO_SET_UP,
        }
        unchanged = "#pending_seed = :pending AND #pending_by = :session"
        if not self._members.update(member, changes, unchanged, pending=factor.pending, session=session.key):
            raise SetUpGone
        return fresh

    def use_code(self, factor: Factor, code: str) -> bool:
        """Accept a one-time code; no code of that step or an earlier one is accepted after it."""
        if not factor.on:
            return False
        seed = self._seals.open(factor.member, factor.seed)
        step = totp.accepted_step(seed, code, self._machine_time(), after=factor.last_step)
        if step is None:
            return False
        return self._change(factor, {"last_step": step}, "#last_step < :step", step=step)

    def use_backup_code(self, factor: Factor, code: str) -> bool:
        """Accept a backup code, which is then gone."""
        for _ in range(codes.BACKUP_CODES + 1):
            found = codes.hash_among(code, factor.member, factor.backup)
            if not factor.on or found is None:
                return False
            left = [one for one in factor.backup if one != found]
            if self._change(factor, {"backup": left}, "#backup = :before", before=list(factor.backup)):
                return True
            factor = self.read(factor.member)  # another code was used meanwhile; this one may still be there
        return False

    def new_backup_codes(self, factor: Factor) -> list[str] | None:
        """Ten new ones in place of all that were left; None when the second factor changed meanwhile."""
        fresh = codes.new_backup_codes(self._entropy)
        return fresh if self._change(factor, {"backup": codes.hashed(fresh, factor.member)}) else None

    def turn_off(self, factor: Factor) -> bool:
        """Forget the seed and every code; False when the second factor changed meanwhile."""
        return self._change(factor, NOTHING_LEFT)

    def _change(self, factor: Factor, changes: Item, condition: str = "", **values: Any) -> bool:
        """Only while this very seed is the member's."""
        full = f"{_THIS_SEED} AND {condition}" if condition else _THIS_SEED
        return self._members.update(factor.member, changes, full, on="on", seed=factor.seed, **values)

    def _is_pending(self, factor: Factor, session: Session) -> bool:
        living = factor.pending_until > self._now().timestamp()
        return bool(factor.pending) and living and factor.pending_by == session.key


class SetUpGone(Exception):
    """The set-up ran out, or was begun anew in another session."""


def _factor(member: str, item: Item) -> Factor:
    return Factor(
        member=member,
        on=item.get("totp") == "on",
        seed=item.get("seed", b""),
        last_step=item.get("last_step", 0),
        backup=tuple(item.get("backup", ())),
        pending=item.get("pending_seed", b""),
        pending_until=item.get("pending_until", 0),
        pending_by=item.get("pending_by", ""),
    )
