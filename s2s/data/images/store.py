"""Data sets of pictures: a folder in any layout, LMDB, or a `datasets.DatasetDict` with the columns image and text."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from s2s.config.errors import RequestError
from s2s.data.images.folder import find_splits, read_folder
from s2s.data.images.labelled import Problem
from s2s.data.images.lmdb import LmdbPictures, holds_lmdb
from s2s.data.images.pictures import LabelledSplit, Pictures
from s2s.data.report import FILE
from s2s.image.load import BadImage, Pixels, load

DICT = "dataset_dict.json"
"""The file by which a DatasetDict is known."""
COLUMNS = {"image", "text"}


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


class FolderPictures(Pictures):
    """A folder of pictures and labels in one of the common layouts."""

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits; a folder without any is one, `all`."""
        return tuple(find_splits(self.path))

    def read(self, split: str) -> LabelledSplit:
        """See Pictures."""
        self.check_split(split)
        found = read_folder(self.path, split, self.allow_outside)
        return LabelledSplit(found.layout, found.examples, found.problems)


class StoredPictures(Pictures):
    """A DatasetDict on disk."""

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits."""
        return tuple(self._tables)

    @cached_property
    def fingerprint(self) -> str:
        """What `prepare` wrote down, so that not every picture is read once more at every start; or counted."""
        listed = self._report.get("fingerprint")
        return listed if isinstance(listed, str) else self.take_fingerprint()

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
        self.check_split(split)
        table = self._tables[split]
        column = table["image"]
        texts = table["text"].to_pylist()
        if "name" in table.column_names:
            names = table["name"].to_pylist()
        else:  # what the bytes were read from, without its folder
            names = [name for chunk in column.chunks for name in chunk.field("path").to_pylist()]
        examples, problems = [], []
        for row, (name, text) in enumerate(zip(names, texts, strict=True)):
            called = name or f"{split}, row {row}"
            if isinstance(text, str):
                examples.append(StoredImage(called, text, column, row))
            else:
                problems.append(Problem(called, "has no label that is a text"))
        return LabelledSplit("a dataset with the columns image and text", examples, problems)


def open_pictures(path: str | Path, allow_outside: bool = False) -> Pictures:
    """Open a data set of pictures. Raises RequestError where there is none at `path`.

    `allow_outside` takes in what a label table or a symlink names outside the folder; else that is left out as a
    problem.
    """
    folder = Path(path)
    if (folder / DICT).is_file():
        pictures: Pictures = StoredPictures(folder)
    else:
        pictures = open_folder(folder, allow_outside)
    _ = pictures.splits  # which looks whether anything is there
    return pictures


def open_folder(folder: Path, allow_outside: bool = False) -> Pictures:
    """A folder that is not a DatasetDict: of pictures, or of LMDB databases."""
    return (LmdbPictures if holds_lmdb(folder) else FolderPictures)(folder, allow_outside)
