"""What the tests of training share."""

from pathlib import Path

import pytest

from tests.training.tiny import numbers, write_dataset


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    pairs = numbers()
    splits = {"train": pairs.keep(list(range(100))), "val": pairs.keep(list(range(100, 112)))}
    return write_dataset(tmp_path_factory.mktemp("data") / "numbers", splits)
