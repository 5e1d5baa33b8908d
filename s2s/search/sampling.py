"""Random outputs: ancestral, with temperature, top-k (Fan et al. 2018) and nucleus (Holtzman et al. 2020) sampling.

The random number of a step is a hash of (seed, the sentence's key, the sample's number, the step): a sentence's samples
do not depend on its company, nor on the device.
"""

from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from s2s.search.drive import drive
from s2s.search.hypothesis import Hypothesis
from s2s.search.rules import Rules
from s2s.search.scoring import Penalties
from s2s.search.slots import Growth, Slots
from s2s.search.steps import Steps
from s2s.search.top import top
from s2s.text.vocabulary import EOS

Inputs = TypeVar("Inputs")
State = TypeVar("State")


def sample(
    steps: Steps[Inputs, State],
    inputs: Inputs,
    rules: Rules,
    keys: Tensor,
    seed: int,
    samples: int = 1,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    penalties: Penalties | None = None,
    attention: bool = False,
) -> list[list[Hypothesis]]:
    """`samples` outputs of each sentence, the best scored first, drawn after dividing logits by `temperature`.

    Only the `top_k` most probable tokens are drawn from (0: all), and of these only the fewest that hold `top_p` of the
    probability. `keys` (B,) long tells sentences apart. Scores are those of the model as it is.
    Raises ValueError for a temperature that is not above 0, a `top_p` outside (0, 1] or a `top_k` below 0.
    """
    if not temperature > 0 or not 0 < top_p <= 1 or top_k < 0 or samples < 1:
        raise ValueError(f"cannot sample with {samples=}, {temperature=}, {top_k=}, {top_p=}")
    streams = _mix(_mix(keys + _signed(seed)).unsqueeze(1) + torch.arange(samples, device=keys.device))  # (B,N)
    grow = partial(_grow, streams=streams, temperature=temperature, top_k=top_k, top_p=top_p)
    return drive(steps, inputs, rules, grow, penalties or Penalties(), samples, attention)


def _grow(
    slots: Slots, log_probs: Tensor, step: int, streams: Tensor, temperature: float, top_k: int, top_p: float
) -> Growth:
    streams = streams[slots.rows]
    sentences, samples = streams.shape
    parents = None
    if slots.scores.shape[1] < samples:  # the first step: every sample starts from the one empty hypothesis
        parents = torch.zeros_like(streams)
        slots = slots.reorder(parents)
        log_probs = log_probs.expand(-1, samples, -1)
    uniform = ((_mix(streams + step) >> 11) & ((1 << 53) - 1)).double() * 2.0**-53
    flat = log_probs.reshape(sentences * samples, -1)
    tokens = _draw(flat, uniform.flatten(), temperature, top_k, top_p)
    values = flat.gather(1, tokens.unsqueeze(1)).view(sentences, samples)
    closed = slots.closed
    values = torch.where(closed, slots.log_probs, slots.log_probs + values)
    return Growth(parents, tokens.view(sentences, samples).masked_fill(closed, EOS), values, closed)


def _draw(log_probs: Tensor, uniform: Tensor, temperature: float, top_k: int, top_p: float) -> Tensor:
    """A token (R,) of each row (R,V) by inversion: where the cumulated probability passes `uniform` (R,)."""
    ids = None
    if 0 < top_k < log_probs.shape[1]:
        log_probs, ids = top(log_probs, top_k)
    elif top_p < 1:
        log_probs, ids = log_probs.sort(dim=1, descending=True, stable=True)
    probs = (log_probs.double() / temperature).softmax(1)
    cumulated = probs.cumsum(1)
    if top_p < 1:
        probs = probs.masked_fill(cumulated - probs >= top_p, 0)  # the first always stays
        cumulated = probs.cumsum(1)
    total = cumulated[:, -1:]
    reached = (uniform.unsqueeze(1) * total).minimum(total.nextafter(torch.zeros_like(total)))
    place = torch.searchsorted(cumulated, reached, right=True)
    return (place if ids is None else ids.gather(1, place)).squeeze(1)


def _mix(x: Tensor) -> Tensor:
    """The output function of SplitMix64 (Steele et al. 2014) on int64, whose products wrap around."""
    x = x * _signed(0x9E3779B97F4A7C15)
    x = (x ^ ((x >> 30) & ((1 << 34) - 1))) * _signed(0xBF58476D1CE4E5B9)
    x = (x ^ ((x >> 27) & ((1 << 37) - 1))) * _signed(0x94D049BB133111EB)
    return x ^ ((x >> 31) & ((1 << 33) - 1))


def _signed(x: int) -> int:
    """The int64 with the lowest 64 bits of `x`."""
    return (x + (1 << 63)) % (1 << 64) - (1 << 63)
