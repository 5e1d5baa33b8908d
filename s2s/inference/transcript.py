"""What a recogniser answers."""

from dataclasses import dataclass


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
    """Probability of the whole line."""
    characters: list[Character]
    """One for each character of the text; of a space where there was a wide gap, the probability is 1."""
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Transcript:
    """The text of one picture."""

    text: str
    """Of a page, its lines with line breaks between them."""
    confidence: float
    """Probability of the whole text."""
    characters: list[Character]
    """One for each character of the text; none of a page, whose lines have them."""
    lines: tuple[Line, ...] = ()
    """Of a page, in reading order, those in which there was something to read; else none."""
    warnings: tuple[str, ...] = ()
    """What makes the text doubtful, for people."""
