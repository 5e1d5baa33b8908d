"""The benchmark beside JoeyNMT compares what it says it compares."""

from pathlib import Path

import pytest
import torch
import yaml

from benchmarks.joeynmt.installation import Patch, mend
from benchmarks.joeynmt.material import EQUAL
from benchmarks.joeynmt.ours import sizes
from benchmarks.joeynmt.place import HERE
from s2s.config.experiment import read_experiment
from s2s.nn.model import build_model


def test_both_sides_have_the_same_sizes() -> None:
    ours = read_experiment(EQUAL)
    theirs = yaml.safe_load((HERE / "joeynmt.yaml").read_text(encoding="utf-8"))
    for one, other in (
        (ours.model.encoder, theirs["model"]["encoder"]),
        (ours.model.decoder, theirs["model"]["decoder"]),
    ):
        assert one.embedding == other["embeddings"]["embedding_dim"]
        assert (one.hidden, one.layers, one.cell) == (other["hidden_size"], other["num_layers"], other["rnn_type"])
        assert one.dropout == other["dropout"]
    training = theirs["training"]
    assert (training["batch_type"], training["batch_size"]) == ("token", ours.batches.tokens)
    assert training["label_smoothing"] == ours.loss.label_smoothing
    assert training["learning_rate"] == ours.optimizer.lr
    assert training["clip_grad_norm"] == ours.optimizer.clip_norm


@pytest.mark.parametrize(("readout", "mflop"), [(256, 46), (512, 64)])
def test_operations_a_token_are_what_the_readme_says(readout: int, mflop: int) -> None:
    config = read_experiment(EQUAL, [("model.decoder.embedding", str(readout))])
    with torch.device("meta"):
        model = build_model(config, dict.fromkeys(("source", "target"), config.source.vocabulary.size))
    assert round(6 * sizes(model)["matrices"] / 1e6) == mflop


def test_patches_apply_once_and_refuse_another_version(tmp_path: Path) -> None:
    patches = [Patch("a.py", "old(1)", "new(1, 2)")]
    (tmp_path / "a.py").write_text("x = old(1)\n")
    for _ in range(2):
        mend(tmp_path, patches)
        assert (tmp_path / "a.py").read_text() == "x = new(1, 2)\n"
    (tmp_path / "a.py").write_text("x = something(1)\n")
    with pytest.raises(SystemExit, match="cannot find"):
        mend(tmp_path, patches)
