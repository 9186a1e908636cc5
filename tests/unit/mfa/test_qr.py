"""The QR code: read back module by module, and free of what the page's policy forbids."""

from __future__ import annotations

import re

import segno

from functions.mfa.qr import qr_svg

ADDRESS = "otpauth://totp/Ledgercast:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ledgercast"


def modules_of(svg: str) -> set[tuple[int, int]]:
    """The dark modules that the path of an SVG paints: `M x y`, `h` dark, `m` moved."""
    [path] = re.findall(r' d="([^"]+)"', svg)
    x, y, dark = 0.0, 0.0, set()
    for command, numbers in re.findall(r"([Mmh])([^Mmh]+)", path):
        given = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            dark |= {(int(x) + step, int(y)) for step in range(int(given[0]))}
            x += given[0]
        else:
            x, y = (given[0], given[1]) if command == "M" else (x + given[0], y + given[1])
    return dark


def test_the_picture_paints_the_code_with_a_quiet_margin_mf_1() -> None:
    code = segno.make(ADDRESS, error="m", micro=False)
    wanted = {(x + 4, y + 4) for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark}
    svg = qr_svg(ADDRESS)
    assert modules_of(svg) == wanted
    side = len(code.matrix) + 8
    assert f'viewBox="0 0 {side} {side}"' in svg


def test_the_picture_has_no_style_script_or_address_mf_1() -> None:
    assert not re.search(r"style|script|href|http|class|otpauth|GEZDG", str(qr_svg(ADDRESS)))
