"""Text from Xero as Slack must get it (SX-3): no mention, link, formatting or emoji comes out of a name.

Slack's own rule is to escape &, < and >. Its marks for bold, italic, strike and code have no escape, so they are shown
by signs of the same look. Text objects go out with `verbatim`, so that nothing is turned into a link.
"""

from __future__ import annotations

import re
import unicodedata

_LOOK_ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_EMOJI = re.compile(r":(?=[a-z0-9_+'-]+:)", re.IGNORECASE)
# Marks that turn the direction of what follows; a name with one could make figures read backwards.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])


def one_line(text: str) -> str:
    """The text without control characters, line breaks or marks that turn the writing direction."""
    kept = "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text)
    return " ".join(kept.translate(_TURNING).split())


def mrkdwn(text: str) -> str:
    """Foreign text for a mrkdwn object, as plain as it is."""
    return _EMOJI.sub("∶", one_line(text)).translate(_LOOK_ALIKE).translate(_ENTITIES)


def code(text: str) -> str:
    """A line for a code block, spaces kept; only the block's own mark and Slack's entities matter there."""
    return text.replace("`", "ˋ").translate(_ENTITIES)


def shorten(text: str, most: int) -> str:
    """At most so many characters, the last one an ellipsis where some were cut. For text before it is escaped."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
