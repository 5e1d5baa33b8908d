"""The slope of a page, and the page made level."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from s2s.image.load import Pixels
from s2s.image.stretches import Box, usual_height

STEEPEST = 0.22
"""Rows a column: about 12 degrees."""
_FEW = 40
"""Letters below which the slope of a page cannot be measured."""
_COARSE, _FINE = 0.004, 0.0005
"""Steps in which slopes are tried."""


def find_slope(letters: Sequence[Box]) -> float:
    """Rows a column that the lines of a page fall: the slope at which the feet of its letters meet in the fewest rows.

    0 of a page with few letters. Source: Postl, "Detection of linear oblique structures and skew scan", ICPR 1986.
    """
    size = usual_height(letters)
    feet = [box for box in letters if 0.5 * size <= box.height <= 2 * size]
    if len(feet) < _FEW:
        return 0.0
    x = np.array([(box.left + box.right) / 2 for box in feet])
    y = np.array([box.bottom for box in feet], dtype=float)

    def met(slope: float) -> float:
        rows = np.round((y - slope * x) / (0.25 * size)).astype(np.int64)
        return float(np.square(np.bincount(rows - rows.min())).sum())

    coarse = max(np.arange(-STEEPEST, STEEPEST, _COARSE), key=lambda slope: (met(slope), -abs(slope)))
    near = np.arange(coarse - _COARSE, coarse + _COARSE, _FINE)
    return float(max(near, key=lambda slope: (met(slope), -abs(slope))))


def level(image: Pixels, slope: float) -> tuple[Pixels, NDArray[np.float64]]:
    """The page turned so that its lines are level, with nothing cut off, and the matrix (2, 3) back from there."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(np.degrees(np.arctan(slope))), 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    wide, high = round(width * cos + height * sin), round(width * sin + height * cos)
    matrix[:, 2] += (wide - width) / 2, (high - height) / 2
    paper = tuple(float(value) for value in np.median(image.reshape(height * width, -1)[::7], axis=0))
    turned = cv2.warpAffine(image, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderValue=paper)
    return np.asarray(turned, dtype=np.uint8), np.asarray(cv2.invertAffineTransform(matrix))
