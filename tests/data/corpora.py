"""Small corpora on disk for the tests of readers and of prepare."""

from pathlib import Path

from s2s.config.recipe import Recipe
from s2s.config.strict import read
from s2s.data.prepare import prepare
from s2s.data.report import Report

OWN = """\
languages: [de, en]
base: {base}
read:
  kind: lines
  splits:
    train: {{source: train.de, target: train.en}}
    val: {{source: dev.de, target: dev.en}}
    test: {{source: test.de, target: test.en}}
"""
"""A corpus of one's own: eight lines."""


def write(folder: Path, **files: str | bytes) -> Path:
    """Write files whose names have a double underscore for the dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def write_corpus(folder: Path, train: int = 20) -> Path:
    """Write line-aligned train, dev and test files in German and English."""
    files = {}
    for split, size in (("train", train), ("dev", 3), ("test", 4)):
        files[f"{split}__de"] = "".join(f"{split} Satz {i}\n" for i in range(size))
        files[f"{split}__en"] = "".join(f"{split} sentence {i}\n" for i in range(size))
    return write(folder, **files)


def prepare_text(folder: Path, recipe: str, out: Path, source: str | None = None) -> Report:
    """Write a recipe's YAML into a folder and prepare it."""
    path = folder / "own.yaml"
    path.write_text(recipe, encoding="utf-8")
    return prepare(read(path, Recipe), out, source=source, folder=folder, name=str(path))
