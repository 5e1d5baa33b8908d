"""Series that tiny models learn in seconds: which of three ways a curve goes, and letters as strokes of a pen."""

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from s2s.config.experiment import Experiment, experiment_from
from s2s.config.series_recipe import SeriesFiles, SeriesRecipe
from s2s.data.series.prepare import prepare_series

NAMES = ("rises", "falls", "waves")
LETTERS = "abc"


def curve(name: str, random: Random) -> np.ndarray:
    """Two columns, one of which goes a way at a far level; the other is noise."""
    steps = np.linspace(0, 1, random.randint(8, 20))
    way = {"rises": steps, "falls": -steps, "waves": np.sin(12 * steps)}[name]
    noise = np.array([random.gauss(0, 1) for _ in steps])
    return np.stack([1000 + 30 * way, noise], 1)


def ink(text: str) -> list[list[list[float]]]:
    """Strokes of a text: a is a line up, b a line down, c two short lines."""
    strokes = []
    for place, letter in enumerate(text):
        x = 20.0 * place
        up = [[x, 0.0], [x + 4, 5.0], [x + 8, 10.0]]
        down = [[one, 10 - two] for one, two in up]
        strokes += {"a": [up], "b": [down], "c": [[[x, 0.0], [x + 8, 0.0]], [[x, 10.0], [x + 8, 10.0]]]}[letter]
    return strokes


def write_curves(folder: Path) -> Path:
    """A prepared data set of curves: 90 to train on, 12 to validate, 30 to test."""
    random = Random(1)
    for split, count in (("train", 90), ("val", 12), ("test", 30)):
        rows = [{"values": curve(NAMES[n % 3], random).tolist(), "label": NAMES[n % 3]} for n in range(count)]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    read = SeriesFiles({split: f"{split}.jsonl" for split in ("train", "val", "test")}, columns=("level", "noise"))
    prepare_series(SeriesRecipe(read), folder / "data", folder=folder)
    return folder / "data"


def write_ink(folder: Path, odd: str = "") -> Path:
    """A prepared data set of texts as strokes, likewise; `odd` stands at the end of the first label of each split."""
    random = Random(2)
    for split, count in (("train", 90), ("val", 12), ("test", 30)):
        texts = ["".join(random.choices(LETTERS, k=random.randint(1, 4))) for _ in range(count)]
        (folder / f"{split}.jsonl").write_text(
            "".join(
                json.dumps({"strokes": ink(text), "label": text + odd * (number == 0)}) + "\n"
                for number, text in enumerate(texts)
            )
        )
    read = SeriesFiles({split: f"{split}.jsonl" for split in ("train", "val", "test")}, strokes="strokes")
    prepare_series(SeriesRecipe(read, target="text"), folder / "data", folder=folder)
    return folder / "data"


def tiny(target: str, **sections: Any) -> Experiment:
    """A config of a tiny model for curves (`label`) or ink (`ctc`); sections as mappings, which win."""
    base: dict[str, Any] = {
        "source": {"kind": "series", "front": {"width": 12, "layers": 2, "kernel": 3}},
        "target": {"kind": target},
        "model": {"encoder": {"hidden": 12, "layers": 1, "dropout": 0.0}},
        "batches": {"rows": 300, "max_length": 100},
        "optimizer": {"lr": 0.02},
        "schedule": {"warmup": 5},
        "training": {"steps": 40},
        "validation": {"every": 20, "samples": 1},
    }
    if target == "ctc":
        base["source"] |= {"features": "pen"}
        base["target"] |= {"vocabulary": {"kind": "characters", "alphabet": "data"}}
        base["training"] = {"steps": 100}
        base["validation"] = {"every": 50, "samples": 1, "metric": "cer"}
    values = {name: {**base.get(name, {}), **sections.get(name, {})} for name in {**base, **sections}}
    return experiment_from(values, "the test")
