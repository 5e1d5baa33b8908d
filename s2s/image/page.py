"""A page into lines of text, in reading order.

Columns are recognised by gutters between stretches of running text, and read one after the other; stretches at one
height in a column are a line.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from math import inf

import numpy as np
from numpy.typing import NDArray

from s2s.image.geometry import turned
from s2s.image.gutters import find_gutters
from s2s.image.layout import count_lines
from s2s.image.level import find_slope, level
from s2s.image.load import Pixels
from s2s.image.stretches import Box, Stretch, find_stretches, usual_height

_STRETCH = 1.3  # height of a stretch to that of a letter
# In heights of a typical stretch.
_RUNNING = 6  # rows of running text are at least that wide
_CROSSED = 0.6  # a stretch with a narrower gap at a gutter stands across it
_BROAD, _SURE = 1.5, 9  # a narrower gutter needs more lines beside it: spaces may stand below each other
_FILLED = 0.6  # share of a row's width that letters of running text take, where it falls apart at wide spaces

_PAGE = 3  # lines make a page, if there is nothing between them
_PAIR = 4  # two do if they have so many letters each, and there is nothing else
_BUSY = 300  # pixels on either side: what is smaller and has no rows without ink is not looked at for lines
_HIGH = 8  # pixels of a letter: what is lower is noise, or could not be read anyway
# Letters of a line without a wide gap (spots on a wall have those), and lines of like height, which make a page that
# has other things on it.
_LONG, _MANY = 8, 5
_SLOPED = 0.008  # rows a column: pages that fall more, by half a degree, are turned before they are cut


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
    def inked(self) -> int:
        """Sum of the letters' widths."""
        return sum(letter.width for stretch in self.stretches for letter in stretch.letters)

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
    """A stretch, and where its letters would stand if the page were straight."""

    stretch: Stretch
    letters: tuple[Box, ...]

    @cached_property
    def box(self) -> Box:
        """Around them."""
        return Box.around(self.letters)

    @property
    def middle(self) -> float:
        """The row half-way down."""
        return (self.box.top + self.box.bottom) / 2

    def crosses(self, column: float, least: float) -> bool:
        """Whether it stands on both sides of a column without a gap of `least` there."""
        before, after = self.sides(column)
        return before is not None and after is not None and after.box.left - before.box.right < least

    def sides(self, column: float) -> "tuple[Placed | None, Placed | None]":
        """What stands left and right of a column."""
        left = [place for place, box in enumerate(self.letters) if box.left + box.right < 2 * column]
        right = [place for place, box in enumerate(self.letters) if box.left + box.right >= 2 * column]
        return self._some(left), self._some(right)

    def _some(self, places: list[int]) -> "Placed | None":
        if not places or len(places) == len(self.letters):
            return self if places else None
        stretch = Stretch.of([self.stretch.letters[place] for place in places])
        return Placed(stretch, tuple(self.letters[place] for place in places))


@dataclass(frozen=True)
class Page:
    """A picture, level, and its lines in reading order; none of a word or a line."""

    image: Pixels
    lines: tuple[Line, ...] = ()
    back: NDArray[np.float64] | None = None
    """The matrix (2, 3) from places in `image` to those in the picture before it was made level; None if it was."""
    turned: int = 0
    """Degrees by which the picture was turned clockwise before that."""


def find_page(image: Pixels) -> Page:
    """The lines of a picture that looks like a page, if need be on its side; none of a word or a line.

    Errs towards one line: pictures of words have other things beside the word, and shadows.
    """
    page = standing_page(image)
    if not page.lines and min(image.shape[:2]) >= _BUSY:
        aside = standing_page(turned(image, 90))
        page = replace(aside, turned=90) if aside.lines else page
    return page


def standing_page(image: Pixels) -> Page:
    """The lines of a picture that looks like a page as it stands, with a slope of at most 12 degrees."""
    rows = count_lines(image)
    if rows < 2 and min(image.shape[:2]) < _BUSY:
        return Page(image)
    page = Page(image, tuple(page_lines(image)))
    slope = find_slope([letter for line in page.lines for one in line.stretches for letter in one.letters])
    if abs(slope) >= _SLOPED:
        flat, back = level(image, slope)
        rows, page = count_lines(flat), Page(flat, tuple(page_lines(flat)), back)
    if rows >= _PAGE and sum(line.letters >= _PAGE for line in page.lines) >= _PAGE:
        return page
    if rows == len(page.lines) == 2 and all(line.letters >= _PAIR for line in page.lines):
        return page
    long = [line for line in page.lines if line.longest >= _LONG and line.letter_height >= _HIGH]
    heights = np.array([line.box.height for line in long])
    like = np.abs(np.log(heights / np.median(heights))) < np.log(1.8) if len(heights) else heights
    return page if like.sum() >= _MANY else Page(image)


def page_lines(image: Pixels) -> list[Line]:
    """The lines of text in a picture (H, W) or (H, W, 3) in reading order; none where nothing looks like text."""
    stretches = find_stretches(image)
    slope = _slope(stretches)
    placed = [Placed(one, tuple(_level(box, slope) for box in one.letters)) for one in stretches]
    return _ordered(placed, _STRETCH * usual_height([box for one in stretches for box in one.letters]))


def _slope(stretches: list[Stretch]) -> float:
    """Rows a column that the page falls: half of its text falls less."""
    falls = sorted((one.fall[0], one.box.width) for one in stretches if one.fall is not None)
    reaches = list(accumulate(width for _, width in falls))
    return next((fall for (fall, _), reach in zip(falls, reaches, strict=True) if 2 * reach >= reaches[-1]), 0.0)


def _level(box: Box, slope: float) -> Box:
    down = round(slope * (box.left + box.right) / 2)
    across = round(slope * (box.top + box.bottom) / 2)
    return Box(box.left + across, box.top - down, box.right + across, box.bottom - down)


def _ordered(placed: list[Placed], size: float) -> list[Line]:
    """Lines in reading order: what stands above columns, the columns from the left, what stands below."""
    for gutter in find_gutters([box for one in placed for box in one.letters], size):
        parts = _parted(placed, gutter, size)
        least = _PAGE if gutter.width >= _BROAD * size else _SURE
        if all(_running(column, size, least) for column in parts[1:3]):
            return [line for part in parts for line in _ordered(part, size)]
    return _rows(placed)


def _parted(placed: list[Placed], gutter: Box, size: float) -> tuple[list[Placed], ...]:
    """What stands above a gutter, left of it, right of it, across it, below it.

    Only what the columns flow around stands across, such as a caption; the gutter goes on behind it.
    """
    column = (gutter.left + gutter.right) / 2
    crossing = [one for one in placed if one.crosses(column, _CROSSED * size)]
    inset = [one for one in crossing if _flowed_around(one, placed)]
    top, bottom = float(gutter.top), float(gutter.bottom)
    if any(one.middle > bottom for one in inset):
        bottom = min((one.box.top for one in crossing if one.middle > bottom and one not in inset), default=inf)
    if any(one.middle < top for one in inset):
        top = max((one.box.bottom for one in crossing if one.middle < top and one not in inset), default=-inf)
    parts: tuple[list[Placed], ...] = ([], [], [], [], [])
    for one in placed:
        before, after = one.sides(column)
        if not top <= one.middle <= bottom:
            parts[0 if one.middle < top else 4].append(one)
        elif one in inset:
            parts[3].append(one)
        else:
            parts[1].extend([before] if before else [])
            parts[2].extend([after] if after else [])
    return parts


def _flowed_around(one: Placed, placed: list[Placed]) -> bool:
    """Whether other text stands on both sides of it."""
    high = one.box.height
    beside = [o.box for o in placed if o.box.top < one.box.bottom + high and o.box.bottom > one.box.top - high]
    return any(box.right <= one.box.left for box in beside) and any(box.left >= one.box.right for box in beside)


def _running(placed: list[Placed], size: float, least: int) -> bool:
    """Whether these are at least so many lines of running text rather than, say, cells of a table."""
    rows = _rows(placed)
    full = [len(row.stretches) == 1 or row.inked >= _FILLED * row.box.width for row in rows]
    running = sum(row.box.width >= _RUNNING * size and one for row, one in zip(rows, full, strict=True))
    return len(rows) >= least and 2 * running >= len(rows)


def _rows(placed: list[Placed]) -> list[Line]:
    """Stretches at one height are a line."""
    rows: list[list[Placed]] = []
    reaches: list[int] = []  # the lowest pixel of each row
    for one in sorted(placed, key=lambda one: one.box.top + one.box.bottom):
        for number, row in enumerate(rows):
            # Where the page is bent, the nearest neighbour says what the same height is.
            if reaches[number] > one.box.top and _nearest(one, row).box.beside(one.box):
                row.append(one)
                reaches[number] = max(reaches[number], one.box.bottom)
                break
        else:
            rows.append([one])
            reaches.append(one.box.bottom)
    return [Line(tuple(one.stretch for one in sorted(row, key=lambda one: one.box.left))) for row in rows]


def _nearest(one: Placed, row: list[Placed]) -> Placed:
    return min(row, key=lambda other: max(one.box.left - other.box.right, other.box.left - one.box.right))
