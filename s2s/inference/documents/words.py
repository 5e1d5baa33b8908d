"""The lines of a transcript, and the words of a line, as boxes in the picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import ceil, exp, floor, log

from s2s.image.stretches import Box
from s2s.inference.transcript import Character, Line, Transcript

_LEAST = 1e-9
"""Probability that a character counts with at least, whose logarithm is taken."""


@dataclass(frozen=True)
class Word:
    """What stands between two spaces of a line."""

    text: str
    confidence: float
    """Geometric mean of the probabilities of its characters."""
    characters: Sequence[Character]
    box: Box
    """As high as its line."""


def lines_of(transcript: Transcript) -> Sequence[Line]:
    """Those of a page; the whole picture as one line of anything else in which something was read."""
    if transcript.lines or not transcript.text.strip():
        return transcript.lines
    size = (0, 0, transcript.width, transcript.height)
    return (Line(transcript.text, transcript.confidence, transcript.characters, *size),)


def box_of(line: Line) -> Box:
    """Where a line stands."""
    return Box(line.left, line.top, line.right, line.bottom)


def words_of(line: Line) -> Iterator[Word]:
    """The words of a line, from left to right."""
    for blank, group in groupby(cells(line), lambda one: one.text.isspace()):
        if blank:
            continue
        found = list(group)
        logs = [log(max(one.probability, _LEAST)) for one in found]
        text = "".join(one.text for one in found)
        yield Word(text, exp(sum(logs) / len(logs)), found, place(line, found))


def cells(line: Line) -> list[Character]:
    """The characters of a line with edges that meet: a model says only about where each has its middle.

    Two neighbours share the middle of what is between them, the first and the last reach to the ends of the line, and
    of a space a third is left.
    """
    edges: list[float] = [line.left]
    for one, other in pairwise(line.characters):
        edges.append((one.right + other.left) / 2)
    edges.append(line.right)
    found = [replace(one, left=edges[n], right=edges[n + 1]) for n, one in enumerate(line.characters)]
    for n, one in enumerate(line.characters):
        if one.text.isspace():
            middle, third = (one.left + one.right) / 2, (one.right - one.left) / 6
            found[n] = replace(one, left=middle - third, right=middle + third)
            if n:
                found[n - 1] = replace(found[n - 1], right=found[n].left)
            if n + 1 < len(found):
                found[n + 1] = replace(found[n + 1], left=found[n].right)
    return found


def place(line: Line, characters: Sequence[Character]) -> Box:
    """Whole pixels around some characters, inside of their line and at least one wide."""
    left = min(max(line.left, floor(characters[0].left)), line.right - 1)
    right = max(min(line.right, ceil(characters[-1].right)), left + 1)
    return Box(left, line.top, right, line.bottom)
