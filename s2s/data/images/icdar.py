"""Whole pictures with a file of quadrilaterals each, `gt_img_1.txt` beside `img_1.jpg`: ICDAR 2013 and 2015."""

import re
from pathlib import Path

from s2s.config.regular import check_regular
from s2s.data.images.labelled import ImageFolder, LabelledImage, Problem, Quad, is_image
from s2s.text.lines import read_lines

PREFIX = "gt_"
UNREADABLE = "###"
"""The label of text that the annotators could not read."""

_BOX = re.compile(r'\s*(-?\d+)[,\s]\s*(-?\d+)[,\s]\s*(-?\d+)[,\s]\s*(-?\d+)[,\s]\s*"(.*)"\s*')
"""ICDAR 2013: left, top, right, bottom, "text"."""
_QUAD = re.compile(r"\s*" + r"(-?\d+)\s*,\s*" * 8 + r"(.*)")
"""ICDAR 2015: four corners and the text, which may hold commas."""


def has_quads(folder: Path) -> bool:
    """Whether there is any gt_NAME.txt below the folder that belongs to a picture."""
    tables = list(folder.rglob(f"{PREFIX}*.txt"))
    pictures = _pictures(folder) if tables else {}
    return any(_fitting(table, pictures) for table in tables)


def read_quads(folder: Path) -> ImageFolder:
    """Every text of every picture, named PICTURE#NUMBER. Unreadable texts and lines that make no sense are problems."""
    pictures = _pictures(folder)
    examples: list[LabelledImage] = []
    problems: list[Problem] = []
    named: set[Path] = set()
    for table in sorted(folder.rglob(f"{PREFIX}*.txt")):
        found = _fitting(table, pictures)
        named.update(found)
        if len(found) != 1:
            reason = "there is no picture of this name"
            if found:
                names = ", ".join(path.relative_to(folder).as_posix() for path in found)
                reason = f"which of the pictures of this name does it belong to, {names}? Keep it beside its picture"
            problems.append(Problem(table.relative_to(folder).as_posix(), reason))
            continue
        (picture,) = found
        check_regular(table)
        for number, line in enumerate(read_lines(table), 1):
            if not line.strip():
                continue
            name = f"{picture.relative_to(folder).as_posix()}#{number}"
            parsed = _parse(line)
            if parsed is None:
                problems.append(Problem(name, f"{table.name}, line {number}, is neither corners and text nor a box"))
            elif parsed[1] == UNREADABLE:
                problems.append(Problem(name, f"is marked as unreadable ({UNREADABLE})"))
            else:
                examples.append(LabelledImage(name, picture, parsed[1], parsed[0], table))
    for path in sorted({path for paths in pictures.values() for path in paths} - named):
        problems.append(Problem(path.relative_to(folder).as_posix(), f"has no {PREFIX}{path.stem}.txt"))
    return ImageFolder("ICDAR quadrilaterals", tuple(examples), tuple(problems))


def _pictures(folder: Path) -> dict[str, list[Path]]:
    """By name, wherever below the folder."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if is_image(path):
            found.setdefault(path.stem, []).append(path)
    return found


def _fitting(table: Path, pictures: dict[str, list[Path]]) -> list[Path]:
    """The pictures that it may belong to: those beside it, if there are any."""
    found = pictures.get(table.stem.removeprefix(PREFIX), [])
    return [path for path in found if path.parent == table.parent] or found


def _parse(line: str) -> tuple[Quad, str] | None:
    """Corners clockwise from the upper left, and the text."""
    match = _BOX.fullmatch(line)
    if match:
        left, top, right, bottom = map(float, match.groups()[:4])
        return (left, top, right, top, right, bottom, left, bottom), re.sub(r"\\(.)", r"\1", match[5])
    match = _QUAD.fullmatch(line)
    if match:
        x1, y1, x2, y2, x3, y3, x4, y4 = map(float, match.groups()[:8])
        return (x1, y1, x2, y2, x3, y3, x4, y4), match[9].strip()
    return None
