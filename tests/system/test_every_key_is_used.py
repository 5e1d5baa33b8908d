"""No experiment has a key that does nothing: each is read by what trains, validates and uses its model."""

import dataclasses
import io
import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from PIL import Image
from rich.console import Console

import s2s
import s2s.config
from s2s.config.experiment import PAIRS, Experiment, experiment_from
from s2s.config.text_recipe import Text, TextRecipe
from s2s.data.pairs import Pairs
from s2s.data.plain_text import prepare_text
from s2s.training.run import train
from tests.bars import draw, write_splits
from tests.training.tiny import write_dataset, write_numbers

WIDTHS = {"encoder": {"hidden": 8}, "attention": {"size": 8}, "decoder": {"hidden": 8}}
COPIED = {"s2s.bundle.description", "dataclasses", "copy"}
"""What reads all keys alike, to store or to check them."""


def classes() -> Iterator[type]:
    for module in pkgutil.iter_modules(s2s.config.__path__, "s2s.config."):
        for one in vars(import_module(module.name)).values():
            if dataclasses.is_dataclass(one) and isinstance(one, type) and one.__module__ == module.name:
                yield one


def is_use(frame: FrameType, kind: type) -> bool:
    """Whether a key is read to do something with it: not by what checks, copies or prints whole configs."""
    module = frame.f_globals.get("__name__", "")
    if module.startswith("s2s.config"):
        return isinstance(getattr(kind, frame.f_code.co_name, None), property)
    return module not in COPIED


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Class and name of every key that has been read."""
    found: set[tuple[str, str]] = set()

    def watch(kind: type) -> None:
        names = {one.name for one in dataclasses.fields(kind)}

        def read(self: Any, name: str) -> Any:
            if name in names and is_use(sys._getframe(1), type(self)):
                found.add((type(self).__name__, name))
            return object.__getattribute__(self, name)

        monkeypatch.setattr(kind, "__getattribute__", read, raising=False)

    for kind in classes():
        watch(kind)
    return found


def keys(part: Any, prefix: str = "") -> Iterator[tuple[str, tuple[str, str]]]:
    """The dotted keys of a config, each with its class and name."""
    for one in dataclasses.fields(part):
        value = object.__getattribute__(part, one.name)
        if dataclasses.is_dataclass(value):
            yield from keys(value, f"{prefix}{one.name}.")
        else:
            yield f"{prefix}{one.name}", (type(part).__name__, one.name)


def prepare(source: str, target: str, folder: Path) -> tuple[Path, Any]:
    """A dataset for a source and a target, and an input for a model of it."""
    if source == "image":
        write_splits(folder)
        labels = folder / "train" / "labels.tsv"
        rows = labels.read_text().splitlines()
        labels.write_text("\n".join([*rows[:-1], rows[-1] + "\u00e4"]), encoding="utf-8")  # the alphabet lacks it
        return folder, Image.fromarray(draw("ab"))
    if source == "none":
        (folder / "text.txt").write_text("".join(f"{number}\n" for number in range(200)))
        prepare_text(TextRecipe(Text({"train": "text.txt"}, hold_out={"val": 0.1})), folder / "data", folder=folder)
        return folder / "data", "1"
    if target == "label":
        some = Pairs(["good", "so good", "bad", "so bad"] * 8, ["yes", "yes", "no", "no"] * 8)
        return write_dataset(folder / "data", {"train": some, "val": some.keep([0, 2])}, ("en", "label")), "good"
    return write_numbers(folder / "data"), "one two"


def small(source: str, target: str) -> Experiment:
    """Two steps of a small model, whatever else it does left at its default."""
    values: dict[str, Any] = {"source": {"kind": source}, "target": {"kind": target}}
    plain = experiment_from(values, "here")
    values["model"] = {name: WIDTHS[name] for name in vars(plain.model) if name in WIDTHS}
    values["training"], values["validation"] = {"steps": 2}, {"every": 1}
    values["schedule"] = {"warmup": 1}
    if source == "text":
        values["source"] = {"kind": "text", "vocabulary": {"kind": "unigram", "size": 300}}
    if source == "image":
        values["target"] = {"kind": target, "vocabulary": {"kind": "characters", "unknown": "skip"}}
    if target == "next":
        values["target"] = {"kind": "next", "vocabulary": {"kind": "char", "size": 300}, "window": 16}
    return experiment_from(values, "here")


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_key_is_used(pair, used, tmp_path):
    data, one = prepare(*pair, tmp_path)
    config = small(*pair)
    train(config, data, tmp_path / "run", device="cpu", threads=1, console=Console(file=io.StringIO()))
    model = s2s.load(tmp_path / "run", "cpu")
    if hasattr(model, "generate"):
        model.generate(one, 3)
        model.score([one])
    else:
        model(one)
    idle = {key for key, place in keys(config) if place not in used and not key.endswith(".kind")}
    assert idle == set()
