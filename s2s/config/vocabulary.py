"""Vocabularies: what turns text into ids and back."""

from dataclasses import dataclass
from typing import Literal

from s2s.config.checks import at_least, probability


@dataclass(frozen=True)
class PlainPieces:
    """Pieces of words, characters or words, by SentencePiece; trained by `s2s train` from the training split."""

    kind: Literal["unigram", "bpe", "char", "word"] = "unigram"
    """SentencePiece model type."""
    size: int = 6000
    """Pieces, specials and byte pieces included; fewer are used, and reported, if the text does not support so many."""
    normalization: Literal["nfc-spaces", "nfkc", "none"] = "nfc-spaces"
    """What is done to every text before it is cut, in training and in use. nfc-spaces: letters and accents composed as
    in Unicode NFC, every kind of space, tab and line break a plain space; other control characters, soft hyphen, zero
    width space, word joiner and byte order mark taken away (joiners and direction marks stay). nfkc: NFKC instead of
    NFC, which also makes plain letters and digits of full-width, ligature and superscript ones. none: nothing."""
    coverage: float = 1.0
    """Share of characters with a piece of their own; the others are spelled in bytes."""

    def __post_init__(self) -> None:
        at_least(8, self, "size")
        if not 0.9 <= self.coverage <= 1:
            raise ValueError(f"coverage must be between 0.9 and 1, not {self.coverage}")


@dataclass(frozen=True)
class Pieces(PlainPieces):
    """Pieces of which a text may have another segmentation in every epoch."""

    sample: float = 0.0
    """Probability that a word of a training example is segmented at random, anew every epoch; 0 is off."""
    alpha: float = 0.3
    """unigram: power of the alternatives' probabilities (Kudo 2018); bpe: merge dropout (Provilkov et al. 2020)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.sample <= 1:
            raise ValueError(f"sample must be between 0 and 1, not {self.sample}")
        if self.kind == "bpe":
            probability(self, "alpha")


@dataclass(frozen=True)
class Characters:
    """Characters in Unicode NFC, one an id."""

    kind: Literal["characters"] = "characters"
    """Characters."""
    alphabet: Literal["ascii", "data", "given"] = "ascii"
    """ascii: 94 printable characters and the space; data: every character of the training labels; given: a list."""
    characters: str = ""
    """The list of `given`, one after the other."""
    unknown: Literal["refuse", "skip"] = "refuse"
    """Training labels with characters outside of it: refuse to train, or leave those examples out and count them."""

    def __post_init__(self) -> None:
        if (self.alphabet == "given") != bool(self.characters):
            raise ValueError("characters and alphabet: given go together; set both or neither")
