"""What tiny models come to from a fixed seed, recorded: whatever quietly changes training or search shows here.

Recorded with torch 2.13 on an x86 CPU. In double precision, which rounds everything otherwise than any other CPU or
version could, losses were the same to six digits (translator), within 0.02 % (reader) and 0.7 % (its validation).
A change that is meant to change training records them anew, and says so in the change log.
"""

import csv

import pytest

from s2s.training.run import train
from tests.bars import TEXTS, bars_config, write_folder
from tests.training.tiny import numbers, silent, tiny, write_dataset

STILL = {"dropout": 0.0, "embedding_dropout": 0.0}


def outcome(config, data, folder):
    """The last training loss and the last validation's scores."""
    train(config, data, folder, device="cpu", threads=1, console=silent())
    with (folder / "metrics.csv").open(newline="") as file:
        *_, training, validation = csv.DictReader(file)
    scores = {name.removeprefix("validation_"): value for name, value in validation.items() if "validation" in name}
    return float(training["loss"]), {name: float(value) for name, value in scores.items()}


def test_a_translator(tmp_path):
    pairs = numbers()
    splits = {"train": pairs.keep(list(range(450))), "val": pairs.keep(list(range(450, 512)))}
    config = tiny(
        model={
            "encoder": {"embedding": 16, "hidden": 16, **STILL},
            "attention": {"size": 16},
            "decoder": {"embedding": 16, "hidden": 24, **STILL},
        },
        loss={"label_smoothing": 0.0},
        batches={"tokens": 400, "max_length": 60},
        optimizer={"lr": 0.01},
        schedule={"warmup": 20},
        training={"steps": 150},
        validation={"every": 150, "metric": "chrf"},
    )
    loss, scores = outcome(config, write_dataset(tmp_path / "data", splits), tmp_path / "run")
    assert loss == pytest.approx(0.081870, rel=0.01)
    assert scores["loss"] == pytest.approx(0.07959, rel=0.01)
    assert scores["chrf"] == pytest.approx(100, abs=2)


def test_a_reader(tmp_path):
    write_folder(tmp_path / "data" / "train", TEXTS[:100])
    write_folder(tmp_path / "data" / "val", TEXTS[100:])
    config = bars_config(
        model={
            "backbone": {"width": 0.08, "blocks": [1, 0, 0, 0]},
            "encoder": {"hidden": 8, "layers": 1, "dropout": 0.0},
        },
        training={"steps": 30},
        validation={"every": 30},
    )
    loss, scores = outcome(config, tmp_path / "data", tmp_path / "run")
    assert loss == pytest.approx(0.47107, rel=0.01)
    assert scores["loss"] == pytest.approx(0.16052, rel=0.03)
    assert scores["blanks"] == pytest.approx(50, abs=2)
    assert scores["word_accuracy"] == 100
