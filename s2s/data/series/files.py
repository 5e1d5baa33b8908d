"""Files of many series, a series a line: .ts of the UEA and UCR archives, tables, JSON lines; and folders."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.config.series_recipe import SeriesFiles
from s2s.data.series.numbers import (
    PEN,
    BadSeries,
    Rows,
    by_rows,
    fields_of,
    json_object,
    number,
    pen_rows,
    plain_rows,
    row_of,
    rows_of,
)
from s2s.data.series.recordings import Recording, read_folder
from s2s.text.lines import read_lines

ENDS = "series end with NaN, which other series go on after; the ends are cut off"
"""How the archives fill series up to one length."""
BLANK = "blank lines are passed over"


def read_series(path: Path, read: SeriesFiles, changed: Counter[str]) -> Iterator[Recording | str]:
    """The labelled series of a file or a folder; for one that cannot be used a sentence with its place.

    What was changed is counted. RequestError where the file as a whole cannot be read.
    """
    if path.is_dir():
        _check_idle(path.name, read)
        yield from read_folder(path)
        return
    kind = next((one for one in path.suffixes[::-1] if one not in (".gz", ".bz2", ".xz")), "")
    lines = read_lines(path)
    way = _READERS.get(kind, _table)
    for at, line, take in way(lines, path.name, read, changed):
        if not line.strip():
            changed[BLANK] += 1
            continue
        where = f"{path.name}, line {at:,}"
        try:
            yield take(line, where)
        except BadSeries as error:
            yield str(error)


Take = Callable[[str, str], Recording]
"""A line and its place to a series."""
_Lines = Iterator[tuple[int, str, Take]]


def _table(lines: list[str], name: str, read: SeriesFiles, changed: Counter[str]) -> _Lines:
    if not isinstance(read.label, int):
        raise RequestError(f"{name}: read.label of a table is 1 or -1, not {read.label}")
    last = read.label == -1

    def take(line: str, where: str) -> Recording:
        fields = fields_of(line)
        label = fields.pop(-1 if last else 0)
        rows = by_rows(row_of(_cut(fields, changed), where), len(read.columns) or 1, where)
        return Recording(where, rows, _labelled(label, where), read.columns)

    _check_idle(name, read, "label")
    first = fields_of(lines[0]) if lines else []
    headed = len(first) > 1 and all(number(field) is None for field in (first[:-1] if last else first[1:]))
    return ((at, line, take) for at, line in enumerate(lines, start=1) if at > headed)


def _ts(lines: list[str], name: str, read: SeriesFiles, changed: Counter[str]) -> _Lines:
    """See the archive's description: a header of @ and #, then dimensions separated by colons, the label last."""

    def take(line: str, where: str) -> Recording:
        *dimensions, label = line.split(":")
        columns = [
            row_of(_cut([one.strip() for one in text.split(",")], changed), f"{where}, dimension {at}")
            for at, text in enumerate(dimensions, start=1)
        ]
        if len(set(map(len, columns))) > 1:
            raise BadSeries(f"{where}: its dimensions have {', '.join(str(len(one)) for one in columns)} values")
        return Recording(where, rows_of(zip(*columns, strict=True), where), _labelled(label, where), read.columns)

    _check_idle(name, read)
    start = next((at for at, line in enumerate(lines, start=1) if line.strip().lower() == "@data"), None)
    if start is None:
        raise RequestError(f"{name} has no line @data, with which the series of a .ts file begin")
    head = [line.lower().split() for line in lines[:start]]
    if ["@timestamps", "true"] in head:
        raise RequestError(f"{name} has time stamps, which are not read; write the values alone")
    return ((at, line, take) for at, line in enumerate(lines, start=1) if at > start)


def _json(lines: list[str], name: str, read: SeriesFiles, changed: Counter[str]) -> _Lines:
    key, field = read.strokes or read.values, "label" if isinstance(read.label, int) else read.label

    def take(line: str, where: str) -> Recording:
        found = json_object(line, where)
        if not isinstance(found, dict) or key not in found or field not in found:
            raise BadSeries(f'{where}: it is not an object with the fields "{key}" and "{field}"')
        rows = pen_rows(found[key], where) if read.strokes else rows_of(plain_rows(found[key], where), where)
        names = PEN if read.strokes else read.columns
        return Recording(where, rows, _labelled(found[field], where), names)

    return ((at, line, take) for at, line in enumerate(lines, start=1))


def _check_idle(name: str, read: SeriesFiles, *used: str) -> None:
    """RequestError for a key of the recipe that says nothing about such a file."""
    for key, default in (("label", -1), ("values", "values"), ("strokes", "")):
        if key not in used and getattr(read, key) != default:
            raise RequestError(f"read.{key} is not for files such as {name}; leave it out")


_READERS = {".ts": _ts, ".jsonl": _json}


def _cut(fields: list[str], changed: Counter[str]) -> list[str]:
    """The fields without NaN at their end; one between numbers stays, and is refused."""
    kept = len(fields)
    while kept and fields[kept - 1].lower() == "nan":
        kept -= 1
    changed[ENDS] += kept < len(fields)
    return fields[:kept]


def _labelled(label: object, where: str) -> str:
    text = str(label).strip() if isinstance(label, str | int) and not isinstance(label, bool) else ""
    if not text or len(text.splitlines()) > 1:
        raise BadSeries(f"{where}: it has no label")
    return text


def unlabelled(
    lines: Iterable[str], name: str, columns: int, pen: bool, key: str | None, first: int = 1
) -> list[Rows | None]:
    """Series as `s2s predict` reads them, one a line; None of a blank line. BadSeries with the line of another.

    A line is numbers row after row, or dimension after dimension with colons between them, or JSON: rows, for a model
    that reads a pen strokes, or an object with them in the field `key`.
    """
    found: list[Rows | None] = []
    field = key or ("strokes" if pen else "values")
    for at, line in enumerate(lines, start=first):
        where = f"{name}, line {at:,}"
        if not line.strip():
            found.append(None)
        elif line.lstrip().startswith(("{", "[")):
            value = json_object(line, where)
            if isinstance(value, dict):
                if field not in value:
                    raise BadSeries(f'{where}: it has no field "{field}"; --key names another')
                value = value[field]
            found.append(pen_rows(value, where) if pen else rows_of(plain_rows(value, where), where))
        elif ":" in line:
            each = [row_of([one.strip() for one in text.split(",")], where) for text in line.split(":")]
            if len(set(map(len, each))) > 1:
                raise BadSeries(f"{where}: its dimensions have {', '.join(str(len(one)) for one in each)} values")
            found.append(rows_of(zip(*each, strict=True), where))
        else:
            found.append(by_rows(row_of(fields_of(line), where), columns, where))
    return found
