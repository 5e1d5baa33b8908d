"""A decoder whose only way through time is its last output: what it is, what it can learn and what it cannot."""

import math
from dataclasses import replace

import pytest
import torch

from s2s.config.model import Decoder, PlainDecoder
from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.losses import cross_entropy
from s2s.text.vocabulary import BOS

from .options import OUTPUT, SMALL, build, decoder

V = 12


@pytest.mark.parametrize("config", OUTPUT.values(), ids=OUTPUT.keys())
@torch.no_grad()
def test_what_follows_depends_on_the_source_and_the_last_token_alone(config):
    torch.manual_seed(0)
    model = build(config, V, V).double().eval()
    source, lengths = torch.randint(4, V, (2, 5)), torch.full((2,), 5)
    tokens = torch.cat([torch.full((2, 1), BOS), torch.randint(4, V, (2, 6))], 1)
    other = torch.cat([torch.full((2, 1), BOS), torch.randint(4, V, (2, 3)), tokens[:, 6:]], 1)
    logits = model(source, lengths, tokens).logits
    torch.testing.assert_close(model(source, lengths, other).logits[:, -1], logits[:, -1])
    assert not torch.allclose(model(source.flip(1), lengths, tokens).logits[:, -1], logits[:, -1])


def learn(recurrence: str, cell: str, cycle: list[int]) -> float:
    """The loss of a token, in nats, that a language model comes to on a text that repeats a cycle."""
    torch.manual_seed(0)
    part = PlainDecoder(cell, recurrence, embedding=8, hidden=12, dropout=0.0, embedding_dropout=0.0)
    model = RecurrentDecoder(part, vocabulary=8)
    text = torch.tensor([cycle * 8]) + 4
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.03)
    for _ in range(150):
        loss, nll = cross_entropy(model(text[:, :-1], None).logits.flatten(0, 1), text[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return float(nll) / (text.numel() - 1)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_it_learns_what_the_last_output_decides_and_cannot_count(cell):
    assert learn("output", cell, [0, 1, 2, 3]) < 0.05
    # After a 0 comes a 0 as often as a 1: nobody who sees the last token alone can do better than a coin.
    assert learn("output", cell, [0, 0, 1, 1]) == pytest.approx(math.log(2), abs=0.02)
    assert learn("hidden", cell, [0, 0, 1, 1]) < 0.1


def test_it_has_the_weights_of_hidden_recurrence():
    hidden, output = (build(one, V, V).state_dict() for one in (SMALL, OUTPUT["output_default"]))
    assert {name: one.shape for name, one in hidden.items()} == {name: one.shape for name, one in output.items()}


def test_training_does_not_loop_over_time(monkeypatch):
    model = build(OUTPUT["output_default"], V, V).train()
    (layer,) = model.decoder.layers
    calls, step = [], layer.step
    monkeypatch.setattr(layer, "step", lambda *given: calls.append(given) or step(*given))
    model(torch.full((2, 3), 5), torch.full((2,), 3), torch.full((2, 40), 5))
    assert len(calls) == 1


@pytest.mark.parametrize("other", [{"input_feeding": True}, {"weight_drop": 0.1}])
def test_what_makes_no_sense_with_it_is_refused_by_name(other):
    with pytest.raises(ValueError, match=f"{next(iter(other))} must be .* with recurrence: output"):
        decoder(recurrence="output", **other)
    assert replace(Decoder(), **other).recurrence == "hidden"
