"""Pictures that are pages: cut into what a model can read, and put together again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from s2s.config.source import ImageSource
from s2s.image.load import Pixels
from s2s.image.page import Page
from s2s.image.preprocessing import natural_width
from s2s.image.stretches import Box
from s2s.inference.transcript import Character, Line, Transcript, mean_confidence

_LEGIBLE = 0.8
"""Confidence in the rest of a page from which doubtful parts of it are left out."""
_UNLIKE, _UNLIKE_FEW, _FEW = 0.5, 0.7, 2
"""Confidence below which a part is, and one of few characters, and how many those are."""


@dataclass(frozen=True)
class Part:
    """A part of a line that is read as a picture of its own."""

    image: Pixels
    line: int
    """Of which it is, counted from 0."""
    box: Box
    """Where it stands in the picture."""
    shift: int
    """Columns of the picture left of it."""


def cut(page: Page, form: ImageSource) -> Iterator[Part]:
    """The parts of the lines, from left to right; what is too wide for a model is cut between words."""
    image = page.image
    for number, line in enumerate(page.lines):
        for stretch in line.stretches:
            whole = stretch.cut_out(image)
            widest = form.max_width * whole.shape[0] / form.height - 2 * stretch.margin - 1
            short = [stretch] if natural_width(whole, form.height) <= form.max_width else stretch.shorter(widest)
            for part in short:
                pixels = whole if part is stretch else part.cut_out(image)
                yield Part(pixels, number, part.box, max(0, part.box.left - part.margin))


def put_together(page: Page, parts: Sequence[Part], read: Sequence[Transcript]) -> Transcript:
    """What a page says, from its parts; where most of it is legible, what is not is left out, with a warning."""
    said = [(part, one) for part, one in zip(parts, read, strict=True) if one.text.strip()]
    kept = [(part, one) for part, one in said if not _scrap(one)]
    doubts = dict.fromkeys(warning for one in read for warning in one.warnings)
    if mean_confidence([one for _, one in kept]) < _LEGIBLE:
        kept = said
    elif len(kept) < len(said):
        doubts[_left_out(len(said) - len(kept))] = None
    by_line: dict[int, list[tuple[Part, Transcript]]] = {}
    for part, one in kept:
        by_line.setdefault(part.line, []).append((part, one))
    lines = [_line(by_line[number], page.back) for number in sorted(by_line)]
    text = "\n".join(line.text for line in lines)
    return Transcript(text, mean_confidence(lines), [], tuple(lines), tuple(doubts))


def _scrap(one: Transcript) -> bool:
    """Whether a part of a page is more likely a stamp, a stain or part of a drawing than text."""
    return one.confidence < (_UNLIKE if len(one.text) > _FEW else _UNLIKE_FEW)


def _left_out(count: int) -> str:
    if count == 1:
        return "1 part of the page looks unlike text and was left out"
    return f"{count:,} parts of the page look unlike text and were left out"


def _line(found: Sequence[tuple[Part, Transcript]], back: NDArray[np.float64] | None) -> Line:
    characters: list[Character] = []
    for part, one in found:
        placed = one.moved(part.shift).characters
        if characters:
            characters.append(Character(" ", 1.0, characters[-1].right, placed[0].left))
        characters += placed
    box = Box.around([part.box for part, _ in found])
    text = " ".join(one.text for _, one in found)
    confidence = mean_confidence([one for _, one in found])
    if back is not None:
        middle = (box.top + box.bottom) / 2
        characters = [
            replace(one, left=_placed(back, one.left, middle)[0], right=_placed(back, one.right, middle)[0])
            for one in characters
        ]
        corners = [_placed(back, x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
        (left, right), (top, bottom) = ((min(side), max(side)) for side in zip(*corners, strict=True))
        box = Box(round(left), round(top), round(right), round(bottom))
    return Line(text, confidence, characters, box.left, box.top, box.right, box.bottom)


def _placed(matrix: NDArray[np.float64], x: float, y: float) -> tuple[float, float]:
    """Where a point comes to lie."""
    right, down = matrix @ (x, y, 1.0)
    return float(right), float(down)
