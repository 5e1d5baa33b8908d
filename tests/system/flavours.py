"""A tiny data set and a small config for every pair of a source and a target."""

from pathlib import Path
from typing import Any

from PIL import Image

from s2s.config.experiment import Experiment, experiment_from
from s2s.config.text_recipe import Text, TextRecipe
from s2s.data.pairs import Pairs
from s2s.data.plain_text import prepare_text
from s2s.data.series.store import open_series
from tests.bars import TEXTS, draw, write_splits
from tests.series import write_curves, write_ink
from tests.training.tiny import numbers, write_dataset, write_numbers

WIDTHS = {"encoder": {"hidden": 8}, "attention": {"size": 8}, "decoder": {"hidden": 8}}


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
    if source == "series":
        data = write_curves(folder) if target == "label" else write_ink(folder, "\u00e4")  # the alphabet lacks it
        return data, open_series(data).read("test").series[0]
    if target == "label":
        some = Pairs(["good", "so good", "bad", "so bad"] * 8, ["yes", "yes", "no", "no"] * 8)
        return write_dataset(folder / "data", {"train": some, "val": some.keep([0, 2])}, ("en", "label")), "good"
    return write_numbers(folder / "data"), "one two"


def several(source: str, target: str, data: Path) -> list[Any]:
    """Inputs of several lengths for a model of that data."""
    if source == "image":
        return [draw(text) for text in TEXTS[:9]]
    if source == "series":
        return list(open_series(data).read("test").series[:9])
    return [*numbers().source[:8], "one", "one two three four five six seven eight"]


def small(source: str, target: str, steps: int = 2) -> Experiment:
    """Some steps of a small model, whatever else it does left at its default."""
    values: dict[str, Any] = {"source": {"kind": source}, "target": {"kind": target}}
    plain = experiment_from(values, "here")
    values["model"] = {name: WIDTHS[name] for name in vars(plain.model) if name in WIDTHS}
    values["training"], values["validation"] = {"steps": steps}, {"every": steps // 2}
    values["schedule"] = {"warmup": 1}
    if source == "text":
        values["source"] = {"kind": "text", "vocabulary": {"kind": "unigram", "size": 300}}
    if target == "ctc" or source == "image":
        values["target"] = {"kind": target, "vocabulary": {"kind": "characters", "unknown": "skip"}}
    if (source, target) == ("series", "ctc"):
        values["source"] = {"kind": "series", "features": "pen"}
    if target == "next":
        values["target"] = {"kind": "next", "vocabulary": {"kind": "char", "size": 300}, "window": 16}
    return experiment_from(values, "here")
