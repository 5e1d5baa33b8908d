"""A language of pictures that a tiny recogniser learns in seconds: a, b and c are bars, high, in the middle and low."""

from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import torch
from PIL import Image

from s2s.bundle.bundle import Bundle
from s2s.config.augmentation import Augmentation
from s2s.config.experiment import Experiment, experiment_from
from s2s.image.load import Pixels
from s2s.nn.model import build_model
from s2s.text.charset import Charset

TEXTS = ["".join(text) for length in (1, 2, 3, 4) for text in product("abc", repeat=length)]
Random(1).shuffle(TEXTS)
STILL = {name: 0.0 for name in vars(Augmentation()) if name.endswith("_chance")}
"""No augmentation."""


def draw(text: str, ink: int = 0, paper: int = 255) -> Pixels:
    """A picture (40, 20 characters) of a text, a little larger than the network's."""
    image = np.full((40, max(20, 20 * len(text))), paper, np.uint8)
    for place, character in enumerate(text):
        top, left = 3 + 12 * "abc".index(character), 20 * place + 6
        image[top : top + 8, left : left + 8] = ink
    return image


def write_folder(folder: Path, texts: list[str]) -> Path:
    """A folder of pictures with labels.tsv."""
    (folder / "images").mkdir(parents=True)
    for number, text in enumerate(texts):
        Image.fromarray(draw(text)).save(folder / "images" / f"{number:03}.png")
    lines = [f"images/{number:03}.png\t{text}\n" for number, text in enumerate(texts)]
    (folder / "labels.tsv").write_text("".join(lines), encoding="utf-8")
    return folder


def write_splits(folder: Path) -> Path:
    """A folder of 100 pictures to train on and 12 to validate."""
    write_folder(folder / "train", TEXTS[:100])
    write_folder(folder / "val", TEXTS[100:112])
    return folder


def bars_config(**sections) -> Experiment:
    """A config of a tiny recogniser; sections as mappings, which win."""
    base = {
        "charset": {"kind": "data"},
        "picture": {"max_width": 256},
        "augmentation": STILL,
        "model": {
            "backbone": {"width": 0.25},
            "encoder": {"hidden": 16, "layers": 1, "dropout": 0.0},
            "attention": {"size": 16, "heads": 2},
            "attention_decoder": {"embedding": 16, "hidden": 32, "dropout": 0.0},
        },
        "batches": {"pixels": 30_000},
        "optimizer": {"lr": 0.01},
        "schedule": {"warmup": 5},
        "training": {"steps": 20},
        "validation": {"every": 10, "samples": 1},
    }
    merged = {name: {**base.get(name, {}), **sections.get(name, {})} for name in {**base, **sections}}
    return experiment_from({"task": "recognition"} | merged, "the test")


def random_bundle(seed: int = 0, dtype: torch.dtype = torch.float32, **sections) -> Bundle:
    """A recogniser of random weights that reads something in everything."""
    config = bars_config(**sections)
    charset = Charset("abcdefg ")
    torch.manual_seed(seed)
    model = build_model(config, {"target": len(charset)}).to(dtype).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" not in name:
                parameter.normal_(std=1.5 / max(1, parameter[0].numel()) ** 0.5)
    return Bundle(model, config, {"target": charset})
