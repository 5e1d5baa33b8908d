"""Numbers of a series, checked one by one: what cannot be used is one sentence with its place."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s.config.errors import RequestError
from s2s.config.plural import counted

Rows = NDArray[np.float32]
"""A series (T, C)."""
PEN = ("x", "y", "lift")
"""Columns of pen strokes."""
MAX_NUMBERS = 2**26
"""Numbers of a series."""
_SEPARATORS = (",", ";", "\t")


class BadSeries(RequestError):
    """A series that cannot be used, and why."""


def fields_of(line: str) -> list[str]:
    """The fields of a line, whatever separates them: commas, semicolons, tabs, or else spaces."""
    separator = next((one for one in _SEPARATORS if one in line), None)
    return [field.strip() for field in line.split(separator)] or [""]


def number(field: str) -> float | None:
    """The number that a field is; None for anything else."""
    try:
        return None if "_" in field else float(field)
    except ValueError:
        return None


def row_of(fields: Sequence[str], where: str) -> list[float]:
    """The numbers of a line. BadSeries, naming the field, where there is a gap, text, or nothing finite."""
    found = []
    for place, field in enumerate(fields, start=1):
        value = number(field)
        if value is None:
            what = "is empty" if not field else f'is "{field[:40]}", not a number'
            raise BadSeries(f"{where}: field {place} {what}; fill gaps and leave out columns of text")
        found.append(value)
    return found


def rows_of(values: Iterable[Sequence[float]], where: str, first: int = 1) -> Rows:
    """Rows of numbers as a series. BadSeries, with the number of the row, where they are unequal or not finite."""
    rows = list(values)
    if not rows or not len(rows[0]):
        raise BadSeries(f"{where}: it has no rows")
    width = len(rows[0])
    if len(rows) * width > MAX_NUMBERS:
        raise BadSeries(f"{where}: it has {len(rows) * width:,} numbers, more than the {MAX_NUMBERS:,} that are read")
    for place, row in enumerate(rows, start=first):
        if len(row) != width:
            raise BadSeries(
                f"{where}, row {place:,}: it has {counted(len(row), 'column')}, and row {first} has {width:,}"
            )
    return finite(np.array(rows, np.float64), where, first)


def finite(values: NDArray[Any], where: str, first: int = 1) -> Rows:
    """An array (T, C) as a series. BadSeries, with row and column, for what 32 bits cannot hold as a number."""
    if values.ndim != 2 or not values.size:
        raise BadSeries(f"{where}: it is not rows and columns of numbers but of shape {values.shape}")
    if values.size > MAX_NUMBERS:
        raise BadSeries(f"{where}: it has {values.size:,} numbers, more than the {MAX_NUMBERS:,} that are read")
    with np.errstate(over="ignore"):
        found = np.ascontiguousarray(values, np.float32)
    if not np.isfinite(found).all():
        row, column = np.argwhere(~np.isfinite(found))[0].tolist()
        raise BadSeries(
            f"{where}, row {row + first:,}, column {column + 1:,}: {values[row, column]} is not a finite number of 32 "
            "bits; fill gaps, or leave the series out"
        )
    return found


def by_rows(flat: Sequence[float], columns: int, where: str) -> Rows:
    """Numbers that stand row after row as a series. BadSeries where the last row is not whole."""
    if len(flat) % columns:
        raise BadSeries(f"{where}: {counted(len(flat), 'number')} cannot be rows of {counted(columns, 'column')}")
    return rows_of([flat[start : start + columns] for start in range(0, len(flat), columns)], where)


def pen_rows(strokes: Any, where: str) -> Rows:
    """Pen strokes as a series of x, y and lift. BadSeries where they are not lists of points."""
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        raise BadSeries(f"{where}: its strokes are not a list of lists of points")
    rows: list[list[float]] = []
    for place, stroke in enumerate(strokes, start=1):
        what = f"{where}, stroke {place:,}"
        if stroke and not isinstance(stroke[0], list):
            if len(stroke) % 2:
                raise BadSeries(f"{what}: x and y by turns are an even number, and it has {len(stroke):,}")
            stroke = [stroke[at : at + 2] for at in range(0, len(stroke), 2)]
        points = plain_rows(stroke, what)
        if any(len(point) != 2 for point in points):
            raise BadSeries(f"{what}: a point is two numbers, x and y")
        rows += [[*point, float(at == len(points))] for at, point in enumerate(points, start=1)]
    return rows_of(rows, where)


def plain_rows(values: Any, where: str) -> list[list[float]]:
    """Rows of a JSON document; numbers alone are rows of one. BadSeries for anything else."""
    if isinstance(values, list):
        rows = [one if isinstance(one, list) else [one] for one in values]
        if all(type(one) in (int, float) for row in rows for one in row):
            try:
                return [[float(one) for one in row] for row in rows]
            except OverflowError:
                raise BadSeries(f"{where}: it has a number beyond 32 bits") from None
    raise BadSeries(f"{where}: it is not a list of rows of numbers")


def json_object(line: str, where: str) -> Any:
    """The value of a JSON line. BadSeries where it is not JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadSeries(f"{where}: not JSON ({' '.join(str(error).split())})") from None
