"""What the tests of training share."""

from pathlib import Path

import pytest

from tests.bars import write_splits
from tests.training.tiny import write_numbers


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    return write_numbers(tmp_path_factory.mktemp("data") / "numbers")


@pytest.fixture(scope="session")
def bars(tmp_path_factory) -> Path:
    return write_splits(tmp_path_factory.mktemp("bars"))
