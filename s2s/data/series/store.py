"""The data set on disk: a `datasets.DatasetDict` with the columns name, rows (flat) and target, and report.json."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from s2s import __version__
from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean
from s2s.config.plain_json import parse_json
from s2s.data.report import FILE
from s2s.data.series.numbers import Rows
from s2s.data.series.recordings import Recording
from s2s.data.tables import Tables

KIND = "series"
_FORMAT = 1
_MOST_BYTES = 256 * 2**20


@dataclass(frozen=True)
class SeriesReport:
    """report.json of a data set of series."""

    columns: tuple[str, ...]
    target: str
    """label or text; see `SeriesRecipe`."""
    splits: dict[str, dict[str, int]]
    """Of each split the number of series and of rows."""
    fingerprint: str
    dropped: dict[str, list[str]] = field(default_factory=dict)
    """By split, everything that is left out: file, place and reason."""
    changed: dict[str, dict[str, int]] = field(default_factory=dict)
    noticed: dict[str, dict[str, int]] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    kind: str = KIND
    s2s: str = __version__
    format: int = _FORMAT


@dataclass(frozen=True)
class SeriesSplit:
    """The series of a split."""

    split: str
    names: Sequence[str]
    series: Sequence[Rows]
    targets: Sequence[str]

    def take(self, rows: Sequence[int], split: str) -> "SeriesSplit":
        """Some of them as a split of their own."""
        names, targets = ([one[row] for row in rows] for one in (self.names, self.targets))
        return SeriesSplit(split, names, [self.series[row] for row in rows], targets)


@dataclass(frozen=True)
class SeriesData:
    """A prepared data set of series, opened; series are read when they are asked for."""

    path: Path
    report: SeriesReport

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits."""
        return tuple(self.report.splits)

    @property
    def fingerprint(self) -> str:
        """Of all splits' names, series and targets, order included."""
        return self.report.fingerprint

    @property
    def terms(self) -> str:
        """Terms of use, as the recipe has them."""
        return str(self.report.recipe.get("terms", ""))

    def check_split(self, split: str) -> None:
        """Raise RequestError, naming the nearest, unless there is such a split."""
        if split not in self.report.splits:
            raise RequestError(f'{self.path}: no split "{split}"{did_you_mean(split, self.splits)}')

    def read(self, split: str) -> SeriesSplit:
        """The series of a split. RequestError where there is none, or it is not what report.json lists."""
        self.check_split(split)
        import datasets

        columns = len(self.report.columns)
        try:
            table = datasets.load_from_disk(str(self.path / split)).data.table
            names, targets = table["name"].to_pylist(), table["target"].to_pylist()
            series = [
                np.asarray(part, np.float32).reshape(-1, columns)
                for chunk in table["rows"].chunks
                for part in np.split(chunk.flatten().to_numpy(), np.cumsum(chunk.value_lengths().to_numpy())[:-1])
            ]
        except (OSError, ValueError, KeyError) as error:
            raise RequestError(f"{self.path}: split {split} cannot be read ({error}); prepare the data again") from None
        counts = {"series": len(series), "rows": sum(map(len, series))}
        if counts != self.report.splits[split] or not all(np.isfinite(one).all() and len(one) for one in series):
            raise RequestError(f"{self.path}: split {split} is not what {FILE} lists; prepare the data again")
        return SeriesSplit(split, names, series, targets)


def open_series(path: str | Path) -> SeriesData:
    """Open a prepared data set of series; RequestError where there is none at `path`."""
    folder = Path(path)
    if not (folder / FILE).is_file():
        raise RequestError(
            f"{folder}: not a prepared data set of series, it has no {FILE}; make one with "
            "`s2s prepare RECIPE --out DATA`"
        )
    values = _values(folder)
    if values.get("kind") != KIND:
        raise RequestError(f"{folder}: does not hold series of numbers; choose a config for what it holds")
    try:
        if values["format"] > _FORMAT:
            raise RequestError(f"{folder}: made by a newer s2s ({values['s2s']}); update s2s or prepare the data again")
        report = SeriesReport(**{**values, "columns": tuple(map(str, values["columns"]))})
        if not report.columns or not report.splits:
            raise ValueError("it lists no columns or no splits")
        for counts in report.splits.values():
            if not (isinstance(counts, dict) and counts["series"] >= 0 and counts["rows"] >= 0):
                raise ValueError("its splits have no counts")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RequestError(f"{folder / FILE}: not the report of series ({error!r}); prepare the data again") from None
    return SeriesData(folder, report)


def holds_series(path: Path) -> bool:
    """Whether a folder is a prepared data set of series."""
    try:
        return (path / FILE).is_file() and _values(path).get("kind") == KIND
    except RequestError:
        return False


def _values(folder: Path) -> dict[str, Any]:
    try:
        with (folder / FILE).open("rb") as file:
            found = parse_json(file.read(_MOST_BYTES), _MOST_BYTES)
    except (OSError, ValueError) as error:
        raise RequestError(f"{folder / FILE}: not a report ({error}); prepare the data again") from None
    return found if isinstance(found, dict) else {}


def write_series(splits: Mapping[str, Sequence[Recording]], folder: Path) -> None:
    """Write splits as a DatasetDict into a folder."""
    import datasets

    text = datasets.Value("string")
    columns = datasets.Features({"name": text, "rows": datasets.Sequence(datasets.Value("float32")), "target": text})
    with Tables(folder) as tables:
        for split, recordings in splits.items():
            tables.open(split, columns)
            for one in recordings:
                tables.add(split, {"name": one.name, "rows": one.rows.reshape(-1), "target": one.target})


def write_report(report: SeriesReport, folder: Path) -> None:
    """Write report.json."""
    (folder / FILE).write_text(json.dumps(asdict(report), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def fingerprint(splits: Mapping[str, Sequence[tuple[str, Rows, str]]]) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of series by split: name, rows, target, order included."""
    digest = hashlib.sha256()
    for split in sorted(splits):
        digest.update(f"{split}\n".encode())
        for name, rows, target in splits[split]:
            digest.update(f"{name}\n{target}\n{rows.shape}\n".encode())
            digest.update(np.ascontiguousarray(rows, "<f4").tobytes())
    return digest.hexdigest()[:16]
