"""What turns strings into ids and back: the edge between people's text and a model's numbers."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, Self

PAD, UNK, BOS, EOS = 0, 1, 2, 3


class Vocabulary(Protocol):
    """A vocabulary. Ids 0 to 3 are pad, unk, bos, eos; pieces or characters follow."""

    def __len__(self) -> int:
        """Number of ids, specials included."""
        ...

    @property
    def fingerprint(self) -> str:
        """16 hex digits that differ between different vocabularies."""
        ...

    @property
    def suppressed(self) -> frozenset[int]:
        """Ids that a search must not emit: pad, unk, bos and whatever contains a line break."""
        ...

    def encode(self, text: str) -> list[int]:
        """Ids of the text, without bos and eos. Raises RequestError where the text cannot be encoded."""
        ...

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids; specials are skipped."""
        ...

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """One string per id, for display."""
        ...

    def save(self, path: Path) -> None:
        """Write the vocabulary to one file."""
        ...

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote. Raises RequestError where the file is missing or unsound."""
        ...
