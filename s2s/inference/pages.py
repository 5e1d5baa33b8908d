"""Pictures that are pages: cut into what a model can read, and put together again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from s2s.config.source import ImageSource
from s2s.image.load import Pixels
from s2s.image.page import Line as PageLine
from s2s.image.preprocessing import natural_width
from s2s.image.stretches import Box
from s2s.inference.transcript import Character, Line, Transcript, mean_confidence


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


def cut(image: Pixels, lines: Sequence[PageLine], form: ImageSource) -> Iterator[Part]:
    """The parts of the lines, from left to right; what is too wide for a model is cut between words."""
    for number, line in enumerate(lines):
        for stretch in line.stretches:
            whole = stretch.cut_out(image)
            widest = form.max_width * whole.shape[0] / form.height - 2 * stretch.margin - 1
            short = [stretch] if natural_width(whole, form.height) <= form.max_width else stretch.shorter(widest)
            for part in short:
                pixels = whole if part is stretch else part.cut_out(image)
                yield Part(pixels, number, part.box, max(0, part.box.left - part.margin))


def put_together(parts: Sequence[Part], read: Sequence[Transcript]) -> Transcript:
    """A page from what its parts say."""
    lines = []
    for number in sorted({part.line for part in parts}):
        found = [(part, one) for part, one in zip(parts, read, strict=True) if part.line == number and one.text.strip()]
        if found:
            lines.append(_line(found))
    text = "\n".join(line.text for line in lines)
    doubts = dict.fromkeys(warning for one in read for warning in one.warnings)
    return Transcript(text, mean_confidence(lines), [], tuple(lines), tuple(doubts))


def _line(found: Sequence[tuple[Part, Transcript]]) -> Line:
    characters: list[Character] = []
    for part, one in found:
        placed = one.moved(part.shift).characters
        if characters:
            characters.append(Character(" ", 1.0, characters[-1].right, placed[0].left))
        characters += placed
    box = Box.around([part.box for part, _ in found])
    text = " ".join(one.text for _, one in found)
    confidence = mean_confidence([one for _, one in found])
    return Line(text, confidence, characters, box.left, box.top, box.right, box.bottom)
