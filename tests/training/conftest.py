"""What the tests of training share."""

from pathlib import Path

import pytest

from tests.bars import TEXTS, write_folder
from tests.training.tiny import numbers, write_dataset


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    pairs = numbers()
    splits = {"train": pairs.keep(list(range(100))), "val": pairs.keep(list(range(100, 112)))}
    return write_dataset(tmp_path_factory.mktemp("data") / "numbers", splits)


@pytest.fixture(scope="session")
def bars(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bars")
    write_folder(folder / "train", TEXTS[:100])
    write_folder(folder / "val", TEXTS[100:112])
    return folder
