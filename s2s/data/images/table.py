"""Label files with a line a picture: labels.tsv, gt.txt, CSV and JSON lines, as various tools write them."""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.config.regular import check_regular
from s2s.data.images.labelled import ImageFolder, LabelledImage, Problem, is_image
from s2s.text.lines import read_lines

NAMES = ("labels.tsv", "labels.csv", "labels.jsonl", "metadata.jsonl", "metadata.csv", "gt.txt", "labels.txt")
"""Label files that are looked for, in this order."""
SUFFIXES = (".tsv", ".csv", ".jsonl", ".txt")
IMAGE_KEYS = ("file_name", "filename", "image", "file", "path", "img", "image_path", "name")
TEXT_KEYS = ("text", "label", "words", "transcription", "transcript", "ground_truth", "gt", "sentence")
"""Names of columns and keys, in lower case, the likeliest first."""

_QUOTED = re.compile(r'\s*(?P<name>[^,"]+?)\s*,\s*"(?P<text>.*)"\s*')
"""ICDAR word recognition: `word_1.png, "Genaxis Theatre"`, with quotes and backslashes escaped."""


@dataclass(frozen=True)
class Row:
    """A line of a label file; `text` is None where there is no label, with the reason."""

    line: int
    name: str
    text: str | None
    reason: str = ""


def read_table(table: Path, folder: Path) -> ImageFolder:
    """The pictures that a label file names, relative to its own folder, with their labels.

    Names in messages are relative to `folder`. Pictures that are not there, named twice or without a label, and
    pictures below the folder that the file does not name, are listed as problems. Raises RequestError where the file
    as a whole cannot be read.
    """
    check_regular(table)
    layout, rows = _rows(table)
    base = table.parent
    examples: list[LabelledImage] = []
    problems: list[Problem] = []
    lines: dict[Path, int] = {}
    for row in rows:
        path = base / row.name
        name = _relative(path, folder)
        place = f"{table.name}, line {row.line}"
        if row.text is None:
            problems.append(Problem(name or table.name, f"{row.reason} in {place}"))
        elif "\n" in row.text or "\r" in row.text:
            problems.append(Problem(name, f"its label in {place} has a line break inside; cut the picture into lines"))
        elif path in lines:
            problems.append(Problem(name, f"named again in {place}; the label of line {lines[path]} is used"))
            continue
        elif not _is_file(path):
            problems.append(Problem(name, f"named in {place}, but there is no such file"))
        else:
            examples.append(LabelledImage(name, path, row.text))
        lines.setdefault(path, row.line)
    problems.extend(_unnamed(base, folder, set(lines), table))
    return ImageFolder(f"{table.name} ({layout})", tuple(examples), tuple(problems))


def _unnamed(base: Path, folder: Path, named: set[Path], table: Path) -> Iterator[Problem]:
    """Pictures beside the label file that it says nothing of. Other label files there may name them."""
    if any(path != table for suffix in SUFFIXES for path in base.glob(f"labels.*{suffix}")):
        return
    for path in sorted(base.rglob("*")):
        if is_image(path) and path not in named:
            yield Problem(_relative(path, folder), f"has no label in {table.name}")


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a label taken for a name may be one that the system cannot even be asked about."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _rows(table: Path) -> tuple[str, list[Row]]:
    """What kind of file it is, and its lines."""
    if table.suffix == ".jsonl":
        return "JSON lines", list(_json(table))
    if table.suffix == ".csv":
        return "CSV", list(_csv(table))
    lines = [(number, line) for number, line in enumerate(read_lines(table), 1) if line.strip()]
    if not lines:
        return "empty", []
    first = lines[0][1]
    if "\t" in first:
        return "tab-separated", [_split(number, line, "\t") for number, line in lines]
    if _QUOTED.fullmatch(first):
        return "ICDAR", [_quoted(number, line) for number, line in lines]
    separator = "," if "," in first and is_image(Path(first.split(",")[0].strip())) else " "
    return ("comma-separated" if separator == "," else "space-separated"), [
        _split(n, text, separator) for n, text in lines
    ]


def _split(number: int, line: str, separator: str) -> Row:
    name, found, text = line.partition(separator)
    if not found:
        return Row(number, name.strip(), None, "has no label")
    return Row(number, name.strip(), text if separator == "\t" else text.strip())


def _quoted(number: int, line: str) -> Row:
    match = _QUOTED.fullmatch(line)
    if match is None:
        return Row(number, line.split(",")[0].strip(), None, "has no label in double quotes")
    return Row(number, match["name"], re.sub(r"\\(.)", r"\1", match["text"]))


def _csv(table: Path) -> Iterator[Row]:
    """Rows of a CSV file (RFC 4180); without a known header the first two columns are name and label."""
    try:
        with open(table, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            columns: tuple[int, int] | None = None
            for row in reader:
                if not row:
                    continue
                if columns is None:
                    columns = _columns(row)
                    if columns is not None:
                        continue
                    columns = (0, 1)
                if len(row) <= max(columns):
                    yield Row(reader.line_num, row[columns[0]] if len(row) > columns[0] else "", None, "has no label")
                else:
                    yield Row(reader.line_num, row[columns[0]].strip(), row[columns[1]])
    except UnicodeDecodeError as error:
        raise RequestError(f"{table}: byte {error.start} is not UTF-8; convert the file to UTF-8") from error
    except csv.Error as error:
        raise RequestError(f"{table}, line {reader.line_num}: not CSV: {error}") from error


def _columns(header: Sequence[str]) -> tuple[int, int] | None:
    """Columns of name and label, if the row is a header."""
    names = [name.strip().lower() for name in header]
    image = next((names.index(key) for key in IMAGE_KEYS if key in names), None)
    text = next((names.index(key) for key in TEXT_KEYS if key in names), None)
    return (image, text) if image is not None and text is not None else None


def _json(table: Path) -> Iterator[Row]:
    """One object a line, as of the hub's image folders."""
    for number, line in enumerate(read_lines(table), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise RequestError(f"{table}, line {number}: not JSON: {error}") from error
        keys = {key.lower(): key for key in value} if isinstance(value, dict) else {}
        image = next((keys[key] for key in IMAGE_KEYS if key in keys), None)
        text = next((keys[key] for key in TEXT_KEYS if key in keys), None)
        if image is None or not isinstance(value[image], str):
            raise RequestError(f"{table}, line {number}: needs the picture's name under one of {', '.join(IMAGE_KEYS)}")
        if text is None or not isinstance(value[text], str):
            yield Row(number, value[image], None, "has no label that is a string")
        else:
            yield Row(number, value[image], value[text])
