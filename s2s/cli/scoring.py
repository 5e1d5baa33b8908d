"""Options and files of the commands that score."""

import argparse
import json
from pathlib import Path
from typing import Any

TRANSLATION = ("exact", "ter", "chrf", "bleu_lc_tok", "bleu")
"""Scores of a translation, the one that counts last."""
READING = ("wer", "ned", "cer", "word_accuracy_exact", "word_accuracy")
"""Scores of what is read in pictures, likewise."""


def add_scoring(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument(
        "--metrics",
        nargs="+",
        metavar="NAME",
        help=f"scores to compute; default: {' '.join(TRANSLATION)}; for pictures: {' '.join(READING)}",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything as JSON")


def choose_metrics(names: list[str] | None, default: tuple[str, ...] = TRANSLATION) -> tuple[str, ...]:
    """The scores asked for, or the default ones. RequestError names the nearest of an unknown one."""
    from s2s.metrics.names import check_metric

    chosen = tuple(dict.fromkeys(names or default))
    for name in chosen:
        check_metric(name)
    return chosen


def check_writable(*paths: Path | None) -> None:
    """RequestError, before any work, for a file that could not be written after it."""
    from s2s.config.errors import RequestError

    for path in paths:
        if path is not None and path.is_dir():
            raise RequestError(f"{path} is a directory; name a file")
        if path is not None and not path.parent.is_dir():
            raise RequestError(f"cannot write {path}: there is no directory {path.parent}")


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write a report."""
    path.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
