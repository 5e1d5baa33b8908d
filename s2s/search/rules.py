"""What an output may look like, sentence by sentence."""

from dataclasses import dataclass

import torch
from torch import Tensor


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
