"""Taking back what a run wrote after its checkpoint: metrics.csv and samples.txt end as if it had never gone on.

Both are for people, who may have opened and saved them in a spreadsheet or an editor. What cannot be understood is
counted, and the file as it was found is kept beside the new one.
"""

import csv
import re
import shutil
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from s2s.data.atomic import write_atomically

_STEP = re.compile(r"[0-9]{1,18}")
_HEADING = re.compile(r"step ([0-9]{1,18})  ")


def rewind_table(path: Path, columns: Sequence[str], step: int) -> str | None:
    """Keep the rows of a table up to a step; write the heading where there is none.

    Separators, quotes, decimal commas and ends of lines that a spreadsheet puts in become ours again. Returns what is
    to be printed of rows and columns that cannot be kept.
    """
    lines = _lines(path, step)
    heading, *rows = list(_cells(lines)) or [list(columns)]
    found = [dict(zip(heading, row, strict=False)) for row in rows]
    sound = [
        len(row) == len(heading) and _STEP.fullmatch(cells.get("step", "")) is not None
        for row, cells in zip(rows, found, strict=True)
    ]
    if lines and lines[-1] and sound and not sound[-1]:  # its end is missing: the process died while it wrote it
        del found[-1], sound[-1]
    kept = [cells for cells, good in zip(found, sound, strict=True) if good and int(cells["step"]) <= step]
    write = "".join(f"{','.join(row)}\n" for row in [columns, *([one.get(c, "") for c in columns] for one in kept)])
    losses = [f"{sound.count(False):,} unreadable row{'s' * (sound.count(False) > 1)}"] if not all(sound) else []
    losses += [f'the column "{name}"' for name in heading if name not in columns]
    message = None
    if losses:
        spare = next(one for one in map(path.with_name, _spare_names(path)) if not one.exists())
        shutil.copyfile(path, spare)
        message = f"{path}: {', '.join(losses)} cannot be kept; {spare} is the file as it was"
    write_atomically(path, write)
    return message


def rewind_samples(path: Path, step: int) -> None:
    """Keep the validations up to a step."""
    kept = []
    for line in _lines(path, step)[:-1]:
        if (found := _HEADING.match(line)) and int(found[1]) > step:
            break
        kept.append(line)
    write_atomically(path, "".join(f"{line}\n" for line in kept))


def _lines(path: Path, step: int) -> list[str]:
    """The lines of a file; none before the first step. The last one is empty unless its end was cut off."""
    if not step or not path.exists():
        return []
    return path.read_bytes().decode("utf-8", errors="replace").split("\n")


def _cells(lines: Sequence[str]) -> Iterator[list[str]]:
    """The cells of every line that is not blank; all of them are numbers or names, which have no commas."""
    separator = max(",;\t", key=lines[0].count) if lines else ","
    for line in lines:
        try:
            row = next(csv.reader([line.removeprefix("\ufeff").removesuffix("\r")], delimiter=separator), [])
        except csv.Error:
            row = [line]
        cells = [cell.strip().replace(",", ".") for cell in row]
        if any(cells):
            yield cells


def _spare_names(path: Path) -> Iterator[str]:
    yield f"{path.stem}-as-found{path.suffix}"
    yield from (f"{path.stem}-as-found-{number}{path.suffix}" for number in count(2))
