"""Who may ask the servers of this machine. Any page in a browser can send requests here, whatever site it is of.

A page of another site names itself in `Origin` or `Sec-Fetch-Site`; one whose own name was pointed at this machine does
so in `Host`. A password would not help: what the runtime keeps belongs to whoever runs it.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

_OURS = ("localhost", "127.0.0.1")


def page(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether one of our own pages asks, a program, or a person who opens the address, wherever the link stood.

    A form of another site names its origin, and what a link opened no other page can read or frame.
    """
    given = _lowered(headers)
    host = given.get("host", "")
    own = given.get("origin", f"http://{host}") == f"http://{host}"
    opened = (given.get("sec-fetch-mode"), given.get("sec-fetch-dest")) == ("navigate", "document")
    return _is_ours(host) and own and (opened or given.get("sec-fetch-site", "none") in ("same-origin", "none"))


def program(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a program asks, and no page at all."""
    given = _lowered(headers)
    return _is_ours(given.get("host", "")) and not {"origin", "sec-fetch-site"} & set(given)


def _lowered(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


def _is_ours(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _OURS
    except ValueError:  # brackets that close nothing
        return False
