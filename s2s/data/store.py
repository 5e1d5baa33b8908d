"""The dataset on disk: a `datasets.DatasetDict` with columns source and target, and report.json beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean
from s2s.data.images.folder import WHOLE
from s2s.data.pairs import Pairs
from s2s.data.report import FILE, Report, read_report
from s2s.data.tables import Tables


@dataclass(frozen=True)
class Prepared:
    """A prepared dataset, opened; texts are read when they are asked for."""

    path: Path
    report: Report

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits."""
        return tuple(self.report.splits)

    @property
    def languages(self) -> tuple[str, str]:
        """Codes of the source and the target language."""
        return self.report.languages

    @property
    def fingerprint(self) -> str:
        """Fingerprint of all splits' texts, order included."""
        return self.report.fingerprint

    @property
    def terms(self) -> str:
        """Terms of use, as the recipe has them."""
        return str(self.report.recipe.get("terms", ""))

    def pairs(self, split: str) -> tuple[list[str], list[str]]:
        """Return the source and the target texts of a split; raises RequestError where there is no such split."""
        table = self._table(split)
        return table["source"].to_pylist(), table["target"].to_pylist()

    def references(self, split: str) -> list[list[str]]:
        """Return the reference translations of a split as streams: the targets, then any further references."""
        table = self._table(split)
        streams = [table["target"].to_pylist()]
        if "references" in table.column_names:
            streams += [list(stream) for stream in zip(*table["references"].to_pylist(), strict=True)]
        return streams

    def check_split(self, split: str) -> None:
        """Raise RequestError, naming the nearest, unless there is such a split."""
        if split not in self.report.splits:
            raise RequestError(f'{self.path}: no split "{split}"{did_you_mean(split, self.splits)}')

    def _table(self, split: str) -> Any:
        """Return a split as an Arrow table, memory-mapped."""
        self.check_split(split)
        import datasets

        try:
            table = datasets.load_from_disk(str(self.path / split)).data.table
        except (OSError, ValueError) as error:
            raise RequestError(f"{self.path}: split {split} cannot be read ({error}); prepare the data again") from None
        if table.num_rows != self.report.splits[split].examples:
            raise RequestError(f"{self.path}: split {split} is not what {FILE} says; prepare the data again")
        return table


def open_dataset(path: str | Path) -> Prepared:
    """Open a prepared dataset; raises RequestError where there is none at `path`."""
    folder = Path(path)
    if folder.is_file():
        raise RequestError(
            f"{folder} is a file, not a prepared dataset; name it in a recipe (`s2s prepare --help` has examples) and "
            "make one with `s2s prepare RECIPE --out DATA`"
        )
    if not folder.is_dir():
        raise RequestError(f"{folder}: no such dataset; make one with `s2s prepare RECIPE --out {folder}`")
    if not (folder / FILE).is_file():
        raise RequestError(
            f"{folder}: not a prepared dataset, it has no {FILE}; make one with `s2s prepare RECIPE --out DATA`"
        )
    return Prepared(folder, read_report(folder))


class Splits(Protocol):
    """An opened data set of any kind."""

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits."""
        ...

    def check_split(self, split: str) -> None:
        """Raise RequestError, naming the nearest, unless there is such a split."""
        ...


Opened = TypeVar("Opened", bound=Splits)


def split_name(text: str) -> tuple[str, str]:
    """DATA and SPLIT of DATA[:SPLIT]; SPLIT is empty where there is none."""
    path, colon, split = text.rpartition(":")
    return (text, "") if not colon or Path(text).is_dir() else (path, split)


def parse_split(text: str, open_data: Callable[[str], Opened], kind: str = "test") -> tuple[Opened, str]:
    """Open DATA[:SPLIT] and return it with the name of the split.

    Without :SPLIT it is the only split whose name begins with `kind`, or the whole of an undivided data set. Raises
    RequestError where there is no such split or no such choice.
    """
    path, split = split_name(text)
    data = open_data(path)
    fitting = [name for name in data.splits if name.startswith(kind) or name == WHOLE]
    if not split:
        if len(fitting) != 1:
            raise RequestError(
                f"{path}: which split? It has {', '.join(data.splits)}; write {path}:{(fitting or data.splits)[0]}"
            )
        split = fitting[0]
    data.check_split(split)
    return data, split


def write_splits(splits: dict[str, Pairs], folder: Path) -> None:
    """Write the splits as a DatasetDict into a folder."""
    import datasets

    text = datasets.Value("string")
    with Tables(folder) as tables:
        for name, pairs in splits.items():
            columns = {"source": text, "target": text, **({"references": [text]} if pairs.references else {})}
            tables.open(name, datasets.Features(columns))
            values = [pairs.source, pairs.target, *([pairs.references] if pairs.references else [])]
            for row in zip(*values, strict=True):
                tables.add(name, dict(zip(columns, row, strict=True)))
