"""Stretches of text in a picture: letters at one height without wide gaps between them.

Ink is what is darker (or lighter) than its surroundings; its connected components are letters, parts of them or
several. Neighbours at the same height make a stretch, which is cut out along its own slope: a page need not stand
straight.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from s2s.image.geometry import light_on_dark
from s2s.image.load import Pixels
from s2s.image.preprocessing import recolour

# All in heights of a typical letter.
_SPACE = 1.6  # widest gap between neighbours in a stretch: justified lines have wide spaces
_TALL = 6.0  # what is higher is a picture or a frame
_FLAT = 0.5  # what is lower is a dot, an accent or a dash: it belongs to a stretch but makes none
_BESIDE, _ABOVE = 1.2, 0.3  # of a stretch's height: how far from it a mark may stand
_UPRIGHT = 5.0  # what is higher, to its width, is a bar of a code or a rule
_ALIKE = 1.6  # letters of one size differ by no more
_LOW = 0.65  # what has nothing higher is no stretch, either
_MARGIN = 0.2  # around a stretch that is cut out

_LEAST, _MOST = 5, 200  # pixels of height of what the typical height is taken from
_SPECK = 4  # pixels of ink: what has fewer is dust
_NOISE, _CONTRAST = 10, 0.15  # grey levels, and share of the picture's range, by which ink differs from what is around

_OVERLAP = 0.45  # of the lower one's height: neighbours are at the same height
_SLOPE = 0.1  # steeper is no slope of a line but a few letters of unlike height


@dataclass(frozen=True)
class Box:
    """A place in a picture, in pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, boxes: Sequence["Box"]) -> "Box":
        """The smallest that holds them all."""
        return cls(
            min(box.left for box in boxes),
            min(box.top for box in boxes),
            max(box.right for box in boxes),
            max(box.bottom for box in boxes),
        )

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    def beside(self, other: "Box") -> bool:
        """Whether both are at the same height."""
        return _shared(self.top, self.bottom, other.top, other.bottom) >= _OVERLAP


@dataclass(frozen=True)
class Stretch:
    """Text without wide gaps on one line: letters from left to right."""

    letters: tuple[Box, ...]
    box: Box

    @classmethod
    def of(cls, letters: Sequence[Box]) -> "Stretch":
        """The one of these letters, in any order."""
        return cls(tuple(sorted(letters, key=lambda box: (box.left, box.right))), Box.around(letters))

    @property
    def margin(self) -> int:
        """Columns and rows around it that are cut out with it."""
        return max(1, round(_MARGIN * typical_height(self.letters)))

    @cached_property
    def fall(self) -> tuple[float, float] | None:
        """Rows a column that it falls, and the middle column; None where it is too short to measure."""
        return _fall(self.letters)

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Columns without ink between letters, from the left: the first, and the one after the last."""
        reach = self.letters[0].right
        for letter in self.letters[1:]:
            if letter.left > reach:
                yield reach, letter.left
            reach = max(reach, letter.right)

    def shorter(self, width: float) -> list["Stretch"]:
        """The stretch cut at its widest gaps until no part is wider than `width`, or has no gap."""
        gaps = list(self.gaps())
        if self.box.width <= width or not gaps:
            return [self]
        middle = (self.box.left + self.box.right) / 2

        def worth(gap: tuple[int, int]) -> float:
            # A space near an end leaves a part as long as before.
            return (gap[1] - gap[0]) * (1.2 - abs((gap[0] + gap[1]) / 2 - middle) / (self.box.width / 2))

        cut = max(gaps, key=worth)[1]
        parts = [box for box in self.letters if box.left < cut], [box for box in self.letters if box.left >= cut]
        return [short for part in parts for short in Stretch.of(part).shorter(width)]

    def cut_out(self, image: Pixels) -> Pixels:
        """Its part of the picture, with a margin, turned level."""
        slope, level = self.fall or (0.0, 0.0)
        centre = np.array([(letter.left + letter.right) / 2 for letter in self.letters])
        shift = slope * (centre - level)
        top = float((np.array([letter.top for letter in self.letters]) - shift).min())
        bottom = float((np.array([letter.bottom for letter in self.letters]) - shift).max())
        margin = self.margin
        left, right = max(0, self.box.left - margin), min(image.shape[1], self.box.right + margin)
        top, bottom = top - margin, bottom + margin
        size = right - left, max(1, round(bottom - top))
        # From a place in the part to the one in the picture.
        matrix = np.array([[1, 0, left], [slope, 1, top + slope * (left - level)]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(image, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def find_stretches(image: Pixels) -> list[Stretch]:
    """What looks like text in a picture (H, W) or (H, W, 3), darker or lighter than its ground."""
    grey = recolour(image, False)
    dark = _text(_ink(grey))
    if not light_on_dark(grey):
        return dark
    # Or dark on light, with a scanner's black border.
    light = _text(_ink(np.subtract(255, grey, dtype=np.uint8)))
    return max(dark, light, key=lambda found: sum(len(one.letters) for one in found))


def _ink(grey: Pixels) -> list[Box]:
    """Connected components of what is darker than its surroundings."""
    block = max(31, min(grey.shape) // 30) | 1
    near = cv2.blur(grey, (block, block), borderType=cv2.BORDER_REPLICATE)
    low, high = np.percentile(grey[::4, ::4], (1, 99))
    mask = (cv2.subtract(near, grey) > max(_NOISE, _CONTRAST * (high - low))).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return [
        Box(left, top, left + width, top + height)
        for left, top, width, height, area in stats[1:].tolist()
        if area >= _SPECK
    ]


def typical_height(boxes: Sequence[Box]) -> float:
    """Height of a typical letter: half of all letters' height is that of higher ones, so that specks count little."""
    if not boxes:
        return 1.0
    heights = np.sort([box.height for box in boxes])
    return float(heights[np.searchsorted(heights.cumsum(), heights.sum() / 2)])


def usual_height(boxes: Sequence[Box]) -> float:
    """Height of most letters of a page that also has specks, leaders' dots, headings, drawings and codes of bars.

    Letters with and without ascender lie within a factor of `_ALIKE`: the range of heights which holds most, each box
    counting by its height's square, is theirs.
    """
    upright = [box for box in boxes if box.height <= _UPRIGHT * box.width and box.width <= _TALL * box.height]
    heights = np.sort([box.height for box in upright])
    if not len(heights):
        return typical_height(boxes)
    weights = np.concatenate([[0], np.square(heights, dtype=np.int64).cumsum()])
    first = np.arange(len(heights))
    after = np.searchsorted(heights, _ALIKE * heights, "right")
    best = int((weights[after] - weights[first]).argmax())
    return float(heights[np.searchsorted(weights[1:], (weights[best] + weights[after[best]]) / 2)])


def _text(boxes: list[Box]) -> list[Stretch]:
    """Stretches of text made of ink."""
    size = usual_height([box for box in boxes if _LEAST <= box.height <= _MOST])
    large = [box for box in boxes if box.height <= _TALL * size and box.width <= 4 * _TALL * size]
    bodies = sorted((box for box in large if box.height >= _FLAT * size), key=lambda box: box.left)
    groups = _chained(bodies)
    marks = [box for box in large if box.height < _FLAT * size and box.width < 3 * size]
    # A pair of quotation marks chains like letters do.
    marks += [box for group in groups if _high(group) < _LOW * size for box in group]
    kept = [g for g in groups if _high(g) >= _LOW * size and (len(g) > 1 or _letter(g[0], size))]
    return [Stretch.of(group) for group in _with_marks(_joined(kept), marks)]


def _high(group: list[Box]) -> int:
    return max(box.height for box in group)


def _letter(box: Box, size: float) -> bool:
    """Whether what stands alone may be a letter rather than a speck or a scratch."""
    return box.height >= 0.6 * size and 0.2 <= box.width / box.height <= _TALL


def _chained(bodies: list[Box]) -> list[list[Box]]:
    """Groups of boxes, each with its next neighbour on the right; `bodies` are sorted by where they begin."""
    lefts, tops, rights, bottoms = _sides(bodies)
    group = list(range(len(bodies)))

    def root(place: int) -> int:
        while group[place] != place:
            group[place] = group[group[place]]
            place = group[place]
        return place

    for place, box in enumerate(bodies):
        end = int(np.searchsorted(lefts, box.right + _SPACE * 2 * box.height, "right"))
        near = slice(place + 1, end)
        heights = bottoms[near] - tops[near]
        shared = np.minimum(bottoms[near], box.bottom) - np.maximum(tops[near], box.top)
        gap = lefts[near] - box.right
        fits = shared >= _OVERLAP * np.minimum(heights, box.height)
        fits &= np.maximum(heights, box.height) <= 3 * np.minimum(heights, box.height)
        fits &= gap <= _SPACE * (heights + box.height) / 2
        fits &= rights[near] > box.left
        if fits.any():
            gap = np.where(fits, np.maximum(gap, 0), np.iinfo(gap.dtype).max)
            group[root(place + 1 + int(gap.argmin()))] = root(place)
    found: dict[int, list[Box]] = {}
    for place, box in enumerate(bodies):
        found.setdefault(root(place), []).append(box)
    return list(found.values())


def _joined(groups: list[list[Box]]) -> list[list[Box]]:
    """The groups, those made one that continue each other, or stand in each other's gaps.

    A letter has one neighbour on its right, but may be that of several: where they chain past each other, a stretch
    falls into groups.
    """
    merged: list[list[Box]] = []
    sides = np.zeros((4, len(groups)), np.int64)  # of what is around each of them
    for group in sorted(groups, key=lambda group: min(box.left for box in group)):
        box = Box.around(group)
        _, tops, rights, bottoms = sides[:, : len(merged)]
        near = (rights >= box.left - _SPACE * box.height) & (bottoms >= box.top) & (tops <= box.bottom)
        place = next((one for one in np.flatnonzero(near) if _continues(merged[one], group, box)), len(merged))
        if place == len(merged):
            merged.append(list(group))
        else:
            merged[place] += group
        around = Box.around(merged[place])
        sides[:, place] = around.left, around.top, around.right, around.bottom
    return merged


def _continues(left: list[Box], right: list[Box], box: Box) -> bool:
    """Whether `right`, in this `box`, stands where `left`, which begins before it, goes on."""
    reach = _SPACE * box.height
    near = [one for one in left if one.right >= box.left - reach and one.left <= box.left + 2 * reach]
    if not near:
        return False
    first = [one for one in right if one.left <= box.left + 2 * reach]
    here, there = Box.around(near), Box.around(first)
    low, high = sorted((here.height, there.height))
    return high <= 2.5 * low and here.beside(there)


def _with_marks(groups: list[list[Box]], marks: list[Box]) -> list[list[Box]]:
    """The groups, with the dots, accents, commas, quotation marks and dashes that are near.

    A group grows to the right with what it takes in, so that a table of contents keeps its leaders.
    """
    if not groups:
        return []
    lefts, tops, rights, bottoms = _sides([Box.around(group) for group in groups])
    heights = bottoms - tops
    grown = [list(group) for group in groups]
    for mark in sorted(marks, key=lambda mark: mark.left):
        across = np.maximum(lefts - mark.right, mark.left - rights)
        down = np.maximum(tops - mark.bottom, mark.top - bottoms)
        far = np.maximum(across / _BESIDE, down / _ABOVE) / heights
        nearest = int(far.argmin())
        if far[nearest] <= 1:
            grown[nearest].append(mark)
            rights[nearest] = max(rights[nearest], mark.right)
    return grown


def _sides(boxes: Sequence[Box]) -> NDArray[np.int64]:
    """(4, N): left, top, right and bottom of each."""
    return np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], np.int64).reshape(-1, 4).T


def _fall(letters: Sequence[Box]) -> tuple[float, float] | None:
    tall = typical_height(letters)
    bodies = [letter for letter in letters if 0.6 * tall <= letter.height <= 1.7 * tall]
    x = np.array([(letter.left + letter.right) / 2 for letter in bodies])
    y = np.array([letter.bottom for letter in bodies], dtype=float)
    if len(bodies) < 6 or np.ptp(x) < 6 * tall:
        return None
    # The median of slopes between letters far apart (Theil and Sen): descenders do not bend it.
    half = len(x) // 2
    slope = float(np.median((y[half:] - y[: len(y) - half]) / np.maximum(x[half:] - x[: len(x) - half], 1)))
    return (slope, float(x.mean())) if abs(slope) <= _SLOPE else None


def _shared(top: int, bottom: int, other_top: int, other_bottom: int) -> float:
    """The rows that both have, as a share of the lower one's height."""
    both = min(bottom, other_bottom) - max(top, other_top)
    return both / max(1, min(bottom - top, other_bottom - other_top))
