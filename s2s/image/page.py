"""A page into lines of text, in reading order.

Columns are recognised by gutters between stretches of running text, and read one after the other; stretches at one height
in a column are a line.
"""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from s2s.image.layout import count_lines
from s2s.image.load import Pixels
from s2s.image.stretches import Box, Stretch, find_stretches, typical_height

# In heights of a typical stretch.
_GUTTER = 0.8  # narrowest gap between columns
_RUNNING = 7.5  # running text is at least that wide
_BREAK = 0.3  # rows without ink that part what is above from what is below

_PAGE = 3  # lines make a page, if there is nothing between them
_BUSY = 300  # pixels on either side: what is smaller and has no rows without ink is not looked at for lines
_HIGH = 8  # pixels of a letter: what is lower is noise, or could not be read anyway
# Letters of a line without a wide gap (spots on a wall have those), and lines of like height, which make a page that
# has other things on it.
_LONG, _MANY = 8, 5


@dataclass(frozen=True)
class Line:
    """A line of a page: stretches from left to right."""

    stretches: tuple[Stretch, ...]

    @property
    def box(self) -> Box:
        """Where it stands."""
        return Box.around([stretch.box for stretch in self.stretches])

    @property
    def letters(self) -> int:
        """How many components it has."""
        return sum(len(stretch.letters) for stretch in self.stretches)

    @property
    def longest(self) -> int:
        """How many components its longest stretch has."""
        return max(len(stretch.letters) for stretch in self.stretches)

    @property
    def letter_height(self) -> float:
        """Of most of them, in pixels."""
        return float(np.median([letter.height for stretch in self.stretches for letter in stretch.letters]))


@dataclass(frozen=True)
class Placed:
    """A stretch, and where it would stand if the page were straight."""

    stretch: Stretch
    box: Box


def find_page(image: Pixels) -> list[Line]:
    """The lines of a picture that looks like a page; none of one that looks like a word or a line.

    Errs towards one line: pictures of words have other things beside the word, and shadows.
    """
    rows = count_lines(image)
    if rows < _PAGE and min(image.shape[:2]) < _BUSY:
        return []
    lines = page_lines(image)
    if rows >= _PAGE and sum(line.letters >= _PAGE for line in lines) >= _PAGE:
        return lines
    long = [line for line in lines if line.longest >= _LONG and line.letter_height >= _HIGH]
    heights = np.array([line.box.height for line in long])
    like = np.abs(np.log(heights / np.median(heights))) < np.log(1.8) if len(heights) else heights
    return lines if like.sum() >= _MANY else []


def page_lines(image: Pixels) -> list[Line]:
    """The lines of text in a picture (H, W) or (H, W, 3) in reading order; none where nothing looks like text."""
    stretches = find_stretches(image)
    slope = _slope(stretches)
    placed = [Placed(one, _level(one.box, slope)) for one in stretches]
    return _ordered(placed, typical_height([one.box for one in stretches]))


def _slope(stretches: list[Stretch]) -> float:
    """Rows a column that the page falls: half of its text falls less."""
    falls = sorted((one.fall[0], one.box.width) for one in stretches if one.fall is not None)
    reaches = list(accumulate(width for _, width in falls))
    return next((fall for (fall, _), reach in zip(falls, reaches, strict=True) if 2 * reach >= reaches[-1]), 0.0)


def _level(box: Box, slope: float) -> Box:
    shift = round(slope * (box.left + box.right) / 2)
    return Box(box.left, box.top - shift, box.right, box.bottom - shift)


def _ordered(placed: list[Placed], size: float) -> list[Line]:
    """Lines in reading order: columns one after the other, from the left, then rows from the top."""
    gutter = _gutter(placed, size)
    if gutter is not None:
        sides = [one for one in placed if one.box.right <= gutter], [one for one in placed if one.box.right > gutter]
        return [line for side in sides for line in _ordered(side, size)]
    below = _break(placed, size)
    if below is not None:
        parts = [one for one in placed if one.box.top < below], [one for one in placed if one.box.top >= below]
        return [line for part in parts for line in _ordered(part, size)]
    return _rows(placed)


def _gutter(placed: list[Placed], size: float) -> float | None:
    """A column that no stretch crosses, with running text on both sides."""
    ends = sorted(placed, key=lambda one: one.box.left)
    reach = -1
    best: tuple[int, float] | None = None
    for number, one in enumerate(ends):
        gap = one.box.left - reach
        if number and gap >= _GUTTER * size and all(_running(side, size) for side in (ends[:number], ends[number:])):
            best = max(best or (0, 0.0), (gap, reach))
        reach = max(reach, one.box.right)
    return None if best is None else best[1]


def _running(placed: list[Placed], size: float) -> bool:
    """Whether these are lines of running text rather than, say, prices."""
    return len(placed) >= _PAGE and float(np.median([one.box.width for one in placed])) >= _RUNNING * size


def _break(placed: list[Placed], size: float) -> float | None:
    """The row below the widest gap between rows, if there is one."""
    ends = sorted((one.box for one in placed), key=lambda box: box.top)
    reaches = accumulate((box.bottom for box in ends), max)
    gaps = [(box.top - reach, box.top) for box, reach in zip(ends[1:], reaches, strict=False)]
    widest = max(gaps, default=(0, 0))
    return widest[1] if widest[0] > _BREAK * size else None


def _rows(placed: list[Placed]) -> list[Line]:
    """Stretches at one height are a line."""
    rows: list[list[Placed]] = []
    for one in sorted(placed, key=lambda one: one.box.top + one.box.bottom):
        # Where the page is bent, the nearest neighbour says what the same height is.
        row = next((row for row in rows if min(row, key=lambda other: _apart(one, other)).box.beside(one.box)), None)
        if row is None:
            rows.append([one])
        else:
            row.append(one)
    return [Line(tuple(one.stretch for one in sorted(row, key=lambda one: one.box.left))) for row in rows]


def _apart(one: Placed, other: Placed) -> int:
    return max(one.box.left - other.box.right, other.box.left - one.box.right)
