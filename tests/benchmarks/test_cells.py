"""The comparison of cells measures what it says, and bigrams are counted right."""

import math

import pytest
import torch
from torch import Tensor

from benchmarks.bigrams import bits, pairs
from benchmarks.cells import BACK, Row, gradients, tables
from s2s.config.experiment import experiment_from
from s2s.nn.model import LanguageModel, build_model


def model(cell: str) -> LanguageModel:
    torch.manual_seed(0)
    part = {"cell": cell, "embedding": 6, "hidden": 5, "dropout": 0}
    values = {"source": {"kind": "none"}, "target": {"kind": "next"}, "model": {"decoder": part}}
    built = build_model(experiment_from(values, "here"), {"target": 9})
    assert isinstance(built, LanguageModel)
    return built.double().eval()


def loss_by_state(part: LanguageModel, read: Tensor, written: Tensor, back: int, moved: Tensor) -> float:
    """The loss of the last token when the state so many steps before it is moved."""
    state = part.decoder(read[:, : read.shape[1] - back], None).state
    values = iter(moved)
    state = state.map(lambda tensor: tensor + next(values))
    output = part.decoder(read[:, read.shape[1] - back :], None, state)
    return float(torch.nn.functional.cross_entropy(output.logits[:, -1], written[:, -1], reduction="sum"))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@torch.no_grad()
def test_the_gradient_through_time_is_the_slope_of_the_loss(cell: str) -> None:
    part, step = model(cell), 1e-5
    read, written = torch.randint(9, (1, 7)), torch.randint(9, (1, 7))
    with torch.enable_grad():
        norms = gradients(part, read, written)
    assert len(norms) == 7
    count = 2 if cell == "lstm" else 1
    for back in (1, 4):
        slopes = []
        for place in range(count * 5):
            moved = torch.zeros(count * 5, dtype=torch.float64)
            moved[place] = step
            up, down = (loss_by_state(part, read, written, back, sign * moved.view(count, 1, 1, 5)) for sign in (1, -1))
            slopes.append((up - down) / (2 * step))
        assert norms[back] == pytest.approx(math.hypot(*slopes), rel=1e-5)


def test_steps_to_a_score_are_those_of_the_first_validation_that_has_it() -> None:
    norms = [0.5**k for k in range(max(BACK) + 1)]
    rows = [
        Row("rnn", 1000, {25: 4.0, 50: 3.5}, 9.0, norms, norms),
        Row("gru", 3000, {25: 3.4, 50: 3.0}, 9.0, norms, norms),
    ]
    text = tables(rows)
    assert "| rnn | 1,000 | 3.500 | 50 | 9 |" in text
    assert "| gru | 3,000 | 3.000 | 25 | 9 |" in text
    assert "| rnn, trained | 5.0e-01 | 9.8e-04 |" in text
    assert rows[0].steps_to(1.0) is None


def test_bigrams_that_follow_each_other_like_coins_have_a_bit_each() -> None:
    import numpy as np

    coin = np.random.default_rng(0).integers(4, 6, 20_000)
    found = pairs(coin, 6)
    assert found.sum() == 20_000
    assert bits(found, found, 0) / 20_000 == pytest.approx(1, abs=0.001)
    turn = pairs(np.arange(20_000) % 2 + 4, 6)
    assert bits(turn, turn, 0) / 20_000 < 0.01
    assert bits(found, turn, 1) > bits(found, found, 1) > bits(found, found, 0)
