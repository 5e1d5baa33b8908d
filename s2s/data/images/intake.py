"""What goes into a data set of pictures, written as it comes and counted."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from s2s.data.images.labelled import Problem
from s2s.data.tables import Tables
from s2s.text.charset import nfc


@dataclass
class Counts:
    """What a split holds."""

    pictures: int = 0
    characters: int = 0
    changed: int = 0
    """Labels that are not in NFC."""


@dataclass
class Intake:
    """Takes pictures in, split by split."""

    tables: Tables
    counts: dict[str, Counts] = field(default_factory=dict)
    """By split, in their order."""
    dropped: dict[str, list[str]] = field(default_factory=dict)
    """By split, what is left out: file and reason."""

    def open(self, split: str) -> None:
        """Make a split, if there is none of that name yet."""
        import datasets

        text = datasets.Value("string")
        self.tables.open(split, datasets.Features({"image": datasets.Image(decode=False), "text": text, "name": text}))
        self.counts.setdefault(split, Counts())

    def add(self, split: str, name: str, file: bytes, text: str, times: int = 1) -> None:
        """Take in a picture file with its label as it was found, so many times."""
        self.open(split)
        for _ in range(times):
            self.tables.add(split, {"image": {"bytes": file, "path": name}, "text": text, "name": name})
        self.counts[split].pictures += times
        self.counts[split].characters += times * len(text)
        self.counts[split].changed += times * (nfc(text) != text)

    def drop(self, split: str, problems: Iterable[Problem]) -> None:
        """Note what is left out."""
        for problem in problems:
            self.dropped.setdefault(split, []).append(str(problem))
