"""What a recogniser answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True)
class Character:
    """One character and where it stands."""

    text: str
    probability: float
    """How sure the model is of it; blanks have no part in this."""
    left: float
    """Where it begins, in pixels of the picture as it was given, turned upright. Of an attention decoder: the step of
    a few pixels that it looked at most."""
    right: float
    """Where it ends."""


@dataclass(frozen=True)
class Line:
    """A line of a page, and where it stands in the picture."""

    text: str
    confidence: float
    """That of its parts, whose mean it is, weighted by their characters; of one part, as a transcript's."""
    characters: list[Character]
    """One for each character of the text; of a space where there was a wide gap, the probability is 1."""
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Alternative:
    """One of the best texts of a picture."""

    text: str
    score: float
    """What texts are ranked by: the log-probability of the whole, and what a language model or a lexicon adds to it; of
    an attention decoder, under its length penalty."""


@dataclass(frozen=True)
class Transcript:
    """The text of one picture."""

    text: str
    """Of a page, its lines with line breaks between them."""
    confidence: float
    """How sure the model is of a character on average: the probability of the whole text to the power of 1 / its number
    of characters (the geometric mean). Of a page, the mean of its lines, weighted by their characters. 0 where nothing
    was read in a picture that is not empty."""
    characters: list[Character]
    """One for each character of the text; none of a page, whose lines have them."""
    lines: tuple[Line, ...] = ()
    """Of a page, in reading order, those in which there was something to read; else none."""
    warnings: tuple[str, ...] = ()
    """What makes the text doubtful, for people."""
    width: int = 0
    """Of the picture in pixels, turned upright."""
    height: int = 0
    """Likewise."""
    turned: int = 0
    """Degrees clockwise by which a page had to be turned to be read: 0, 90, 180 or 270; all places are in the turned
    picture."""
    n_best: tuple[Alternative, ...] = ()
    """The best texts, the best first, as many as were asked for and found; none of a page."""

    def moved(self, columns: int) -> Self:
        """The same of a picture that stands so many columns further right in another one."""
        moved = [replace(one, left=one.left + columns, right=one.right + columns) for one in self.characters]
        return replace(self, characters=moved)


def mean_confidence(texts: Sequence[Transcript | Line]) -> float:
    """The confidence in several texts together, each weighted by its characters; 0 of none."""
    weights = [len(one.text) for one in texts]
    return sum(one.confidence * weight for one, weight in zip(texts, weights, strict=True)) / max(1, sum(weights))
