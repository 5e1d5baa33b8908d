"""More pairs to train on, beside those of a recipe: back-translations above all.

Text of the target language alone is worth having too: a model of the other direction translates it, and the pairs of
its outputs and the true text are added (Sennrich et al. 2016), their sources tagged as made (Caswell et al. 2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.data.pairs import Pairs
from s2s.data.readers.aligned import check_counts
from s2s.text.lines import read_lines


@dataclass(frozen=True)
class Added:
    """Two files whose lines correspond."""

    source: Path
    target: Path
    tag: str = ""
    """A word put before every source that cleaning leaves."""


def add(train: Pairs, more: Sequence[Added]) -> dict[str, str]:
    """Put the pairs of the files behind those of train; how many, by file, for the report.

    RequestError where a file is missing or line counts differ.
    """
    origin = {}
    tags = [""] * len(train)
    for files in more:
        for path in (files.source, files.target):
            if not path.is_file():
                raise RequestError(f"--add: there is no file {path}")
        source, target = (read_lines(path, train.changed) for path in (files.source, files.target))
        check_counts("train", files.source, len(source), files.target, len(target))
        train.source += source
        train.target += target
        tags += [files.tag] * len(source)
        if train.references:
            # Every pair has as many references; a second time the same one changes no score.
            train.references += [[line] * len(train.references[0]) for line in target]
        tagged = f", tagged {files.tag}" if files.tag else ""
        origin[f"added {files.source}, {files.target}"] = f"{len(source):,} pairs{tagged}"
    train.tags = tags if any(tags) else []
    return origin
