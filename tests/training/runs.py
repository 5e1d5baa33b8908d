"""What two runs that should be the same are compared by."""

import csv
from pathlib import Path
from typing import Any

import torch

from s2s.bundle.load import load


def contents(folder: Path) -> Any:
    """What a run ends with, clocks apart."""
    checkpoint = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    del checkpoint["callbacks"]["journal"], checkpoint["s2s"]["config"]
    with (folder / "metrics.csv").open(newline="") as file:
        rows = [{key: value for key, value in row.items() if "second" not in key} for row in csv.DictReader(file)]
    return checkpoint, rows, (folder / "samples.txt").read_bytes(), load(folder).model.state_dict()


def assert_same(one: Any, other: Any) -> None:
    """Equal to the bit, wherever there is a number."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    else:
        assert one == other
