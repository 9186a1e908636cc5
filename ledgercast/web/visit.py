"""One request, decoded and bounded: what a handler gets."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from ledgercast.domain.accounts import Member, Session


class FormError(Exception):
    """What was typed cannot be taken. The message is for the person who typed it and repeats nothing of it.

    A handler that catches it renders its form again with what was typed (4xx); App answers 422 otherwise.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Visit:
    """`path` is decoded; `route` is the registered pattern, `params` what it matched; header names are lower-case.

    `form` and `query` hold the last value of each name, `fields` all of them. `json` is the parsed body of an API
    call, None without one. `address` is the client's. `csrf` is the value that this visitor's forms must carry.
    """

    method: str
    path: str
    route: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    fields: tuple[tuple[str, str], ...]
    json: Any
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    address: str
    now: datetime
    session: Session | None = None
    member: Member | None = None
    csrf: str = field(default="", repr=False)

    @property
    def actor(self) -> str:
        """The member's id for the audit; "" for a stranger."""
        return self.member.id if self.member else ""

    @property
    def network(self) -> str:
        """Whom a throttle by client counts: an IPv4 address, or the 64 bits of IPv6 that one customer is given."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        return str(ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def signed_in(self) -> Member:
        """The member of a route that nobody else may enter."""
        if self.member is None:
            raise PermissionError(f"{self.route} was entered without a member")
        return self.member

    @property
    def own_session(self) -> Session:
        """The session of a route that nobody enters without one."""
        if self.session is None:
            raise PermissionError(f"{self.route} was entered without a session")
        return self.session

    def field(self, name: str, max_length: int, *, label: str = "", optional: bool = False, lines: bool = False) -> str:
        """A form field, trimmed, of at most so many characters; `lines` lets line breaks through.

        Raises FormError with a sentence that names the field by its label.
        """
        return _checked(self.form.get(name, ""), name, max_length, label, optional, lines)

    def asked(self, name: str, max_length: int) -> str:
        """A value of the query, trimmed; "" without one. Raises FormError."""
        return _checked(self.query.get(name, ""), name, max_length, "", True, False)

    def many(self, name: str, max_length: int, most: int = 100) -> list[str]:
        """Every value of a repeated form field (checkboxes). Raises FormError."""
        values = [value for key, value in self.fields if key == name]
        if len(values) > most:
            raise FormError(name, f"Please choose {most} at most.")
        return [_checked(value, name, max_length, "", False, False) for value in values]


def _checked(text: str, name: str, max_length: int, label: str, optional: bool, lines: bool) -> str:
    told = label or name.replace("_", " ").capitalize()
    text = text.strip()
    if not text and not optional:
        raise FormError(name, f"{told}: please fill this in.")
    if len(text) > max_length:
        raise FormError(name, f"{told}: at most {max_length} characters, please.")
    allowed = "\r\n\t" if lines else ""
    if any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") and one not in allowed for one in text):
        raise FormError(name, f"{told}: please use letters, digits and common signs only.")
    return text
