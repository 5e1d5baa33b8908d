"""A translator small enough to be built anywhere: real subwords, random weights that end their outputs."""

from functools import cache

import torch

from s2s.bundle.bundle import Bundle
from s2s.config.experiment import experiment_from
from s2s.config.vocabulary import Pieces
from s2s.nn.model import build_model
from s2s.text.train_subwords import train_subwords
from s2s.text.vocabulary import EOS

TEXT = [
    "A dog runs over the green meadow.",
    "Ein Hund rennt über die grüne Wiese.",
    "Two men are talking in front of a shop.",
    "Zwei Männer reden vor einem Laden.",
    "The child sleeps; nobody speaks, nothing moves.",
    "Das Kind schläft, niemand spricht.",
] * 3


@cache
def vocabulary(size: int = 330):
    return train_subwords(TEXT, Pieces("bpe", size))


def tiny_bundle(
    kind: str = "multihead",
    joint: bool = True,
    tied: bool = True,
    seed: int = 0,
    max_source: int | None = None,
    dtype: torch.dtype = torch.float32,
    beam: int = 3,
) -> Bundle:
    source = vocabulary()
    target = source if joint else vocabulary(300)
    vocabulary = {"kind": "bpe", "size": 330}
    values = {
        "source": {"kind": "text", "vocabulary": vocabulary},
        "target": {"kind": "text", "vocabulary": "source" if joint else vocabulary},
        "model": {
            "encoder": {"embedding": 8, "hidden": 4},
            "attention": {"kind": kind, "size": 8, "heads": 2},
            "decoder": {"embedding": 8, "hidden": 8, "tied": tied},
            "share_embeddings": joint,
        },
        "batches": {"max_length": 40},
        "decoding": {"beam": beam, "max_ratio": 1.5, "max_extra": 3},
    }
    config = experiment_from(values, "the test")
    torch.manual_seed(seed)
    model = build_model(config, {"source": len(source), "target": len(target)}).to(dtype).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.7)
        model.decoder.output.bias[EOS] = 5.0
    return Bundle(model, config, {"source": source, "target": target}, ("en", "de"), max_source)
