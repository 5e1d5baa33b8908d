"""Data sets of pictures: a folder in any layout, or a `datasets.DatasetDict` with the columns image and text."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean
from s2s.data.images.folder import find_splits, read_folder
from s2s.data.images.labelled import ImageFolder, Problem
from s2s.data.report import FILE
from s2s.image.load import BadImage, Pixels, load

DICT = "dataset_dict.json"
"""The file by which a DatasetDict is known."""
COLUMNS = {"image", "text"}


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


@dataclass(frozen=True)
class StoredImage:
    """A picture inside an Arrow table."""

    name: str
    text: str
    column: Any
    """The table's column of pictures, {bytes, path} each."""
    row: int

    def load(self, colour: bool = True) -> Pixels:
        """Pixels (H, W, 3) in RGB or (H, W) grey. Raises BadImage."""
        return load(self.content(), colour, self.name)

    def content(self) -> bytes:
        """The picture file's bytes. Raises BadImage where there are none."""
        value = self.column[self.row].as_py()
        if value is None or value["bytes"] is None:
            raise BadImage(f"{self.name}: the dataset has no bytes of this picture")
        return bytes(value["bytes"])


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

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    @abstractmethod
    def splits(self) -> tuple[str, ...]:
        """Names of the splits."""

    @abstractmethod
    def read(self, split: str) -> LabelledSplit:
        """The examples of a split. Raises RequestError where there is no such split or its labels make no sense."""

    @abstractmethod
    def contents(self, split: str) -> "hashlib._Hash":
        """A SHA-256 of all that a split holds: names, labels, picture files."""

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of all splits' labels and pictures, order included, as they are said to be."""
        return self.take_fingerprint()

    def take_fingerprint(self) -> str:
        """The fingerprint of what is there, from all of it."""
        digest = hashlib.sha256()
        for split in sorted(self.splits):
            digest.update(f"{split} {self.contents(split).hexdigest()}\n".encode())
        return digest.hexdigest()[:16]

    @property
    def terms(self) -> str:
        """Terms of use, as the recipe tells them, if a recipe made it."""
        return ""

    def check_split(self, split: str) -> None:
        """Raise RequestError, naming the nearest, unless there is such a split."""
        if split not in self.splits:
            raise RequestError(f'{self.path}: no split "{split}"{did_you_mean(split, self.splits)}')


class FolderPictures(Pictures):
    """A folder of pictures and labels in one of the common layouts."""

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits; a folder without any is one, `all`."""
        return tuple(find_splits(self.path))

    def read(self, split: str) -> LabelledSplit:
        """See Pictures."""
        found = self._folder(split)
        return LabelledSplit(found.layout, found.examples, found.problems)

    def contents(self, split: str) -> "hashlib._Hash":
        """See Pictures."""
        digest = hashlib.sha256()
        for example in self._folder(split).examples:
            digest.update(f"{example.name}\n{example.text}\n".encode())
            try:
                digest.update(example.path.read_bytes())
            except OSError:
                digest.update(b"unreadable")
        return digest

    def _folder(self, split: str) -> ImageFolder:
        self.check_split(split)
        return read_folder(self.path, split)


class StoredPictures(Pictures):
    """A DatasetDict on disk."""

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits."""
        return tuple(self._tables)

    @cached_property
    def fingerprint(self) -> str:
        """What `prepare` wrote down, so that not every picture is read once more at every start; or counted."""
        said = self._report.get("fingerprint")
        return said if isinstance(said, str) else self.take_fingerprint()

    @property
    def terms(self) -> str:
        """See Pictures."""
        recipe = self._report.get("recipe")
        return str(recipe.get("terms", "")) if isinstance(recipe, dict) else ""

    @cached_property
    def _report(self) -> dict[str, Any]:
        """What `prepare` wrote down; nothing, if something else made it."""
        try:
            values = json.loads((self.path / FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}

    @cached_property
    def _tables(self) -> dict[str, Any]:
        import datasets

        try:
            found = datasets.load_from_disk(str(self.path))
        except (OSError, ValueError) as error:
            raise RequestError(f"{self.path}: the dataset cannot be read ({error}); prepare the data again") from None
        for name, split in found.items():
            if not set(split.column_names) >= COLUMNS:
                raise RequestError(
                    f"{self.path}: split {name} has the columns {', '.join(split.column_names)}; a data set of "
                    "pictures has image and text"
                )
        return {name: split.data.table for name, split in found.items()}

    def read(self, split: str) -> LabelledSplit:
        """See Pictures."""
        return LabelledSplit("a dataset with the columns image and text", self._examples(split), ())

    def contents(self, split: str) -> "hashlib._Hash":
        """See Pictures."""
        digest = hashlib.sha256()
        for example in self._examples(split):
            digest.update(f"{example.name}\n{example.text}\n".encode())
            try:
                digest.update(example.content())
            except BadImage:
                digest.update(b"unreadable")
        return digest

    def _examples(self, split: str) -> list[StoredImage]:
        self.check_split(split)
        table = self._tables[split]
        column = table["image"]
        texts = table["text"].to_pylist()
        if "name" in table.column_names:
            names = table["name"].to_pylist()
        else:  # what the bytes were read from, without its folder
            names = [name for chunk in column.chunks for name in chunk.field("path").to_pylist()]
        return [
            StoredImage(name or f"{split}, row {row}", text, column, row)
            for row, (name, text) in enumerate(zip(names, texts, strict=True))
        ]


def open_pictures(path: str | Path) -> Pictures:
    """Open a data set of pictures. Raises RequestError where there is none at `path`."""
    folder = Path(path)
    pictures = StoredPictures(folder) if (folder / DICT).is_file() else FolderPictures(folder)
    _ = pictures.splits  # which looks whether anything is there
    return pictures
