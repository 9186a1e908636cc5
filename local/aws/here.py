"""Who may ask the servers of this machine. Any page in a browser can send requests here, whatever site it is of.

A page of another site names itself in `Origin` or `Sec-Fetch-Site`; one whose own name was pointed at this machine does
so in `Host`. A password would not help: what the runtime keeps belongs to whoever runs it.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

_OURS = ("localhost", "127.0.0.1")


def page(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether one of our own pages asks, the address line of a browser, or a program."""
    given = _lowered(headers)
    host = given.get("host", "")
    own = given.get("origin", f"http://{host}") == f"http://{host}"
    return _is_ours(host) and own and given.get("sec-fetch-site", "none") in ("same-origin", "none")


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
