"""Options and files of the commands that score."""

import argparse
import json
import math
import os
from pathlib import Path
from typing import Any

from s2s.cli.printing import notice


def add_scoring(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    from s2s.config.target import READING, TRANSLATION
    from s2s.metrics.names import METRICS

    known = "; ".join(f"{name}: {metric.description}" for name, metric in METRICS.items())
    default = f"default: {' '.join(TRANSLATION[::-1])}; for pictures: {' '.join(READING[::-1])}"
    parser.add_argument("--metrics", nargs="+", metavar="NAME", help=f"scores to compute; {default}. {known}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything as JSON")


def choose_metrics(names: list[str] | None, default: tuple[str, ...]) -> tuple[str, ...]:
    """The scores asked for, or the default ones. RequestError names the nearest of an unknown one."""
    from s2s.metrics.names import check_metric

    chosen = tuple(dict.fromkeys(names or default))
    for name in chosen:
        check_metric(name)
    return chosen


def check_writable(*paths: Path | None) -> None:
    """RequestError, before any work, for a file that could not be written after it."""
    from s2s.config.errors import RequestError

    files = [path for path in paths if path is not None]
    for path in files:
        if path.is_dir():
            raise RequestError(f"{path} is a directory; name a file")
        if not path.parent.is_dir():
            raise RequestError(f"cannot write {path}: there is no directory {path.parent}")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise RequestError(f"cannot write {path}: there is no permission to")
        if files.count(path) > 1:
            raise RequestError(f"{path} is to hold two things; name two files")


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write a report, with null for a score that is no number, such as the CER of empty references.

    WorkError where the disk fails.
    """
    from s2s.text.lines import write_lines

    plain = _finite(values)
    if plain != values:
        notice(f"{path}: scores that are no numbers are written as null")
    write_lines(path, json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False).split("\n"))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_scores(path: Path) -> dict[str, dict[str, Any]]:
    """The scores of a report that `evaluate --json` wrote, for a model's card, by `name@data:split`.

    RequestError where there is none.
    """
    from s2s.config.errors import RequestError
    from s2s.config.plain_json import parse_json

    try:
        report = parse_json(path.read_bytes())
        split = f"{Path(report['data']).name}:{report['split']}"
        return {
            f"{name}@{split}": {**{key: score[key] for key in ("value", "low", "high", "signature")}, "split": split}
            for name, score in report["scores"].items()
            if score["value"] is not None
        }
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RequestError(f"{path} is not a report of s2s evaluate --json") from None
