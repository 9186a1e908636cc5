"""The QR code of a set-up, drawn here and put into the page: no address of it ever leaves this function."""

from __future__ import annotations

import segno
from markupsafe import Markup

QUIET_MODULES = 4
"""The margin that a reader needs (ISO/IEC 18004)."""


def qr_svg(text: str) -> Markup:
    """An SVG of dark modules on nothing, for the page to put white under; without styles, which its policy forbids."""
    drawn = segno.make(text, error="m", micro=False)
    return Markup(drawn.svg_inline(border=QUIET_MODULES, omitsize=True, svgclass=None, lineclass=None))  # noqa: S704
