"""Text from Xero as Slack must get it (SX-3): no mention, link, formatting or emoji comes out of a name.

Slack's own rule is to escape &, < and >. Its marks for bold, italic, strike and code have no escape, so they are shown
by signs of the same look. Text objects go out with `verbatim`, so that nothing is turned into a link.
"""

from __future__ import annotations

import re

from ledgercast.text import one_line

_LOOK_ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_EMOJI = re.compile(r":(?=[a-z0-9_+'-]+:)", re.IGNORECASE)


def mrkdwn(text: str) -> str:
    """Foreign text for a mrkdwn object, as plain as it is."""
    return _EMOJI.sub("∶", one_line(text)).translate(_LOOK_ALIKE).translate(_ENTITIES)


def code(text: str) -> str:
    """A line for a code block, spaces kept; only the block's own mark and Slack's entities matter there."""
    return text.replace("`", "ˋ").translate(_ENTITIES)
