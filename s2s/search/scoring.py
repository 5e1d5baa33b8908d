"""Scores: the penalties of Wu et al. (2016, section 7), and the forced score of a given output."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

import torch
from torch import Tensor

from s2s.search.steps import Steps
from s2s.text.vocabulary import BOS, EOS, PAD

Inputs = TypeVar("Inputs")
State = TypeVar("State")

_TINY = 1e-9  # a source position that got no attention costs log(1e-9), not infinity


@dataclass(frozen=True)
class Penalties:
    """score = log_prob / ((5 + length) / 6) ** alpha + beta * sum over source positions of log(min(attention, 1)).

    `length` counts the end of sentence; attention is summed over the output. Raises ValueError outside [0, 10].
    """

    length: float = 1.0
    """alpha"""
    coverage: float = 0.0
    """beta"""

    def __post_init__(self) -> None:
        if not (0 <= self.length <= 10 and 0 <= self.coverage <= 10):
            raise ValueError(f"penalties must be between 0 and 10, not {self.length} and {self.coverage}")

    def divisors(self, longest: int) -> list[float]:
        """What a log-probability is divided by at each length from 0 to `longest`; never falls."""
        return list(accumulate((((5 + length) / 6) ** self.length for length in range(longest + 1)), max))

    def uncovered(self, coverage: Tensor, sources: Tensor) -> Tensor:
        """The coverage term (B,K), not above 0, of `coverage` (B,K,S) over the real positions `sources` (B,S)."""
        logs = coverage.double().clamp(_TINY, 1).log()
        return self.coverage * logs.masked_fill(~sources.unsqueeze(1), 0).sum(-1)


def force(
    steps: Steps[Inputs, State], inputs: Inputs, targets: Sequence[Sequence[int]], device: torch.device
) -> Tensor:
    """Log-probability (B,) of each target, its end of sentence included, read step by step from whatever `steps` is.

    `targets`: ids without BOS and EOS, one list a sentence.
    """
    width = max(len(target) for target in targets) + 1
    rows = [[*target, EOS] + [PAD] * (width - len(target) - 1) for target in targets]
    outputs = torch.tensor(rows, device=device)  # (B,T)
    lengths = torch.tensor([len(target) + 1 for target in targets], device=device)
    tokens = torch.full((len(targets), 1), BOS, device=device)
    state = steps.start(inputs)
    parts = []
    for step in range(width):
        log_probs, _, state = steps.step(tokens, state)
        tokens = outputs[:, step : step + 1]
        parts.append(log_probs[:, 0].double().gather(1, tokens))
    scored = torch.arange(width, device=device) < lengths.unsqueeze(1)
    return torch.cat(parts, 1).masked_fill(~scored, 0).sum(1)
