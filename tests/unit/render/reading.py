"""Reading pictures back, by a reader that is not ours."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def pixels_of(png: bytes) -> NDArray[np.uint8]:
    """Height × width × RGB."""
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGB"))


def small(png: bytes) -> NDArray[np.uint8]:
    """The picture at a tenth of its size: what a golden keeps."""
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGB").resize((160, 90), Image.Resampling.BOX))


def count_near(pixels: NDArray[np.uint8], colour: tuple[int, int, int], reach: int = 6) -> int:
    """How many pixels are of about that colour."""
    return int((np.abs(pixels.astype(int) - colour).max(axis=2) <= reach).sum())
