"""report.json: what a dataset holds, where it came from, and what was dropped, changed or noticed on the way."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from s2s.config.errors import RequestError
from s2s.config.plain_json import parse_json
from s2s.data.pairs import Pairs

FILE = "report.json"
_FORMAT = 1


@dataclass(frozen=True)
class SplitReport:
    """Size of a split; words are what white space separates. The fingerprint is of its texts in order."""

    examples: int
    source_words: int
    target_words: int
    fingerprint: str


@dataclass(frozen=True)
class Report:
    """The account of a prepared dataset. `dropped`, `changed` and `noticed` are {split: {reason: count}}."""

    languages: tuple[str, ...]
    """Of the source and the target; one, where lines of text have no source."""
    splits: dict[str, SplitReport]
    fingerprint: str
    dropped: dict[str, dict[str, int]] = field(default_factory=dict)
    changed: dict[str, dict[str, int]] = field(default_factory=dict)
    noticed: dict[str, dict[str, int]] = field(default_factory=dict)
    examples: dict[str, dict[str, list[tuple[str, str]]]] = field(default_factory=dict)
    """A few (source, target) of every reason of `dropped` and `noticed`."""
    missing: list[str] = field(default_factory=list)
    """Optional splits whose files were not there."""
    origin: dict[str, str] = field(default_factory=dict)
    """Versions and places the text came from."""
    recipe: dict[str, Any] = field(default_factory=dict)
    """The recipe, every default filled in."""
    command: str = ""
    s2s: str = ""
    format: int = _FORMAT

    def write(self, folder: Path) -> None:
        """Write report.json into a folder."""
        (folder / FILE).write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_report(folder: Path) -> Report:
    """Read the report.json of a dataset; raises RequestError where it is not one of ours."""
    path = folder / FILE
    try:
        values = parse_json(path.read_bytes())
        if values.get("kind") == "pictures":
            raise RequestError(f"{folder}: holds pictures, not parallel text; train a recogniser on it")
        if values.get("kind") == "series":
            raise RequestError(
                f"{folder}: holds series of numbers, not text; choose a config whose source.kind is series"
            )
        if values["format"] > _FORMAT:
            raise RequestError(f"{path}: made by a newer s2s ({values['s2s']}); update s2s or prepare the data again")
        languages = tuple(map(str, values.pop("languages")))
        if len(languages) not in (1, 2):
            raise ValueError("languages must be one or two")
        splits = {name: SplitReport(**split) for name, split in values.pop("splits").items()}
        examples = {
            name: {reason: [(one, other) for one, other in rows] for reason, rows in by_reason.items()}
            for name, by_reason in values.pop("examples").items()
        }
        return Report(languages=languages, splits=splits, examples=examples, **values)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RequestError(
            f"{path}: not the report of a prepared dataset ({error!r}); make the data with `s2s prepare`"
        ) from None


def describe(pairs: Pairs) -> SplitReport:
    """Count a split and take its fingerprint."""
    return SplitReport(
        len(pairs),
        _words(pairs.source),
        _words(pairs.target),
        fingerprint(pairs.source, pairs.target, pairs.references),
    )


def describe_lines(lines: list[str]) -> SplitReport:
    """The same of a split of lines that have no source."""
    return SplitReport(len(lines), 0, _words(lines), line_fingerprint(lines))


def line_fingerprint(lines: list[str]) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of lines, order included."""
    return fingerprint([""] * len(lines), lines, [])


def fingerprint(source: list[str], target: list[str], references: list[list[str]]) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of a split's texts, order included."""
    digest = hashlib.sha256()
    for row, pair in enumerate(zip(source, target, strict=True)):
        # No text has a line break, so this is one to one.
        digest.update("\n".join((*pair, *(references[row] if references else ()), "\n")).encode())
    return digest.hexdigest()[:16]


def joint_fingerprint(splits: Mapping[str, SplitReport]) -> str:
    """Return 16 hexadecimal digits for a whole dataset: of the names and fingerprints of its splits."""
    text = "\n".join(f"{name} {splits[name].fingerprint}" for name in sorted(splits))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _words(texts: list[str]) -> int:
    return sum(len(text.split()) for text in texts)
