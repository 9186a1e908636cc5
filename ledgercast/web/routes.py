"""The routes of one function: patterns such as `/sources/{connection}`, who may enter, and what answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ledgercast.web.reply import Reply
from ledgercast.web.visit import Visit

Who = Literal["nobody", "link", "member", "owner"]
"""nobody: everyone, signed in or not. link: any session, the second factor still to come too. member: fully signed in.
owner: a fully signed-in owner."""

STATE_CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_VALUE = r"[A-Za-z0-9._~-]{1,80}"
_RUN = r"[A-Za-z0-9._~:-]{1,150}"  # a pulse and its slot, which may be an instant


@dataclass(frozen=True)
class Route:
    """`csrf` is False only where a machine calls without a session; of its body nothing is read."""

    method: str
    pattern: str
    who: Who
    csrf: bool
    answer: Callable[[Visit, Any], Reply]

    @property
    def key(self) -> str:
        """As API Gateway writes it: `GET /sources/{connection}`. This, and never the path, is logged."""
        return f"{self.method} {self.pattern}"

    def match(self, path: str) -> dict[str, str] | None:
        """The values of the pattern's names; None when the path is another's or a value has a strange form."""
        wanted = re.sub(r"\\\{(\w+)\\\}", _value, re.escape(self.pattern))
        found = re.fullmatch(wanted, path)
        return found.groupdict() if found else None


def _value(name: re.Match[str]) -> str:
    return f"(?P<{name[1]}>{_RUN if name[1] == 'run' else _VALUE})"
