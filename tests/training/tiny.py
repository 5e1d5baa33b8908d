"""A dataset and a config with which training takes a second or two."""

import io
from itertools import product
from pathlib import Path
from random import Random

from rich.console import Console

from s2s.config.experiment import Experiment, experiment_from
from s2s.data.pairs import Pairs
from s2s.data.report import Report, describe, joint_fingerprint
from s2s.data.store import write_splits

ENGLISH = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
GERMAN = ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht"]

EVERYTHING = {
    "subwords": {"sample": 0.3},
    "loss": {"r_drop": 1.0, "teacher_forcing": 0.5},
    "batches": {"accumulate": 2},
    "training": {"ema": 0.9},
    "validation": {"every": 5},
}
"""Whatever draws random numbers or carries something from step to step."""


def write_dataset(folder: Path, splits: dict[str, Pairs], languages: tuple[str, str] = ("en", "de")) -> Path:
    write_splits(splits, folder)
    reports = {name: describe(pairs) for name, pairs in splits.items()}
    Report(languages, reports, joint_fingerprint(reports), recipe={"terms": "for tests only"}).write(folder)
    return folder


def write_numbers(folder: Path) -> Path:
    """A dataset of 100 pairs of `numbers` to train on and 12 to validate."""
    pairs = numbers()
    return write_dataset(folder, {"train": pairs.keep(list(range(100))), "val": pairs.keep(list(range(100, 112)))})


def numbers() -> Pairs:
    """Every row of three numbers, in two languages, in random order."""
    rows = list(product(range(8), repeat=3))
    Random(1).shuffle(rows)
    return Pairs(*[[" ".join(words[i] for i in row) for row in rows] for words in (ENGLISH, GERMAN)])


def tiny(**sections) -> Experiment:
    """A config of a tiny model; sections as mappings, which win."""
    return experiment_from(first_format(**sections), "the test")


def first_format(**sections) -> dict[str, dict]:
    """The same as plain values of the first format."""
    base = {
        "subwords": {"size": 300},
        "model": {
            "encoder": {"embedding": 12, "hidden": 12},
            "attention": {"size": 12},
            "decoder": {"embedding": 12, "hidden": 12},
        },
        "batches": {"tokens": 128, "max_length": 60},
        "schedule": {"warmup": 5},
        "training": {"steps": 20},
        "validation": {"every": 10, "samples": 1},
    }
    return {name: {**base.get(name, {}), **sections.get(name, {})} for name in {**base, **sections}}


def silent() -> Console:
    return Console(file=io.StringIO())
