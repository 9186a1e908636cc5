"""Text from outside, fit for a terminal."""

from __future__ import annotations


def one_line(text: str) -> str:
    """A name from Xero as one printable line: no control characters that a terminal would obey."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable())
