"""A data recipe for plain text, read in order: what language models learn. One YAML in recipes/ or your own.

language: en
read:
  kind: text
  splits: {train: book.txt}
  hold_out: {val: 0.05, test: 0.05}
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from s2s.config.recipe import check_splits, check_sums


@dataclass(frozen=True)
class Text:
    """Text files, whose lines keep their order."""

    splits: dict[str, str]
    """The file of each split, plain, .gz, .bz2 or .xz; `train` must be there, `val` is validated on."""
    kind: Literal["text"] = "text"
    """Reader."""
    hold_out: dict[str, float] = field(default_factory=dict)
    """Shares of train's characters that are cut off at its end as splits of their own, in this order, at line ends."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))
        check_splits({"train": "", **self.hold_out})
        for name, share in self.hold_out.items():
            if name in self.splits:
                raise ValueError(f"hold_out names {name}, which splits has a file for; leave out one of them")
            if not 0 < share < 1:
                raise ValueError(f"hold_out of {name} must be between 0 and 1, not {share}")
        if sum(self.hold_out.values()) >= 1:
            raise ValueError("hold_out leaves nothing to train on")


@dataclass(frozen=True)
class TextRecipe:
    """How a dataset of plain text is made."""

    read: Text
    """The reader and what it reads."""
    language: str = "text"
    """Code of its language, such as en."""
    base: str | None = None
    """Folder or http(s) address of the files in `read`; by default the recipe's own folder. --source replaces it."""
    sha256: dict[str, str] = field(default_factory=dict)
    """SHA-256 of files in `read`, by name: any other content is refused."""
    terms: str = ""
    """Terms of use of the data, shown on the cards of models trained on it."""

    content: ClassVar[str] = "lines without a source"

    @property
    def title(self) -> str:
        """What it makes, in a word."""
        return self.language

    def __post_init__(self) -> None:
        check_sums(self.sha256, set(self.read.splits.values()))
