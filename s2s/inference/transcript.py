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
class Transcript:
    """The text of one picture."""

    text: str
    confidence: float
    """Probability of the whole text."""
    characters: list[Character]
    """One for each character of the text."""
    warnings: tuple[str, ...] = ()
    """What makes the text doubtful, for people."""
