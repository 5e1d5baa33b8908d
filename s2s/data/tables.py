"""Writing a data set of any size: rows go to disk as they come."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import datasets

_CHUNK = 16 * 2**20
"""Bytes, about, that are kept before they are written."""
_FILE = 500 * 2**20
"""Bytes, about, of the files that a split is cut into."""
_PARTS = ".parts"


class Tables:
    """A DatasetDict in the making, inside `with`; what is in memory at any time is a chunk of each split.

    It is written into `folder` when the block ends well.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._splits: dict[str, _Split] = {}

    def __enter__(self) -> Self:
        (self._folder / _PARTS).mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            for split in self._splits.values():
                split.close(whole=error is None)
            if error is None:
                self._join()
        finally:
            shutil.rmtree(self._folder / _PARTS, ignore_errors=True)

    def open(self, split: str, features: "datasets.Features") -> None:
        """Make a split with these types of columns, if there is none of that name yet; splits keep this order."""
        if split not in self._splits:
            self._splits[split] = _Split(self._folder / _PARTS / f"{split}.arrow", features)

    def add(self, split: str, row: Mapping[str, Any]) -> None:
        """Append a row to a split that was opened."""
        self._splits[split].add(row)

    def _join(self) -> None:
        import datasets

        disabled = datasets.are_progress_bars_disabled()
        datasets.disable_progress_bars()
        try:
            made = {name: datasets.Dataset.from_file(str(split.path)) for name, split in self._splits.items()}
            # Given how many, `datasets` writes one file of an empty split too; by itself none, which it cannot read.
            files = {name: 1 + split.path.stat().st_size // _FILE for name, split in self._splits.items()}
            datasets.DatasetDict(made).save_to_disk(str(self._folder), num_shards=files)
        finally:
            if not disabled:
                datasets.enable_progress_bars()


class _Split:
    """One split, as an Arrow stream in a file."""

    def __init__(self, path: Path, features: "datasets.Features") -> None:
        import pyarrow as pa

        self.path, self._features = path, features
        self._rows: list[Mapping[str, Any]] = []
        self._bytes = 0
        self._writer = pa.ipc.new_stream(str(path), features.arrow_schema)

    def add(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        self._bytes += 64 + sum(_size(value) for value in row.values())
        if self._bytes > _CHUNK:
            self._write()

    def close(self, whole: bool) -> None:
        if whole:
            self._write()
        self._writer.close()

    def _write(self) -> None:
        import pyarrow as pa

        self._writer.write_batch(pa.RecordBatch.from_pylist(self._rows, self._features.arrow_schema))
        self._rows, self._bytes = [], 0


def _size(value: Any) -> int:
    """About how many bytes a value has."""
    match value:
        case str() | bytes():
            return len(value)
        case list():
            return sum(map(_size, value))
        case dict():
            return sum(map(_size, value.values()))
        case _ if hasattr(value, "nbytes"):
            return int(value.nbytes)
        case _:
            return 8
