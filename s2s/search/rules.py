"""What an output may look like, sentence by sentence."""

from dataclasses import dataclass

import torch
from torch import Tensor

from s2s.config.decoding import Search


def most_tokens(steps: Tensor, decoding: Search) -> Tensor:
    """(B,) the most tokens of each output, its end counted, for inputs of so many `steps` (B,) of their own."""
    return (steps.double() * decoding.max_ratio + decoding.max_extra).long().clamp(min=1) + 1


@dataclass(frozen=True)
class Rules:
    """Limits of a batch of B sentences, each with its own, so that the rest of the batch cannot change its output."""

    limits: Tensor
    """(B,) long, 1 or more: the most tokens of an output, its end of sentence counted."""
    suppressed: Tensor
    """(N,) long: ids that are not to be emitted. The others keep their probabilities, so scores stay the model's."""
    sources: Tensor | None = None
    """(B,S) bool, True at real source positions: what attention is cut to and the coverage penalty sums over."""

    def forbid(self, log_probs: Tensor) -> Tensor:
        """`log_probs` (...,V) with the forbidden ids put to minus infinity, in place."""
        return log_probs.index_fill_(-1, self.suppressed, -torch.inf)

    def select(self, sentences: Tensor) -> "Rules":
        """The rules of some of the sentences (B',)."""
        sources = None if self.sources is None else self.sources[sentences]
        return Rules(self.limits[sentences], self.suppressed, sources)
