"""What an output must not be, judged step by step from its tokens so far: too short, or full of repetitions.

Each demand only lowers log-probabilities, so that none rises above 0 and what `Slots.settled` proves holds with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, Self

import torch
from torch import Tensor

from s2s.config.decoding import Search
from s2s.text.vocabulary import EOS


class Demand(Protocol):
    """One thing that is asked of every output of a batch."""

    def lower(self, log_probs: Tensor, tokens: Tensor) -> None:
        """Lower, in place, those `log_probs` (B,K,V) that it is against, after `tokens` (B,K,t), which begin with BOS.

        What it finds in closed slots, which are full of EOS, nobody looks at.
        """
        ...

    def select(self, sentences: Tensor) -> Self:
        """The demand on some of the sentences (B',)."""
        ...


@dataclass(frozen=True)
class LeastLength:
    """No end of sentence before so many tokens."""

    tokens: int

    def lower(self, log_probs: Tensor, tokens: Tensor) -> None:
        """See Demand."""
        if tokens.shape[2] - 1 < self.tokens:
            log_probs[:, :, EOS] = -torch.inf

    def select(self, sentences: Tensor) -> LeastLength:
        """See Demand."""
        return self


@dataclass(frozen=True)
class NoRepeat:
    """No sequence of `size` tokens twice (Paulus et al. 2018)."""

    size: int

    def lower(self, log_probs: Tensor, tokens: Tensor) -> None:
        """See Demand."""
        written = tokens[:, :, 1:]
        if written.shape[2] < self.size:
            return
        found = written.unfold(2, self.size, 1)  # (B,K,windows,size)
        last = written[:, :, written.shape[2] - self.size + 1 :].unsqueeze(2)
        again = (found[..., :-1] == last).all(3)
        against = torch.full_like(again, torch.inf, dtype=log_probs.dtype).masked_fill(again, -torch.inf)
        log_probs.scatter_reduce_(2, found[..., -1], against, "amin")

    def select(self, sentences: Tensor) -> NoRepeat:
        """See Demand."""
        return self


@dataclass(frozen=True)
class Repetition:
    """The log-probability of a token that stands in the output already is multiplied by a penalty of 1 or more.

    Keskar et al. (2019, section 4.1) do it to logits; log-probabilities have one sign, and stay at or below 0.
    """

    penalty: float

    def lower(self, log_probs: Tensor, tokens: Tensor) -> None:
        """See Demand."""
        written = tokens[:, :, 1:]
        log_probs.scatter_(2, written, log_probs.gather(2, written) * self.penalty)

    def select(self, sentences: Tensor) -> Repetition:
        """See Demand."""
        return self


def demands(decoding: Search) -> Iterator[Demand]:
    """Those that the decoding makes."""
    if decoding.repetition_penalty > 1:
        yield Repetition(decoding.repetition_penalty)
    if decoding.no_repeat_ngram:
        yield NoRepeat(decoding.no_repeat_ngram)
    if decoding.min_length:
        yield LeastLength(decoding.min_length)
