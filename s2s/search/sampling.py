"""Random outputs: ancestral, with temperature, top-k (Fan et al. 2018) and nucleus (Holtzman et al. 2020) sampling.

A token is drawn by the Gumbel-max trick (Gumbel 1954; Kool et al. 2019, section 2): every token's logit gets noise of
its own, and the largest sum wins. The noise is a hash of (seed, the sentence's key, the sample's number, the step, the
token), so a sentence's samples depend neither on the batch around it nor on the device. Nor do they on how it was cut:
logits that differ by at most d, as the float32 products of other shapes do by some 1e-6, give another token only where
two sums are within 2 d of each other, which has a probability of about 2 d however large the vocabulary is. Inversion
of the cumulated probabilities would shift the borders of all tokens that follow.
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
    probability. `keys` (B,) long distinguishes sentences. Scores are those of the model as it is.
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
    flat = log_probs.reshape(sentences * samples, -1)
    tokens = draw(flat, _mix(streams + step).flatten(), temperature, top_k, top_p)
    values = flat.gather(1, tokens.unsqueeze(1)).view(sentences, samples)
    closed = slots.closed
    values = torch.where(closed, slots.log_probs, slots.log_probs + values)
    return Growth(parents, tokens.view(sentences, samples).masked_fill(closed, EOS), values, closed)


def noise(keys: Tensor, seed: int, step: int) -> Tensor:
    """What the noise of a step is made of, for texts with different `keys` (R,) long; the `streams` of `draw`."""
    return _mix(_mix(keys + _signed(seed)) + step)


def draw(log_probs: Tensor, streams: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Tensor:
    """A token (R,) of each row (R,V); `streams` (R,) long is what the noise of a row is made of."""
    ids = torch.arange(log_probs.shape[1], device=log_probs.device)
    if 0 < top_k < log_probs.shape[1]:
        log_probs, ids = top(log_probs, top_k)
    elif top_p < 1:
        log_probs, ids = log_probs.sort(dim=1, descending=True, stable=True)
    logits = log_probs.double() / temperature
    if top_p < 1:
        probs = logits.softmax(1)
        logits.masked_fill_(probs.cumsum(1) - probs >= top_p, -torch.inf)  # the first always stays
    place = logits.add_(_gumbel(streams, ids)).argmax(1)
    return place if ids.dim() == 1 else ids.gather(1, place.unsqueeze(1)).squeeze(1)


def _gumbel(streams: Tensor, ids: Tensor) -> Tensor:
    """Gumbel noise (R,N) of each token of `ids`, (N,) or (R,N)."""
    bits = (_mix(streams.unsqueeze(1) + ids) >> 11) & ((1 << 53) - 1)
    uniform = bits.double().add_(0.5).mul_(2.0**-53)
    # -log(-log(1 - u)): exact where u is small, which is where the noise is large and the winners are.
    return uniform.neg_().log1p_().neg_().log_().neg_()


def _mix(x: Tensor) -> Tensor:
    """The output function of SplitMix64 (Steele et al. 2014) on int64, whose products wrap around."""
    x = x * _signed(0x9E3779B97F4A7C15)
    x = (x ^ ((x >> 30) & ((1 << 34) - 1))) * _signed(0xBF58476D1CE4E5B9)
    x = (x ^ ((x >> 27) & ((1 << 37) - 1))) * _signed(0x94D049BB133111EB)
    return x ^ ((x >> 31) & ((1 << 33) - 1))


def _signed(x: int) -> int:
    """The int64 with the lowest 64 bits of `x`."""
    return (x + (1 << 63)) % (1 << 64) - (1 << 63)
