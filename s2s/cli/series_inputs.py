"""Series that `s2s predict` reads: recordings, a file each, or a series a line."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s2s.data.series.numbers import Rows
    from s2s.inference.series import SeriesPredictor

_GROUP = 256
"""Recordings that go through the model together."""


def open_series_inputs(
    args: argparse.Namespace, predictor: "SeriesPredictor[Any, Any]"
) -> tuple[int | None, Iterator[tuple[str, int, list["Rows | None"]]]]:
    """What `open_inputs` gives of lines, of series; None stands for a blank line.

    RequestError, with file and line or row, for a series that the model cannot read.
    """
    from s2s.cli.inputs import open_inputs
    from s2s.config.errors import RequestError
    from s2s.data.series.files import unlabelled
    from s2s.data.series.recordings import SUFFIXES

    key, args.key = args.key, None
    if args.input not in (None, "text", "jsonl"):
        raise RequestError(f"--input {args.input} is of words; a model of series reads text or jsonl")
    if key is not None and args.input != "jsonl":
        raise RequestError("--key needs --input jsonl")
    args.input = "text"
    recordings = [Path(name) for name in args.files if Path(name).suffix in SUFFIXES]
    if recordings and len(recordings) < len(args.files):
        raise RequestError(f"{recordings[0]} is a recording, and other files have a series a line; read them apart")
    if recordings:
        groups = [recordings[at : at + _GROUP] for at in range(0, len(recordings), _GROUP)]
        return len(recordings), ((str(some[0]), 1, [predictor.rows(one, str(one)) for one in some]) for some in groups)
    total, inputs = open_inputs(args)

    def give() -> Iterator[tuple[str, int, list["Rows | None"]]]:
        columns, pen = len(predictor.columns.names), predictor.source.features == "pen"
        for name, first, lines in inputs:
            rows = unlabelled(lines, name, columns, pen, key, first)
            for place, one in enumerate(rows):
                if one is not None:
                    predictor.columns.check(one, f"{name}, line {first + place:,}")
            yield name, first, rows

    return total, give()


def answered(predictor: "SeriesPredictor[Any, Any]", series: Sequence[Any]) -> list[Any]:
    """The answers to series, blank ones for what is None, a blank line."""
    from s2s.inference.classifier import Classified
    from s2s.inference.series import SeriesClassifier
    from s2s.inference.transcript import Transcript

    blank: Any = Classified("") if isinstance(predictor, SeriesClassifier) else Transcript("", 0.0, [])
    found = iter(predictor([one for one in series if one is not None]))
    return [blank if one is None else next(found) for one in series]


def longer(most: int | None, series: Any) -> str | None:
    """How a series is longer than those of training."""
    if series is None or most is None or len(series) <= most:
        return None
    return f"{len(series):,} rows, more than the {most:,} of the longest series of training; read whole"
