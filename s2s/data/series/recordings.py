"""Recordings: files of one series each, a row a line, and folders of them with labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from s2s.config.errors import RequestError
from s2s.config.regular import check_regular
from s2s.config.visible import visible
from s2s.data.series.numbers import BadSeries, Rows, fields_of, finite, number, row_of, rows_of
from s2s.text.lines import read_lines

LABELS = "labels.tsv"
ARRAY = ".npy"
SUFFIXES = (".csv", ".tsv", ARRAY)
"""Names of files that are taken for recordings."""


@dataclass(frozen=True)
class Recording:
    """A series and what stands beside it."""

    name: str
    rows: Rows
    target: str = ""
    names: tuple[str, ...] = ()
    """Of its columns, where they have names."""


def read_recording(path: Path, name: str, target: str = "") -> Recording:
    """The series of a file. BadSeries where it cannot be used, RequestError where it cannot be read."""
    if path.suffix == ARRAY:
        return Recording(name, _array(path, name), target)
    lines = read_lines(path)
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise BadSeries(f"{name}: it has no rows")
    names: tuple[str, ...] = ()
    first = 1
    head = fields_of(lines[0])
    if all(field and number(field) is None for field in head):
        names, first = tuple(head), 2
        if len(set(names)) < len(names):
            raise BadSeries(f"{name}: two columns have the same name in its first line")
    rows = rows_of([row_of(fields_of(line), f"{name}, row {at}") for at, line in _numbered(lines, first)], name, first)
    if names and rows.shape[1] != len(names):
        raise BadSeries(f"{name}: its rows have {rows.shape[1]:,} columns, and its first line {len(names):,} names")
    return Recording(name, rows, target, names)


def _numbered(lines: list[str], first: int) -> Iterator[tuple[int, str]]:
    return enumerate(lines[first - 1 :], start=first)


def _array(path: Path, name: str) -> Rows:
    """The array of a .npy file; what it claims to hold is compared with the size of the file before it is read."""
    check_regular(path)
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError, TypeError, OverflowError, MemoryError) as error:
        raise BadSeries(f"{name}: not an array of numbers ({' '.join(str(error).split())[:120]})") from None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
        raise BadSeries(f"{name}: not an array of numbers")
    return finite(values[:, None] if values.ndim == 1 else values, name)


def read_folder(folder: Path) -> Iterator[Recording | str]:
    """The recordings that a folder's label table names, in its order; for one that cannot be used a sentence.

    RequestError where there is no table, or one that is none. What lies in the folder and is not named is reported.
    """
    table = folder / LABELS
    if not table.is_file():
        raise RequestError(f"{folder}: has no {LABELS}; write one, a recording, a tab and its label a line")
    named: set[str] = set()
    for at, line in enumerate(read_lines(table), start=1):
        if not line.strip():
            continue
        file, tab, label = line.partition("\t")
        where = f"{table}, line {at:,}"
        if not tab or not label.strip():
            yield f'{where}: has no label; write "recording, tab, label"'
            continue
        inside = PurePosixPath(file)
        real, home = (folder / file).resolve(), folder.resolve()
        if inside.is_absolute() or ".." in inside.parts or not real.is_relative_to(home):
            yield f"{where}: {visible(file)} leads out of {folder}; copy it there"
            continue
        if str(inside) in named:
            yield f"{where}: {visible(file)} is named a second time"
            continue
        named.add(str(inside))
        if not real.is_file():
            yield f"{where}: there is no file {visible(file)}"
            continue
        try:
            yield read_recording(folder / file, file, label)
        except RequestError as error:
            yield str(error)
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).as_posix()
        if path.suffix in SUFFIXES and path != table and inner not in named:
            yield f"{inner}: has no label in {LABELS}"
