"""The embedded corpus is hard enough to show a broken decoder: without attention the same steps get nowhere near."""

from pathlib import Path

import pytest

from s2s.config.experiment import Experiment, experiment_from
from s2s.config.recipe import Recipe
from s2s.config.strict import from_dict
from s2s.data.prepare import prepare
from s2s.training.run import train

SIZES = {"train": 6000, "val": 100, "test": 100}


def config(attention: str) -> Experiment:
    """A small model, 400 steps."""
    plain = {"embedding": 96, "dropout": 0, "embedding_dropout": 0}
    return experiment_from(
        {
            "subwords": {"size": 1500},
            "model": {
                "share_embeddings": True,
                "encoder": {**plain, "hidden": 96},
                "attention": {"kind": attention, "size": 96, "heads": 1},
                "decoder": {**plain, "hidden": 128},
            },
            "loss": {"label_smoothing": 0},
            "batches": {"tokens": 1024},
            "optimizer": {"lr": 0.004},
            "schedule": {"warmup": 50},
            "training": {"steps": 400, "ema": 0.98},
            "validation": {"every": 400, "beam": 1, "samples": 0},
        },
        "the test",
    )


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_without_attention_the_same_steps_stay_ten_bleu_lower(tmp_path: Path) -> None:
    recipe = from_dict({"languages": ["en", "de"], "read": {"kind": "phrases", **SIZES}}, Recipe, "the test")
    prepare(recipe, tmp_path / "data")
    best = {kind: train(config(kind), tmp_path / "data", tmp_path / kind).best for kind in ("multihead", "none")}
    assert best["multihead"] is not None
    assert best["none"] is not None
    assert best["multihead"] > best["none"] + 10
