"""No experiment has a key that does nothing: each is read by what trains, validates and uses its model."""

import dataclasses
import io
import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from types import FrameType
from typing import Any

import pytest
from rich.console import Console

import s2s
import s2s.config
from s2s.config.experiment import PAIRS
from s2s.training.run import train
from tests.system.flavours import prepare, small

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
