"""Gutters: upright strips without ink that may part columns of text."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from s2s.image.stretches import Box

_CELLS = 6
"""Cells of the grid, on which ink is looked for, to a typical letter's height."""
_NARROW = 0.65
"""Narrowest gutter, in those heights: less than a wide space, as it goes on from line to line."""
_SHORT = 8.0
"""Shortest one: some five lines, over which spaces seldom meet."""
_BESIDE = 0.4
"""Share of its rows in which there must be ink on the left, and on the right."""
_MOST = 12
"""Gutters looked for on a page."""


def find_gutters(letters: Sequence[Box], size: float) -> list[Box]:
    """Strips between letters, which stand upright, the longest first; `size` is a typical letter's height."""
    if not letters:
        return []
    around = Box.around(letters)
    scale = _CELLS / max(size, 1.0)
    ink = np.zeros((round(around.height * scale) + 1, round(around.width * scale) + 1), np.uint8)
    for box in letters:
        left, right = int((box.left - around.left) * scale), int((box.right - around.left) * scale)
        top, bottom = int((box.top - around.top) * scale), int((box.bottom - around.top) * scale)
        ink[top : bottom + 1, left : right + 1] = 1
    reach = max(1, round(_NARROW * _CELLS))
    # A cell is free if the strip that begins with it is.
    free = cv2.dilate(ink, np.ones((1, reach), np.uint8), anchor=(0, 0), borderValue=1) == 0
    seen_left = np.maximum.accumulate(ink, axis=1)
    seen_right = np.maximum.accumulate(ink[:, ::-1], axis=1)[:, ::-1]
    found: list[Box] = []
    while len(found) < _MOST:
        columns, tops, bottoms = _longest_runs(free)
        lengths = bottoms - tops
        for place in np.argsort(-lengths, kind="stable"):
            if lengths[place] < _SHORT * _CELLS:
                return found
            column, top, bottom = int(columns[place]), int(tops[place]), int(bottoms[place])
            rows = slice(top, bottom)
            if min(seen_left[rows, column].mean(), seen_right[rows, column].mean()) >= _BESIDE:
                break
            free[rows, column] = False
        else:
            return found
        # The strip is as wide as its rows are free.
        left, right = column, column + reach
        while right < ink.shape[1] and not ink[rows, right].any():
            right += 1
        while left > 0 and not ink[rows, left - 1].any():
            left -= 1
        free[rows, max(0, left - reach) : right] = False
        found.append(
            Box(
                around.left + round(left / scale), around.top + round(top / scale),
                around.left + round(right / scale), around.top + round(bottom / scale),
            )
        )  # fmt: skip
    return found


def _longest_runs(free: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of every column of cells the longest run of free ones: columns, first rows, rows after the last."""
    height, width = free.shape
    run = np.zeros(width, np.int64)
    best, end = np.zeros(width, np.int64), np.zeros(width, np.int64)
    for row in range(height):
        run = (run + 1) * free[row]
        better = run > best
        best[better], end[better] = run[better], row + 1
    return np.arange(width), end - best, end
