"""Matplotlib's renderer, path and fonts, imported without looking round the machine.

Importing matplotlib's font manager lists every font of the machine and keeps the list in a cache folder. A chart here
names its faces by file, so the list is never read; on a read-only Lambda making it would only cost a cold start.
Hence, before the first import: ignore the machine's fonts, use a throwaway cache folder, and lay an empty list there.
Should a later matplotlib expect another list, it makes its own from its bundled fonts: slower, equally right.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path as _File

if "matplotlib" not in sys.modules:  # else somebody else has settled it
    _CACHE = tempfile.mkdtemp(prefix="ledgercast-mpl-")
    atexit.register(shutil.rmtree, _CACHE, ignore_errors=True)
    os.environ["MPLCONFIGDIR"] = _CACHE
    os.environ["MPL_IGNORE_SYSTEM_FONTS"] = "1"

import matplotlib


def _lay_empty_list() -> None:
    form = "{}.{}.0".format(*matplotlib.__version_info__)  # the release that last changed the list's form
    empty: dict[str, object] = {
        "__class__": "FontManager",
        "_version": form,
        "_FontManager__default_weight": "normal",
        "default_size": None,
        "defaultFamily": {"ttf": "DejaVu Sans", "afm": "Helvetica"},
        "afmlist": [],
        "ttflist": [],
    }
    file = _File(matplotlib.get_cachedir()) / f"fontlist-v{form}.json"
    if not file.exists():
        file.write_text(json.dumps(empty))


if "matplotlib.font_manager" not in sys.modules and os.environ.get("MPL_IGNORE_SYSTEM_FONTS"):
    _lay_empty_list()

from matplotlib.backend_bases import GraphicsContextBase  # noqa: E402
from matplotlib.backends.backend_agg import RendererAgg  # noqa: E402
from matplotlib.font_manager import get_font  # noqa: E402
from matplotlib.ft2font import FT2Font, LoadFlags  # noqa: E402
from matplotlib.path import Path  # noqa: E402
from matplotlib.transforms import Affine2D  # noqa: E402

__all__ = ["Affine2D", "FT2Font", "GraphicsContextBase", "LoadFlags", "Path", "RendererAgg", "bundled", "get_font"]


def bundled(file: str) -> _File:
    """A face that matplotlib brings with it."""
    return _File(matplotlib.get_data_path()) / "fonts" / "ttf" / file
