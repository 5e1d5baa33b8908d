"""One dataset and one segmentation for both: texts and subwords as JoeyNMT reads them, and its configs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.joeynmt.place import HERE
from s2s.config.experiment import read_experiment
from s2s.config.source import TextSource
from s2s.config.vocabulary import Pieces
from s2s.data.store import Prepared, open_dataset
from s2s.text.subwords import Subwords
from s2s.text.train_subwords import train_subwords

EQUAL = HERE / "equal.yaml"
TEST = "test_2016_flickr"
SPLITS = {"train": "train", "dev": "val", "test": TEST}
"""JoeyNMT's names of the splits, and ours."""


@dataclass(frozen=True)
class Material:
    """What both sides read."""

    data: Prepared
    work: Path
    """The benchmark's folder."""

    def references(self, split: str) -> list[str]:
        """The untouched targets of a split, by JoeyNMT's name of it."""
        return self.data.pairs(SPLITS[split])[1]

    def config(self, name: str, **changes: dict[str, Any]) -> Path:
        """Write joeynmt.yaml with its paths, for a model folder `name`, and return where.

        `changes` are put over the keys of a section, or of the model's encoder and decoder.
        """
        config: dict[str, Any] = yaml.safe_load((HERE / "joeynmt.yaml").read_text(encoding="utf-8"))
        config["data"] |= {split: str(self.work / "text" / split) for split in SPLITS}
        for side, language in zip(("src", "trg"), self.data.languages, strict=True):
            config["data"][side] |= {
                "lang": language,
                "voc_file": str(self.work / "subwords" / f"{side}.vocab"),
                "tokenizer_cfg": {"model_file": str(self.work / "subwords" / f"{side}.model")},
            }
        for section, keys in changes.items():
            (config["model"] if section in config["model"] else config)[section] |= keys
        config["model_dir"] = str(self.work / "models" / name)
        path = self.work / "configs" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return path


def vocabulary() -> Pieces:
    """The subwords of both sides."""
    source = read_experiment(EQUAL).source
    assert isinstance(source, TextSource)
    return source.vocabulary


def open_material(data: Path, work: Path) -> Material:
    """The material in `work`, written if it is not there yet."""
    material = Material(open_dataset(data), work)
    config = vocabulary()
    done, state = work / "subwords" / "made-of", f"{material.data.fingerprint} {config}"
    if not done.exists() or done.read_text(encoding="utf-8") != state:
        _write_texts(material)
        _write_subwords(material, config)
        done.write_text(state, encoding="utf-8")
    return material


def _write_texts(material: Material) -> None:
    """A file a split and side; every line begins with a space, because our subwords begin with one."""
    folder = material.work / "text"
    folder.mkdir(parents=True, exist_ok=True)
    for name, split in SPLITS.items():
        for language, lines in zip(material.data.languages, material.data.pairs(split), strict=True):
            text = "".join(f" {line}\n" for line in lines)
            if len(text.splitlines()) != len(lines):
                raise SystemExit(f"{split}: JoeyNMT would cut some {language} lines in two, or lose empty ones")
            (folder / f"{name}.{language}").write_text(text, encoding="utf-8", newline="\n")


def _write_subwords(material: Material, config: Pieces) -> None:
    """The vocabularies that `s2s train` makes of equal.yaml: SentencePiece's model, and its pieces line by line."""
    folder = material.work / "subwords"
    folder.mkdir(parents=True, exist_ok=True)
    for side, lines in zip(("src", "trg"), material.data.pairs("train"), strict=True):
        vocabulary: Subwords = train_subwords(lines, config)
        vocabulary.save(folder / f"{side}.model")
        pieces = vocabulary.pieces(range(4, len(vocabulary)))  # JoeyNMT puts its own specials before them
        (folder / f"{side}.vocab").write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
