"""What every data set of labelled pictures offers, however it is kept."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean
from s2s.data.images.labelled import Problem
from s2s.image.load import BadImage, Pixels


class Example(Protocol):
    """A picture and what it says."""

    @property
    def name(self) -> str:
        """What the picture is called in messages."""
        ...

    @property
    def text(self) -> str:
        """The label as it was found."""
        ...

    def load(self, colour: bool = True) -> Pixels:
        """Pixels (H, W, 3) in RGB or (H, W) grey. Raises BadImage."""
        ...

    def content(self) -> bytes:
        """A picture file's bytes. Raises BadImage where there are none."""
        ...


@dataclass(frozen=True)
class LabelledSplit:
    """What a split holds."""

    layout: str
    """How the labels are kept, for the report."""
    examples: Sequence[Example]
    """In the order of the label file, or by name."""
    problems: Sequence[Problem]
    """Everything that is left out, by file."""


class Pictures(ABC):
    """A data set of labelled pictures, opened; they are read when they are asked for."""

    def __init__(self, path: Path, allow_outside: bool = False) -> None:
        """`allow_outside` takes in what a label table or a symlink names outside the folder."""
        self.path, self.allow_outside = path, allow_outside

    @property
    @abstractmethod
    def splits(self) -> tuple[str, ...]:
        """Names of the splits."""

    @abstractmethod
    def read(self, split: str) -> LabelledSplit:
        """The examples of a split. Raises RequestError where there is no such split or its labels make no sense."""

    def contents(self, split: str) -> "hashlib._Hash":
        """A SHA-256 of all that a split holds: names, labels, picture files."""
        digest = hashlib.sha256()
        for example in self.read(split).examples:
            digest.update(f"{example.name}\n{example.text}\n".encode())
            try:
                digest.update(example.content())
            except BadImage:
                digest.update(b"unreadable")
        return digest

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of all splits' labels and pictures, order included, as the report has them."""
        return self.take_fingerprint()

    def take_fingerprint(self) -> str:
        """The fingerprint of what is there, from all of it."""
        digest = hashlib.sha256()
        for split in sorted(self.splits):
            digest.update(f"{split} {self.contents(split).hexdigest()}\n".encode())
        return digest.hexdigest()[:16]

    @property
    def terms(self) -> str:
        """Terms of use, as the recipe has them, if a recipe made it."""
        return ""

    def check_split(self, split: str) -> None:
        """Raise RequestError, naming the nearest, unless there is such a split."""
        if split not in self.splits:
            raise RequestError(f'{self.path}: no split "{split}"{did_you_mean(split, self.splits)}')
