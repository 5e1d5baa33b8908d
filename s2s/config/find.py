"""Shipped configs, recipes and models by name, from a checkout or from an installed package."""

from pathlib import Path
from typing import Literal

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean

Folder = Literal["configs", "recipes", "models"]

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped(folder: Folder) -> dict[str, Path]:
    """The shipped files of a folder by their name: `translation/multi30k` -> .../translation/multi30k.yaml."""
    root = home(folder)
    return {path.relative_to(root).with_suffix("").as_posix(): path for path in sorted(root.rglob("*.yaml"))}


def home(folder: Folder) -> Path:
    """Where the shipped files of a folder are: inside an installed package, or beside the package in a checkout."""
    installed = _PACKAGE / "share" / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder


def find(folder: Folder, name: str | Path) -> Path:
    """The file that `name` means: a path, a shipped name, or either without its `.yaml`, in this order.

    RequestError if there is none, naming the nearest shipped one.
    """
    path = Path(name)
    if path.is_file():
        return path
    known = shipped(folder)
    if (match := known.get(str(name).removesuffix(".yaml").removeprefix(f"{folder}/"))) is not None:
        return match
    with_suffix = path.with_name(path.name + ".yaml") if path.name else path
    if with_suffix.is_file():
        return with_suffix
    raise RequestError(f'there is no {folder.removesuffix("s")} "{name}"{did_you_mean(str(name), known)}')
