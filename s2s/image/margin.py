"""Where the ink of a picture stands, and the picture without a wide margin around it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from s2s.image.load import Pixels
from s2s.image.preprocessing import recolour
from s2s.image.stretches import Box

_SIZE = 600  # pixels: longer sides are reduced to this before they are looked at
_NOISE, _CONTRAST = 20, 0.25  # grey levels, and share of the sharpest edge, that an edge of ink has
_SPECK = 0.25  # share of the highest part: what is lower and stands apart is dust
_HIGH = 8  # pixels: ink that is lower could not be read anyway
# Chosen by the accuracy of `words` on training pictures pasted into margins of a quarter of their height and more.
_NEAR = 1.0  # heights of the ink within which a dot or a comma still belongs to it
_KEPT = 0.05  # heights of the ink that are left around it
_WIDE = 0.75  # share of the picture's height: ink that is lower stands in a wide margin


@dataclass(frozen=True)
class Cut:
    """A picture without its margin."""

    image: Pixels
    left: int
    """Columns that were cut off on the left."""


def find_ink(image: Pixels) -> Box | None:
    """The part of a picture (H, W) or (H, W, 3) that has edges, dust apart from it left out; None of an even ground."""
    grey = recolour(image, False)
    scale = min(1.0, _SIZE / max(grey.shape))
    if scale < 1:
        size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    mask = (edges > max(_NOISE, _CONTRAST * float(edges.max()))).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, width, height, _ = stats[1:].T.astype(np.int64)
    if not len(height):
        return None
    sides = np.stack([left, top, left + width, top + height])
    large = height >= _SPECK * height.max()
    body = _around(sides[:, large])
    reach = _NEAR * body.height
    near = (sides[0] < body.right + reach) & (sides[2] > body.left - reach)
    near &= (sides[1] < body.bottom + reach) & (sides[3] > body.top - reach)
    box = _around(sides[:, large | near])
    rows, columns = image.shape[:2]
    right, bottom = -int(-box.right // scale), -int(-box.bottom // scale)
    return Box(int(box.left / scale), int(box.top / scale), min(columns, right), min(rows, bottom))


def without_margin(image: Pixels) -> Cut | None:
    """The picture cut to its ink, with a little around it; None where its margin above and below is not wide."""
    ink = find_ink(image)
    if ink is None or not _HIGH <= ink.height <= _WIDE * image.shape[0]:
        return None
    around = max(1, round(_KEPT * ink.height))
    left, top = max(0, ink.left - around), max(0, ink.top - around)
    return Cut(np.ascontiguousarray(image[top : ink.bottom + around, left : ink.right + around]), left)


def _around(sides: NDArray[np.int64]) -> Box:
    return Box(int(sides[0].min()), int(sides[1].min()), int(sides[2].max()), int(sides[3].max()))
