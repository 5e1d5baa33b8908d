"""A model and a dataset for the commands that need them."""

from pathlib import Path

import pytest

from tests.bars import TEXTS, random_bundle, write_folder
from tests.tiny import TEXT, tiny_bundle


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model directory."""
    from s2s.bundle.save import save

    path = tmp_path_factory.mktemp("run") / "model"
    save(path, tiny_bundle(max_source=30))
    return path


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny prepared dataset, en to de, with splits train, val and test."""
    from s2s.config.recipe import Recipe
    from s2s.config.strict import read
    from s2s.data.prepare import prepare

    folder = tmp_path_factory.mktemp("corpus")
    pairs = [f"{TEXT[place]} {number}\t{TEXT[place + 1]} {number}\n" for number in range(12) for place in (0, 2, 4)]
    (folder / "train.tsv").write_text("".join(pairs[:24]))
    (folder / "val.tsv").write_text("".join(pairs[24:30]))
    (folder / "test.tsv").write_text("".join(pairs[30:]))
    (folder / "own.yaml").write_text(
        "languages: [en, de]\nread: {kind: tsv, splits: {train: train.tsv, val: val.tsv, test: test.tsv}}\n"
    )
    prepare(read(folder / "own.yaml", Recipe), folder / "data", folder=folder, name="own", command="")
    return folder / "data"


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model directory of a recogniser, which reads nonsense."""
    from s2s.bundle.save import save

    path = tmp_path_factory.mktemp("reader") / "model"
    save(path, random_bundle())
    return path


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures with splits train, val and test."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, texts in {"train": TEXTS[:60], "val": TEXTS[60:70], "test": TEXTS[70:80]}.items():
        write_folder(folder / name, texts)
    return folder
