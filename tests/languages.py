"""Language models small enough to be built anywhere: random weights, a vocabulary of `tests.tiny` or of letters."""

from functools import cache

import torch

from s2s.bundle.bundle import Bundle
from s2s.config.experiment import experiment_from
from s2s.config.vocabulary import Pieces
from s2s.nn.model import build_model
from s2s.text.train_subwords import train_subwords
from s2s.text.vocabulary import EOS
from tests.tiny import subwords


@cache
def letters(seen="abcdef"):
    """A vocabulary of characters."""
    return train_subwords([" ".join(seen)] * 3, Pieces("char", 300))


def language_bundle(vocabulary=None, seed=0, dtype=torch.float32) -> Bundle:
    """A language model of a vocabulary; by default of the tiny translators' joint one."""
    vocabulary = vocabulary or subwords()
    values = {
        "source": {"kind": "none"},
        "target": {"kind": "next", "vocabulary": {"kind": "bpe" if vocabulary is subwords() else "char", "size": 330}},
        "model": {"decoder": {"embedding": 8, "hidden": 8, "layers": 1}},
    }
    config = experiment_from(values, "the test")
    torch.manual_seed(seed)
    model = build_model(config, {"target": len(vocabulary)}).to(dtype).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.7)
        model.decoder.output.bias[EOS] = -2.0
    return Bundle(model, config, {"target": vocabulary})
