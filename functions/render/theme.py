"""The house's colours, light and dark, and the one colour that an operator may set."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

ThemeName = Literal["light", "dark"]
BRAND = "#2F6BEB"


@dataclass(frozen=True)
class Theme:
    """Colours as #RRGGBB. `palette` begins with the brand; its order keeps neighbours apart for every eye."""

    background: str
    ink: str
    muted: str
    grid: str
    axis: str
    brand: str
    quiet: str  # what stands behind: bars under a line, "Other"
    loss: str
    good: str
    bad: str
    warn: str
    palette: tuple[str, ...]


_LIGHT = Theme(
    background="#FFFFFF",
    ink="#131722",
    muted="#596273",
    grid="#E2E6ED",
    axis="#AEB6C4",
    brand=BRAND,
    quiet="#C3CCDA",
    loss="#D9480F",
    good="#08734C",
    bad="#C2330B",
    warn="#9A5B00",
    palette=(BRAND, "#F2A20D", "#005F56", "#D6409F", "#6B2C91"),
)
_DARK = Theme(
    background="#0F141D",
    ink="#F3F5F9",
    muted="#9BA6B7",
    grid="#232B38",
    axis="#566175",
    brand="#5B8DF6",
    quiet="#3D485A",
    loss="#FF8A50",
    good="#4CC38A",
    bad="#FF8A66",
    warn="#F0B04A",
    palette=("#5B8DF6", "#F2B134", "#63E6BE", "#862E9C", "#D0BFFF"),
)


def theme_of(name: ThemeName = "light", brand: str | None = None) -> Theme:
    """The theme, in the operator's colour where one is set. Raises ValueError for anything but #RRGGBB.

    A brand colour too near the background to be seen is moved towards the ink until it stands out 3 to 1 (WCAG's
    measure for graphics); of the palette it takes the place of the colour most like it.
    """
    theme = {"light": _LIGHT, "dark": _DARK}.get(name)
    if theme is None:
        raise ValueError(f"The theme is light or dark, not {name!r}")
    if brand is None:
        return theme
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", brand):
        raise ValueError(f"A brand colour is written #RRGGBB, not {brand!r}")
    seen = brand.upper()
    while contrast(seen, theme.background) < 3:
        seen = mix(seen, theme.ink, 0.1)
    nearest = min(theme.palette, key=lambda other: _distance(other, seen))
    return replace(theme, brand=seen, palette=(seen, *(one for one in theme.palette if one != nearest)))


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(colour: str, other: str, share: float) -> str:
    """The colour with that share (0 to 1) of the other in it."""
    pairs = zip(rgb(colour), rgb(other), strict=True)
    return "#{:02X}{:02X}{:02X}".format(*(round(a + (b - a) * share) for a, b in pairs))


def contrast(colour: str, other: str) -> float:
    """WCAG 2's contrast ratio, 1 to 21."""
    light, dark = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def over(colour: str, theme: Theme) -> str:
    """The text colour that reads best on that colour."""
    return max((theme.ink, theme.background), key=lambda one: contrast(one, colour))


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in rgb(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _distance(colour: str, other: str) -> int:
    return sum((a - b) ** 2 for a, b in zip(rgb(colour), rgb(other), strict=True))
