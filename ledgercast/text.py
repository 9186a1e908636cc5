"""Foreign text made fit for one line of anything: what every carrier needs before its own escaping."""

from __future__ import annotations

import unicodedata

# Marks that turn the direction of what follows; a name with one could make figures read backwards.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])


def one_line(text: str) -> str:
    """The text without control characters, line breaks or marks that turn the writing direction."""
    kept = "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text)
    return " ".join(kept.translate(_TURNING).split())


def plain_lines(text: str) -> str:
    """The same for text of several lines, whose spaces and line breaks stay as they are."""
    kept = (" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") and one != "\n" else one for one in text)
    return "".join(kept).translate(_TURNING).strip("\n")


def shorten(text: str, most: int) -> str:
    """At most so many characters, the last one an ellipsis where some were cut. For text before it is escaped."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
