"""Importing matplotlib without looking round the machine, and as little else as can be.

Matplotlib's font manager, when imported, lists every font of the machine and keeps the list in a cache folder. A chart
here names its faces by file, so the list is never read; on a read-only Lambda making it would only cost a cold start.
Hence, before the first import: ignore the machine's fonts, use a throwaway cache folder, and lay an empty list there.
Should a later matplotlib expect another list, it makes its own from its bundled fonts: slower, equally right.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path


def settle() -> None:
    """Imports the renderer. To be called before anything else imports numpy or matplotlib; else it changes nothing."""
    if "matplotlib" in sys.modules:
        return
    folder = Path(tempfile.mkdtemp(prefix="ledgercast-mpl-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["MPLCONFIGDIR"] = str(folder)
    os.environ["MPL_IGNORE_SYSTEM_FONTS"] = "1"
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # there is no linear algebra here to start threads for
    collecting = gc.isenabled()
    gc.disable()  # an import makes many objects and no garbage: a tenth of a cold start
    try:
        _lay_empty_list(folder, import_module("matplotlib").__version_info__)
        import_module("matplotlib.backends.backend_agg")
    finally:
        if collecting:
            gc.enable()


def _lay_empty_list(folder: Path, version: tuple[int, ...]) -> None:
    form = f"{version[0]}.{version[1]}.0"  # the release that last changed the list's form
    empty: dict[str, object] = {
        "__class__": "FontManager",
        "_version": form,
        "_FontManager__default_weight": "normal",
        "default_size": None,
        "defaultFamily": {"ttf": "DejaVu Sans", "afm": "Helvetica"},
        "afmlist": [],
        "ttflist": [],
    }
    (folder / f"fontlist-v{form}.json").write_text(json.dumps(empty))
