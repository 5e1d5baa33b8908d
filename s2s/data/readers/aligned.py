"""Line-aligned files: line i of one translates line i of the other."""

from collections import Counter
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.config.recipe import Aligned, Lines
from s2s.data.pairs import Pairs, Reading
from s2s.data.place import Place
from s2s.text.lines import read_lines


def read_aligned(recipe: Lines, place: Place) -> Reading:
    """Read every split's files; raises RequestError where a file is missing or line counts differ."""
    reading = Reading({})
    for name, files in recipe.splits.items():
        if files.optional and any(place.find(file) is None for file in _all(files)):
            reading.missing.append(name)
            continue
        paths = [place.need(file) for file in _all(files)]
        changed: Counter[str] = Counter()
        texts = [read_lines(path, changed) for path in paths]
        for path, lines in zip(paths[1:], texts[1:], strict=True):
            check_counts(name, paths[0], len(texts[0]), path, len(lines))
        source, target, *references = texts
        reading.splits[name] = Pairs(source, target, [list(row) for row in zip(*references, strict=True)], changed)
    return reading


def _all(files: Aligned) -> tuple[str, ...]:
    return (files.source, files.target, *files.references)


def check_counts(split: str, first: Path, lines: int, second: Path, others: int) -> None:
    """RequestError, naming both files and counts, where they differ."""
    if lines != others:
        raise RequestError(
            f"split {split}: {first} has {lines:,} lines but {second} has {others:,}; "
            "line-aligned files need the same number of lines; look for the first pair that is no translation"
        )
